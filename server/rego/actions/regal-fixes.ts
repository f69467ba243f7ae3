/**
 * The fixes of Regal's own fixer (`pkg/fixer/fixes` of v0.42.0), each as edits that the syntax tree justifies: where
 * Regal cuts lines by columns, these look for what the finding is about, so that one that is out of date changes
 * nothing, and raw strings, several lines and bodies of one literal come out right.
 */

import { T, tokenFrom } from '../syntax/tokens.ts';
import type { Expression, Rule, Span, Term, Tree } from '../syntax/tree.ts';
import { stringValue } from '../syntax/values.ts';
import { visit } from '../syntax/walk.ts';
import { holds, lineStart, type SpanEdit } from './action.ts';
import { literalAt, removeLiteral, removeTrue, scalarOf } from './bodies.ts';

export interface Fix {
  readonly title: string;
  readonly edits: readonly SpanEdit[];
  /** The module decides as before, whatever its input. */
  readonly isSafe: boolean;
}

/** Finds what a finding at an offset is about; undefined when it is not there. */
type Fixer = (tree: Tree, at: number) => Fix | undefined;

/** By the rule's title. Those that format or move the file are beside them, in lint-fixes.ts. */
export const regalFixes: Readonly<Record<string, Fixer>> = {
  'use-assignment-operator': useAssignmentOperator,
  'no-whitespace-comment': noWhitespaceComment,
  'non-raw-regex-pattern': nonRawRegexPattern,
  'prefer-equals-comparison': preferEqualsComparison,
  'redundant-existence-check': redundantExistenceCheck,
  'constant-condition': constantCondition,
};

function useAssignmentOperator(tree: Tree, at: number): Fix | undefined {
  const rule = tree.root.items.find((item): item is Rule => item.kind === 'rule' && item.start <= at && at <= item.end);
  if (!rule) return undefined;
  const candidates: Span[] = [];
  const { head, elses } = rule;
  if (head.operator === '=' && head.value) candidates.push({ start: head.start, end: head.value.start });
  for (const { start, operator, value } of elses) {
    if (operator === '=' && value) candidates.push({ start, end: value.start });
  }
  const line = lineStart(tree.text, at);
  const before = (span: Span) => lastToken(tree, span, T.unify);
  const found =
    candidates.find((one) => before(one) === at) ??
    candidates.find((one) => lineStart(tree.text, one.start) === line) ??
    candidates.find((one) => one.start <= at && at <= one.end);
  const operator = found && before(found);
  if (operator === undefined) return undefined;
  return {
    title: 'Replace = with := in assignment',
    edits: [{ start: operator, end: operator, text: ':' }],
    isSafe: true,
  };
}

function noWhitespaceComment(tree: Tree, at: number): Fix | undefined {
  const comment = tree.comments.find(({ start, end }) => start <= at && at <= end);
  if (!comment) return undefined;
  const block = tree.metadata.find((one) => holds(one, comment));
  if (!block && !lacksSpace(tree.text.slice(comment.start + 1, comment.end))) return undefined;
  const edits = (block ? unspaced(tree, block) : [comment]).map(({ start }) => ({
    start: start + 1,
    end: start + 1,
    text: ' ',
  }));
  if (edits.length === 0) return undefined;
  return { title: 'Put a space before the comment’s text', edits, isSafe: true };
}

/** The lines of a block of METADATA that want a space: its heading, and all of the YAML where one line of it does. */
function unspaced(tree: Tree, block: Span): Span[] {
  const isUnspaced = ({ start, end }: Span) => end > start + 1 && !/\s/.test(tree.text[start + 1] ?? '');
  const [heading, ...lines] = tree.comments.filter((one) => holds(block, one) && one.end > one.start + 1);
  return [...(heading && isUnspaced(heading) ? [heading] : []), ...(lines.some(isUnspaced) ? lines : [])];
}

/** As Regal has it, of what follows the first `#`. */
function lacksSpace(text: string): boolean {
  return !/^[\s#]*$|^#*\s+.*$/.test(text);
}

function nonRawRegexPattern(tree: Tree, at: number): Fix | undefined {
  let found: Span | undefined;
  visit(tree.root, (node) => {
    if (node.start > at || node.end < at) return false;
    if (node.kind === 'string' && tree.text[node.start] === '"') found = node;
    return true;
  });
  if (!found) return undefined;
  const value = stringValue(tree.text, found);
  // What a raw string cannot hold, or would not show.
  if (/[`\p{Cc}\ufffd]/u.test(value)) return undefined;
  return {
    title: 'Write the pattern as a raw string',
    edits: [{ start: found.start, end: found.end, text: `\`${value}\`` }],
    isSafe: true,
  };
}

function preferEqualsComparison(tree: Tree, at: number): Fix | undefined {
  let found: Expression | undefined;
  visit(tree.root, (node) => {
    if (node.start > at || node.end < at) return false;
    if (node.kind === 'expression' && node.operator === '=') found = node;
    return true;
  });
  if (!found?.right) return undefined;
  const operator = lastToken(tree, { start: found.left.end, end: found.right.start }, T.unify);
  if (operator === undefined) return undefined;
  return {
    title: 'Replace = with == in comparison',
    edits: [{ start: operator, end: operator + 1, text: '==' }],
    isSafe: true,
  };
}

