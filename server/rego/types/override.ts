/** A type with another one in place of a part of it, as METADATA's `schemas` say of paths. */
import { anObject, any, type Field, type Type } from './type.ts';

/**
 * Whatever is no object becomes an open one with that part.
 *
 * https://github.com/open-policy-agent/opa/blob/v1.20.2/v1/ast/check.go (override)
 */
export function overridden(type: Type, path: readonly string[], part: Type): Type {
  const [name, ...rest] = path;
  if (name === undefined) return part;
  const object = type.kind === 'object' ? type : anObject;
  const below = object.fields.get(name);
  const field: Field = {
    type: overridden(below?.type ?? any, rest, part),
    required: below?.required ?? false,
    about: rest.length === 0 ? part.about : below?.about,
  };
  return { ...object, fields: new Map([...object.fields, [name, field]]) };
}
