/** Terms: operators, values, parentheses. */

import { goOn } from './as-opa.ts';
import { parseArray, parseBraces } from './collections.ts';
import {
  advance,
  close,
  endOf,
  isKeyword,
  mark,
  maxDepth,
  missing,
  open,
  type Parser,
  problem,
  readKeywordAsName,
  reset,
  startOf,
  tooDeepMessage,
  unexpected,
} from './parser.ts';
import { parseParts } from './references.ts';
import { parseTemplate } from './templates.ts';
import { T } from './tokens.ts';
import type { Scalar, Term, Var } from './tree.ts';

/** How tight an infix operator binds; 0 for everything else. */
function precedence(kind: number): number {
  if (kind < T.equal || kind > T.remainder) return 0;
  if (kind <= T.greaterOrEqual) return 1;
  if (kind === T.pipe) return 2;
  if (kind === T.ampersand) return 3;
  return kind <= T.minus ? 4 : 5;
}

/** A term with operators; `pair` allows `key, value in collection`, and `first` is what has been read of it. */
export function parseInfix(p: Parser, pair: boolean, first?: Term): Term {
  let left = parseOperators(p, 1, first);
  for (let nested = 0; ; nested++) {
    if (nested > maxDepth) return tooDeep(p);
    if (pair && p.kind === T.comma && (p.strict >= 0 || !p.separators.has(p.at))) {
      const membership = parsePair(p, left);
      if (membership === undefined) return left;
      left = membership;
    } else {
      readKeywordAsName(p);
      if (p.kind !== T.in) return left;
      advance(p);
      const collection = parseOperators(p, 1);
      if (goOn(p)) return left;
      left = { kind: 'membership', start: left.start, end: endOf(p), key: undefined, value: left, collection };
    }
    if (p.kind !== T.in) return left;
  }
}

/** `, value in collection` behind a key; undefined where the comma is none of that. */
function parsePair(p: Parser, key: Term): Term | undefined {
  const before = mark(p);
  advance(p);
  const value = parseOperators(p, 1);
  if (p.kind !== T.in || (p.strict < 0 && p.problems.length > before.problems)) {
    if (p.strict < 0) p.separators.add(before.at);
    reset(p, before);
    return undefined;
  }
  advance(p);
  const collection = parseOperators(p, 1);
  if (p.failed >= 0) {
    reset(p, before);
    return undefined;
  }
  return { kind: 'membership', start: key.start, end: endOf(p), key, value, collection };
}

function parseOperators(p: Parser, least: number, first?: Term): Term {
  let left = first ?? parseTerm(p);
  let most = 5;
  for (;;) {
    const level = precedence(p.kind);
    if (level === 0 || level < least || level > most) return left;
    const operands = [left];
    const operators: number[] = [];
    do {
      const operator = p.kind;
      advance(p);
      const right = parseOperators(p, level + 1);
      if (goOn(p)) {
        most = level - 1;
        break;
      }
      operators.push(operator);
      operands.push(right);
    } while (precedence(p.kind) === level);
    if (operators.length === 0) continue;
    left = { kind: 'infix', start: left.start, end: endOf(p), operands, operators };
  }
}

/** A term without operators around it. */
export function parseTerm(p: Parser): Term {
  if (p.depth >= maxDepth || p.strict === 0) return tooDeep(p);
  if (p.strict > 0) p.strict--;
  if (isKeyword(p.kind) && p.named.has(p.at)) p.kind = T.name;
  p.depth++;
  const term = parseHere(p);
  p.depth--;
  return term;
}

export function tooDeep(p: Parser): Term {
  problem(p, { start: startOf(p), end: p.tokens.ends[p.at]! }, tooDeepMessage);
  return missing(p);
}

