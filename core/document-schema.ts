/** Checks documents against JSON Schemas and says what is wrong in words that help. */

import { Ajv2020, type ErrorObject, type ValidateFunction } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import type { Problem } from '../engine/protocol.ts';
import { type LocatedDocument, pointerKeys, problem } from './yaml-document.ts';

let ajv: Ajv2020 | undefined;

/**
 * One of our own JSON Schemas (2020-12) made ready; making it takes milliseconds, so it is kept by
 * its users. Its own validity is for the tests to see: asking at run time would take as long again.
 */
export function compileSchema<T>(schema: object): ValidateFunction<T> {
  if (!ajv) {
    const quick = { validateSchema: false, addUsedSchema: false, code: { optimize: false } };
    ajv = new Ajv2020({ allErrors: true, allowUnionTypes: true, strict: false, verbose: true, ...quick });
    ajvFormats.default(ajv);
  }
  return ajv.compile<T>(schema);
}

/** What the schema finds wrong in the document, each at its place; empty when it is valid. */
export function validateDocument(document: LocatedDocument, validate: ValidateFunction): Problem[] {
  if (validate(document.value)) return [];
  const errors = validate.errors ?? [];
  // `anyOf` and its kin repeat what their branches say.
  const telling = errors.filter(({ keyword }) => !['if', 'anyOf', 'oneOf', 'allOf', 'propertyNames'].includes(keyword));
  return (telling.length > 0 ? telling : errors).map((error) => {
    const keys = pointerKeys(error.instancePath);
    const extra = extraProperty(error);
    const range = extra === undefined ? document.rangeOf(keys) : document.keyRangeOf([...keys, extra]);
    return problem(document.path, range, 'schema', describe(error, keys));
  });
}

function extraProperty({ keyword, params, propertyName }: ErrorObject): string | undefined {
  if (keyword === 'additionalProperties') return String(params.additionalProperty);
  if (keyword === 'unevaluatedProperties') return String(params.unevaluatedProperty);
  return propertyName;
}

function describe(error: ErrorObject, keys: string[]): string {
  const { keyword, params, parentSchema, data } = error;
  const what = keys.length > 0 ? `\`${keys.join('.')}\`` : 'The file';
  switch (keyword) {
    case 'required':
      return `${what} lacks \`${params.missingProperty}\`; add it.`;
    case 'additionalProperties':
    case 'unevaluatedProperties': {
      const known = Object.keys((parentSchema?.properties as object | undefined) ?? {});
      return `There is no setting \`${extraProperty(error)}\` here.${known.length > 0 ? ` Known are: ${known.join(', ')}.` : ''}`;
    }
    case 'type':
      return `${what} must be ${[params.type].flat().join(' or ')}, and is ${typeName(data)}.`;
    case 'enum':
      return `${what} must be one of: ${(params.allowedValues as unknown[]).map((value) => JSON.stringify(value)).join(', ')}.`;
    case 'const':
      return `${what} must be ${JSON.stringify(params.allowedValue)}.`;
    case 'format':
      return `${what} must be ${params.format === 'date-time' ? 'a time such as 2026-01-31T12:00:00Z (RFC 3339)' : `a valid ${params.format}`}.`;
    case 'pattern':
      return `${what} must match ${params.pattern}${error.propertyName ? `, and the key ${JSON.stringify(error.propertyName)} does not` : ''}.`;
    case 'minItems':
    case 'minLength':
    case 'minProperties':
      return `${what} must not be ${data === '' || params.limit === 1 ? 'empty' : `shorter than ${params.limit}`}.`;
    default:
      return `${what} ${error.message ?? 'is not valid'}.`;
  }
}

function typeName(value: unknown): string {
  if (value === null || value === undefined) return 'empty';
  return Array.isArray(value) ? 'array' : typeof value;
}
