/**
 * Nodes of YAML to values, with what the library refuses: https://github.com/yaml/go-yaml/blob/v3.0.5/decode.go
 *
 * A map whose keys are not all strings becomes a `Map`.
 */
import type { Span } from '../tree.ts';
import type { YamlNode } from './nodes.ts';
import { isMoment, resolve, writtenMoment } from './resolve.ts';
import { UnreadableYaml } from './state.ts';

export interface Decoder {
  readonly problems: (Span & { message: string })[];
  /** The aliases that are being followed. */
  readonly following: Set<YamlNode>;
  /** The keys that are known where a map is merged into another. */
  merged: Set<unknown> | undefined;
  decoded: number;
  aliased: number;
}

export function decoder(): Decoder {
  return { problems: [], following: new Set(), merged: undefined, decoded: 0, aliased: 0 };
}

/** A value, or undefined where nothing is set. */
type Decoded<Value> = { readonly value: Value } | undefined;

export function wrong(d: Decoder, { start, end }: Span, message: string): undefined {
  d.problems.push({ start, end, message });
  return undefined;
}

function fail(span: Span, message: string): never {
  throw new UnreadableYaml(span, message);
}

/** Decodes what a node is, or what it stands for. */
export function follow<Value>(d: Decoder, node: YamlNode, decode: (node: YamlNode) => Value): Value {
  d.decoded++;
  if (d.following.size > 0) d.aliased++;
  checkAliases(d, node);
  if (node.target === undefined) return decode(node);
  if (d.following.has(node)) fail(node, `the anchor '${node.value}' contains itself`);
  d.following.add(node);
  const value = follow(d, node.target, decode);
  d.following.delete(node);
  return value;
}

/** What few aliases stand for may be much. */
function checkAliases({ decoded, aliased }: Decoder, node: YamlNode): void {
  if (aliased <= 100 || decoded <= 1000) return;
  const share =
    decoded <= 400_000 ? 0.99 : decoded >= 4_000_000 ? 0.1 : 0.99 - (0.89 * (decoded - 400_000)) / 3_600_000;
  if (aliased / decoded > share) fail(node, 'too much stands behind aliases');
}

/** A scalar as it is written, and what it says. */
export function scalarOf(node: YamlNode): { text: string; value: unknown } {
  const { tag, value } = resolve(node.tag, node.value);
  if (value === undefined) fail(node, `'${node.value}' is no ${node.tag.slice(2)}`);
  if (tag !== '!!binary') return { text: node.value, value };
  const text = base64(node);
  return { text, value: text };
}

function base64(node: YamlNode): string {
  const digits = node.value.replaceAll(/[\r\n]/g, '');
  if (!/^(?:[A-Za-z\d+/]{4})*(?:[A-Za-z\d+/]{2}==|[A-Za-z\d+/]{3}=)?$/.test(digits)) fail(node, 'this is no base64');
  return Buffer.from(digits, 'base64').toString();
}

/** The text of a scalar, whatever it says; nothing for null. */
export function decodeText(d: Decoder, node: YamlNode, message: string): Decoded<string> {
  return follow(d, node, (found) => {
    if (found.kind !== 'scalar') return wrong(d, node, message);
    const { text, value } = scalarOf(found);
    return value === null ? undefined : { value: text };
  });
}

/** Any value at all. */
export function decodeAny(d: Decoder, node: YamlNode): unknown {
  return follow(d, node, (found) => {
    if (found.kind === 'scalar') return scalarOf(found).value;
    if (found.kind === 'list') return found.items.map((item) => decodeAny(d, item));
    const map = new Map<unknown, unknown>();
    const isText = keysOf(found).every(({ tag, target }) => /^!!(?:str|merge)$/.test(target?.tag ?? tag));
    putAll(d, found, map, isText);
    return isText ? Object.fromEntries(map) : map;
  });
}

