/** Bodies and what they consist of: expressions, `some`, `every`, `not`, `with`. */
import { hasLogic } from './keywords.ts';
import { atEnd } from './lists.ts';
import { isLogicalOperator, parseChain, parseNot, parseOperandFirst } from './logical.ts';
import {
  advance,
  close,
  endOf,
  fault,
  isNewLine,
  isOuter,
  mark,
  maxDepth,
  missing,
  moveTo,
  open,
  type Parser,
  problem,
  readKeywordAsName,
  reset,
  skipped,
  startOf,
  tooDeepMessage,
  unexpected,
} from './parser.ts';
import { isRoot } from './references.ts';
import { parseInfix, parseTerm, parseVar } from './terms.ts';
import { T } from './tokens.ts';
import type { Body, Damage, Every, Expression, Literal, Some, Term, Var, With } from './tree.ts';

/** `{ … }`. */
export function parseBody(p: Parser, hasIf: boolean): Body {
  const start = startOf(p);
  const opening = open(p);
  const literals = parseLiterals(p, opening, false) ?? [];
  close(p, opening);
  return { kind: 'body', start, end: endOf(p), hasIf, braced: true, literals };
}

/**
 * The literals up to the bracket that closes the one at the index. Undefined where a comma follows the first one, a
 * plain expression, and the brackets may hold a list instead.
 */
export function parseLiterals(p: Parser, opening: number, mayBeList: boolean): Literal[] | undefined {
  const literals: Literal[] = [];
  if (atEnd(p, opening)) {
    if (p.kind === T.end) unexpected(p, 'an expression');
    // In several lines, where OPA says it: at its end.
    else
      problem(
        p,
        { start: isNewLine(p) ? startOf(p) : p.tokens.starts[opening]!, end: p.tokens.ends[p.at]! },
        'the body is empty',
      );
    return literals;
  }
  for (;;) {
    const from = p.at;
    const literal = parseLiteral(p);
    if (p.at > from) literals.push(literal);
    if (mayBeList && p.kind === T.comma && literals.length === 1 && isPlain(literal)) return undefined;
    if (p.kind === T.semicolon) {
      advance(p);
      if (!atEnd(p, opening)) continue;
      unexpected(p, 'an expression');
      return literals;
    }
    if (atEnd(p, opening)) return literals;
    if (isNewLine(p) && p.at > from) continue;
    unexpected(p, 'a new line, `;` or the end of the body');
    const damaged = parseDamage(p);
    if (damaged === undefined) return literals;
    literals.push(damaged);
    if (p.kind === T.semicolon) advance(p);
    if (atEnd(p, opening)) return literals;
  }
}

function isPlain(literal: Literal): boolean {
  return literal.kind === 'expression' && !literal.negated && literal.operator === '' && literal.withs.length === 0;
}

/** What is no literal, up to the end of the line; undefined where the body ends. */
function parseDamage(p: Parser): Damage | undefined {
  const start = startOf(p);
  const from = p.at;
  let index = from;
  const { kinds, breaks, count } = p.tokens;
  while (index < p.fence && index < count && !isOuter(p, index) && kinds[index] !== T.semicolon) {
    index = skipped(p, index);
    if (breaks[index] === 1) break;
  }
  moveTo(p, index);
  if (index > from) return { kind: 'damage', start, end: endOf(p) };
  if (p.kind !== T.semicolon) return undefined;
  return { kind: 'damage', start: endOf(p), end: endOf(p) };
}

export function parseLiteral(p: Parser): Literal {
  if (p.depth >= maxDepth) {
    problem(p, { start: startOf(p), end: p.tokens.ends[p.at]! }, tooDeepMessage);
    return expressionOf(p, missing(p), false);
  }
  p.depth++;
  const literal = parseHere(p);
  p.depth--;
  return literal;
}

function parseHere(p: Parser): Literal {
  if (hasLogic(p.language)) {
    const literal = parseOperandFirst(p);
    if (literal !== undefined) return literal;
  }
  const kind = p.kind;
  readKeywordAsName(p);
  if (kind !== p.kind) {
    p.named.add(p.at);
    return parseExpression(p, startOf(p), false);
  }
  if (kind === T.not) {
    const start = startOf(p);
    advance(p);
    if (p.kind === T.some || p.kind === T.every) {
      const word = p.kind === T.some ? 'some' : 'every';
      problem(p, { start, end: p.tokens.ends[p.at]! }, `\`${word}\` cannot be negated`);
      return p.kind === T.some ? parseSome(p) : parseEvery(p);
    }
    return p.language.notBodies ? parseNot(p, start) : parseExpression(p, start, true);
  }
  if (kind === T.some) return parseSome(p);
  if (kind === T.every) return parseEvery(p);
  return parseExpression(p, startOf(p), false);
}

