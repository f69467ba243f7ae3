/** Trees in a few characters, as tests expect them. */
import { type ParseOptions, parse } from '../../../../server/rego/syntax/parse.ts';
import type { Node } from '../../../../server/rego/syntax/tree.ts';
import { children } from '../../../../server/rego/syntax/walk.ts';

/** What is a word of its own in an outline. */
const plain: ReadonlySet<string> = new Set(['var', 'null', 'boolean', 'number', 'string', 'text', 'dot']);

/**
 * The node as `(kind children…)`: names and values as they are written, `?` for what is missing, `!` around damage,
 * and operators, `if`, `not` and the like behind the kind.
 */
export function outline(node: Node, text: string): string {
  const source = text.slice(node.start, node.end);
  if (plain.has(node.kind)) return source;
  if (node.kind === 'missing') return '?';
  if (node.kind === 'damage') return `!${source}!`;
  const words = [node.kind, ...marksOf(node, text), ...children(node).map((child) => outline(child, text))];
  return `(${words.join(' ')})`;
}

function marksOf(node: Node, text: string): string[] {
  switch (node.kind) {
    case 'rule':
      return node.isDefault ? ['default'] : [];
    case 'head':
      return [...(node.args ? [`/${node.args.length}`] : []), ...(node.operator === '' ? [] : [node.operator])];
    case 'body':
      return [...(node.hasIf ? ['if'] : []), ...(node.braced ? ['{}'] : [])];
    case 'else':
    case 'logical':
      return node.operator === '' ? [] : [node.operator];
    case 'expression':
      return [...(node.negated ? ['not'] : []), ...(node.operator === '' ? [] : [node.operator])];
    case 'infix': {
      const between = node.operands.slice(1).map(({ start }, at) => text.slice(node.operands[at]!.end, start).trim());
      return [[...new Set(between)].join()];
    }
    case 'comprehension':
      return [node.of];
    default:
      return [];
  }
}

/** The outlines of a module's statements without `package p`, which precedes the text. */
export function statements(text: string, options?: ParseOptions): string[] {
  const whole = `package p\n${text}`;
  const { root } = parse(whole, options);
  return root.items.slice(1).map((item) => outline(item, whole));
}

/** The problems of a text, with what stands in their places. */
export function problems(text: string, options?: ParseOptions): string[] {
  return parse(text, options).errors.map(({ start, end, message }) => `${text.slice(start, end)}: ${message}`);
}
