/** Rules: heads, bodies, `else`. */

import { asOpa } from './as-opa.ts';
import { parseItems } from './lists.ts';
import { bare, parseBody, parseLiteral } from './literals.ts';
import {
  advance,
  endOf,
  fault,
  isAdjacent,
  mark,
  missing,
  open,
  type Parser,
  problem,
  readKeywordAsName,
  reset,
  startOf,
  unexpected,
} from './parser.ts';
import { isRoot, parseDot, parseIndex, parseParts } from './references.ts';
import { isGround, referencePart, refLength } from './shape.ts';
import { parseInfix, parseVar } from './terms.ts';
import { T } from './tokens.ts';
import type { Body, Dot, Else, Head, Index, Literal, Rule, Term } from './tree.ts';

/** A rule, or the literal that stands where a rule is expected. */
export function parseRule(p: Parser): Rule | Literal {
  const start = startOf(p);
  const before = mark(p);
  readKeywordAsName(p);
  const isDefault = p.kind === T.default;
  if (isDefault) {
    advance(p);
    readKeywordAsName(p);
  }
  if (p.kind !== T.name) {
    if (!isDefault) return parseLiteral(p);
    unexpected(p, 'the name of a rule');
    const name = missing(p);
    const head: Head = { ...name, kind: 'head', name, args: undefined, operator: '', value: undefined };
    return { kind: 'rule', start, end: endOf(p), isDefault, head, bodies: [], elses: [] };
  }
  const { head, hasGap } = parseHead(p);
  if (isDefault) return { kind: 'rule', start, end: endOf(p), isDefault, head, bodies: [], elses: [] };
  const hasBody = p.kind === T.if || p.kind === T.leftBrace || head.operator === 'contains';
  if (!hasBody && p.problems.length === before.problems && (hasGap || isInfix(p.kind))) {
    // No rule that OPA knows, but an expression in its place.
    reset(p, before);
    readKeywordAsName(p);
    return parseLiteral(p);
  }
  const bodies: Body[] = [];
  if (p.kind === T.if) bodies.push(parseIf(p));
  else if (p.kind === T.leftBrace) bodies.push(parseBody(p, false));
  const elses = bodies.length > 0 ? parseElses(p, head, bodies[0]!) : [];
  while (p.kind === T.leftBrace && bodies.length > 0) {
    if (elses.length > 0)
      problem(p, { start: startOf(p), end: p.tokens.ends[p.at]! }, 'expected `else` before the body');
    bodies.push(parseBody(p, false));
  }
  return { kind: 'rule', start, end: endOf(p), isDefault, head, bodies, elses };
}

function isInfix(kind: number): boolean {
  return (
    (kind >= T.equal && kind <= T.remainder) || kind === T.in || kind === T.comma || kind === T.and || kind === T.or
  );
}

/** The head of a rule; `hasGap` tells that whitespace precedes what directly follows the name elsewhere. */
function parseHead(p: Parser): { head: Head; hasGap: boolean } {
  const start = startOf(p);
  const first = parseVar(p);
  if (isAdjacent(p) && p.kind >= T.equal && p.kind <= T.remainder) unexpected(p, 'the rest of the head of a rule');
  const continues = p.kind === T.dot || p.kind === T.leftBracket || p.kind === T.leftParen;
  const hasGap = continues && !isAdjacent(p);
  const term = hasGap ? parseParts(p, parseGap(p, first)) : parseParts(p, first);
  const [name, args] = term.kind === 'call' ? [term.operator, term.args] : [term, undefined];
  let operator: Head['operator'] = '';
  let value: Term | undefined;
  if (p.kind === T.contains) {
    operator = 'contains';
    if (args !== undefined) fault(p, term, 'a function cannot have `contains`');
  } else if (p.kind === T.assign) operator = ':=';
  else if (p.kind === T.unify) operator = '=';
  if (operator !== '') {
    advance(p);
    value = parseInfix(p, true);
  }
  return { head: { kind: 'head', start, end: endOf(p), name, args, operator, value }, hasGap };
}

/** The first part of a head whose name stands apart from it. */
function parseGap(p: Parser, head: Term): Term {
  if (p.kind === T.leftParen) {
    const args = parseItems(p, open(p));
    return { kind: 'call', start: head.start, end: endOf(p), operator: head, args };
  }
  const parts: (Dot | Index)[] = [p.kind === T.dot ? parseDot(p) : parseIndex(p)];
  while (isAdjacent(p) && (p.kind === T.dot || p.kind === T.leftBracket)) {
    parts.push(p.kind === T.dot ? parseDot(p) : parseIndex(p));
  }
  return { kind: 'ref', start: head.start, end: endOf(p), head, parts };
}