/** An expression with its modifiers, and the `and` and `or` behind it. */
function parseExpression(p: Parser, start: number, negated: boolean): Literal {
  const expression = parsePlain(p, start, negated);
  const withs = p.kind === T.with ? parseWiths(p) : [];
  const literal = withs.length === 0 ? expression : { ...expression, end: endOf(p), withs };
  return isLogicalOperator(p) ? parseChain(p, literal) : literal;
}

/** An expression without modifiers. */
export function parsePlain(p: Parser, start: number, negated: boolean): Expression {
  const left = parseInfix(p, true);
  if (p.kind !== T.assign && p.kind !== T.unify) return expressionOf(p, left, negated, negated ? start : left.start);
  const operator = p.kind === T.assign ? ':=' : '=';
  advance(p);
  const right = parseInfix(p, true);
  return {
    kind: 'expression',
    start: negated ? start : left.start,
    end: endOf(p),
    negated,
    left,
    operator,
    right,
    withs: [],
  };
}

function expressionOf(p: Parser, left: Term, negated: boolean, start = left.start): Expression {
  const end = Math.max(start, endOf(p));
  return { kind: 'expression', start, end, negated, left, operator: '', right: undefined, withs: [] };
}

export function parseWiths(p: Parser): With[] {
  const withs: With[] = [];
  while (p.kind === T.with) {
    const start = startOf(p);
    advance(p);
    let target: Term = missing(p);
    if (p.kind === T.name) {
      target = parseTerm(p);
      if (target.kind !== 'var' && target.kind !== 'ref') fault(p, target, 'expected a path behind `with`');
    } else unexpected(p, 'a path');
    let value: Term = missing(p);
    if (p.kind === T.as) {
      advance(p);
      value = parseInfix(p, true);
    } else unexpected(p, '`as` and a value');
    withs.push({ kind: 'with', start, end: endOf(p), target, value });
  }
  return withs;
}

function parseSome(p: Parser): Some {
  const start = startOf(p);
  advance(p);
  const before = mark(p);
  const term = parseInfix(p, true);
  if (bare(term).kind === 'membership') {
    const withs = p.kind === T.with ? parseWiths(p) : [];
    return { kind: 'some', start, end: endOf(p), symbols: [term], withs };
  }
  if (before.kind === T.name && (term.kind === 'var' || term.kind === 'ref')) {
    reset(p, before);
    const symbols = [parseVar(p)];
    while (p.kind === T.comma) {
      advance(p);
      if (p.kind !== T.name) {
        unexpected(p, 'a variable');
        break;
      }
      symbols.push(parseVar(p));
    }
    return { kind: 'some', start, end: endOf(p), symbols, withs: [] };
  }
  if (term.kind !== 'missing') problem(p, term, 'expected variables, or `x in xs`, behind `some`');
  return { kind: 'some', start, end: endOf(p), symbols: term.kind === 'missing' ? [] : [term], withs: [] };
}

function parseEvery(p: Parser): Every {
  const start = startOf(p);
  advance(p);
  const domain = parseInfix(p, true);
  const membership = bare(domain);
  if (membership.kind !== 'membership') {
    if (domain.kind !== 'missing') problem(p, domain, 'expected `x in xs { … }` behind `every`');
  } else {
    if (!isVariable(membership.value)) fault(p, membership.value, 'expected a variable for the value');
    if (membership.key !== undefined && !isVariable(membership.key)) {
      fault(p, membership.key, 'expected a variable for the key');
    }
  }
  if (p.kind !== T.leftBrace) {
    unexpected(p, 'a body in braces');
    return { kind: 'every', start, end: endOf(p), domain, body: undefined, withs: [] };
  }
  const body = parseBody(p, false);
  const withs = p.kind === T.with ? parseWiths(p) : [];
  return { kind: 'every', start, end: endOf(p), domain, body, withs };
}

function isVariable(term: Term): boolean {
  const inner = bare(term);
  return inner.kind === 'var' && !isRoot((inner as Var).name);
}

/** The term without parentheses around it. */
export function bare(term: Term): Term {
  let inner = term;
  while (inner.kind === 'parens') inner = inner.term;
  return inner;
}
