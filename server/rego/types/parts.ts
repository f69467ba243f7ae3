/** The types of what is in a value: its fields, items and members. */
import {
  type About,
  alternatives,
  any,
  type Field,
  never,
  type ObjectType,
  type ScalarValue,
  scalar,
  type Type,
  union,
} from './type.ts';

/** The type below a constant key; undefined where the type has none. */
export function select(type: Type, key: ScalarValue): Type | undefined {
  switch (type.kind) {
    case 'any':
      return any;
    case 'union': {
      const found = type.of.flatMap((one) => select(one, key) ?? []);
      return found.length > 0 ? union(found) : undefined;
    }
    case 'array':
      if (typeof key !== 'number' || !Number.isInteger(key) || key < 0) return undefined;
      return type.first[key] ?? type.rest;
    case 'set':
      return admits(type.of, key) ? scalar(kindOf(key), key) : undefined;
    case 'object':
      return typeof key === 'string' ? fieldIn(type, key)?.type : type.others?.values;
    default:
      return undefined;
  }
}

/** A field with what is said about it; of several alternatives, all that have it. */
export function fieldOf(type: Type, name: string): Field | undefined {
  const found = alternatives(type).flatMap((one) => (one.kind === 'object' ? (fieldIn(one, name) ?? []) : []));
  const [first, ...others] = found;
  if (!first || others.length === 0) return first;
  return {
    type: union(found.map((field) => field.type)),
    required: found.every(({ required }) => required) && alternatives(type).length === found.length,
    about: found.find(({ about }) => about)?.about,
  };
}

function fieldIn({ fields, patterns, others }: ObjectType, name: string): Field | undefined {
  const own = fields.get(name);
  if (own) return own;
  const matching = patterns?.find((pattern) => pattern.name.test(name));
  if (matching) return { type: matching.type, required: false, about: matching.type.about };
  return others && admits(others.keys, name) ? { type: others.values, required: false } : undefined;
}

/** The fields that are known by name, of all alternatives. */
export function fieldsOf(type: Type): ReadonlyMap<string, Field> {
  const objects = alternatives(type).filter((one) => one.kind === 'object');
  if (objects.length === 1 && objects[0]) return objects[0].fields;
  const names = new Set(objects.flatMap(({ fields }) => [...fields.keys()]));
  return new Map(
    [...names].flatMap((name) => {
      const field = fieldOf(type, name);
      return field ? [[name, field] as const] : [];
    }),
  );
}

/** What a variable in brackets can be. */
export function keysOf(type: Type): Type {
  switch (type.kind) {
    case 'union':
      return union(type.of.map(keysOf));
    case 'array':
      return scalar('number');
    case 'set':
      return type.of;
    case 'object': {
      const names = [...type.fields.keys()];
      const known = names.length > 0 ? [scalar('string', ...names)] : [];
      return union([
        ...known,
        ...(type.patterns?.length ? [scalar('string')] : []),
        ...(type.others ? [type.others.keys] : []),
      ]);
    }
    default:
      return type.kind === 'any' ? any : never;
  }
}

/** What is found below any key: items, members, fields. */
export function valuesOf(type: Type): Type {
  switch (type.kind) {
    case 'union':
      return union(type.of.map(valuesOf));
    case 'array':
      return union([...type.first, ...(type.rest ? [type.rest] : [])]);
    case 'set':
      return type.of;
    case 'object':
      return union([
        ...[...type.fields.values()].map((field) => field.type),
        ...(type.patterns ?? []).map((pattern) => pattern.type),
        ...(type.others ? [type.others.values] : []),
      ]);
    default:
      return type.kind === 'any' ? any : never;
  }
}

/** Whether a value can be of a type, as far as kinds and enumerations tell. */
export function admits(type: Type, value: ScalarValue): boolean {
  return alternatives(type).some(
    (one) =>
      one.kind === 'any' ||
      (one.kind === kindOf(value) && (!('values' in one) || !one.values || one.values.includes(value))),
  );
}

/** All values of a type; undefined where there may be others. */
export function valuesListed(type: Type): readonly ScalarValue[] | undefined {
  const found: ScalarValue[] = [];
  for (const one of alternatives(type)) {
    if (one.kind === 'null') found.push(null);
    else if (one.kind === 'boolean') found.push(...(one.values ?? [true, false]));
    else if ((one.kind === 'string' || one.kind === 'number') && one.values) found.push(...one.values);
    else return undefined;
  }
  return found;
}

export function kindOf(value: ScalarValue): 'null' | 'boolean' | 'number' | 'string' {
  return value === null ? 'null' : (typeof value as 'boolean' | 'number' | 'string');
}

/** Where a type is from: of an alternative, where the type itself does not say. */
export function aboutOf(type: Type): About | undefined {
  return type.about ?? (type.kind === 'union' ? type.of.find(({ about }) => about)?.about : undefined);
}
