/**
 * OPA's built-ins, as far as they are proved to agree with it (test/conformance). Each takes values that are defined
 * and gives a value, or undefined where OPA's own does; whatever OPA would call an error is {@link Undecided}, too, so
 * that the engine decides and tells of it.
 */
import { regexFindAllSubmatch, regexIsValid, regexMatch } from './regex.ts';
import * as strings from './strings.ts';
import { formatted, templateString } from './text.ts';
import {
  addTo,
  compare,
  entriesOf,
  equal,
  isArray,
  isObject,
  isSet,
  lookUp,
  membersOf,
  newObject,
  newSet,
  type RegoObject,
  type RegoSet,
  setIn,
  Undecided,
  type Value,
} from './value.ts';

export type Builtin = (args: readonly Value[]) => Value | undefined;

/** By OPA's names. */
export const builtins: Record<string, Builtin> = {
  // Comparisons
  equal: ([a, b]) => equal(given(a), given(b)),
  neq: ([a, b]) => !equal(given(a), given(b)),
  lt: ([a, b]) => compare(given(a), given(b)) < 0,
  lte: ([a, b]) => compare(given(a), given(b)) <= 0,
  gt: ([a, b]) => compare(given(a), given(b)) > 0,
  gte: ([a, b]) => compare(given(a), given(b)) >= 0,

  // Numbers: integers alone, and only while they are safe ones
  plus: ([a, b]) => integer(integer(a) + integer(b)),
  minus: ([a, b]) => (isSet(a) && isSet(b) ? difference(a, b) : integer(integer(a) - integer(b))),
  mul: ([a, b]) => integer(integer(a) * integer(b)),
  div: ([a, b]) => quotient(integer(a), integer(b)),
  rem: ([a, b]) => (integer(b) === 0 ? undecided('modulo by zero') : integer(integer(a) % integer(b))),
  abs: ([a]) => Math.abs(integer(a)),
  round: ([a]) => integer(a),
  ceil: ([a]) => integer(a),
  floor: ([a]) => integer(a),
  to_number: ([a]) => toNumber(given(a)),
  format_int: ([a, base]) => formatInt(integer(a), integer(base)),
  'numbers.range': ([a, b]) => range(integer(a), integer(b)),

  // Aggregates
  count: ([a]) => count(given(a)),
  sum: ([a]) => list(a).reduce((sum: number, item) => integer(sum + integer(item)), 0),
  product: ([a]) => list(a).reduce((product: number, item) => integer(product * integer(item)), 1),
  max: ([a]) =>
    list(a).reduce<Value | undefined>(
      (max, item) => (max === undefined || compare(item, max) > 0 ? item : max),
      undefined,
    ),
  min: ([a]) =>
    list(a).reduce<Value | undefined>(
      (min, item) => (min === undefined || compare(item, min) < 0 ? item : min),
      undefined,
    ),
  sort: ([a]) => [...list(a)].sort(compare),
  all: ([a]) => list(a).every((item) => item === true),
  any: ([a]) => list(a).some((item) => item === true),
  'internal.member_2': ([item, all]) => isMember(given(item), given(all)),
  'internal.member_3': ([key, item, all]) => isMemberAt(given(key), given(item), given(all)),

  // Arrays
  'array.concat': ([a, b]) => [...array(a), ...array(b)],
  'array.reverse': ([a]) => [...array(a)].reverse(),
  'array.flatten': ([a]) => array(a).flatMap((item) => (isArray(item) ? [...item] : [item])),
  'array.slice': ([a, from, to]) => slice(array(a), integer(from), integer(to)),

  // Sets
  and: ([a, b]) => intersection([set(a), set(b)]),
  or: ([a, b]) => union([set(a), set(b)]),
  intersection: ([sets]) => intersection(membersOf(set(sets)).map(set)),
  union: ([sets]) => union(membersOf(set(sets)).map(set)),

  // Objects
  'object.get': ([from, key, otherwise]) => objectGet(object(from), given(key), given(otherwise)),
  'object.keys': ([a]) => newSet(entriesOf(object(a)).map(({ key }) => key)),
  'object.union': ([a, b]) => merged(object(a), object(b)),
  'object.remove': ([from, keys]) => objectWhere(object(from), keySet(given(keys)), false),
  'object.filter': ([from, keys]) => objectWhere(object(from), keySet(given(keys)), true),

  // Types
  is_array: ([a]) => isArray(a),
  is_boolean: ([a]) => typeof a === 'boolean',
  is_null: ([a]) => a === null,
  is_number: ([a]) => typeof a === 'number',
  is_object: ([a]) => isObject(a),
  is_set: ([a]) => isSet(a),
  is_string: ([a]) => typeof a === 'string',
  type_name: ([a]) => typeName(given(a)),

  // Strings
  concat: ([separator, items]) => list(items).map(text).join(text(separator)),
  contains: ([a, search]) => text(a).includes(text(search)),
  startswith: ([a, search]) => text(a).startsWith(text(search)),
  endswith: ([a, search]) => text(a).endsWith(text(search)),
  'strings.any_prefix_match': ([a, starts]) => anyOf(texts(a), texts(starts), (one, start) => one.startsWith(start)),
  'strings.any_suffix_match': ([a, ends]) => anyOf(texts(a), texts(ends), (one, end) => one.endsWith(end)),
  lower: ([a]) => strings.lower(text(a)),
  upper: ([a]) => strings.upper(text(a)),
  trim_space: ([a]) => strings.trimSpace(text(a)),
  trim: ([a, cutset]) => strings.trim(text(a), text(cutset), true, true),
  trim_left: ([a, cutset]) => strings.trim(text(a), text(cutset), true, false),
  trim_right: ([a, cutset]) => strings.trim(text(a), text(cutset), false, true),
  trim_prefix: ([a, start]) => (text(a).startsWith(text(start)) ? text(a).slice(text(start).length) : text(a)),
  trim_suffix: ([a, end]) =>
    text(a).endsWith(text(end)) ? text(a).slice(0, text(a).length - text(end).length) : text(a),
  substring: ([a, start, length]) => strings.substring(text(a), integer(start), integer(length)),
  indexof: ([a, search]) => strings.indexOf(text(a), text(search)),
  split: ([a, separator]) => strings.split(text(a), text(separator)),
  replace: ([a, old, by]) => strings.replaceAll(text(a), text(old), text(by)),
  'strings.replace_n': ([pairs, a]) =>
    strings.replaceMany(
      text(a),
      entriesOf(object(pairs)).map(({ key, value }) => [text(key), text(value)]),
    ),
  'strings.reverse': ([a]) => [...text(a)].reverse().join(''),
  sprintf: ([format, args]) => formatted(text(format), array(args)),
  'internal.template_string': ([parts]) => templateString(array(parts)),

  // Regular expressions
  'regex.match': ([pattern, a]) => regexMatch(text(pattern), text(a)),
  re_match: ([pattern, a]) => regexMatch(text(pattern), text(a)),
  'regex.is_valid': ([pattern]) => regexIsValid(text(pattern)),
  'regex.find_n': ([pattern, a, limit]) =>
    regexFindAllSubmatch(text(pattern), text(a), integer(limit)).map(([whole]) => whole as string),
  'regex.find_all_string_submatch_n': ([pattern, a, limit]) =>
    regexFindAllSubmatch(text(pattern), text(a), integer(limit)),
};

