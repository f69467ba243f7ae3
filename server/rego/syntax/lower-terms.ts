/**
 * Terms as OPA's JSON AST has them. Their locations follow how OPA's parser comes by them, which shows: the text of a
 * reference begins at the last token of what it refers into, that of a negative number is its sign.
 */
import { isEmptySet } from './checks.ts';
import { type Locate, type Location, withText } from './locations.ts';
import type { Json } from './lower.ts';
import { lowerBody, lowerExpression } from './lower-literals.ts';
import { isRoot } from './references.ts';
import { compareTerms } from './term-order.ts';
import { T, type Tokens, tokenFrom } from './tokens.ts';
import type {
  Call,
  Comprehension,
  Dot,
  Entry,
  Index,
  Infix,
  Membership,
  ObjectTerm,
  Ref,
  Template,
  Term,
} from './tree.ts';
import { stringValue, templateValue } from './values.ts';

export interface Lowering {
  readonly text: string;
  readonly tokens: Tokens;
  readonly locate: Locate;
  /** How many wildcards have got their numbers. */
  wildcards: number;
}

/** Location first: it is what callers look at. */
export interface JsonTerm {
  location?: Location;
  type: string;
  value: Json;
}

export function lowerTerm(l: Lowering, term: Term): JsonTerm {
  switch (term.kind) {
    case 'var': {
      const name = variable(l, term.name, l.locate(term));
      return isRoot(term.name) ? { location: name.location!, type: 'ref', value: [name] } : name;
    }
    case 'null':
      return { location: l.locate(term), type: 'null', value: {} };
    case 'boolean':
      return { location: l.locate(term), type: 'boolean', value: l.text.charCodeAt(term.start) === 116 };
    case 'number':
      return lowerNumber(l, term.start, term.end);
    case 'string':
      return { location: l.locate(term), type: 'string', value: stringValue(l.text, term) };
    case 'parens':
      return lowerParens(l, term.term, l.text.slice(term.start, term.end));
    case 'negative':
      return lowerNegative(l, term);
    case 'ref':
      return lowerRef(l, term);
    case 'call':
      return lowerCall(l, term);
    case 'infix':
      return lowerInfix(l, term, term.start);
    case 'membership':
      return lowerMembership(l, term);
    case 'array':
      return { location: l.locate(term), type: 'array', value: term.items.map((item) => lowerTerm(l, item)) };
    case 'set':
      return { location: l.locate(term), type: 'set', value: sortedSet(term.items.map((item) => lowerTerm(l, item))) };
    case 'object':
      return lowerObject(l, term);
    case 'comprehension':
      return lowerComprehension(l, term);
    case 'template':
      return lowerTemplate(l, term);
    default:
      return { location: l.locate(term), type: 'null', value: {} };
  }
}

/** A variable, also where `data` and `input` are one; each wildcard is another variable. */
export function variable(l: Lowering, name: string, location: Location): JsonTerm {
  return { location, type: 'var', value: name === '_' ? `$${l.wildcards++}` : name };
}

function lowerNumber(l: Lowering, start: number, end: number): JsonTerm {
  const { starts, ends } = l.tokens;
  let index = tokenFrom(l.tokens, start);
  const location = l.locate({ start, end: ends[index]! });
  let value = '';
  for (; starts[index]! < end; index++) value += l.text.slice(starts[index]!, ends[index]!);
  return { location, type: 'number', value };
}

function lowerParens(l: Lowering, inner: Term, text: string): JsonTerm {
  const term = lowerTerm(l, inner);
  const location = withText(term.location!, text);
  // The variable shares its location with the reference that it is.
  if (inner.kind === 'var' && isRoot(inner.name))
    return { location, type: 'ref', value: [{ ...(term.value as JsonTerm[])[0]!, location }] };
  return { ...term, location };
}

function lowerNegative(l: Lowering, term: Term & { kind: 'negative' }): JsonTerm {
  const location = l.locate(term);
  const operator: JsonTerm = { type: 'ref', value: [{ type: 'var', value: 'minus' }] };
  const zero: JsonTerm = { location: withText(location, '-'), type: 'number', value: '0' };
  return { location, type: 'call', value: [operator, zero, lowerTerm(l, term.term)] };
}

/** Where the text of a reference begins that goes on from a term. */
function partsStart(term: Term): number {
  if (term.kind === 'ref') return partsStart(term.head);
  if (term.kind === 'call') return partsStart(term.operator);
  return term.kind === 'var' ? term.start : term.end - 1;
}

function lowerRef(l: Lowering, ref: Ref): JsonTerm {
  const value = refTerms(l, ref);
  const location = withText(value[0]!.location!, l.text.slice(partsStart(ref.head), ref.end));
  return { location, type: 'ref', value };
}

/** What a reference consists of. */
export function refTerms(l: Lowering, term: Term): JsonTerm[] {
  if (term.kind !== 'ref') return [term.kind === 'var' ? variable(l, term.name, l.locate(term)) : lowerTerm(l, term)];
  return [...refTerms(l, term.head), ...term.parts.map((part) => lowerPart(l, part))];
}

function lowerPart(l: Lowering, part: Dot | Index): JsonTerm {
  if (part.kind === 'index') return lowerTerm(l, part.term);
  return { location: l.locate({ start: part.nameStart, end: part.end }), type: 'string', value: part.name };
}

