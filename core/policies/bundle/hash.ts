/**
 * The digests of a bundle's files as OPA computes them (v1/bundle/hash.go): of JSON and YAML over what
 * they say, not how it is laid out, with numbers as they are written; of all else over the bytes.
 */
import { createHash, type Hash } from 'node:crypto';
import { wellFormed } from '../../printable.ts';

/**
 * Node's names of OPA's digests. MD5 and SHA-1 are left out, which OPA takes: files that have the same
 * one can be made, and a file could be changed without the signature telling.
 */
const algorithms = new Map([
  ['SHA-224', 'sha224'],
  ['SHA-256', 'sha256'],
  ['SHA-384', 'sha384'],
  ['SHA-512', 'sha512'],
  ['SHA-512-224', 'sha512-224'],
  ['SHA-512-256', 'sha512-256'],
]);

/** A hash by OPA's name of it; undefined when there is none of that name. */
export function hashNamed(name: string): Hash | undefined {
  const algorithm = algorithms.get(name);
  return algorithm === undefined ? undefined : createHash(algorithm);
}

/** Whether what a file says is hashed, not its bytes; also in folders (v1/bundle/bundle.go, IsStructuredDoc). */
export function isStructured(path: string): boolean {
  return /(^|\/)(data\.json|data\.yaml|\.manifest)$/.test(path);
}

/** Hashes what a JSON text says. Throws a `SyntaxError` when it is none. */
export function hashJson(hash: Hash, json: string): void {
  walk(exactly(json), hash);
}

/** A number's own text. */
interface ExactNumber {
  number: string;
}

type Value = null | boolean | string | ExactNumber | Value[] | Map<string, Value>;

/** Tokens that are texts or numbers. */
const tokens = /"[^"\\]*(?:\\.[^"\\]*)*"|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/gs;

/** Reads JSON without rounding a number: texts are marked as such, and numbers turned into texts. */
function exactly(json: string): Value {
  JSON.parse(json);
  const marked = json.replace(tokens, (token) => (token.startsWith('"') ? `"s${token.slice(1)}` : `"n${token}"`));
  return unmark(JSON.parse(marked));
}

function unmark(value: unknown): Value {
  if (typeof value === 'string') return value[0] === 's' ? value.slice(1) : { number: value.slice(1) };
  if (Array.isArray(value)) return value.map(unmark);
  if (typeof value !== 'object' || value === null) return value as null | boolean;
  return new Map(Object.entries(value).map(([key, below]) => [key.slice(1), unmark(below)]));
}

function walk(value: Value, hash: Hash): void {
  if (value instanceof Map) {
    hash.update('{');
    const entries = [...value].map(([key, below]) => ({ bytes: Buffer.from(key), key, below }));
    entries.sort((a, b) => Buffer.compare(a.bytes, b.bytes));
    entries.forEach(({ key, below }, at) => {
      hash.update(`${at > 0 ? ',' : ''}${quoted(key)}:`);
      walk(below, hash);
    });
    hash.update('}');
  } else if (Array.isArray(value)) {
    hash.update('[');
    value.forEach((below, at) => {
      if (at > 0) hash.update(',');
      walk(below, hash);
    });
    hash.update(']');
  } else if (typeof value === 'string') hash.update(quoted(value));
  else hash.update(typeof value === 'object' && value !== null ? value.number : String(value));
}

/** As Go writes it without escaping HTML: two line breaks of Unicode are escaped, and halves of characters replaced. */
function quoted(text: string): string {
  return JSON.stringify(wellFormed(text)).replaceAll('\u2028', '\\u2028').replaceAll('\u2029', '\\u2029');
}