function undecided(why: string): never {
  throw new Undecided(why);
}

function given(value: Value | undefined): Value {
  return value === undefined ? undecided('a built-in lacks an argument') : value;
}

function text(value: Value | undefined): string {
  return typeof value === 'string' ? value : undecided('a built-in is given something else than a string');
}

function texts(value: Value | undefined): string[] {
  return typeof value === 'string' ? [value] : list(value).map(text);
}

function anyOf(ones: string[], others: string[], fits: (one: string, other: string) => boolean): boolean {
  return ones.some((one) => others.some((other) => fits(one, other)));
}

/** Zero has one form. */
function integer(value: Value | undefined): number {
  if (!Number.isSafeInteger(value)) return undecided('a built-in is given something else than a safe integer');
  return value === 0 ? 0 : (value as number);
}

function array(value: Value | undefined): readonly Value[] {
  return isArray(value) ? value : undecided('a built-in is given something else than an array');
}

function set(value: Value | undefined): RegoSet {
  return isSet(value) ? value : undecided('a built-in is given something else than a set');
}

function object(value: Value | undefined): RegoObject {
  return isObject(value) ? value : undecided('a built-in is given something else than an object');
}

/** The items of an array or a set, in order. */
function list(value: Value | undefined): readonly Value[] {
  return isSet(value) ? membersOf(value) : array(value);
}

