/**
 * JSON Schema policies: a schema whose annotation `x-countersign` says which values of the input
 * it judges, under which rule, and how strictly.
 *
 * ```json
 * { "$schema": "https://json-schema.org/draft/2020-12/schema",
 *   "x-countersign": { "each": "commits[].disclosure", "rule": "disclosure-schema", "level": "deny" },
 *   "type": "object", … }
 * ```
 *
 * `each` is a path into the input; `[]` steps into every element of a list. Values that are absent
 * are not judged. A `$ref` reaches the schemas of the same policy set, by `$id` or by relative
 * path, and nothing else: nothing is ever fetched.
 */
import type { AnySchemaObject, ErrorObject, ValidateFunction } from 'ajv';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import type { Problem } from '../../engine/protocol.ts';
import { pointerKeys, problem, readDocument } from '../yaml-document.ts';
import type { SchemaError, SchemaPolicy } from './judge-schemas.ts';

/** A schema file's text. */
export interface SchemaFile {
  path: string;
  text: string;
}

/** The annotation, as written. */
interface Annotation {
  each: string;
  rule: string;
  level: 'deny' | 'warn';
}

/** Schemas are known to each other under this base, so that a relative `$ref` finds its neighbour. */
const base = 'countersign://policies/';

/** Compiles the schemas of one policy set. Those without the annotation serve only as `$ref` targets. */
export function compileSchemas(files: readonly SchemaFile[]): { policies: SchemaPolicy[]; problems: Problem[] } {
  const problems: Problem[] = [];
  const strictness = { strict: true, strictTypes: false, strictRequired: false } as const;
  // Making a validator takes longer than it could save by being optimized.
  const ajv = new Ajv2020({ allErrors: true, ...strictness, code: { optimize: false }, logger: false });
  ajvFormats.default(ajv);
  ajv.addVocabulary(['x-countersign']);
  const added: { file: SchemaFile; key: string; schema: AnySchemaObject }[] = [];
  for (const file of files) {
    const schema = addSchema(ajv, file, problems);
    if (schema) added.push({ file, key: schemaUri(file.path), schema });
  }
  const policies: SchemaPolicy[] = [];
  for (const { file, key, schema } of added) {
    const read = readDocument(file.path, file.text);
    let validate: ValidateFunction | undefined;
    try {
      validate = ajv.getSchema(key);
    } catch (error) {
      problems.push(problem(file.path, rangeOfReference(read, error), 'schema', explainCompileError(error)));
      continue;
    }
    if (!validate || !('x-countersign' in schema)) continue;
    const annotation = readAnnotation(schema['x-countersign']);
    if (typeof annotation === 'string') {
      problems.push(problem(file.path, read.rangeOf(['x-countersign']), 'x-countersign', annotation));
      continue;
    }
    policies.push({
      path: file.path,
      rule: annotation.rule,
      level: annotation.level,
      each: annotation.each.split('.').flatMap(splitSegment),
      validate: (value) => (validate(value) ? [] : explain(validate.errors ?? [], value)),
    });
  }
  return { policies, problems };
}

/** Adds one schema; undefined, with a problem, when it is not one. */
function addSchema(ajv: Ajv2020, file: SchemaFile, problems: Problem[]): AnySchemaObject | undefined {
  const read = readDocument(file.path, file.text);
  if (read.problems.length > 0) {
    problems.push(...read.problems);
    return undefined;
  }
  const schema = read.value;
  if (typeof schema !== 'object' || schema === null || Array.isArray(schema)) {
    problems.push(problem(file.path, undefined, 'schema', 'A schema file holds one JSON object.'));
    return undefined;
  }
  const dialect = (schema as AnySchemaObject).$schema;
  if (dialect !== undefined && !String(dialect).startsWith('https://json-schema.org/draft/2020-12/schema')) {
    const message = `Schemas are read as JSON Schema 2020-12, not ${JSON.stringify(dialect)}: use "https://json-schema.org/draft/2020-12/schema".`;
    problems.push(problem(file.path, read.rangeOf(['$schema']), 'schema', message));
    return undefined;
  }
  if (!ajv.validateSchema(schema as AnySchemaObject)) {
    for (const error of ajv.errors ?? []) {
      const keys = pointerKeys(error.instancePath);
      const where = error.instancePath === '' ? 'The schema' : error.instancePath;
      problems.push(problem(file.path, read.rangeOf(keys), 'schema', `${where} ${error.message ?? 'is invalid'}.`));
    }
    return undefined;
  }
  try {
    ajv.addSchema(schema as AnySchemaObject, schemaUri(file.path));
    return schema as AnySchemaObject;
  } catch (error) {
    problems.push(problem(file.path, read.rangeOf(['$id']), 'schema', explainCompileError(error)));
    return undefined;
  }
}

function schemaUri(path: string): string {
  return base + path.split('/').map(encodeURIComponent).join('/');
}

