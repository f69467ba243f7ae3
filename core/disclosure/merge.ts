/** Several disclosures become one: those of commits that are squashed, or of several notes. */

import type { Disclosure } from '../input.ts';

/**
 * One disclosure that says what all of the list say.
 *
 * - `timestamp` is the latest: of times that can be read the last, spelt as it was (of several spellings
 *   of one moment, the first in order of characters). Texts that are no times are kept only where no
 *   time is among them.
 * - Every other field has all values of all, in order, each once without regard to case and blanks at
 *   its ends; the first spelling stays.
 * - Values that say nothing are left out, and fields that then have none.
 *
 * The same list in another order, or merged by parts, gives the same values, in another order and
 * spelling at most; merging a result again changes nothing.
 */
export function mergeDisclosures(list: readonly Disclosure[]): Disclosure {
  const merged: Disclosure = {};
  for (const disclosure of list) {
    for (const [field, values] of Object.entries(disclosure)) {
      const present = (Object.hasOwn(merged, field) ? merged[field] : undefined) ?? [];
      merged[field] = united([...present, ...values]);
    }
  }
  if (merged.timestamp) merged.timestamp = latest(merged.timestamp);
  return Object.fromEntries(Object.entries(merged).filter(([, values]) => values.length > 0));
}

function united(values: readonly string[]): string[] {
  const found = new Map<string, string>();
  for (const value of values.map((text) => text.trim())) {
    const key = value.toLowerCase();
    if (value !== '' && !found.has(key)) found.set(key, value);
  }
  return [...found.values()];
}

function latest(values: readonly string[]): string[] {
  const times = values.filter((value) => rfc3339.test(value) && !Number.isNaN(Date.parse(value)));
  if (times.length === 0) return [...values];
  const last = Math.max(...times.map((value) => Date.parse(value)));
  const spellings = times.filter((value) => Date.parse(value) === last).sort();
  return spellings.slice(0, 1);
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt ]\d{2}:\d{2}:\d{2}(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;
