/** Numbers that look random, and are the same for the same seed. */
export interface RandomNumbers {
  /** A whole number from 0 to below this. */
  below(end: number): number;
  pick<T>(from: readonly T[]): T;
}

/** Mulberry32: https://gist.github.com/tommyettinger/46a874533244883189143505d203312c (public domain). */
export function randomNumbers(seed: number): RandomNumbers {
  let state = seed >>> 0;
  const below = (end: number): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return Math.floor((((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32) * end);
  };
  return { below, pick: (from) => from[below(from.length)]! };
}