function parseHere(p: Parser): Term {
  switch (p.kind) {
    case T.name:
    case T.contains:
      return parseParts(p, parseVar(p));
    case T.and:
    case T.or:
      if (!isCalled(p)) break;
      return parseParts(p, parseVar(p));
    case T.null:
      return parseParts(p, parseScalar(p, 'null'));
    case T.true:
    case T.false:
      return parseParts(p, parseScalar(p, 'boolean'));
    case T.string:
    case T.rawString:
      return parseParts(p, parseScalar(p, 'string'));
    case T.number:
    case T.dot:
      return parseParts(p, parseNumber(p, startOf(p)));
    case T.minus:
      return parseMinus(p);
    case T.template:
    case T.templateHead:
      return parseParts(p, parseTemplate(p));
    case T.leftBracket:
      return parseParts(p, parseArray(p));
    case T.leftBrace:
      return parseParts(p, parseBraces(p));
    case T.leftParen:
      return parseParts(p, parseParens(p));
  }
  unexpected(p, 'a value, a variable or an expression');
  return missing(p);
}

/** Whether the word is directly followed by an opening parenthesis: then `and` and `or` are functions. */
function isCalled(p: Parser): boolean {
  const { kinds, starts, ends } = p.tokens;
  return p.at + 1 < p.fence && kinds[p.at + 1] === T.leftParen && starts[p.at + 1] === ends[p.at];
}

export function parseVar(p: Parser): Var {
  const start = startOf(p);
  advance(p);
  const end = endOf(p);
  return { kind: 'var', start, end, name: p.text.slice(start, end) };
}

function parseScalar(p: Parser, kind: Scalar['kind']): Scalar {
  const start = startOf(p);
  advance(p);
  return { kind, start, end: endOf(p) };
}

function parseParens(p: Parser): Term {
  const start = startOf(p);
  const opening = open(p);
  const term = parseInfix(p, true);
  close(p, opening);
  return { kind: 'parens', start, end: endOf(p), term };
}

function parseMinus(p: Parser): Term {
  const start = startOf(p);
  advance(p);
  if (p.kind === T.name || p.kind === T.contains) {
    const term = parseParts(p, parseVar(p));
    return { kind: 'negative', start, end: endOf(p), term };
  }
  if (p.kind === T.number || p.kind === T.dot) return parseParts(p, parseNumber(p, start));
  unexpected(p, 'a number or a variable');
  return { kind: 'negative', start, end: endOf(p), term: missing(p) };
}

/** From the decimal point or the digits on; whitespace may precede the digits. */
function parseNumber(p: Parser, start: number): Term {
  const point = p.kind === T.dot;
  if (point) advance(p);
  if (p.kind !== T.number) {
    unexpected(p, 'a number');
    return { kind: 'number', start, end: endOf(p) };
  }
  const digits = p.text.slice(startOf(p), p.tokens.ends[p.at]!);
  const span = { start: startOf(p), end: p.tokens.ends[p.at]! };
  if (point ? digits.includes('.') : /^0\d/.test(digits)) {
    problem(p, span, point ? 'invalid number' : 'a number cannot begin with a zero');
  } else if (isTooBig(point ? `.${digits}` : digits)) problem(p, span, 'the number is too big');
  advance(p);
  return { kind: 'number', start, end: endOf(p) };
}

/** OPA refuses numbers whose binary exponent is beyond 100,000. */
function isTooBig(written: string): boolean {
  if (written.length < 300 && !/e/i.test(written)) return false;
  const [, whole = '', fraction = '', exponent = '0'] = /^(\d*)\.?(\d*)(?:[eE]([-+]?\d+))?$/.exec(written) ?? [];
  const digits = (whole + fraction).replace(/^0+/, '');
  if (digits === '') return false;
  // written = 0.digits × 10^point
  const point = Number(exponent) + whole.length - ((whole + fraction).length - digits.length);
  const binary = Math.floor((Math.log10(Number(`0.${digits.slice(0, 17)}`)) + point) / Math.log10(2)) + 1;
  return Math.abs(binary) > 100_000;
}