function quotient(a: number, b: number): number {
  return b !== 0 && a % b === 0 ? integer(a / b) : undecided('a division leaves a rest');
}

function toNumber(value: Value): number {
  if (value === null || value === false) return 0;
  if (value === true) return 1;
  if (typeof value === 'number') return value;
  // OPA keeps a number as it is written; only this way of writing is its own.
  return typeof value === 'string' && /^(?:0|-?[1-9]\d*)$/.test(value)
    ? integer(Number(value))
    : undecided('a text is no plain integer');
}

function formatInt(value: number, base: number): string {
  return [2, 8, 10, 16].includes(base) ? value.toString(base) : undecided(`the base ${base}`);
}

function range(from: number, to: number): number[] {
  const length = Math.abs(to - from) + 1;
  if (length > 10_000) return undecided('a long range');
  return Array.from({ length }, (_, at) => (to < from ? from - at : from + at));
}

function count(value: Value): number {
  if (typeof value === 'string') return [...value].length;
  return isObject(value) ? value.entries.size : list(value).length;
}

function isMember(item: Value, all: Value): boolean {
  if (isSet(all)) return lookUp(all, item) !== undefined;
  if (isArray(all)) return all.some((other) => equal(other, item));
  return isObject(all) && entriesOf(all).some(({ value }) => equal(value, item));
}

function isMemberAt(key: Value, item: Value, all: Value): boolean {
  const found = lookUp(all, key);
  return found !== undefined && equal(found, item);
}

function slice(items: readonly Value[], from: number, to: number): readonly Value[] {
  const end = Math.min(Math.max(to, 0), items.length);
  return items.slice(Math.min(Math.max(from, 0), end), end);
}

function difference(a: RegoSet, b: RegoSet): RegoSet {
  return newSet(membersOf(a).filter((member) => lookUp(b, member) === undefined));
}

function intersection(sets: readonly RegoSet[]): RegoSet {
  const [first, ...others] = sets;
  if (!first) return newSet();
  return newSet(membersOf(first).filter((member) => others.every((other) => lookUp(other, member) !== undefined)));
}

function union(sets: readonly RegoSet[]): RegoSet {
  const all = newSet();
  for (const one of sets) for (const member of one.members.values()) addTo(all, member);
  return all;
}

function objectGet(from: RegoObject, key: Value, otherwise: Value): Value {
  let found: Value | undefined = from;
  for (const step of isArray(key) ? key : [key]) found = lookUp(found, step);
  return found === undefined ? otherwise : found;
}

/** The second goes before the first, objects within them likewise. */
function merged(a: RegoObject, b: RegoObject): RegoObject {
  const result = newObject();
  for (const { key, value } of entriesOf(a)) setIn(result, key, value);
  for (const { key, value } of entriesOf(b)) {
    const before = lookUp(a, key);
    setIn(result, key, isObject(before) && isObject(value) ? merged(before, value) : value);
  }
  return result;
}

function keySet(keys: Value): RegoSet {
  return isObject(keys) ? newSet(entriesOf(keys).map(({ key }) => key)) : newSet(list(keys));
}

function objectWhere(from: RegoObject, keys: RegoSet, there: boolean): RegoObject {
  const result = newObject();
  for (const { key, value } of entriesOf(from)) {
    if ((lookUp(keys, key) !== undefined) === there) setIn(result, key, value);
  }
  return result;
}

function typeName(value: Value): string {
  if (value === null) return 'null';
  if (isArray(value)) return 'array';
  return isSet(value) ? 'set' : isObject(value) ? 'object' : typeof value;
}
