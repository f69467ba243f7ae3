/**
 * Types from JSON Schemas of any draft, and of OpenAPI's kind. References within the schema are followed, others
 * are not: nothing is fetched. What cannot be said as a type (`not`, bounds, formats) leaves the type wider.
 */
import { isRecord } from '../../../core/plain-data.ts';
import { intersect } from './intersect.ts';
import { referred } from './schema-reference.ts';
import {
  type About,
  anObject,
  any,
  type Field,
  never,
  type ObjectType,
  type Origin,
  type ScalarKind,
  type ScalarValue,
  scalar,
  type Type,
  union,
  withAbout,
} from './type.ts';

/** A schema with where it was read; `origin.pointer` leads to it in its document. */
export interface SchemaText {
  readonly value: unknown;
  readonly origin: Origin;
}

type Pointer = Origin['pointer'];

/** Longer chains of references, `allOf` and the like lead nowhere: one that is its own alternative says nothing. */
const maxDepth = 40;

export function typeOfSchema({ value, origin }: SchemaText): Type {
  /** By the part of the schema, so that recursive ones are one type. */
  const made = new Map<unknown, Type>();
  return read(value, [], 0);

  function read(schema: unknown, pointer: Pointer, depth: number): Type {
    if (schema === false) return never;
    if (!isRecord(schema) || depth > maxDepth) return any;
    const known = made.get(schema);
    if (known) return known;
    const type = make(schema, pointer, depth);
    made.set(schema, type);
    return type;
  }

  function make(schema: Record<string, unknown>, pointer: Pointer, depth: number): Type {
    const deeper = (part: unknown, ...at: Pointer) => read(part, [...pointer, ...at], depth + 1);
    const parts: Type[] = [];
    const own = ownType(schema, pointer, depth);
    if (own) parts.push(own);
    if (typeof schema.$ref === 'string') {
      const target = referred(value, schema.$ref);
      if (target) parts.push(read(target.schema, target.pointer, depth + 1));
    }
    for (const word of ['anyOf', 'oneOf']) {
      const options = schema[word];
      if (Array.isArray(options)) parts.push(union(options.map((one, at) => deeper(one, word, at))));
    }
    if (Array.isArray(schema.allOf)) parts.push(...schema.allOf.map((one, at) => deeper(one, 'allOf', at)));
    // Whether these apply depends on the value: their fields may be there.
    const conditional = [
      ...['then', 'else'].map((word) => [schema[word], [word]] as const),
      ...Object.entries(isRecord(schema.dependentSchemas) ? schema.dependentSchemas : {}).map(
        ([name, one]) => [one, ['dependentSchemas', name]] as const,
      ),
    ];
    for (const [one, at] of conditional) {
      if (isRecord(one) && isRecord(one.properties)) parts.push(loosened(deeper(one, ...at)));
    }
    let type = parts.length > 0 ? parts.reduce(intersect) : any;
    if (schema.unevaluatedProperties === false) type = closed(type);
    if (schema.nullable === true) type = union([type, scalar('null')]);
    return withAbout(type, aboutOf(schema, pointer));
  }

  /** What `type`, `properties`, `items`, `enum` and `const` say; undefined where they say nothing. */
  function ownType(schema: Record<string, unknown>, pointer: Pointer, depth: number): Type | undefined {
    const listed = 'const' in schema ? [schema.const] : schema.enum;
    if (Array.isArray(listed)) return union(listed.map(constant));
    const kinds = kindsOf(schema);
    if (kinds.length === 0) return undefined;
    return union(kinds.map((kind) => ofKind(kind, schema, pointer, depth)));
  }

  function ofKind(kind: string, schema: Record<string, unknown>, pointer: Pointer, depth: number): Type {
    switch (kind) {
      case 'object':
        return objectType(schema, pointer);
      case 'array':
        return arrayType(schema, pointer, depth);
      case 'integer':
        return scalar('number');
      case 'null':
      case 'boolean':
      case 'number':
      case 'string':
        return scalar(kind);
      default:
        return any;
    }
  }

  function objectType(schema: Record<string, unknown>, pointer: Pointer): ObjectType {
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    const fields = new Map<string, Field>();
    for (const [name, part] of Object.entries(isRecord(schema.properties) ? schema.properties : {})) {
      if (part === false) continue;
      const at = [...pointer, 'properties', name];
      fields.set(name, {
        get type() {
          return read(part, at, 0);
        },
        required: required.has(name),
        get about() {
          // What is said at the reference comes before what is said where it leads.
          const own = isRecord(part)
            ? aboutOf(part, at)
            : { origin: { ...origin, pointer: [...origin.pointer, ...at] } };
          return { ...read(part, at, 0).about, ...said(own) };
        },
      });
    }
    const patterns = Object.entries(isRecord(schema.patternProperties) ? schema.patternProperties : {}).flatMap(
      ([pattern, part]) => {
        const name = regExp(pattern);
        const at = [...pointer, 'patternProperties', pattern];
        return name
          ? [
              {
                name,
                get type() {
                  return read(part, at, 0);
                },
              },
            ]
          : [];
      },
    );
    const additional = schema.additionalProperties;
    const isOpen = additional !== false || schema['x-kubernetes-preserve-unknown-fields'] === true;
    const others = () => (isRecord(additional) ? read(additional, [...pointer, 'additionalProperties'], 0) : any);
    return {
      kind: 'object',
      fields,
      ...(patterns.length > 0 && { patterns }),
      ...(isOpen && {
        others: {
          keys: scalar('string'),
          get values() {
            return others();
          },
        },
      }),
    };
  }

  function arrayType(schema: Record<string, unknown>, pointer: Pointer, depth: number): Type {
    // Until 2019-09 `items` was what `prefixItems` is now, and `additionalItems` what `items` is.
    const prefix = Array.isArray(schema.prefixItems)
      ? 'prefixItems'
      : Array.isArray(schema.items)
        ? 'items'
        : undefined;
    const behind = prefix === 'items' ? 'additionalItems' : 'items';
    const first = prefix ? (schema[prefix] as unknown[]) : [];
    const rest = schema[behind];
    const types = first.map((part, at) => read(part, [...pointer, prefix ?? '', at], depth + 1));
    if (rest === false) return { kind: 'array', first: types };
    return {
      kind: 'array',
      first: types,
      get rest() {
        return read(rest, [...pointer, behind], 0);
      },
    };
  }

  function aboutOf(schema: Record<string, unknown>, pointer: Pointer): About {
    const text = (word: string) => (typeof schema[word] === 'string' ? schema[word] : undefined);
    return {
      title: text('title'),
      description: text('markdownDescription') ?? text('description'),
      format: text('format'),
      deprecated: schema.deprecated === true || undefined,
      origin: { ...origin, pointer: [...origin.pointer, ...pointer] },
    };
  }
}

