/** YAML as OPA reads it in METADATA. */
import { type Document, isAlias, isMap, isPair, isScalar, isSeq, type Node, visit } from 'yaml';
import type { Span } from './tree.ts';

type Problem = Span & { message: string };

/** What OPA's reader of YAML refuses, and ours does not. Numbers get the values that they have there. */
export function unreadable(document: Document, yaml: string): Problem | undefined {
  const { explicit, version } = document.directives?.yaml ?? {};
  if (explicit === true && version !== '1.1')
    return { start: -1, end: -1, message: `YAML ${version} is not supported` };
  let found: Problem | undefined;
  visit(document, (_, node) => {
    if (isPair(node)) {
      const key = node.key as Node | null;
      if (key && isEmpty(key, yaml)) found ??= { ...spanOf(key), message: 'expected a key' };
    } else if (isAlias(node) && node.resolve(document) === undefined) {
      found ??= { ...spanOf(node), message: `unknown anchor '${node.source}'` };
    } else if (isScalar(node) && node.type === 'PLAIN') node.value = numberOf(node.source ?? '') ?? node.value;
  });
  return found;
}

/** Whether nothing stands where a key is expected, not even `?`. */
function isEmpty(key: Node, yaml: string): boolean {
  const { start, end } = spanOf(key);
  return start === end && key.anchor === undefined && !/\?\s*$/.test(yaml.slice(0, start));
}

/** Of integers in the forms of YAML 1.1, and of numbers beyond all bounds, which stay text. */
function numberOf(source: string): number | string | undefined {
  if (!/^[-+]?[\d.]/.test(source)) return undefined;
  const digits = source.replaceAll('_', '');
  if (/^[-+]?0[0-7]+$/.test(digits)) return Number.parseInt(digits, 8);
  if (/^[-+]?0b[01]+$/.test(digits)) return Number.parseInt(digits.replace('0b', ''), 2);
  if (source.includes('_') && /^[-+]?\d+(\.\d*)?$/.test(digits)) return Number(digits);
  return /^[-+]?[\d.]+(e[-+]?\d+)?$/i.test(digits) && !Number.isFinite(Number(digits)) ? source : undefined;
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f-\u0084\u0086-\u009f]/;

export function controlCharacter(yaml: string): Problem | undefined {
  const at = yaml.search(control);
  return at < 0 ? undefined : { start: at, end: at + 1, message: 'control characters are not allowed' };
}

export function spanOf(node: Node): Span {
  const [start, end] = node.range ?? [0, 0];
  return { start, end };
}

/** The text of a scalar that is not null, as it is written. */
export function text(node: Node | null | undefined): string | undefined {
  if (!isScalar(node) || node.value === null) return undefined;
  return typeof node.value === 'string' ? node.value : (node.source ?? String(node.value));
}

/** Where each unit of a key's text stands in the YAML, and where it ends; undefined for one of several lines. */
export function unitPlaces(key: Node, yaml: string): readonly number[] | undefined {
  if (!isScalar(key) || typeof key.value !== 'string') return undefined;
  const { start, end } = spanOf(key);
  const quotes = key.type === 'PLAIN' ? 0 : 1;
  const written = yaml.slice(start + quotes, end - quotes);
  const units = unitsOf[key.type ?? ''];
  if (!units || written.includes('\n')) return undefined;
  const places: number[] = [];
  let at = start + quotes;
  for (const [one] of written.matchAll(units)) {
    places.push(at);
    // What is beyond the first plane has two units.
    if (/^\\U000[^0]|^\\U0010/.test(one)) places.push(at);
    at += one.length;
  }
  return places.length === key.value.length ? [...places, at] : undefined;
}

/** What stands for one unit, by the style of the scalar. */
const unitsOf: Readonly<Record<string, RegExp>> = {
  PLAIN: /./gs,
  QUOTE_SINGLE: /''|./gs,
  QUOTE_DOUBLE: /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|.)|./gs,
};

/** Values as JSON has them; times in the form of Go. */
export function plain(document: Document, node: Node | null | undefined): unknown {
  if (!node) return null;
  let value: unknown;
  try {
    value = node.toJS(document, { maxAliasCount: 1000 });
  } catch {
    return null;
  }
  return timesAsText(value);
}

function timesAsText(value: unknown): unknown {
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (Array.isArray(value)) return value.map(timesAsText);
  if (typeof value !== 'object' || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, one]) => [key, timesAsText(one)]));
}

/** Whether OPA finds a key that is no string in the value: it looks through lists, but not through maps. */
export function nonStringKey(node: Node): boolean {
  if (isMap<Node>(node)) return node.items.some(({ key }) => !isScalar(key) || typeof key.value !== 'string');
  return isSeq<Node>(node) && node.items.some(nonStringKey);
}
