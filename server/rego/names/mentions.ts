/**
 * The names of a module that stand for something outside of it, packed into numbers: so the names of all modules are
 * kept without their trees, and looking for one in thousands of modules takes a millisecond.
 *
 * A mention is four numbers: two of the hash of what is meant, where it begins, and its length with the flags. What is
 * meant is a path from `data` or `input` on; or, for a name that its package decides on, the names as they are written,
 * below ''; or a built-in's name, below 'call'. They lie in the order of the first hash. Of 64 bits, two hashes that are the same by chance are not to be feared.
 */
import type { Span, Tree } from '../syntax/tree.ts';
import type { Segment, Use } from './names.ts';
import { type Finder, isQuoted, type Meaning, type Occurrence } from './occurrences.ts';

export type Mentions = Int32Array;

const flag = { declares: 1, quoted: 2, imported: 4, whole: 8, alias: 16, metadata: 32 } as const;
const flagBits = 6;

export interface Hash {
  readonly a: number;
  readonly b: number;
}

export function hashOf(names: readonly string[]): Hash {
  let a = 0x811c9dc5;
  let b = 0x9747b28c;
  for (const name of names) {
    for (let at = 0; at < name.length; at++) {
      const unit = name.charCodeAt(at);
      a = Math.imul(a ^ unit, 0x01000193);
      b = Math.imul(b ^ unit, 0x5bd1e995) ^ (b >>> 15);
    }
    // No name has a unit like this, so that `a.bc` is not `ab.c`.
    a = Math.imul(a ^ 0x1ffff, 0x01000193);
    b = Math.imul(b ^ 0x1ffff, 0x5bd1e995) ^ (b >>> 13);
  }
  return { a: a | 0, b: b | 0 };
}

/** As a name that its package decides on, and as a built-in. */
const free = '';
const call = 'call';

export interface Packer {
  readonly finder: Finder;
  done(): Mentions;
}

/** Packs what it is told of the names of a module. */
export function packer({ text }: Pick<Tree, 'text'>): Packer {
  const packed: number[] = [];
  const add = (path: readonly string[], { start, end }: Span, flags: number) => {
    const { a, b } = hashOf(path);
    packed.push(a, b, start, ((end - start) << flagBits) | flags | (isQuoted(text, start) ? flag.quoted : 0));
  };
  return {
    finder: {
      found(span, meaning, { declares, imported, whole, metadata }) {
        const flags =
          (declares ? flag.declares : 0) |
          (imported ? flag.imported : 0) |
          (whole ? flag.whole : 0) |
          (metadata ? flag.metadata : 0);
        if (meaning.kind === 'data' || meaning.kind === 'input') add(meaning.path, span, flags);
        else if (meaning.kind === 'alias') add(namesOf(meaning.import.path), span, flags | flag.alias);
      },
      free: (use) => addFree(use, add),
    },
    done: () => sorted(packed),
  };
}

/** By the first hash, so that one is found by halves. */
function sorted(packed: readonly number[]): Mentions {
  const count = packed.length / 4;
  const order = new Float64Array(count);
  // Numbers sort without a comparison of ours: the hash above, the place below.
  for (let at = 0; at < count; at++) order[at] = (packed[at * 4] as number) * count + at;
  order.sort();
  const mentions = new Int32Array(packed.length);
  for (let to = 0; to < count; to++) {
    const key = order[to] as number;
    const from = (((key % count) + count) % count) * 4;
    for (let at = 0; at < 4; at++) mentions[to * 4 + at] = packed[from + at] as number;
  }
  return mentions;
}

function addFree({ segments, called }: Use, add: (path: readonly string[], span: Span, flags: number) => void): void {
  const written = namesOf(segments);
  segments.forEach((segment, at) => {
    add([free, ...written.slice(0, at + 1)], segment, at === segments.length - 1 ? flag.whole : 0);
  });
  const [first, last] = [segments[0] as Segment, segments.at(-1) as Segment];
  if (called) add([call, written.join('.')], { start: first.start, end: last.end }, 0);
}

function namesOf(segments: readonly Segment[]): string[] {
  return segments.map(({ name }) => name);
}

export interface Mention extends Span, Omit<Occurrence, 'meaning'> {
  /** It is an alias of what is meant. */
  readonly alias: boolean;
}

/** In no order; on demand only those that take the whole of what is meant. */
export function findMentions(mentions: Mentions, { a, b }: Hash, onlyWhole = false): readonly Mention[] {
  let low = 0;
  let high = mentions.length / 4;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((mentions[middle * 4] as number) < a) low = middle + 1;
    else high = middle;
  }
  if (mentions[low * 4] !== a) return none;
  const found: Mention[] = [];
  for (let at = low * 4; mentions[at] === a; at += 4) {
    const rest = mentions[at + 3] as number;
    if (mentions[at + 1] !== b || (onlyWhole && (rest & flag.whole) === 0)) continue;
    found.push(unpacked(mentions[at + 2] as number, rest));
  }
  return found;
}

/** Gives each hash that is mentioned, once; and once more, as another, where something is taken whole. */
export function eachHash(mentions: Mentions, take: (hash: number) => void): void {
  let last: number | undefined;
  let isTaken = false;
  for (let at = 0; at < mentions.length; at += 4) {
    const a = mentions[at] as number;
    if (a !== last) take(a);
    isTaken &&= a === last;
    last = a;
    if (isTaken || ((mentions[at + 3] as number) & flag.whole) === 0) continue;
    isTaken = true;
    take(wholeHash({ a }));
  }
}

/** Few things that are named are also taken whole, and those are looked for by themselves. */
export function wholeHash({ a }: Pick<Hash, 'a'>): number {
  return a ^ 0x2545f491;
}

const none: readonly Mention[] = [];

function unpacked(start: number, rest: number): Mention {
  return {
    start,
    end: start + (rest >>> flagBits),
    declares: (rest & flag.declares) !== 0,
    quoted: (rest & flag.quoted) !== 0,
    imported: (rest & flag.imported) !== 0,
    whole: (rest & flag.whole) !== 0,
    alias: (rest & flag.alias) !== 0,
    metadata: (rest & flag.metadata) !== 0,
  };
}

/** What is not of one module alone. */
export type OutsideMeaning = Exclude<Meaning, { kind: 'local' | 'alias' }>;

/** How a meaning is looked for where the module itself tells it. */
export function hashOfMeaning(meaning: OutsideMeaning): Hash {
  return hashOf(meaning.kind === 'builtin' ? [call, meaning.name] : meaning.path);
}

/** How it is looked for in the modules of a package, where the package has a rule of the first of these names. */
export function hashWithin(names: readonly string[]): Hash {
  return hashOf([free, ...names]);
}

/** Whether a text could have a name; strings may write it with escapes. */
export function mayHold(text: string, name: string): boolean {
  return text.includes(name) || text.includes('\\u');
}
