/** Rules as OPA's JSON AST has them: which locations its parser gives depends on how the rule is written. */
import { isEmptySet } from './checks.ts';
import { bare } from './literals.ts';
import { type Location, withText } from './locations.ts';
import { callee } from './logical.ts';
import type { Json } from './lower.ts';
import { lowerBody } from './lower-literals.ts';
import { type JsonTerm, type Lowering, lowerTerm, refTerms } from './lower-terms.ts';
import { isGround, referencePart } from './shape.ts';
import { compareTerms } from './term-order.ts';
import { tokenFrom } from './tokens.ts';
import type { Body, Else, Expression, Head, Rule, Term } from './tree.ts';

interface JsonHead {
  location: Location;
  name?: string;
  ref: JsonTerm[];
  args?: JsonTerm[];
  key?: JsonTerm;
  value?: JsonTerm;
  assign?: true;
}

export type JsonRule = { location: Location; [key: string]: Json };

/** One for each body. */
export function lowerRule(l: Lowering, rule: Rule): JsonRule[] {
  const { head, bodies, elses, start } = rule;
  if (!rule.isDefault && bodies.length === 0 && head.operator !== 'contains') return [lowerBare(l, rule)];
  const jsonHead = lowerHead(l, rule);
  const [body, ...chained] = bodies;
  const first = l.locate({ start, end: l.tokens.ends[tokenFrom(l.tokens, start)]! });
  if (body === undefined) {
    const location = rule.isDefault ? first : jsonHead.location;
    const json: JsonRule = { location, head: jsonHead as unknown as Json, body: [truth(first)] };
    return [rule.isDefault ? { ...json, default: true } : json];
  }
  const end = Math.max(body.end, elses.at(-1)?.end ?? 0);
  const rules: JsonRule[] = [
    {
      location: l.locate({ start, end }),
      head: jsonHead as unknown as Json,
      body: lowerBody(l, body.literals),
    },
  ];
  if (elses.length > 0) rules[0]!.else = lowerElse(l, head, jsonHead, elses, end);
  for (const next of chained) rules.push(lowerChained(l, head, jsonHead, next));
  return rules;
}

/** A body that is always true. */
function truth(location: Location): Json {
  return { index: 0, location, terms: { location, type: 'boolean', value: true } };
}

function lowerHead(l: Lowering, { head, isDefault, bodies }: Rule): JsonHead {
  const { operator, args: writtenArgs = [] } = head;
  const location = l.locate(head);
  const ref = refTerms(l, head.name);
  const json: JsonHead = { location, ref };
  if (ref.length < 2) json.name = ref[0]!.value as string;
  const args = writtenArgs.map((arg) => lowerTerm(l, arg));
  if (args.length > 0) json.args = args;
  const value = head.value === undefined ? undefined : lowerTerm(l, head.value);
  if (operator === 'contains') {
    if (value !== undefined) json.key = value;
    return json;
  }
  if (operator === ':=') json.assign = true;
  if (value !== undefined) json.value = value;
  else if (ref.length !== 2 || args.length > 0) json.value = { type: 'boolean', value: true };
  if (!isDefault && ref.length === 2 && bodies.length > 0) keyOf(head, json, bodies[0]!.hasIf, args.length > 0);
  return json;
}

/** `p[x]` is a key in a set, or one with a value. */
function keyOf(head: Head, json: JsonHead, hasIf: boolean, isFunction: boolean): void {
  const last = json.ref[1]!;
  const name = json.ref[0]!.value as string;
  if (hasIf) {
    const part = referencePart(head);
    const isVariable = part !== undefined && (!isGround(part) || last.type === 'ref');
    if (isVariable && !isFunction) json.key = last;
    if (json.value === undefined) json.value = { location: json.location, type: 'boolean', value: true };
    else json.name = name;
  } else if (!isFunction) {
    json.name = name;
    json.key = last;
    if (json.value === undefined) json.ref = json.ref.slice(0, 1);
  }
}

/** Wildcards among the arguments are others in each rule of the same head. */
function renewArgs(l: Lowering, head: Head, args: JsonTerm[]): JsonTerm[] {
  return args.map((arg, index) => {
    const written = bare(head.args![index]!);
    return written.kind === 'var' && written.name === '_' ? { ...arg, value: `$${l.wildcards++}` } : arg;
  });
}

function lowerElse(l: Lowering, head: Head, first: JsonHead, elses: readonly Else[], ruleEnd: number): JsonRule {
  const [{ start, value, operator, body }, ...rest] = elses as [Else, ...Else[]];
  const place = l.locate({ start, end: start + 4 });
  const json: JsonHead = { ...(copied(first as unknown as Json) as unknown as JsonHead), location: place };
  if (json.args !== undefined) json.args = renewArgs(l, head, json.args);
  if (value === undefined) json.value = { type: 'boolean', value: true };
  else {
    delete json.assign;
    if (operator === ':=') json.assign = true;
    json.value = lowerTerm(l, value);
    json.location = l.locate({ start, end: value.end });
  }
  const location = withText(place, l.text.slice(start, ruleEnd));
  const rule: JsonRule = { location, head: json as unknown as Json, body: [] };
  if (body === undefined) rule.body = [truth(location)];
  else {
    const lowered = lowerBody(l, body.literals);
    rule.body = body.braced ? lowered : relocated(lowered as Json, location);
  }
  if (rest.length > 0) rule.else = lowerElse(l, head, first, rest, ruleEnd);
  return rule;
}

