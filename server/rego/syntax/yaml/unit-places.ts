/** Where the text of a scalar is written, unit by unit. */
import type { YamlNode } from './nodes.ts';

/** What stands for one unit, by the quote around the scalar. */
const unitsOf: Readonly<Record<string, RegExp>> = {
  '': /./gs,
  "'": /''|./gs,
  '"': /\\(?:x[\da-fA-F]{2}|u[\da-fA-F]{4}|U[\da-fA-F]{8}|.)|./gs,
};

/** Where each unit of a text stands in the YAML, and where it ends; undefined for one of several lines, or with a tag. */
export function unitPlaces({ kind, value, start, end }: YamlNode, yaml: string): readonly number[] | undefined {
  if (kind !== 'scalar') return undefined;
  const first = yaml[start];
  const quote = first === '"' || first === "'" ? first : '';
  const written = yaml.slice(start + quote.length, end - quote.length);
  if (written.includes('\n')) return undefined;
  const places: number[] = [];
  let at = start + quote.length;
  for (const [one] of written.matchAll(unitsOf[quote]!)) {
    places.push(at);
    // What is beyond the first plane has two units.
    if (/^\\U000[^0]|^\\U0010/.test(one)) places.push(at);
    at += one.length;
  }
  return places.length === value.length ? [...places, at] : undefined;
}