function explainCompileError(error: unknown): string {
  const message = error instanceof Error ? error.message : String(error);
  const reference = (error as { missingRef?: unknown }).missingRef;
  if (typeof reference === 'string') {
    return `The reference ${JSON.stringify(reference.replace(base, ''))} leads to no schema of this policy set; schemas are never fetched.`;
  }
  return message.replaceAll(base, '');
}

/** The line of the `$ref` that leads nowhere; found by its text, since Ajv does not say where it stands. */
function rangeOfReference(read: ReturnType<typeof readDocument>, error: unknown) {
  const missing = (error as { missingRef?: unknown }).missingRef;
  if (typeof missing !== 'string') return undefined;
  const tail = missing.slice(missing.lastIndexOf('/') + 1);
  const keys = findReference(read.value, tail, []);
  return keys && read.rangeOf(keys);
}

function findReference(value: unknown, tail: string, keys: string[]): string[] | undefined {
  if (typeof value !== 'object' || value === null) return undefined;
  for (const [key, below] of Object.entries(value)) {
    if (key === '$ref' && typeof below === 'string' && below.endsWith(tail)) return [...keys, key];
    const found = findReference(below, tail, [...keys, key]);
    if (found) return found;
  }
  return undefined;
}

/** The annotation, or what is wrong with it. */
function readAnnotation(value: unknown): Annotation | string {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    return '"x-countersign" must be an object with "each", "rule" and "level".';
  }
  const { each, rule, level = 'deny', ...rest } = value as Record<string, unknown>;
  const unknown = Object.keys(rest)[0];
  if (unknown !== undefined) return `"x-countersign" has no setting ${JSON.stringify(unknown)}.`;
  if (typeof each !== 'string' || !/^[A-Za-z_]\w*(\[\])?(\.[A-Za-z_]\w*(\[\])?)*$/.test(each)) {
    return '"x-countersign.each" must be a path into the input, such as "commits[].disclosure".';
  }
  if (typeof rule !== 'string' || rule === '') return '"x-countersign.rule" must name the rule.';
  if (level !== 'deny' && level !== 'warn') return '"x-countersign.level" must be "deny" or "warn".';
  return { each, rule, level };
}

function splitSegment(segment: string): string[] {
  return segment.endsWith('[]') ? [segment.slice(0, -2), '[]'] : [segment];
}

/** Ajv's errors in words, those that only say that a part failed left out, sorted, each once. */
function explain(errors: readonly ErrorObject[], value: unknown): SchemaError[] {
  const leaves = errors.filter((error) => !['if', 'anyOf', 'oneOf', 'allOf', '$ref'].includes(error.keyword));
  const shown = leaves.length > 0 ? leaves : errors;
  const seen = new Map<string, SchemaError>();
  for (const error of shown) {
    const keys = pointerKeys(error.instancePath);
    const named = namedProperty(error);
    const field = keys[0] ?? named;
    const message = wording(error, keys, named, value);
    seen.set(`${field ?? ''}\0${message}`, { ...(field !== undefined && { field }), message });
  }
  return [...seen.entries()].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, error]) => error);
}

/** The property that an error about a whole object is about. */
function namedProperty(error: ErrorObject): string | undefined {
  const { missingProperty, additionalProperty, unevaluatedProperty, propertyName } = error.params as Record<
    string,
    unknown
  >;
  const name = missingProperty ?? additionalProperty ?? unevaluatedProperty ?? propertyName;
  return typeof name === 'string' ? name : undefined;
}

function wording(error: ErrorObject, keys: string[], named: string | undefined, value: unknown): string {
  const { where, got } = walk(value, keys);
  if (error.keyword === 'required') return where === '' ? `${named} is missing` : `${where} lacks ${named}`;
  if (error.keyword === 'additionalProperties' || error.keyword === 'unevaluatedProperties') {
    return `${where === '' ? named : `${where}.${named}`} is not a known field`;
  }
  const detail =
    error.keyword === 'enum'
      ? `must be one of ${(error.params as { allowedValues: unknown[] }).allowedValues.map((v) => JSON.stringify(v)).join(', ')}`
      : error.keyword === 'const'
        ? `must be ${JSON.stringify((error.params as { allowedValue: unknown }).allowedValue)}`
        : (error.message ?? 'is invalid');
  return `${where || 'the value'} ${detail}, but is ${shorten(JSON.stringify(got) ?? 'absent')}`;
}

/** The value at some keys, and how to say where: an only element of a list goes by the list's name. */
function walk(value: unknown, keys: readonly string[]): { where: string; got: unknown } {
  let got = value;
  let where = '';
  for (const key of keys) {
    const list = Array.isArray(got);
    if (!list) where += where === '' ? key : `.${key}`;
    else if ((got as unknown[]).length > 1) where += `[${key}]`;
    got = (got as Record<string, unknown> | undefined)?.[key];
  }
  return { where, got };
}

function shorten(text: string): string {
  return text.length > 80 ? `${text.slice(0, 79)}…` : text;
}
