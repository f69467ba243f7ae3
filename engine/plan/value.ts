/**
 * Rego's values, for evaluating plans. A string, a boolean, a number, null and an array are JavaScript's own; sets and
 * objects, whose members and keys may be any value, are maps by {@link keyOf}. Undefined is no value.
 */

export type Value = null | boolean | number | string | readonly Value[] | RegoSet | RegoObject;

export interface RegoSet {
  readonly kind: 'set';
  members: Map<string, Value>;
  /** In OPA's order; dropped when a member is added. */
  sorted: Value[] | undefined;
}

export interface RegoObject {
  readonly kind: 'object';
  entries: Map<string, Entry>;
  /** In OPA's order of the keys; dropped when an entry is set. */
  sorted: Entry[] | undefined;
}

export interface Entry {
  key: Value;
  value: Value;
}

/** What is not proved to be decided as OPA decides it. The engine has to answer; it is never a pass. */
export class Undecided extends Error {}

export function newSet(members: Iterable<Value> = []): RegoSet {
  const set: RegoSet = { kind: 'set', members: new Map(), sorted: undefined };
  for (const member of members) addTo(set, member);
  return set;
}

export function newObject(): RegoObject {
  return { kind: 'object', entries: new Map(), sorted: undefined };
}

export function addTo(set: RegoSet, member: Value): void {
  set.members.set(keyOf(member), member);
  set.sorted = undefined;
}

export function setIn(object: RegoObject, key: Value, value: Value): void {
  object.entries.set(keyOf(key), { key, value });
  object.sorted = undefined;
}

export function isArray(value: Value | undefined): value is readonly Value[] {
  return Array.isArray(value);
}

export function isSet(value: Value | undefined): value is RegoSet {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'set';
}

export function isObject(value: Value | undefined): value is RegoObject {
  return typeof value === 'object' && value !== null && 'kind' in value && value.kind === 'object';
}

/** A set's members in OPA's order. */
export function membersOf(set: RegoSet): readonly Value[] {
  set.sorted ??= [...set.members.values()].sort(compare);
  return set.sorted;
}

/** An object's entries in OPA's order. */
export function entriesOf(object: RegoObject): readonly Entry[] {
  object.sorted ??= [...object.entries.values()].sort((a, b) => compare(a.key, b.key));
  return object.sorted;
}

/** What `value[key]` is; undefined when there is no such thing. */
export function lookUp(value: Value | undefined, key: Value): Value | undefined {
  if (isArray(value)) return typeof key === 'number' ? value[key] : undefined;
  if (isObject(value)) return value.entries.get(keyOf(key))?.value;
  if (isSet(value)) return value.members.get(keyOf(key));
  return undefined;
}

/** A text that two values share exactly when they are equal. */
export function keyOf(value: Value): string {
  switch (typeof value) {
    case 'string':
      return `"${value}`;
    case 'number':
      return `#${value}`;
    case 'boolean':
      return value ? 'true' : 'false';
  }
  if (value === null) return 'null';
  if (isArray(value)) return composite('[', value.map(keyOf));
  if (isSet(value)) return composite('{', [...value.members.keys()].sort());
  const { entries } = value;
  const keys = [...entries.keys()].sort();
  return composite(
    '<',
    keys.flatMap((key) => [key, keyOf((entries.get(key) as Entry).value)]),
  );
}

function composite(start: string, parts: readonly string[]): string {
  return start + parts.map((part) => `${part.length}:${part}`).join('');
}

export function equal(a: Value, b: Value): boolean {
  return a === b || (typeof a === 'object' && typeof b === 'object' && keyOf(a) === keyOf(b));
}

/** OPA's order of all values: by type, then by content; strings by their code points. */
export function compare(a: Value, b: Value): number {
  const rank = rankOf(a) - rankOf(b);
  if (rank !== 0) return rank;
  if (typeof a === 'string') return compareText(a, b as string);
  if (isArray(a)) return compareLists(a, b as readonly Value[]);
  if (isSet(a)) return compareLists(membersOf(a), membersOf(b as RegoSet));
  if (isObject(a)) {
    const flat = (object: RegoObject) => entriesOf(object).flatMap(({ key, value }) => [key, value]);
    return compareLists(flat(a), flat(b as RegoObject));
  }
  return Number(a) - Number(b);
}

function rankOf(value: Value): number {
  switch (typeof value) {
    case 'boolean':
      return 1;
    case 'number':
      return 2;
    case 'string':
      return 3;
  }
  if (value === null) return 0;
  return isArray(value) ? 4 : isObject(value) ? 5 : 6;
}

function compareLists(a: readonly Value[], b: readonly Value[]): number {
  for (let at = 0; at < a.length && at < b.length; at++) {
    const order = compare(a[at] as Value, b[at] as Value);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

/** As bytes of UTF-8 compare. JavaScript compares UTF-16, where what lies beyond 16 bits comes before U+E000. */
function compareText(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  for (let at = 0; at < length; at++) {
    const [x, y] = [a.charCodeAt(at), b.charCodeAt(at)];
    if (x !== y) return isSurrogate(x) === isSurrogate(y) ? x - y : isSurrogate(x) ? 1 : -1;
  }
  return a.length - b.length;

  function isSurrogate(unit: number): boolean {
    // A unit below the surrogates is below them in both orders.
    return unit >= 0xd800 && unit <= 0xdfff;
  }
}

/** What makes a text no valid Unicode; OPA has other characters in its place. */
export const loneSurrogate = /[\ud800-\udfff]/u;

/** A JSON document as a value; throws {@link Undecided} for numbers and texts that OPA would read otherwise. */
export function fromJson(json: unknown): Value {
  switch (typeof json) {
    case 'boolean':
      return json;
    case 'number':
      return exactNumber(json);
    case 'string':
      if (loneSurrogate.test(json)) throw new Undecided('a text is no valid Unicode');
      return json;
    case 'object':
      break;
    default:
      throw new Undecided(`${typeof json} is no JSON`);
  }
  if (json === null) return null;
  if (Array.isArray(json)) return json.map(fromJson);
  const object = newObject();
  for (const [key, value] of Object.entries(json)) {
    if (value !== undefined) setIn(object, fromJson(key), fromJson(value));
  }
  return object;
}

/** A number that JavaScript and OPA write alike: an integer that is safe, or a fraction without an exponent. */
export function exactNumber(number: number): number {
  const exact = Number.isInteger(number) ? Number.isSafeInteger(number) : /^-?\d+\.\d+$/.test(String(number));
  if (!exact) throw new Undecided(`the number ${number} may not be exact`);
  return number === 0 ? 0 : number;
}

/** A value as JSON; sets are arrays in OPA's order, as its own answers have them. */
export function toJson(value: Value): unknown {
  if (typeof value !== 'object' || value === null) return value;
  if (isArray(value)) return value.map(toJson);
  if (isSet(value)) return membersOf(value).map(toJson);
  const json: [string, unknown][] = entriesOf(value).map(({ key, value: below }) => {
    if (typeof key !== 'string') throw new Undecided('an object of the answer has a key that is no string');
    return [key, toJson(below)];
  });
  return Object.fromEntries(json);
}
