/** What is both of two types, as `allOf` means it. Pure. */
import { admits } from './parts.ts';
import { alternatives, any, type Field, never, type ObjectType, type ScalarType, type Type, union } from './type.ts';

export function intersect(a: Type, b: Type): Type {
  if (a.kind === 'any') return b;
  if (b.kind === 'any' || a === b) return a;
  if (a.kind === 'union' || b.kind === 'union') {
    const both = alternatives(a).flatMap((one) => alternatives(b).map((other) => intersect(one, other)));
    return union(both);
  }
  if (a.kind !== b.kind) return never;
  switch (a.kind) {
    case 'object':
      return objects(a, b as ObjectType);
    case 'array':
      return arrays(a, b as Type & { kind: 'array' });
    case 'set':
      return { ...a, of: intersect(a.of, (b as typeof a).of) };
    case 'function':
      return a;
    default:
      return scalars(a, b as ScalarType);
  }
}

function scalars(a: ScalarType, b: ScalarType): Type {
  if (!a.values || !b.values) return a.values ? a : b.values ? b : a;
  const values = a.values.filter((value) => admits(b, value));
  return values.length > 0 ? { ...a, values } : never;
}

/**
 * The fields of both. Strictly, a closed part forbids the fields that only the other part names; whoever writes such
 * a schema means the sum, and so does OPA.
 */
function objects(a: ObjectType, b: ObjectType): ObjectType {
  const fields = new Map<string, Field>(a.fields);
  for (const [name, field] of b.fields) {
    const known = fields.get(name);
    fields.set(name, known ? both(known, field) : field);
  }
  const patterns = [...(a.patterns ?? []), ...(b.patterns ?? [])];
  const { others: mine } = a;
  const { others: theirs } = b;
  const about = a.about ?? b.about;
  return {
    kind: 'object',
    fields,
    ...(about && { about }),
    ...(patterns.length > 0 && { patterns }),
    ...(mine &&
      theirs && {
        others: {
          keys: intersect(mine.keys, theirs.keys),
          get values() {
            return intersect(mine.values, theirs.values);
          },
        },
      }),
  };
}

function both(a: Field, b: Field): Field {
  return {
    get type() {
      return intersect(a.type, b.type);
    },
    required: a.required || b.required,
    get about() {
      return { ...b.about, ...a.about };
    },
  };
}

function arrays(a: Type & { kind: 'array' }, b: Type & { kind: 'array' }): Type {
  const count = Math.max(a.first.length, b.first.length);
  const first = Array.from({ length: count }, (_, at) =>
    intersect(a.first[at] ?? a.rest ?? any, b.first[at] ?? b.rest ?? any),
  );
  if (!('rest' in a && 'rest' in b)) return { kind: 'array', first };
  return {
    kind: 'array',
    first,
    get rest() {
      return intersect(a.rest ?? any, b.rest ?? any);
    },
  };
}
