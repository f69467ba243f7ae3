/** Arrays, sets, objects and their comprehensions. */

import { atEnd, parseItems, recoverItem } from './lists.ts';
import { parseLiterals } from './literals.ts';
import { advance, close, endOf, kindAt, mark, open, type Parser, reset, startOf, unexpected } from './parser.ts';
import { parseInfix, parseTerm } from './terms.ts';
import { T } from './tokens.ts';
import type { Comprehension, Entry, ObjectTerm, Term } from './tree.ts';

export function parseArray(p: Parser): Term {
  const start = startOf(p);
  const opening = open(p);
  if (atEnd(p, opening)) return list(p, 'array', start, parseItems(p, opening));
  const comprehends = !skipComma(p) && !isKnownList(p, opening);
  const head = parseTerm(p);
  if (comprehends && p.kind === T.pipe) {
    const comprehension = parseComprehension(p, 'array', start, opening, head);
    if (comprehension !== undefined) return comprehension;
  }
  return list(p, 'array', start, parseItems(p, opening, parseInfix(p, false, head)));
}

/** `{}` is an object; what the rest is shows behind the first term. */
export function parseBraces(p: Parser): Term {
  const start = startOf(p);
  const opening = open(p);
  if (atEnd(p, opening)) {
    close(p, opening);
    return { kind: 'object', start, end: endOf(p), items: [] };
  }
  const comprehends = !skipComma(p) && !isKnownList(p, opening);
  let head = parseTerm(p);
  if (comprehends && p.kind === T.pipe) {
    const comprehension = parseComprehension(p, 'set', start, opening, head);
    if (comprehension !== undefined) return comprehension;
  }
  head = parseInfix(p, false, head);
  if (p.kind !== T.colon) return list(p, 'set', start, parseItems(p, opening, head));
  advance(p);
  const value = parseTerm(p);
  if (comprehends && p.kind === T.pipe) {
    const entry: Entry = { kind: 'entry', start: head.start, end: value.end, key: head, value };
    const comprehension = parseComprehension(p, 'object', start, opening, entry);
    if (comprehension !== undefined) return comprehension;
  }
  return parseObject(p, start, opening, entryOf(p, head, parseInfix(p, false, value)));
}

function entryOf(p: Parser, key: Term, value: Term): Entry {
  return { kind: 'entry', start: key.start, end: Math.max(key.end, endOf(p)), key, value };
}

function list(p: Parser, kind: 'array' | 'set', start: number, items: Term[]): Term {
  return { kind, start, end: endOf(p), items };
}

function isKnownList(p: Parser, opening: number): boolean {
  const named = p.strict < 0 ? p.lists.get(opening) : undefined;
  for (const index of named ?? []) p.named.add(index);
  return named !== undefined;
}

/** A comma may precede the first item. */
function skipComma(p: Parser): boolean {
  if (p.kind !== T.comma) return false;
  advance(p);
  return true;
}

/**
 * From the `|` on. Undefined where a comma follows its first expression: then `|` was the union of sets, as in
 * `[a | b, c]`, and the parser is back at it.
 */
function parseComprehension(
  p: Parser,
  of: Comprehension['of'],
  start: number,
  opening: number,
  head: Term | Entry,
): Comprehension | undefined {
  const before = mark(p);
  const named = p.named.size;
  advance(p);
  const bodyStart = endOf(p);
  const literals = parseLiterals(p, opening, true);
  const isList = p.failed >= 0 && (of === 'object' || kindAt(p, p.failed) === T.comma);
  if (literals === undefined || isList) {
    if (p.strict < 0) p.lists.set(opening, p.named.size > named ? [...p.named].slice(named) : []);
    reset(p, before);
    return undefined;
  }
  const last = literals.at(-1);
  const bodyEnd = last === undefined ? bodyStart : last.end;
  close(p, opening);
  const first = literals[0]?.start ?? bodyStart;
  return {
    kind: 'comprehension',
    start,
    end: endOf(p),
    of,
    head,
    body: { kind: 'body', start: first, end: bodyEnd, hasIf: false, braced: false, literals },
  };
}

/** The rest of an object whose first entry has been read. */
function parseObject(p: Parser, start: number, opening: number, first: Entry): ObjectTerm {
  const items: ObjectTerm['items'][number][] = [];
  let next: Entry | undefined = first;
  while (next !== undefined || !atEnd(p, opening)) {
    const from = p.at;
    const item: Entry | undefined = next ?? parseEntry(p);
    next = undefined;
    if (item !== undefined) items.push(item);
    if (p.kind === T.comma) advance(p);
    else if (!atEnd(p, opening)) {
      unexpected(p, '`,` or `}`');
      if (!recoverItem(p, opening, from, items as Term[])) break;
    }
  }
  close(p, opening);
  return { kind: 'object', start, end: endOf(p), items };
}

function parseEntry(p: Parser): Entry | undefined {
  const key = parseInfix(p, false);
  if (p.kind === T.colon) {
    advance(p);
    return entryOf(p, key, parseInfix(p, false));
  }
  if (key.kind === 'missing') return undefined;
  unexpected(p, '`:` and a value');
  return entryOf(p, key, { kind: 'missing', start: endOf(p), end: endOf(p) });
}