function said(about: About): About {
  return Object.fromEntries(Object.entries(about).filter(([, value]) => value !== undefined));
}

/** The kinds that a schema names or, where it does not, that its words are for. */
function kindsOf(schema: Record<string, unknown>): readonly string[] {
  const { type } = schema;
  if (typeof type === 'string') return [type];
  if (Array.isArray(type)) return type.map(String);
  if (['properties', 'patternProperties', 'additionalProperties', 'required'].some((word) => word in schema))
    return ['object'];
  return ['items', 'prefixItems'].some((word) => word in schema) ? ['array'] : [];
}

function constant(value: unknown): Type {
  if (value === null) return scalar('null', null);
  const kind = typeof value;
  if (kind === 'string' || kind === 'number' || kind === 'boolean')
    return scalar(kind as ScalarKind, value as ScalarValue);
  return isRecord(value) ? anObject : any;
}

/** Nothing in it is demanded, and there may be more. */
function loosened(type: Type): Type {
  if (type.kind !== 'object') return any;
  const fields = new Map(
    [...type.fields].map(([name, field]) => [
      name,
      {
        get type() {
          return field.type;
        },
        required: false,
        get about() {
          return field.about;
        },
      },
    ]),
  );
  return { kind: 'object', fields, others: { keys: scalar('string'), values: any } };
}

function closed(type: Type): Type {
  return type.kind === 'object' ? { ...type, others: undefined } : type;
}

/** JSON Schema's patterns are JavaScript's, which not every schema heeds. */
function regExp(pattern: string): RegExp | undefined {
  try {
    return new RegExp(pattern, 'u');
  } catch {
    return undefined;
  }
}
