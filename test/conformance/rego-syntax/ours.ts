/** Our parser, as the comparison sees it. */
import { lower } from '../../../server/rego/syntax/lower.ts';
import { parse } from '../../../server/rego/syntax/parse.ts';
import { print, type Tree } from '../../../server/rego/syntax/tree.ts';

export interface Parsed {
  tree: Tree;
  /** In the order of the text; rows count from 1. */
  errors: { row: number; message: string }[];
  /** What printing the tree gives. */
  printed: string;
  /** The tree in the shape of OPA's JSON AST; only where there are no errors. */
  lowered: () => unknown;
}

/** What our parser makes of a text; an error where it throws. */
export function parseOurs(text: string, version: 'v0' | 'v1'): Parsed | Error {
  try {
    const tree = parse(text, { version });
    const errors = tree.errors.map(({ start, message }) => ({ row: rowAt(text, start), message }));
    return { tree, errors, printed: print(tree), lowered: () => lower(tree) };
  } catch (error) {
    return error as Error;
  }
}

function rowAt(text: string, offset: number): number {
  let row = 1;
  for (let at = text.indexOf('\n'); at !== -1 && at < offset; at = text.indexOf('\n', at + 1)) {
    row++;
  }
  return row;
}
