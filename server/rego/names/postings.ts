/**
 * Which modules mention what: the hashes of all of them in one sorted array, so that few are looked into. Made once all
 * are read; later versions use the same array, and look into what has changed since besides.
 */
import { attached } from '../../attached.ts';
import { SortedMap } from '../../sorted-map.ts';
import { eachHash, type Hash, wholeHash } from './mentions.ts';
import type { Module, Modules } from './modules.ts';

interface Postings {
  /** What it was made of. */
  readonly of: Modules;
  /** By the number of the module. */
  readonly paths: readonly string[];
  /** A hash and the number of a module that has it, as one number each. */
  readonly entries: Float64Array;
}

/** Room for the numbers of the modules; with the 32 bits of a hash it is less than a number has. */
const room = 2 ** 20;

const kept = attached<Modules, Postings>();

/** All of the modules must have been read. */
export function makePostings(modules: Modules): void {
  const paths: string[] = [];
  const entries: number[] = [];
  if (modules.byPath.size > room) return;
  for (const { path, outline } of modules.byPath.values()) {
    eachHash(outline.mentions, (hash) => entries.push(hash * room + paths.length));
    paths.push(path);
  }
  kept.set(modules, { of: modules, paths, entries: Float64Array.from(entries).sort() });
}

export function carryPostings(before: Modules, now: Modules): void {
  const postings = kept.get(before);
  if (postings) kept.set(now, postings);
}

/** The modules that may mention one of these, in the order of their paths; all, while they are being read. */
export function mentioning(modules: Modules, hashes: readonly Hash[], onlyWhole: boolean): Iterable<Module> {
  const postings = kept.get(modules);
  if (!postings) return modules.byPath.values();
  const found = new Set(SortedMap.differences(postings.of.byPath, modules.byPath));
  for (const hash of hashes) {
    const from = (onlyWhole ? wholeHash(hash) : hash.a) * room;
    const { entries, paths } = postings;
    for (let at = firstFrom(entries, from); (entries[at] as number) < from + room; at++) {
      found.add(paths[(entries[at] as number) - from] as string);
    }
  }
  return [...found].sort().flatMap((path) => modules.byPath.get(path) ?? []);
}

function firstFrom(entries: Float64Array, wanted: number): number {
  let low = 0;
  let high = entries.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((entries[middle] as number) < wanted) low = middle + 1;
    else high = middle;
  }
  return low;
}
