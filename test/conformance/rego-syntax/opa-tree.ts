/** OPA's JSON AST, made comparable: the texts of locations decoded, the numbers kept as they are written. */

/** A line of the oracle, read. Unlike JSON.parse it keeps a number term's value as the text that OPA writes. */
export function readAnswers<T>(line: string): T {
  // Within a JSON string every quote is escaped, so this matches number terms alone.
  const exact = line.replaceAll(/"type":"number","value":([-+\d.eE]+)/g, '"type":"number","value":"$1"');
  return JSON.parse(exact);
}

/** The tree with the texts of its locations, and of its comments, as strings instead of base64, in a file without name. */
export function decodeTree(tree: unknown): unknown {
  if (Array.isArray(tree)) {
    return tree.map(decodeTree);
  }
  if (tree === null || typeof tree !== 'object') {
    return tree;
  }
  const decoded: Record<string, unknown> = 'row' in tree && 'col' in tree ? { file: '' } : {};
  for (const [key, value] of Object.entries(tree)) {
    const isText = (key === 'text' && 'row' in tree) || (key === 'Text' && 'Location' in tree);
    decoded[key] = isText && typeof value === 'string' ? Buffer.from(value, 'base64').toString() : decodeTree(value);
  }
  return ownZero(decoded);
}

interface Term {
  type?: string;
  value?: unknown;
  location?: { row: number; col: number; text?: string };
}

/**
 * OPA reads `-x` as `0 - x`, and all those zeros are one interned term, which has the place of the last `-x` of the
 * text (v1/ast/parser.go, unaryMinusLoc): here each has its own.
 */
function ownZero(call: Term & Record<string, unknown>): unknown {
  const [operator, zero, ...rest] = (Array.isArray(call.value) ? call.value : []) as Term[];
  if (call.type === 'call' && operator?.location === undefined && zero?.location?.text === '-' && call.location) {
    const { row, col } = call.location;
    return { ...call, value: [operator, { ...zero, location: { ...zero.location, row, col } }, ...rest] };
  }
  return call;
}
