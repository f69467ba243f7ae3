/** References and calls. */
import { parseItems } from './lists.ts';
import {
  advance,
  close,
  endOf,
  fault,
  isAdjacent,
  isKeyword,
  maxDepth,
  open,
  type Parser,
  startOf,
  unexpected,
} from './parser.ts';
import { parseInfix, tooDeep } from './terms.ts';
import { T } from './tokens.ts';
import type { Dot, Index, Term } from './tree.ts';

/** What may directly follow a term: `.name`, `[index]`, `(arguments)`. */
export function parseParts(p: Parser, head: Term): Term {
  if (!continues(p)) return head;
  const wrong = headProblem(p, head);
  if (wrong !== '') fault(p, head, `${wrong} cannot be referred into`);
  let term = head;
  let parts: (Dot | Index)[] = [];
  let calls = 0;
  while (continues(p)) {
    if (p.kind === T.dot) parts.push(parseDot(p));
    else if (p.kind === T.leftBracket) parts.push(parseIndex(p));
    else {
      const operator: Term =
        parts.length === 0 ? term : { kind: 'ref', start: head.start, end: endOf(p), head: term, parts };
      parts = [];
      if (++calls > maxDepth) return tooDeep(p);
      const args = parseItems(p, open(p));
      term = { kind: 'call', start: head.start, end: endOf(p), operator, args };
      if (p.kind === T.leftParen) return term;
    }
  }
  return parts.length === 0 ? term : { kind: 'ref', start: head.start, end: endOf(p), head: term, parts };
}

function continues(p: Parser): boolean {
  return (p.kind === T.dot || p.kind === T.leftBracket || p.kind === T.leftParen) && isAdjacent(p);
}

/** What the term is if nothing can be taken from it. */
function headProblem(p: Parser, term: Term): string {
  switch (term.kind) {
    case 'parens': {
      const inner = term.term;
      if (inner.kind === 'ref' || (inner.kind === 'var' && isRoot(inner.name))) return 'a reference in parentheses';
      return headProblem(p, inner);
    }
    case 'null':
      return 'null';
    case 'boolean':
    case 'number':
    case 'string':
      return `a ${term.kind}`;
    case 'template':
      return 'a template string';
    default:
      return '';
  }
}

export function isRoot(name: string): boolean {
  return name === 'data' || name === 'input';
}

export function parseDot(p: Parser): Dot {
  const start = startOf(p);
  advance(p);
  const nameStart = p.tokens.ends[p.at - 1]!;
  const isWord = p.kind === T.name || (isKeyword(p.kind) && p.language.keywordsInReferences);
  if (!isWord || !isAdjacent(p)) {
    unexpected(p, 'a name behind the dot');
    return { kind: 'dot', start, end: endOf(p), nameStart, name: '' };
  }
  const name = p.text.slice(startOf(p), p.tokens.ends[p.at]!);
  advance(p);
  return { kind: 'dot', start, end: endOf(p), nameStart, name };
}

export function parseIndex(p: Parser): Index {
  const start = startOf(p);
  const opening = open(p);
  const term = parseInfix(p, true);
  close(p, opening);
  return { kind: 'index', start, end: endOf(p), term };
}