/** A map whose keys are texts, or undefined. */
export function decodeMap(d: Decoder, node: YamlNode, message: string): Record<string, unknown> | undefined {
  return follow(d, node, (found) => {
    if (found.kind === 'scalar') return scalarOf(found).value === null ? undefined : wrong(d, node, message);
    if (found.kind !== 'map') return wrong(d, node, message);
    const map = new Map<unknown, unknown>();
    putAll(d, found, map, true);
    return Object.fromEntries(map);
  });
}

function keysOf({ items }: YamlNode): YamlNode[] {
  return items.filter((_, index) => index % 2 === 0);
}

function putAll(d: Decoder, map: YamlNode, into: Map<unknown, unknown>, isText: boolean): void {
  eachEntry(d, map, (key, value) => {
    const name = isText ? decodeText(d, key, 'a key must be a string') : { value: decodeAny(d, key) };
    if (name === undefined || isMergedBefore(d, name.value)) return;
    if (typeof name.value === 'object' && name.value !== null && !isMoment(name.value)) {
      fail(key, 'a list or a map cannot be a key');
    }
    into.set(
      name.value,
      within(d, () => decodeAny(d, value)),
    );
  });
}

/** Whether the key was set by a map that counts more; from now on it is. */
export function isMergedBefore({ merged }: Decoder, key: unknown): boolean {
  if (merged?.has(key) === true) return true;
  merged?.add(key);
  return false;
}

/** What is below a map that is merged is not. */
export function within<Value>(d: Decoder, decode: () => Value): Value {
  const { merged } = d;
  d.merged = undefined;
  const value = decode();
  d.merged = merged;
  return value;
}

/** Calls with each key and value, and with those of what is merged; with none where a key is repeated. */
export function eachEntry(d: Decoder, map: YamlNode, put: (key: YamlNode, value: YamlNode) => void): void {
  if (hasRepeated(d, map)) return;
  const { items } = map;
  let merge: YamlNode | undefined;
  for (let index = 0; index < items.length; index += 2) {
    if (isMerge(items[index]!)) merge = items[index + 1]!;
    else put(items[index]!, items[index + 1]!);
  }
  if (merge === undefined) return;
  const { merged } = d;
  if (merged === undefined) {
    d.merged = undefined;
    const known = new Set(keysOf(map).map((key) => decodeAny(d, key)));
    d.merged = known;
  }
  for (const one of merge.kind === 'list' ? merge.items : [merge]) {
    if ((one.target ?? one).kind !== 'map') fail(one, 'only maps can be merged');
    follow(d, one, (found) => eachEntry(d, found, put));
  }
  d.merged = merged;
}

function isMerge({ kind, value, tag }: YamlNode): boolean {
  return kind === 'scalar' && value === '<<' && tag === '!!merge';
}

function hasRepeated(d: Decoder, map: YamlNode): boolean {
  const seen = new Set<string>();
  const before = d.problems.length;
  for (const key of keysOf(map)) {
    const name = `${key.kind} ${key.value}`;
    if (seen.has(name))
      wrong(d, key, key.kind === 'scalar' ? `the key '${key.value}' is repeated` : 'the key is repeated');
    seen.add(name);
  }
  return d.problems.length > before;
}

/** A value as JSON has it. */
export function toJson(value: unknown): unknown {
  if (isMoment(value)) return writtenMoment(value);
  if (Array.isArray(value)) return value.map(toJson);
  if (value instanceof Map)
    return Object.fromEntries([...value].map(([key, one]) => [String(toJson(key)), toJson(one)]));
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, toJson(one)]));
}

/** Whether OPA finds a key that is no string in the value: it looks through lists, but not through maps of strings. */
export function hasOtherKeys(value: unknown): boolean {
  if (Array.isArray(value)) return value.some(hasOtherKeys);
  return value instanceof Map && [...value].some(([key, one]) => typeof key !== 'string' || hasOtherKeys(one));
}
