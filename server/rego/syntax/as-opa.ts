/**
 * Reading damaged Rego as OPA does. Its parser goes on behind an operator whose right side it cannot read, as if the
 * operator were not there, and so it may settle for a reading in which something is wrong although another one is whole:
 * `{1 | {x⏎f} or 2}` is a body of two expressions, the first one damaged, and not a comprehension.
 *
 * In that mode (`strict`) nothing is recovered: the first problem ends everything that is being read (`fail`), up to
 * where OPA goes on (`goOn`).
 */

import { endOf, forgetNamed, kindAt, mark, moveTo, type Parser, reset, startOf } from './parser.ts';
import type { Damage } from './tree.ts';

/** OPA may take exponential time for what is nested; so many terms are enough for all but hostile texts. */
const mostTerms = 2000;

/**
 * What is wrong in what is read next, if OPA settles for it all the same: `read` tells whether it does. The parser is then
 * where OPA's is; else nothing has been read.
 */
export function asOpa(p: Parser, read: () => boolean): Damage | undefined {
  if (p.strict >= 0) return undefined;
  const before = mark(p);
  const start = startOf(p);
  const named = p.named.size;
  p.strict = mostTerms;
  const settles = read() && p.problems.length > before.problems;
  const found = p.problems[before.problems];
  const at = p.failed >= 0 ? p.failed : p.at;
  p.strict = -1;
  reset(p, before);
  if (!settles || found === undefined) {
    forgetNamed(p, named);
    return undefined;
  }
  p.problems.push(found);
  moveTo(p, at);
  return { kind: 'damage', start, end: Math.max(start, endOf(p)) };
}

/** Goes on where reading failed; false where it did not. */
export function goOn(p: Parser): boolean {
  if (p.failed < 0) return false;
  p.at = p.failed;
  p.failed = -1;
  p.kind = kindAt(p, p.at);
  return true;
}
