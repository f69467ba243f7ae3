/**
 * What is derived from something of which there are versions, one after the other: made once, then from its last value
 * by what has changed since, so that a keystroke costs what it changes and not what there is.
 */

import { attached } from './attached.ts';

/** The versions of one thing share a line. */
const lines = attached<object, object>();

/** Says that something is the next version of what was before. */
export function follows(now: object, before: object): void {
  lines.set(now, lineOf(before));
}

function lineOf(version: object): object {
  let line = lines.get(version);
  if (!line) {
    line = {};
    lines.set(version, line);
  }
  return line;
}

/**
 * Like `derived`, for things that have versions.
 *
 * @param patch makes the value from the last one that was made, of whichever version; undefined when that is no help.
 * It must give what `make` would give.
 */
export function patched<K extends object, V>(
  make: (from: K) => V,
  patch: (last: V, of: K, now: K) => V | undefined,
): (from: K) => V {
  const kept = attached<K, { value: V }>();
  const latest = attached<object, { of: K; value: V }>();
  return (from) => {
    const known = kept.get(from);
    if (known) return known.value;
    const line = lineOf(from);
    const last = latest.get(line);
    const value = (last && patch(last.value, last.of, from)) ?? make(from);
    kept.set(from, { value });
    latest.set(line, { of: from, value });
    return value;
  };
}
