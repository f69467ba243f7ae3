/**
 * Masking as OPA does it: rules that take values out of a record or set them, and the record's word of it
 * (https://www.openpolicyagent.org/docs/management-decision-logs#masking-sensitive-data; v1/plugins/logs/mask.go).
 * Each quirk of OPA's is kept, so that one mask policy does the same in both.
 */
import type { DecisionRecord } from './record.ts';

/** A rule that {@link readMaskRules} found sound. */
export interface MaskRule {
  op: 'remove' | 'upsert';
  /** Of the path, escaped as in a URL: OPA looks values up by these, too. */
  parts: string[];
  value?: unknown;
}

/** A mask policy said something that is no mask rule. */
export class MaskError extends Error {
  constructor(message: string) {
    super(`data.system.log.mask: ${message}`);
    this.name = 'MaskError';
  }
}

const maskable = ['input', 'result', 'nd_builtin_cache'] as const;

/** @throws MaskError for anything that is no list of mask rules: then nothing may be logged */
export function readMaskRules(value: unknown): MaskRule[] {
  if (!Array.isArray(value)) throw new MaskError(`a set of rules was expected, not ${JSON.stringify(value)}`);
  return value.map((rule: unknown) => {
    if (typeof rule === 'string') return { op: 'remove', parts: partsOf(rule) };
    if (typeof rule !== 'object' || rule === null || Array.isArray(rule)) {
      throw new MaskError(`a rule is a path or an object with op and path, not ${JSON.stringify(rule)}`);
    }
    const { op, path, value: set } = rule as Record<string, unknown>;
    if (op !== 'remove' && op !== 'upsert') {
      throw new MaskError(`the op of a rule is "remove" or "upsert", not ${JSON.stringify(op)}`);
    }
    return { op, parts: partsOf(path), value: set };
  });
}

function partsOf(path: unknown): string[] {
  if (typeof path !== 'string' || !path.startsWith('/')) {
    throw new MaskError(`the path of a rule begins with "/", which ${JSON.stringify(path)} does not`);
  }
  const parts = path.slice(1).split('/');
  if (!maskable.some((name) => name === parts[0])) {
    throw new MaskError(`only /${maskable.join(', /')} can be masked, not ${JSON.stringify(path)}`);
  }
  if (/%(?![0-9a-f]{2})/i.test(path)) throw new MaskError(`${JSON.stringify(path)} has a wrong escape`);
  return parts.map(escapePart);
}

/** As Go's url.PathEscape: all but letters, digits and `-_.~$&+=:@`, byte by byte. */
function escapePart(part: string): string {
  return part.replace(/[^A-Za-z0-9\-_.~$&+=:@]+/g, (text) =>
    [...Buffer.from(text)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''),
  );
}

/** The record with the rules applied; the one that is given is left as it is. */
export function masked(record: DecisionRecord, rules: readonly MaskRule[]): DecisionRecord {
  if (rules.length === 0) return record;
  const copy: Record<string, unknown> = { ...record };
  for (const name of maskable) if (Object.hasOwn(copy, name)) copy[name] = structuredClone(copy[name]);
  const done = { remove: [...(record.erased ?? [])], upsert: [...(record.masked ?? [])] };
  for (const rule of rules) {
    const [name = '', ...rest] = rule.parts;
    if (copy[name] === undefined) continue;
    if (rest.length === 0) {
      if (rule.op === 'remove') delete copy[name];
      else copy[name] = structuredClone(rule.value ?? null);
    } else if (!(rule.op === 'remove' ? remove : upsert)(copy[name], rest, rule.value)) continue;
    done[rule.op].push(`/${rule.parts.join('/')}`);
  }
  const { remove: erased, upsert: set } = done;
  return {
    ...(copy as unknown as DecisionRecord),
    ...(erased.length > 0 && { erased }),
    ...(set.length > 0 && { masked: set }),
  };
}

type Parts = readonly string[];

/** Whether there was something to take out. */
function remove(root: unknown, parts: Parts): boolean {
  let node = root;
  for (const part of parts.slice(0, -1)) {
    node = childOf(node, part);
    if (node === undefined) return false;
  }
  const key = parts.at(-1) ?? '';
  if (Array.isArray(node)) {
    const index = indexOf(key);
    // OPA cannot shorten a list that is all of an input.
    if (index === undefined || index >= node.length || parts.length === 1) return false;
    node.splice(index, 1);
    return true;
  }
  if (typeof node !== 'object' || node === null || !Object.hasOwn(node, key)) return false;
  delete (node as Record<string, unknown>)[key];
  return true;
}

/** Whether it could be set; members that are missing on the way are made. */
function upsert(root: unknown, parts: Parts, value: unknown): boolean {
  if (typeof root !== 'object' || root === null || Array.isArray(root)) return false;
  let node: unknown = root;
  for (const part of parts.slice(0, -1)) {
    if (isObject(node) && !Object.hasOwn(node, part)) setMember(node, part, {});
    node = childOf(node, part);
    if (node === undefined) return false;
  }
  const key = parts.at(-1) ?? '';
  if (Array.isArray(node)) {
    const index = indexOf(key);
    if (index === undefined || index >= node.length) return false;
    node[index] = structuredClone(value ?? null);
    return true;
  }
  if (!isObject(node)) return false;
  setMember(node, key, structuredClone(value ?? null));
  return true;
}

function isObject(node: unknown): node is Record<string, unknown> {
  return typeof node === 'object' && node !== null && !Array.isArray(node);
}

function childOf(node: unknown, part: string): unknown {
  if (Array.isArray(node)) {
    const index = indexOf(part);
    return index === undefined ? undefined : node[index];
  }
  return isObject(node) && Object.hasOwn(node, part) ? node[part] : undefined;
}

/** Also a member of the name `__proto__`. */
function setMember(object: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(object, key, { value, enumerable: true, configurable: true, writable: true });
}

/** As Go's strconv.Atoi reads it, where that is an index. */
function indexOf(text: string): number | undefined {
  if (!/^[+-]?\d+$/.test(text)) return undefined;
  const index = Number(text);
  return index >= 0 && Number.isSafeInteger(index) ? Math.abs(index) : undefined;
}
