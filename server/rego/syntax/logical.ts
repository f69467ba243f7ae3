/**
 * `and`, `or`, and `not` with a body or a group: what `future.keywords` offers. An operand is an expression, a body in
 * braces, or a group in parentheses, which shows only behind it.
 */
import { asOpa } from './as-opa.ts';
import { hasLogic } from './keywords.ts';
import { bare, parseBody, parsePlain, parseWiths } from './literals.ts';
import {
  advance,
  beginsReference,
  close,
  endOf,
  fault,
  forgetNamed,
  mark,
  maxDepth,
  missing,
  open,
  type Parser,
  problem,
  refuse,
  reset,
  startOf,
} from './parser.ts';
import { parseTerm } from './terms.ts';
import { T } from './tokens.ts';
import type { Body, Expression, Group, Literal, Logical, Not, Operand, Term } from './tree.ts';

export function isLogicalOperator(p: Parser): boolean {
  return p.kind === T.and || p.kind === T.or;
}

/** A literal that begins with a body or a group; undefined where the brackets hold a value. */
export function parseOperandFirst(p: Parser): Literal | undefined {
  if (p.strict < 0 && p.values.has(p.at)) return undefined;
  if (p.kind === T.leftBrace) {
    const before = mark(p);
    const named = p.named.size;
    const body = parseBody(p, false);
    const isWhole = p.strict < 0 ? p.problems.length === before.problems : p.failed < 0;
    if (isWhole && isLogicalOperator(p)) {
      checkUnion(p, body, refuse);
      return parseChain(p, body);
    }
    reset(p, before);
    forgetNamed(p, named);
    if (p.strict < 0) p.values.add(before.at);
    if (!isWhole) {
      return asOpa(p, () => {
        const operand = parseBody(p, false);
        const settles = p.failed < 0 && isLogicalOperator(p);
        if (settles) parseChain(p, operand);
        return settles;
      });
    }
  } else if (p.kind === T.leftParen) {
    const group = parseGroup(p, false);
    if (group !== undefined) return foldTail(p, group);
  }
  return undefined;
}

/** Behind the word `not`, which begins at `start`. */
export function parseNot(p: Parser, start: number): Literal {
  if (p.kind === T.leftBrace) return foldTail(p, parseNotBody(p, start));
  if (p.kind === T.leftParen) {
    const group = parseGroup(p, true);
    if (group !== undefined) return foldTail(p, notOf(p, start, group));
  }
  const expression = parsePlain(p, startOf(p), false);
  const withs = p.kind === T.with ? parseWiths(p) : [];
  const not: Not = { kind: 'not', start, end: endOf(p), operand: expression, withs };
  return isLogicalOperator(p) ? parseChain(p, not) : not;
}

function parseNotBody(p: Parser, start: number): Not {
  const body = parseBody(p, false);
  checkUnion(p, body, refuse);
  return notOf(p, start, body);
}

function notOf(p: Parser, start: number, operand: Operand): Not {
  return { kind: 'not', start, end: endOf(p), operand, withs: [] };
}

/** The operators behind an operand, or its modifiers. */
function foldTail(p: Parser, operand: Not | Group): Literal {
  if (isLogicalOperator(p)) return parseChain(p, operand);
  if (p.kind !== T.with) return operand;
  const withs = parseWiths(p);
  return { ...operand, end: endOf(p), withs };
}

/** From the first operator on, with the modifiers of the whole. */
export function parseChain(p: Parser, first: Operand): Logical {
  checkFirst(p, first);
  const left = parseAnds(p, first);
  let logical = left as Logical;
  if (p.kind === T.or) {
    const operands = [left];
    while (p.kind === T.or) {
      advance(p);
      operands.push(parseAnds(p, parseOperand(p)));
    }
    logical = logicalOf(p, 'or', operands);
  }
  if (p.kind !== T.with) return logical;
  const withs = parseWiths(p);
  return { ...logical, end: endOf(p), withs };
}

function parseAnds(p: Parser, first: Operand): Operand {
  if (p.kind !== T.and) return first;
  const operands = [first];
  while (p.kind === T.and) {
    advance(p);
    operands.push(parseOperand(p));
  }
  return logicalOf(p, 'and', operands);
}

function logicalOf(p: Parser, operator: 'and' | 'or', operands: Operand[]): Logical {
  for (const operand of operands) {
    const name = voidCall(operand);
    if (name !== '') {
      fault(p, operand, `an operand of \`${operator}\` cannot consist only of calls to \`${name}\`: it never fails`);
    }
  }
  return { kind: 'logical', start: operands[0]!.start, end: endOf(p), operator, operands, withs: [] };
}

/** An expression as the first operand must neither have modifiers nor begin with a brace. */
function checkFirst(p: Parser, first: Operand): void {
  if (first.kind !== 'expression' && first.kind !== 'not') return;
  const operator = p.kind === T.and ? 'and' : 'or';
  if (first.withs.length > 0) {
    refuse(
      p,
      first.withs[0]!,
      `\`with\` on an operand of \`${operator}\`: put the operand in parentheses, or \`with\` last`,
    );
  } else if (first.kind === 'expression' && p.text.charCodeAt(first.start) === 123) {
    refuse(p, first, `an operand of \`${operator}\` that is a value in braces must be in parentheses`);
  }
}

