/**
 * What values an expression can have, as far as schemas, samples and the text of the policies tell. Parts are made
 * when they are looked at, so that recursive schemas end. Pure.
 */
import type { Document } from '../../snapshot.ts';

export type Type = AnyType | ScalarType | ArrayType | SetType | ObjectType | UnionType | FunctionType;

/** Nothing is known of it. */
export interface AnyType {
  readonly kind: 'any';
  readonly about?: About;
}

export type ScalarKind = 'null' | 'boolean' | 'number' | 'string';
export type ScalarValue = string | number | boolean | null;

export interface ScalarType {
  readonly kind: ScalarKind;
  /** All the values that it can be; absent where there may be others. */
  readonly values?: readonly ScalarValue[];
  readonly about?: About;
}

export interface ArrayType {
  readonly kind: 'array';
  /** Of the first items. */
  readonly first: readonly Type[];
  /** Of the items behind those; absent where there are none. */
  readonly rest?: Type | undefined;
  readonly about?: About;
}

export interface SetType {
  readonly kind: 'set';
  readonly of: Type;
  readonly about?: About;
}

export interface ObjectType {
  readonly kind: 'object';
  readonly fields: ReadonlyMap<string, Field>;
  /** Of fields by what their names match. */
  readonly patterns?: readonly { readonly name: RegExp; readonly type: Type }[];
  /** Of all other fields; absent where there are none: the object is closed. */
  readonly others?: { readonly keys: Type; readonly values: Type } | undefined;
  readonly about?: About;
}

export interface UnionType {
  readonly kind: 'union';
  /** More than one, and none of them a union. */
  readonly of: readonly Type[];
  readonly about?: About;
}

export interface FunctionType {
  readonly kind: 'function';
  readonly args: readonly Type[];
  readonly result: Type;
  readonly about?: About;
}

export interface Field {
  readonly type: Type;
  /** Whether the schema demands it. */
  readonly required: boolean;
  readonly about?: About | undefined;
}

/** What a schema says beside the form. */
export interface About {
  readonly title?: string | undefined;
  readonly description?: string | undefined;
  readonly format?: string | undefined;
  readonly deprecated?: boolean | undefined;
  readonly origin?: Origin | undefined;
}

/** The project's own schemas of the input, by their files' names: Countersign's, and what Kubernetes asks about. */
export type OwnSchema = 'input.schema.json' | 'review.schema.json';

/** Where a type was read. */
export interface Origin {
  readonly source: 'metadata' | 'schema' | 'sample' | 'data';
  /** As people call it: `schemas/input.json`. */
  readonly name: string;
  /** Absent for the project's own schemas, which are no files of the workspace. */
  readonly document?: Document | undefined;
  /** Which of those it is. */
  readonly own?: OwnSchema | undefined;
  /** From the document's top, as in a JSON Pointer. */
  readonly pointer: readonly (string | number)[];
}

export const any: AnyType = { kind: 'any' };
/** There is no such value. */
export const never: UnionType = { kind: 'union', of: [] };
export const anObject: ObjectType = { kind: 'object', fields: new Map(), others: { keys: any, values: any } };

export function scalar(kind: ScalarKind, ...values: ScalarValue[]): ScalarType {
  return values.length > 0 ? { kind, values } : { kind };
}

export function arrayOf(rest: Type): ArrayType {
  return { kind: 'array', first: [], rest };
}

export function setOf(of: Type): SetType {
  return { kind: 'set', of };
}

export function objectOf(keys: Type, values: Type): ObjectType {
  return { kind: 'object', fields: new Map(), others: { keys, values } };
}

/** The alternatives of a type; itself where there is but one. */
export function alternatives(type: Type): readonly Type[] {
  return type.kind === 'union' ? type.of : [type];
}

/** More alternatives than this say no more than their kinds. */
const maxAlternatives = 16;
/** More values than this are no enumeration. */
const maxValues = 200;

/** Either of them. Scalars, arrays and sets of one kind become one; `any` is all there is to say with it. */
export function union(types: readonly Type[]): Type {
  const flat = types.flatMap(alternatives);
  const [first] = flat;
  if (!first) return never;
  if (flat.length === 1) return first;
  if (flat.some(({ kind }) => kind === 'any')) return any;
  const found: Type[] = [];
  for (const type of flat) {
    const at = found.findIndex((one) => one === type || mayJoin(one, type));
    if (at < 0) found.push(type);
    else if (found[at] !== type) found[at] = join(found[at] as Type, type);
  }
  if (found.length === 1) return found[0] as Type;
  return found.length > maxAlternatives ? any : { kind: 'union', of: found };
}

function mayJoin(a: Type, b: Type): boolean {
  if (a.kind !== b.kind || a.kind === 'object' || a.kind === 'function') return false;
  return a.kind !== 'array' || b.kind !== 'array' || a.first.length === b.first.length;
}

function join(a: Type, b: Type): Type {
  // Of two places the first is told; what is said of one of them is not said of both.
  const origin = b.about?.origin && a.about?.origin;
  const about = a.about === b.about ? a.about : origin && { origin };
  return about ? withAbout(joined(a, b), about) : joined(a, b);
}

function joined(a: Type, b: Type): Type {
  if (a.kind === 'array' && b.kind === 'array') {
    const first = a.first.map((type, at) => union([type, b.first[at] ?? never]));
    if (!('rest' in a) && !('rest' in b)) return { kind: 'array', first };
    return {
      kind: 'array',
      first,
      // Made when it is looked at: lists of lists may have no end.
      get rest() {
        return union([a.rest ?? never, b.rest ?? never]);
      },
    };
  }
  if (a.kind === 'set' && b.kind === 'set') return setOf(union([a.of, b.of]));
  const { values: some } = a as ScalarType;
  const { values: others } = b as ScalarType;
  const values = some && others ? [...new Set([...some, ...others])] : [];
  return { kind: a.kind as ScalarKind, ...(values.length > 0 && values.length <= maxValues && { values }) };
}

/** The type with more said about it. */
export function withAbout<T extends Type>(type: T, about: About): T {
  const own = Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined));
  if (Object.keys(own).length === 0) return type;
  // Copies getters as they are, so that nothing is made before it is looked at.
  const copy = Object.defineProperties({} as T, Object.getOwnPropertyDescriptors(type));
  Object.defineProperty(copy, 'about', { value: { ...type.about, ...own }, enumerable: true, configurable: true });
  return copy;
}