function redundantExistenceCheck(tree: Tree, at: number): Fix | undefined {
  const place = literalAt(tree, { start: at, end: at }, true);
  if (place?.literal.kind !== 'expression') return undefined;
  const { literal, body } = place;
  if (body.literals.length < 2) return inHead(tree, at);
  if (literal.negated || literal.right || literal.withs.length > 0) return undefined;
  if (literal.left.kind !== 'ref' && literal.left.kind !== 'var') return undefined;
  const index = body.literals.indexOf(literal);
  const beside = [body.literals[index - 1], body.literals[index + 1]];
  return {
    title: 'Remove the redundant existence check',
    edits: [removeLiteral(tree, body, literal)],
    isSafe: beside.some((one) => one?.kind === 'expression' && failsWithFalse(tree, literal.left, one)),
  };
}

/** The only literal of a rule whose head takes the reference as its value. */
function inHead(tree: Tree, at: number): Fix | undefined {
  const place = literalAt(tree, { start: at, end: at }, true);
  const edit = place && removeTrue(tree, place);
  if (!place || !edit || place.literal.kind !== 'expression' || place.literal.left.kind !== 'ref') return undefined;
  return { title: 'Remove the redundant existence check', edits: [edit], isSafe: false };
}

/** A check is more than one of existence where the value is false: then what stays must fail, too. */
function failsWithFalse(tree: Tree, checked: Term, { negated, left, right, operator, withs }: Expression): boolean {
  if (negated || withs.length > 0 || operator !== '') return false;
  const written = tree.text.slice(checked.start, checked.end);
  const isIt = (term: Term) => tree.text.slice(term.start, term.end) === written;
  // A part of it: what is false has none.
  const isPart = (term: Term) =>
    term.kind === 'ref' &&
    /^[.[]/.test(tree.text.slice(term.start, term.end).slice(written.length)) &&
    tree.text.startsWith(written, term.start);
  if (right) return false;
  if (isPart(left) || isIt(left)) return true;
  if (left.kind !== 'infix' || left.operands.length !== 2) return false;
  const [one, other] = left.operands as [Term, Term];
  if (isPart(one) || isPart(other)) return true;
  if (left.operators[0] !== T.equal) return false;
  const scalar = isIt(one) ? scalarOf(tree, other) : isIt(other) ? scalarOf(tree, one) : undefined;
  return scalar !== undefined && scalar.value !== false;
}

function constantCondition(tree: Tree, at: number): Fix | undefined {
  const place = literalAt(tree, { start: at, end: at }, true);
  if (place?.literal.kind !== 'expression') return undefined;
  const { literal } = place;
  if (literal.negated || literal.right || literal.withs.length > 0) return undefined;
  const truth = truthOf(tree, literal.left);
  if (truth === undefined) return undefined;
  const edit = removeTrue(tree, place);
  if (!edit) return undefined;
  const title = truth ? 'Remove the constant condition' : 'Remove the condition, which never holds';
  return { title, edits: [edit], isSafe: truth };
}

/** Undefined for what is no constant, or none that is plain to see. */
function truthOf(tree: Tree, term: Term): boolean | undefined {
  if (term.kind === 'template') return true;
  const scalar = scalarOf(tree, term);
  if (scalar) return scalar.value !== false;
  if (term.kind === 'number') return true;
  if (term.kind !== 'infix' || term.operands.length !== 2) return undefined;
  const [one, other] = term.operands.map((operand) => scalarOf(tree, operand));
  if (!one || !other) return undefined;
  const order = compare(tree, term.operands as [Term, Term], one.value, other.value);
  switch (term.operators[0]) {
    case T.equal:
      return order === 0;
    case T.notEqual:
      return order !== 0;
    case T.less:
      return order < 0;
    case T.lessOrEqual:
      return order <= 0;
    case T.greater:
      return order > 0;
    case T.greaterOrEqual:
      return order >= 0;
    default:
      return undefined;
  }
}

type Scalar = string | number | boolean | null;

/** OPA's order: null, booleans, numbers, strings (https://www.openpolicyagent.org/docs/policy-reference#comparison). */
function compare(tree: Tree, [first, second]: [Term, Term], one: Scalar, other: Scalar): number {
  const rank = (value: Scalar) => (value === null ? 0 : ['boolean', 'number', 'string'].indexOf(typeof value) + 1);
  if (rank(one) !== rank(other)) return rank(one) - rank(other);
  if (typeof one === 'string') {
    return byCodePoints([...stringValue(tree.text, first)], [...stringValue(tree.text, second)]);
  }
  return Number(one) - Number(other);
}

function byCodePoints(one: readonly string[], other: readonly string[]): number {
  const at = one.findIndex((character, index) => character !== other[index]);
  if (at < 0) return one.length - other.length;
  return (one[at]?.codePointAt(0) ?? 0) - (other[at]?.codePointAt(0) ?? -1);
}

/** The offset of the last token of a kind that lies in a span. */
function lastToken({ tokens }: Tree, { start, end }: Span, kind: number): number | undefined {
  for (let index = tokenFrom(tokens, end) - 1; index >= 0 && (tokens.starts[index] ?? 0) >= start; index--) {
    if (tokens.kinds[index] === kind) return tokens.starts[index];
  }
  return undefined;
}