function lowerCall(l: Lowering, call: Call): JsonTerm {
  const { operator, args } = call;
  const start = partsStart(operator);
  const terms = refTerms(l, operator);
  const paren = l.tokens.starts[tokenFrom(l.tokens, operator.end)]!;
  const head = terms[0]!.location!;
  const location = withText(head, l.text.slice(start, call.end));
  if (isEmptySet(call)) return { location, type: 'set', value: [] };
  const name: JsonTerm = { location: withText(head, l.text.slice(start, paren)), type: 'ref', value: terms };
  return { location, type: 'call', value: [name, ...args.map((arg) => lowerTerm(l, arg))] };
}

const operatorNames = new Map<number, string>([
  [T.equal, 'equal'],
  [T.notEqual, 'neq'],
  [T.less, 'lt'],
  [T.lessOrEqual, 'lte'],
  [T.greater, 'gt'],
  [T.greaterOrEqual, 'gte'],
  [T.pipe, 'or'],
  [T.ampersand, 'and'],
  [T.plus, 'plus'],
  [T.minus, 'minus'],
  [T.times, 'mul'],
  [T.divide, 'div'],
  [T.remainder, 'rem'],
]);

/** Calls within calls, from the left; `from` is where the text of each begins. */
function lowerInfix(l: Lowering, { operands, operators }: Infix, from: number): JsonTerm {
  const [first, ...rest] = operands;
  let left = first!.kind === 'infix' ? lowerInfix(l, first as Infix, from) : lowerTerm(l, first!);
  for (const [index, operand] of rest.entries()) {
    const token = tokenFrom(l.tokens, operands[index]!.end);
    const operator = namedOperator(l, operatorNames.get(operators[index]!)!, token);
    const right = lowerTerm(l, operand);
    const location = withText(left.location!, l.text.slice(from, operand.end));
    left = { location, type: 'call', value: [operator, left, right] };
  }
  return left;
}

export function namedOperator(l: Lowering, name: string, token: number): JsonTerm {
  const location = l.locate({ start: l.tokens.starts[token]!, end: l.tokens.ends[token]! });
  return { location, type: 'ref', value: [{ location, type: 'var', value: name }] };
}

function lowerMembership(l: Lowering, term: Membership): JsonTerm {
  const key = term.key === undefined ? [] : [lowerTerm(l, term.key)];
  // OPA's text of the value, if that is infix, begins at the key.
  const value = term.value.kind === 'infix' ? lowerInfix(l, term.value, term.start) : lowerTerm(l, term.value);
  const collection = lowerTerm(l, term.collection);
  const token = tokenFrom(l.tokens, term.value.end);
  const location = l.locate({ start: l.tokens.starts[token]!, end: l.tokens.ends[token]! });
  const name: JsonTerm[] = [
    { location, type: 'var', value: 'internal' },
    { location, type: 'string', value: key.length === 0 ? 'member_2' : 'member_3' },
  ];
  return {
    location: withText((key[0] ?? value).location!, l.text.slice(term.start, term.end)),
    type: 'call',
    value: [{ location, type: 'ref', value: name }, ...key, value, collection],
  };
}

/** In order; of equal terms the first. */
function sortedSet(terms: JsonTerm[]): JsonTerm[] {
  const sorted = terms.toSorted(compareTerms);
  return sorted.filter((term, index) => index === 0 || compareTerms(sorted[index - 1]!, term) !== 0);
}

/** In the order of the keys; equal ones stay. */
function lowerObject(l: Lowering, term: ObjectTerm): JsonTerm {
  const entries = term.items.flatMap((item) => (item.kind === 'entry' ? [lowerEntry(l, item)] : []));
  return { location: l.locate(term), type: 'object', value: entries.toSorted(([a], [b]) => compareTerms(a, b)) };
}

function lowerEntry(l: Lowering, { key, value }: Entry): [JsonTerm, JsonTerm] {
  return [lowerTerm(l, key), lowerTerm(l, value)];
}

function lowerComprehension(l: Lowering, { start, end, of, head, body }: Comprehension): JsonTerm {
  const location = l.locate({ start, end });
  if (head.kind === 'entry') {
    const [key, value] = lowerEntry(l, head);
    return { location, type: 'objectcomprehension', value: { key, value, body: lowerBody(l, body.literals) } };
  }
  const term = lowerTerm(l, head);
  return { location, type: `${of}comprehension`, value: { term, body: lowerBody(l, body.literals) } };
}

function lowerTemplate(l: Lowering, term: Template): JsonTerm {
  const isRaw = l.text.charCodeAt(term.start + 1) === 96;
  const parts: Json[] = [];
  for (const [index, part] of term.parts.entries()) {
    if (part.kind === 'text') {
      const value = templateValue(l.text, part, isRaw);
      // OPA's part behind an expression begins behind the brace.
      const start = index === 0 ? part.start : part.start + 1;
      if (value !== '') parts.push({ location: l.locate({ start, end: part.end }), type: 'string', value });
    } else {
      const expression = lowerExpression(l, part, 0);
      const { terms } = expression as { terms: Json };
      parts.push(isScalar(terms) && !hasComment(l, term, index) ? terms : expression);
    }
  }
  return {
    location: l.locate(term),
    type: 'templatestring',
    value: { parts: parts.length > 0 ? parts : null, multi_line: isRaw },
  };
}

function isScalar(terms: Json): boolean {
  const type = (terms as Partial<JsonTerm>).type;
  return type === 'string' || type === 'number' || type === 'boolean' || type === 'null';
}

/** Whether a comment precedes the expression in its braces. */
function hasComment(l: Lowering, { parts }: Template, index: number): boolean {
  return l.text.slice(parts[index - 1]!.end, parts[index]!.start).includes('#');
}
