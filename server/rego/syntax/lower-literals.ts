/** Bodies as OPA's JSON AST has them. */

import { bare } from './literals.ts';
import { type Location, withText } from './locations.ts';
import type { Json } from './lower.ts';
import { type JsonTerm, type Lowering, lowerTerm, namedOperator, variable } from './lower-terms.ts';
import { tokenFrom } from './tokens.ts';
import type { Every, Expression, Literal, Logical, Not, Operand, Some, With } from './tree.ts';

type JsonExpression = { [key: string]: Json };

export function lowerBody(l: Lowering, literals: readonly Literal[]): JsonExpression[] {
  return literals.map((literal, index) => lowerExpression(l, literal, index));
}

/** A literal of a body. */
export function lowerExpression(l: Lowering, literal: Literal, index: number): JsonExpression {
  const location = l.locate(literal);
  const expression = { ...lowerLiteral(l, literal), index, location };
  const { terms } = expression as unknown as { terms: { type?: Json; body: JsonExpression[]; explicit_body?: Json } };
  // What is negated without braces gets the place of the whole.
  if (terms.type === 'not' && terms.explicit_body === false) for (const inner of terms.body) inner.location = location;
  return expression;
}

function lowerLiteral(l: Lowering, literal: Literal): JsonExpression {
  switch (literal.kind) {
    case 'expression':
      return lowerPlain(l, literal);
    case 'some':
      return { terms: lowerSome(l, literal), ...lowerWiths(l, literal.withs) };
    case 'every':
      return { terms: lowerEvery(l, literal), ...lowerWiths(l, literal.withs) };
    case 'not':
      return { terms: lowerNot(l, literal), ...lowerWiths(l, literal.withs) };
    case 'logical':
      return { ...lowerLogical(l, literal), ...lowerWiths(l, literal.withs) };
    case 'group': {
      const [inner] = lowerGrouped(l, literal.operand);
      return { ...inner!, ...lowerWiths(l, literal.withs) };
    }
    default:
      return { terms: [] };
  }
}

function lowerPlain(l: Lowering, { left, operator, right, negated, withs }: Expression): JsonExpression {
  const first = lowerTerm(l, left);
  let terms: Json;
  if (right !== undefined) {
    const token = tokenFrom(l.tokens, left.end);
    terms = [namedOperator(l, operator === ':=' ? 'assign' : 'eq', token), first, lowerTerm(l, right)];
  } else terms = first.type === 'call' ? first.value : first;
  return { terms, ...(negated ? { negated: true } : {}), ...lowerWiths(l, withs) };
}

function lowerWiths(l: Lowering, withs: readonly With[]): { with?: Json } {
  if (withs.length === 0) return {};
  return {
    with: withs.map((item) => ({
      location: l.locate(item),
      target: lowerTerm(l, item.target),
      value: lowerTerm(l, item.value),
    })),
  };
}

function keyword(l: Lowering, start: number): Location {
  return l.locate({ start, end: l.tokens.ends[tokenFrom(l.tokens, start)]! });
}

function lowerSome(l: Lowering, { start, symbols }: Some): Json {
  const isMembership = symbols.length === 1 && bare(symbols[0]!).kind === 'membership';
  return {
    location: keyword(l, start),
    symbols: symbols.map((symbol) =>
      symbol.kind === 'var' && !isMembership ? variable(l, symbol.name, l.locate(symbol)) : lowerTerm(l, symbol),
    ),
  };
}

function lowerEvery(l: Lowering, { start, domain, body }: Every): Json {
  const [, ...terms] = lowerTerm(l, domain).value as unknown as JsonTerm[];
  const [key, value, collection] = terms.length === 3 ? terms : [null, ...terms];
  return {
    location: keyword(l, start),
    key: key ?? null,
    value: value ?? null,
    domain: collection ?? null,
    body: lowerBody(l, body?.literals ?? []),
  };
}

function lowerNot(l: Lowering, { start, end: last, operand }: Not): Json {
  // What modifies a body or a group is behind what OPA takes for the negation.
  const end = operand.kind === 'expression' ? last : operand.end;
  return {
    type: 'not',
    location: l.locate({ start, end }),
    body: lowerOperand(l, operand),
    explicit_body: operand.kind === 'body',
  };
}

/** The expressions of an operand: all of a body, or the one. */
function lowerOperand(l: Lowering, operand: Operand): JsonExpression[] {
  if (operand.kind === 'body') return lowerBody(l, operand.literals);
  if (operand.kind === 'group') {
    const [inner] = lowerGrouped(l, operand.operand);
    return [{ ...inner!, ...lowerWiths(l, operand.withs) }];
  }
  const location = l.locate({ start: operandStart(operand), end: operand.end });
  return [{ location, ...lowerLiteral(l, operand), index: 0 }];
}

/** The operand of a group. */
function lowerGrouped(l: Lowering, operand: Operand): JsonExpression[] {
  if (operand.kind !== 'logical') return lowerOperand(l, operand);
  const { operator, operands, withs } = operand;
  return [{ ...lowerLogical(l, { operator, operands }, true), ...lowerWiths(l, withs) }];
}

/** Where an operand begins for OPA: behind a plain `not`. */
function operandStart(operand: Operand): number {
  if (operand.kind === 'logical') return operandStart(operand.operands[0]!);
  return operand.kind === 'expression' ? operand.left.start : operand.start;
}

/** `a and b and c` is `(a and b) and c`. */
function lowerLogical(
  l: Lowering,
  { operator, operands }: Pick<Logical, 'operator' | 'operands'>,
  isGrouped = false,
): JsonExpression {
  const [first, ...rest] = operands;
  const start = operandStart(first!);
  const place = l.locate({ start, end: first!.end });
  let left = isGrouped ? lowerGrouped(l, first!) : lowerOperand(l, first!);
  if (!isGrouped && first!.kind === 'not' && first!.operand.kind === 'expression') {
    // OPA gives no place to what is negated first.
    const { terms } = left[0] as unknown as { terms: { body: JsonExpression[] } };
    for (const inner of terms.body) delete inner.location;
  }
  let isExplicit = first!.kind === 'body';
  for (const operand of rest) {
    const location = withText(place, l.text.slice(start, operand.end));
    const terms: { [key: string]: Json } = { type: operator, location, lhs: left, rhs: lowerOperand(l, operand) };
    if (isExplicit) terms.explicit_lhs = true;
    if (operand.kind === 'body') terms.explicit_rhs = true;
    left = [{ terms, index: 0, location }];
    isExplicit = false;
  }
  return left[0]!;
}