function parseOperand(p: Parser): Operand {
  if (p.kind === T.leftBrace) {
    const body = parseBody(p, false);
    checkUnion(p, body);
    return body;
  }
  const start = startOf(p);
  const { notBodies } = p.language;
  const negated = p.kind === T.not && !beginsReference(p);
  if (negated) {
    advance(p);
    if (notBodies && p.kind === T.leftBrace) return parseNotBody(p, start);
  }
  if (p.kind === T.leftParen && hasLogic(p.language) && (!negated || notBodies)) {
    const group = parseGroup(p, true);
    if (group !== undefined) return negated ? notOf(p, start, group) : group;
  }
  const expression = parsePlain(p, negated && notBodies ? startOf(p) : start, negated && !notBodies);
  return negated && notBodies ? notOf(p, start, expression) : expression;
}

/**
 * Operands in parentheses; undefined, with nothing read, where the parentheses hold a term. They hold one unless there
 * is an operator, a modifier or a negation in them.
 */
function parseGroup(p: Parser, isOperand: boolean): Group | undefined {
  if ((p.strict < 0 && p.values.has(p.at)) || p.depth >= maxDepth) return undefined;
  const before = mark(p);
  const start = startOf(p);
  const opening = open(p);
  p.depth++;
  const group = parseGroupHere(p, start, opening, isOperand, before.problems);
  p.depth--;
  if (group === undefined) {
    const isWhole = p.strict >= 0 || p.problems.length === before.problems;
    reset(p, before);
    if (p.strict < 0) p.values.add(opening);
    const operand = isWhole ? undefined : asOpa(p, () => parseGroup(p, isOperand) !== undefined || p.failed >= 0);
    if (operand !== undefined) return { ...operand, kind: 'group', operand, withs: [] };
  }
  return group;
}

function parseGroupHere(
  p: Parser,
  start: number,
  opening: number,
  isOperand: boolean,
  problems: number,
): Group | undefined {
  if (p.kind === T.rightParen) {
    if (!isOperand) return undefined;
    problem(p, { start, end: p.tokens.ends[p.at]! }, 'the parentheses are empty');
    return groupOf(p, start, opening, missingOperand(p), []);
  }
  const operand = parseOperand(p);
  if (p.strict < 0 ? p.problems.length > problems : p.failed >= 0) return undefined;
  if (isLogicalOperator(p)) return groupOf(p, start, opening, parseChain(p, operand), []);
  if (p.kind === T.with && operand.kind !== 'body') {
    const withs = parseWiths(p);
    if (isLogicalOperator(p)) fault(p, withs[0]!, '`with` is not allowed on an operand');
    const group = groupOf(p, start, opening, operand, withs);
    return isOperand || isLogicalOperator(p) || p.problems.length > problems ? group : undefined;
  }
  if (operand.kind === 'body') return parseWrappedBody(p, start, opening, operand);
  const inner = innermost(operand);
  const isGroup = inner.kind === 'logical' || inner.kind === 'not' || (inner.kind === 'expression' && inner.negated);
  return isGroup ? groupOf(p, start, opening, operand, []) : undefined;
}

function groupOf(p: Parser, start: number, opening: number, operand: Operand, withs: Group['withs']): Group {
  close(p, opening);
  return { kind: 'group', start, end: endOf(p), operand, withs };
}

/** `({ … })` is a value if it can be one. */
function parseWrappedBody(p: Parser, start: number, opening: number, body: Body): Group | undefined {
  const behind = mark(p);
  reset(p, { ...behind, at: opening + 1, kind: T.leftBrace });
  parseTerm(p);
  const isTerm = p.strict < 0 ? p.problems.length === behind.problems : p.failed < 0;
  reset(p, behind);
  if (isTerm) return undefined;
  fault(p, body, 'a body as an operand cannot be in parentheses');
  return groupOf(p, start, opening, body, []);
}

function innermost(operand: Operand): Operand {
  let inner = operand;
  while (inner.kind === 'group') inner = inner.operand;
  return inner;
}

function missingOperand(p: Parser): Expression {
  const left = missing(p);
  return { ...left, kind: 'expression', negated: false, left, operator: '', right: undefined, withs: [] };
}

/** `{ a | b }` as an operand could be a comprehension, too; OPA wants it said. */
function checkUnion(p: Parser, body: Body, report = fault): void {
  const first = body.literals[0];
  if (first?.kind !== 'expression' || first.operator !== '' || first.left.kind !== 'infix') return;
  if (first.left.operators[0] !== T.pipe || p.text.charCodeAt(first.start) === 40) return;
  report(
    p,
    body,
    '`{ … | … }` is read as a body with a union here: put parentheses around the union or the comprehension',
  );
}

const voidBuiltins: ReadonlySet<string> = new Set(['print', 'internal.print', 'internal.test_case']);

/** The built-in without a value that is all that an operand calls; empty when it does more. */
function voidCall(operand: Operand): string {
  if (operand.kind === 'body') {
    const names = operand.literals.map(voidCall);
    return names.includes('') ? '' : (names[0] ?? '');
  }
  if (operand.kind === 'group') return voidCall(operand.operand);
  if (operand.kind !== 'expression' || operand.negated || operand.operator !== '') return '';
  const call = bare(operand.left);
  if (call.kind !== 'call') return '';
  const name = callee(call.operator);
  return voidBuiltins.has(name) ? name : '';
}

/** The dotted name of what is called; empty when it is not only names. */
export function callee(operator: Term): string {
  if (operator.kind === 'var') return operator.name;
  if (operator.kind !== 'ref' || operator.head.kind !== 'var') return '';
  const names = operator.parts.map((part) => (part.kind === 'dot' ? part.name : ''));
  return names.includes('') ? '' : [operator.head.name, ...names].join('.');
}
