/** JSON in its canonical form (RFC 8785), so that whoever re-writes a record can compute the same digest. */
import { createHash } from 'node:crypto';

/**
 * The canonical text of a value as `JSON.stringify` sees it: members without a value are left out.
 *
 * @throws TypeError for what JSON cannot carry: NaN, infinities, functions, big integers
 */
export function canonicalJson(value: unknown): string {
  if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError(`JSON has no number ${value}.`);
  if (Array.isArray(value)) return `[${value.map((one) => canonicalJson(one ?? null)).join()}]`;
  if (typeof value === 'object' && value !== null) {
    const members: string[] = [];
    // By UTF-16 code units, as RFC 8785 (3.2.3) has it and as sort does.
    for (const key of Object.keys(value).sort()) {
      const member = (value as Record<string, unknown>)[key];
      if (member !== undefined) members.push(`${JSON.stringify(key)}:${canonicalJson(member)}`);
    }
    return `{${members.join()}}`;
  }
  const text = JSON.stringify(value);
  if (text === undefined) throw new TypeError(`JSON cannot carry a ${typeof value}.`);
  return text;
}

/** `sha256:…` over the canonical text. */
export function digestOf(value: unknown): string {
  return `sha256:${createHash('sha256').update(canonicalJson(value)).digest('hex')}`;
}
