/**
 * Whether a value is valid by a schema, told without a validator's loading and compiling: for where that would be
 * felt. Only what is said by a few plain keywords is sure; of all else the validator has the word.
 */
import { isRecord } from '../plain-data.ts';

type Check = (keyword: unknown, value: unknown, schema: Record<string, unknown>) => boolean;

/** Annotations: they judge nothing. */
const silent = new Set(['$schema', '$id', '$comment', 'title', 'description', 'default', 'examples', 'x-countersign']);

const checks: Record<string, Check> = {
  type: (type, value) => typeof type === 'string' && isOfType(value, type),
  properties: (properties, value) =>
    isRecord(properties) &&
    (!isRecord(value) ||
      Object.entries(properties).every(
        ([key, schema]) => !Object.hasOwn(value, key) || surelyValid(schema, value[key]),
      )),
  required: (names, value) => isTexts(names) && (!isRecord(value) || names.every((name) => Object.hasOwn(value, name))),
  additionalProperties: (schema, value, { properties = {} }) =>
    !isRecord(value) ||
    Object.entries(value).every(
      ([key, below]) => (isRecord(properties) && Object.hasOwn(properties, key)) || surelyValid(schema, below),
    ),
  items: (schema, value) => !Array.isArray(value) || value.every((item) => surelyValid(schema, item)),
  minItems: (least, value) => isCount(least) && (!Array.isArray(value) || value.length >= least),
  maxItems: (most, value) => isCount(most) && (!Array.isArray(value) || value.length <= most),
  uniqueItems: (unique, value) =>
    unique === false ||
    (unique === true && (!Array.isArray(value) || (isTexts(value) && new Set(value).size === value.length))),
  minLength: (least, value) => isCount(least) && (typeof value !== 'string' || [...value].length >= least),
  maxLength: (most, value) => isCount(most) && (typeof value !== 'string' || [...value].length <= most),
  pattern: (pattern, value) =>
    typeof value !== 'string' || (typeof pattern === 'string' && new RegExp(pattern, 'u').test(value)),
  enum: (values, value) => Array.isArray(values) && isScalar(value) && values.includes(value),
  const: (wanted, value) => isScalar(value) && wanted === value,
};

/** False when it is invalid, and when it is not known to be valid. */
export function surelyValid(schema: unknown, value: unknown): boolean {
  if (typeof schema === 'boolean') return schema;
  if (!isRecord(schema)) return false;
  return Object.entries(schema).every(
    ([name, keyword]) => silent.has(name) || (Object.hasOwn(checks, name) && checks[name]?.(keyword, value, schema)),
  );
}

function isOfType(value: unknown, type: string): boolean {
  if (type === 'array') return Array.isArray(value);
  if (type === 'object') return isRecord(value);
  return (type === 'string' || type === 'boolean') && typeof value === type;
}

function isTexts(value: unknown): value is string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && value >= 0;
}

function isScalar(value: unknown): boolean {
  return value === null || ['string', 'number', 'boolean'].includes(typeof value);
}