/** From `if` on. Braces hold a body, unless they are an object, a comprehension, or part of a longer expression. */
function parseIf(p: Parser): Body {
  advance(p);
  if (p.kind !== T.leftBrace) return plainBody(p);
  if (mayBeValue(p)) {
    const before = mark(p);
    const body = plainBody(p);
    const [literal] = body.literals;
    const isSet = literal?.kind === 'expression' && literal.operator === '' && literal.left.kind === 'set';
    if (p.problems.length === before.problems && !isSet) return body;
    const isWhole = p.problems.length === before.problems;
    reset(p, before);
    if (!isWhole) checkValue(p);
  }
  return parseBody(p, true);
}

/** Whether OPA settles for a damaged value in place of the body. */
function checkValue(p: Parser): void {
  const before = mark(p);
  asOpa(p, () => {
    const literal = parseLiteral(p);
    const isSet = literal.kind === 'expression' && literal.operator === '' && bare(literal.left).kind === 'set';
    return p.failed < 0 && !isSet;
  });
  reset(p, { ...before, problems: p.problems.length });
}

function plainBody(p: Parser): Body {
  const literal = parseLiteral(p);
  return { kind: 'body', start: literal.start, end: literal.end, hasIf: true, braced: false, literals: [literal] };
}

/** Looks ahead for what tells a value in braces from a body, so that bodies need not be read twice. */
function mayBeValue(p: Parser): boolean {
  const { kinds, partners, breaks, starts, ends } = p.tokens;
  const partner = partners[p.at]!;
  if (partner < 0 || partner >= p.fence) return false;
  if (partner === p.at + 1) return true;
  const next = partner + 1;
  const kind = kinds[next]!;
  const isPart = kind === T.dot || kind === T.leftBracket || kind === T.leftParen;
  if (isPart && starts[next] === ends[partner]) return true;
  if (isInfix(kind) || kind === T.assign || kind === T.unify) return true;
  for (let index = p.at + 1; index < partner; index++) {
    const here = kinds[index]!;
    if (here === T.pipe || here === T.colon) return true;
    if (here === T.assign || here === T.unify || here === T.semicolon || here === T.some || here === T.with)
      return false;
    if (here === T.not && index === p.at + 1 && kinds[index + 1] !== T.dot) return false;
    // A second expression, most likely; a value may still go on with an operator or a bracket.
    if (breaks[index] === 1 && index > p.at + 1 && here >= T.name && here <= T.or && kinds[index - 1]! < T.comma) {
      return false;
    }
    const other = partners[index]!;
    if (other > index) index = other;
  }
  return false;
}

function parseElses(p: Parser, head: Head, body: Body): Else[] {
  const elses: Else[] = [];
  while (p.kind === T.else) {
    readKeywordAsName(p);
    if (p.kind !== T.else) break;
    const at = { start: startOf(p), end: p.tokens.ends[p.at]! };
    if (elses.length === 0) checkElse(p, head, body, at);
    const next = parseElse(p);
    elses.push(next);
    if (next.body === undefined) break;
  }
  return elses;
}

function checkElse(p: Parser, head: Head, body: Body, at: { start: number; end: number }): void {
  const length = refLength(head);
  if (length > 1 && !isGround(head.name)) fault(p, at, '`else` cannot be used on a rule with variables in its head');
  else if (head.operator === 'contains') fault(p, at, '`else` cannot be used on a rule with many values');
  else if (length === 2 && head.args === undefined) {
    const part = referencePart(head);
    const isRef = part?.kind === 'ref' || (part?.kind === 'var' && isRoot(part.name));
    if (!body.hasIf || isRef) fault(p, at, '`else` cannot be used on a rule with many values');
  }
}

function parseElse(p: Parser): Else {
  const start = startOf(p);
  advance(p);
  let operator: Else['operator'] = '';
  let value: Term | undefined;
  if (p.kind === T.assign || p.kind === T.unify) {
    operator = p.kind === T.assign ? ':=' : '=';
    advance(p);
    value = parseInfix(p, true);
  } else if (p.kind !== T.if && p.kind !== T.leftBrace) unexpected(p, 'a value or a body behind `else`');
  const hasIf = p.kind === T.if;
  if (hasIf) advance(p);
  let body: Body | undefined;
  if (p.kind === T.leftBrace) body = parseBody(p, hasIf);
  else if (hasIf) body = plainBody(p);
  return { kind: 'else', start, end: endOf(p), operator, value, body };
}
