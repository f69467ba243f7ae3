/** The keys of trailers: those the configuration has, those everyone knows, and what was probably meant by others. */
import type { Config } from '../../core/config.ts';

/** A key that people write into the last block, and what it says. */
export interface KnownKey {
  key: string;
  description: string;
  /** Its value names a person. */
  person?: boolean;
}

/** Git's own conventions (git-interpret-trailers(1), the Linux kernel's submitting-patches) and those of forges. */
export const commonKeys: readonly KnownKey[] = [
  { key: 'Co-authored-by', description: 'Who else wrote this commit: `Name <name@example.com>`.', person: true },
  {
    key: 'Signed-off-by',
    description: 'Who vouches for the origin of the work (Developer Certificate of Origin).',
    person: true,
  },
  { key: 'Reviewed-by', description: 'Who reviewed the commit and found it right.', person: true },
  { key: 'Acked-by', description: 'Who agrees with the commit without a full review.', person: true },
  { key: 'Tested-by', description: 'Who tested the commit.', person: true },
  { key: 'Reported-by', description: 'Who reported what the commit mends.', person: true },
  { key: 'Suggested-by', description: 'Whose idea it was.', person: true },
  { key: 'Co-developed-by', description: "Who else wrote this commit, in the Linux kernel's form.", person: true },
  { key: 'Helped-by', description: 'Who helped.', person: true },
  {
    key: 'Assisted-by',
    description: "The AI agent and model that assisted, in the Linux kernel's form: `AGENT:MODEL [TOOL…]`.",
  },
  { key: 'Generated-by', description: 'The generating tool, in the form of the Apache Software Foundation.' },
  { key: 'Fixes', description: 'The commit or issue that this one mends.' },
  { key: 'Closes', description: 'The issue that this commit closes.' },
  { key: 'Refs', description: 'What the commit refers to.' },
  { key: 'Link', description: 'Where more is said.' },
  { key: 'Cc', description: 'Who should know.', person: true },
  { key: 'Change-Id', description: "Gerrit's identifier of the change." },
];

const commonByName = new Map(commonKeys.map((known) => [known.key.toLowerCase(), known]));

export function commonKey(key: string): KnownKey | undefined {
  return commonByName.get(key.toLowerCase());
}

/** The field that a key is configured for, in any case. */
export function fieldOfKey(key: string, { trailers }: Pick<Config, 'trailers'>): string | undefined {
  const name = key.toLowerCase();
  return Object.entries(trailers).find(([, configured]) => configured.toLowerCase() === name)?.[0];
}

/** The configured key that was probably meant: spelled almost alike. Undefined for keys that are known themselves. */
export function meantKey(key: string, config: Pick<Config, 'trailers'>): { field: string; key: string } | undefined {
  if (fieldOfKey(key, config) !== undefined || commonKey(key) !== undefined) return undefined;
  const written = bare(key);
  let best: { field: string; key: string; distance: number } | undefined;
  for (const [field, configured] of Object.entries(config.trailers)) {
    const wanted = bare(configured);
    // A short key has many neighbours that mean something else.
    const allowed = wanted.length >= 6 ? 2 : wanted.length >= 4 ? 1 : 0;
    const distance = editDistance(written, wanted, allowed);
    if (distance <= allowed && distance < (best?.distance ?? Number.POSITIVE_INFINITY)) {
      best = { field, key: configured, distance };
    }
  }
  return best && { field: best.field, key: best.key };
}

function bare(key: string): string {
  return key.toLowerCase().replaceAll(/[-_ ]/g, '');
}

/**
 * Insertions, deletions, replacements and swaps of neighbours between two texts; anything more than
 * `most` when there are more.
 */
export function editDistance(one: string, other: string, most: number): number {
  if (Math.abs(one.length - other.length) > most) return most + 1;
  let older: number[] = [];
  let last = Array.from({ length: other.length + 1 }, (_, at) => at);
  for (let i = 1; i <= one.length; i++) {
    const row = [i];
    for (let j = 1; j <= other.length; j++) {
      const same = one[i - 1] === other[j - 1];
      let cost = Math.min(last[j]! + 1, row[j - 1]! + 1, last[j - 1]! + (same ? 0 : 1));
      const swapped = i > 1 && j > 1 && one[i - 1] === other[j - 2] && one[i - 2] === other[j - 1];
      if (swapped) cost = Math.min(cost, older[j - 2]! + 1);
      row.push(cost);
    }
    older = last;
    last = row;
  }
  return last[other.length]!;
}
