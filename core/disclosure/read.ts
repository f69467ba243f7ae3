/** What a commit's trailers declare of its AI use. */

import type { Config } from '../config.ts';
import type { Commit, Disclosure, Trailer } from '../input.ts';

/**
 * The disclosure among a commit's trailers; undefined when none of the configured keys occurs.
 * Where a CRLF message folds a value, git leaves the carriage return in it; here it is no part of it.
 */
export function readDisclosure(trailers: Trailer[], config: Pick<Config, 'trailers'>): Disclosure | undefined {
  const found: Disclosure = {};
  for (const [field, key] of Object.entries(config.trailers)) {
    const values = trailers
      .filter((trailer) => trailer.key.toLowerCase() === key.toLowerCase())
      .map(({ value }) => value.replaceAll('\r ', ' '));
    if (values.length > 0) found[field] = values;
  }
  return Object.keys(found).length > 0 ? found : undefined;
}

/** The commit with the disclosure that its trailers make. */
export function withDisclosure(commit: Commit, config: Pick<Config, 'trailers'>): Commit {
  const disclosure = readDisclosure(commit.trailers, config);
  return disclosure === undefined ? commit : { ...commit, disclosure };
}
