/** Lists in brackets: items, arguments. */

import {
  advance,
  close,
  closesAt,
  closing,
  endOf,
  isNewLine,
  isOuter,
  moveTo,
  type Parser,
  skipped,
  startOf,
  unexpected,
} from './parser.ts';
import { parseInfix } from './terms.ts';
import { T } from './tokens.ts';
import type { Term } from './tree.ts';

/** The rest of a list up to and with the bracket that closes it; `first` is its next item if that has been read. */
export function parseItems(p: Parser, opening: number, first?: Term): Term[] {
  const items: Term[] = [];
  const end = p.tokens.kinds[opening]! + 1;
  let next = first;
  while (next !== undefined || !atEnd(p, opening)) {
    const from = p.at;
    const item = next ?? parseInfix(p, false);
    next = undefined;
    if (item.kind !== 'missing') items.push(item);
    if (p.kind === T.comma) advance(p);
    else if (!atEnd(p, opening)) {
      unexpected(p, `\`,\` or \`${closing(end - 1)}\``);
      if (!recoverItem(p, opening, from, items)) break;
    }
  }
  close(p, opening);
  return items;
}

/** Whether the list, or the text, ends here. */
export function atEnd(p: Parser, opening: number): boolean {
  return p.kind === T.end || closesAt(p, opening);
}

/** Goes on behind what is no item; false where the list had better end. */
export function recoverItem(p: Parser, opening: number, from: number, items: Term[]): boolean {
  // What is in the next lines more likely is not in brackets that are never closed.
  if (p.tokens.partners[opening]! < 0 && isNewLine(p)) return false;
  // An item without a comma before it.
  if (p.at > from && beginsTerm(p.kind)) return true;
  const start = startOf(p);
  let index = p.at;
  while (index < p.fence && index < p.tokens.count && p.tokens.kinds[index] !== T.comma && !isOuter(p, index)) {
    index = skipped(p, index);
  }
  moveTo(p, index);
  if (endOf(p) > start) items.push({ kind: 'damage', start, end: endOf(p) });
  if (p.kind !== T.comma) return false;
  advance(p);
  return true;
}

function beginsTerm(kind: number): boolean {
  return (
    (kind >= T.name && kind <= T.templateHead) ||
    kind === T.null ||
    kind === T.true ||
    kind === T.false ||
    kind === T.leftBrace ||
    kind === T.leftBracket ||
    kind === T.leftParen
  );
}