/** As OPA's copy is: an empty template string has a list of parts there. */
function copied(value: Json): Json {
  if (Array.isArray(value)) return value.map((item) => copied(item));
  if (value === null || typeof value !== 'object') return value;
  const entries = Object.entries(value).map(([key, item]) => [
    key,
    key === 'parts' && item === null ? [] : copied(item),
  ]);
  return Object.fromEntries(entries);
}

/** The same with all that is in it at one place, also what has no place of its own. */
function relocated(value: Json, location: Location): Json {
  if (Array.isArray(value)) return value.map((item) => relocated(item, location));
  if (value === null || typeof value !== 'object') return value;
  if ('type' in value && value.type === 'object') return relocatedObject(value as unknown as JsonTerm, location);
  const copy: { [key: string]: Json } = {};
  for (const [key, item] of Object.entries(value)) {
    copy[key] = key === 'location' ? (location as unknown as Json) : relocated(item as Json, location);
  }
  if ('type' in copy || 'terms' in copy) copy.location = location as unknown as Json;
  return copy;
}

/** OPA finds the values by their keys: of those with the same key it relocates the last one alone. */
function relocatedObject({ type, value }: JsonTerm, location: Location): Json {
  const entries = value as unknown as [JsonTerm, JsonTerm][];
  const moved = entries.map(([key, item], index) => {
    const next = entries[index + 1];
    const isLast = next === undefined || compareTerms(key, next[0]) !== 0;
    return [relocated(key as unknown as Json, location), isLast ? relocated(item as unknown as Json, location) : item];
  });
  return { type, value: moved as unknown as Json, location: location as unknown as Json };
}

function lowerChained(l: Lowering, head: Head, first: JsonHead, body: Body): JsonRule {
  const location = l.locate(body);
  const lowered = lowerBody(l, body.literals);
  const copy = copied(first as unknown as Json) as unknown as JsonHead;
  if (copy.args !== undefined) copy.args = renewArgs(l, head, copy.args);
  const { ref, ...rest } = copy;
  const json = relocated(rest as unknown as Json, location) as { [key: string]: Json };
  return { location, head: { ...json, ref: ref as unknown as Json }, body: lowered };
}

/** A rule without a body, which OPA reads as an expression first. */
function lowerBare(l: Lowering, { head, start, end }: Rule): JsonRule {
  const left: Term =
    head.args === undefined
      ? head.name
      : { kind: 'call', start: head.start, end: callEnd(l, head), operator: head.name, args: head.args };
  const operator = head.operator === 'contains' ? '' : head.operator;
  return lowerAsRule(l, {
    kind: 'expression',
    start,
    end,
    negated: false,
    left,
    operator,
    right: head.value,
    withs: [],
  });
}

/** Where the parenthesis behind the arguments ends. */
function callEnd(l: Lowering, { name }: Head): number {
  const opening = tokenFrom(l.tokens, name.end);
  return l.tokens.ends[l.tokens.partners[opening]!]!;
}

/** The rule that an expression stands for. */
export function lowerAsRule(l: Lowering, expression: Expression): JsonRule {
  const { operator } = expression;
  const call = bare(expression.left);
  const location = l.locate(expression);
  if (operator === '' && call.kind === 'call' && call.args.length === 2) {
    const name = callee(call.operator);
    if (name === 'eq' || name === 'assign') {
      return lowerAssigned(
        call.args[0]!,
        lowerTerm(l, call.args[0]!),
        lowerTerm(l, call.args[1]!),
        name === 'assign',
        location,
      );
    }
  }
  const left = lowerTerm(l, expression.left);
  if (expression.right !== undefined) {
    return lowerAssigned(expression.left, left, lowerTerm(l, expression.right), operator === ':=', location);
  }
  const terms = left.value as unknown as JsonTerm[];
  if (left.type === 'call') {
    const [name, ...args] = terms;
    const place = name!.location!;
    const ref = name!.value as unknown as JsonTerm[];
    const head: JsonHead = { location: place, ref, args, value: { location: place, type: 'boolean', value: true } };
    if (ref.length < 2) head.name = ref[0]!.value as string;
    return { location: place, head: head as unknown as Json, body: [truth(place)] };
  }
  const place = left.location!;
  const head: JsonHead = { location: place, ref: terms };
  if (terms.length === 2) {
    head.name = terms[0]!.value as string;
    head.ref = terms.slice(0, 1);
    head.key = terms[1]!;
  } else head.value = { location: place, type: 'boolean', value: true };
  return { location: place, head: head as unknown as Json, body: [truth(place)] };
}

function lowerAssigned(
  written: Term,
  left: JsonTerm,
  value: JsonTerm,
  isAssign: boolean,
  location: Location,
): JsonRule {
  const head: JsonHead = { location, ref: [left], value };
  const terms = left.value as unknown as JsonTerm[];
  if (left.type === 'call' && !isEmptySet(bare(written))) {
    const [name, ...args] = terms;
    head.ref = name!.value as unknown as JsonTerm[];
    if (args.length > 0) head.args = args;
  } else if (left.type === 'ref') {
    head.ref = terms;
    if (terms.length === 2) {
      head.name = terms[0]!.value as string;
      head.key = terms[1]!;
    }
  }
  if (head.ref.length < 2) head.name = head.ref[0]!.value as string;
  if (isAssign) head.assign = true;
  const place = value.location;
  const truthful =
    place === undefined ? { type: 'boolean', value: true } : { location: place, type: 'boolean', value: true };
  const expression: { [key: string]: Json } = { index: 0, terms: truthful as Json };
  if (place !== undefined) expression.location = place as unknown as Json;
  return { location, head: head as unknown as Json, body: [expression] };
}
