/** Our parser, as the comparison sees it. */
import { createContext, Script } from 'node:vm';
import { lower } from '../../../server/rego/syntax/lower.ts';
import { parse } from '../../../server/rego/syntax/parse.ts';
import { print, type Tree } from '../../../server/rego/syntax/tree.ts';

export interface Parsed {
  tree: Tree;
  /** In the order of the text; rows count from 1. `rows` are all that say the same place. */
  errors: { row: number; rows: number[]; message: string }[];
  /** What printing the tree gives. */
  printed: string;
  /** The tree in the shape of OPA's JSON AST; only where there are no errors. */
  lowered: () => unknown;
}

/** Far more than any text of the corpus takes: a parser that does not come to an end shows as one that throws. */
const mostTime = 20_000;

const guarded = createContext({ run: undefined as (() => void) | undefined });
const script = new Script('run()');

/** What our parser makes of a text; an error where it throws or does not come to an end. */
export function parseOurs(text: string, version: 'v0' | 'v1'): Parsed | Error {
  return parsed(text, () => inTime(() => parse(text, { version })));
}

/** The same without a limit of time, which costs more than parsing a short text does. */
export function parseUnlimited(text: string, version: 'v0' | 'v1'): Parsed | Error {
  return parsed(text, () => parse(text, { version }));
}

function parsed(text: string, read: () => Tree): Parsed | Error {
  try {
    const tree = read();
    const errors = tree.errors.map(({ start, message }) => {
      const row = rowAt(text, start);
      return { row, rows: [row, ...sameRows(tree, start, row)], message };
    });
    return { tree, errors, printed: print(tree), lowered: () => lower(tree) };
  } catch (error) {
    return error as Error;
  }
}

function inTime<T>(work: () => T): T {
  let result: T | undefined;
  guarded.run = () => {
    result = work();
  };
  script.runInContext(guarded, { timeout: mostTime });
  return result as T;
}

/**
 * For OPA the end of the text is behind its last line break, and a block of METADATA is at its first line; we say where
 * the last token ends, and which line of the block it is.
 */
function sameRows({ text, tokens, metadata }: Tree, start: number, row: number): number[] {
  const block = metadata.find((one) => one.start <= start && start <= one.end);
  if (block !== undefined) return [rowAt(text, block.start)];
  if (tokens.count === 0 || start < tokens.ends[tokens.count - 1]!) return [];
  const last = rowAt(text, text.length);
  return Array.from({ length: last - row }, (_, index) => row + 1 + index);
}

function rowAt(text: string, offset: number): number {
  let row = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    row++;
  }
  return row;
}
