/**
 * A map that never changes, sorted by key: an edit makes another one that shares with it what is the same. So a map of
 * thousands of entries is edited in microseconds, and two versions of it are compared by what they do not share.
 */

/** Entries of one piece: copying it is nothing, and there are few of them to look through. */
const most = 64;

interface Piece<V> {
  readonly keys: readonly string[];
  readonly values: readonly V[];
}

/** Values are never undefined. */
export class SortedMap<V> implements ReadonlyMap<string, V> {
  /** In order; none is empty. */
  readonly #pieces: readonly Piece<V>[];
  readonly size: number;

  private constructor(pieces: readonly Piece<V>[]) {
    this.#pieces = pieces;
    this.size = pieces.reduce((sum, { keys }) => sum + keys.length, 0);
  }

  /** Of two entries with one key the later one counts. */
  static of<V>(entries: Iterable<readonly [string, V]>): SortedMap<V> {
    const all = new Map(entries);
    const keys = [...all.keys()].sort(inOrder);
    return new SortedMap(cut(keys, (key) => all.get(key) as V));
  }

  get(key: string): V | undefined {
    const piece = this.#pieces[this.#pieceOf(key)];
    const at = piece ? firstFrom(piece.keys, key) : -1;
    return piece?.keys[at] === key ? piece.values[at] : undefined;
  }

  has(key: string): boolean {
    const piece = this.#pieces[this.#pieceOf(key)];
    return piece !== undefined && piece.keys[firstFrom(piece.keys, key)] === key;
  }

  /** With these entries; without those that are undefined. The same map where nothing changes. */
  edited(changes: ReadonlyMap<string, V | undefined>): SortedMap<V> {
    const real = [...changes].filter(([key, value]) => this.get(key) !== value);
    if (real.length === 0) return this;
    if (real.length > this.size / 4) return this.#rebuilt(real);
    const groups = new Map<number, [string, V | undefined][]>();
    for (const change of real) {
      const at = Math.max(this.#pieceOf(change[0]), 0);
      const group = groups.get(at);
      if (group) group.push(change);
      else groups.set(at, [change]);
    }
    const pieces = [...this.#pieces];
    for (const at of [...groups.keys()].sort((a, b) => b - a)) {
      const piece = pieces[at] as Piece<V>;
      pieces.splice(at, 1, ...patchPiece(piece, groups.get(at) as [string, V | undefined][]));
    }
    return new SortedMap(pieces);
  }

  #rebuilt(changes: readonly [string, V | undefined][]): SortedMap<V> {
    const all = new Map<string, V>(this);
    for (const [key, value] of changes) {
      if (value === undefined) all.delete(key);
      else all.set(key, value);
    }
    return SortedMap.of(all);
  }

  /** The entries whose key begins so, in order. */
  *startingWith(prefix: string): Generator<readonly [string, V]> {
    for (let at = Math.max(this.#pieceOf(prefix), 0); at < this.#pieces.length; at++) {
      const { keys, values } = this.#pieces[at] as Piece<V>;
      for (let within = firstFrom(keys, prefix); within < keys.length; within++) {
        const key = keys[within] as string;
        if (!key.startsWith(prefix)) return;
        yield [key, values[within] as V];
      }
    }
  }

  /** The keys under which two versions have something else, in order. Cheap where they share most. */
  static differences<V>(before: SortedMap<V>, now: SortedMap<V>): string[] {
    const old = before.#pieces;
    const young = now.#pieces;
    const found: string[] = [];
    let i = 0;
    let at = 0;
    let j = 0;
    let to = 0;
    // Every keystroke asks several times: nothing is allocated for what is the same.
    while (i < old.length || j < young.length) {
      const one = old[i];
      const other = young[j];
      if (one === other && at === to) {
        i++;
        j++;
        at = 0;
        to = 0;
        continue;
      }
      const key = one?.keys[at];
      const next = other?.keys[to];
      const isOld = key !== undefined && (next === undefined || key <= next);
      const isYoung = next !== undefined && (key === undefined || next <= key);
      if (!isOld || !isYoung || one?.values[at] !== other?.values[to]) found.push((isOld ? key : next) as string);
      if (isOld && ++at === one?.keys.length) {
        i++;
        at = 0;
      }
      if (isYoung && ++to === other?.keys.length) {
        j++;
        to = 0;
      }
    }
    return found;
  }

  *entries(): Generator<[string, V]> {
    for (const { keys, values } of this.#pieces) {
      for (let at = 0; at < keys.length; at++) yield [keys[at] as string, values[at] as V];
    }
  }

  *keys(): Generator<string> {
    for (const { keys } of this.#pieces) yield* keys;
  }

  *values(): Generator<V> {
    for (const { values } of this.#pieces) yield* values;
  }

  [Symbol.iterator](): Generator<[string, V]> {
    return this.entries();
  }

  forEach(callback: (value: V, key: string, map: ReadonlyMap<string, V>) => void): void {
    for (const [key, value] of this) callback(value, key, this);
  }

  /** The last piece that begins at or before a key; -1 where all begin behind it. */
  #pieceOf(key: string): number {
    let low = 0;
    let high = this.#pieces.length;
    while (low < high) {
      const middle = (low + high) >> 1;
      if ((this.#pieces[middle]?.keys[0] as string) <= key) low = middle + 1;
      else high = middle;
    }
    return low - 1;
  }
}

function patchPiece<V>({ keys, values }: Piece<V>, changes: readonly [string, V | undefined][]): Piece<V>[] {
  const all = new Map(keys.map((key, at) => [key, values[at] as V]));
  for (const [key, value] of changes) {
    if (value === undefined) all.delete(key);
    else all.set(key, value);
  }
  return cut([...all.keys()].sort(inOrder), (key) => all.get(key) as V);
}

function cut<V>(keys: readonly string[], valueFor: (key: string) => V): Piece<V>[] {
  const pieces: Piece<V>[] = [];
  // Halves of what is too large have room to grow.
  const length = keys.length <= most ? most : most / 2;
  for (let at = 0; at < keys.length; at += length) {
    const own = keys.slice(at, at + length);
    pieces.push({ keys: own, values: own.map(valueFor) });
  }
  return pieces;
}

/** The place of the first key that is not before one. */
function firstFrom(keys: readonly string[], key: string): number {
  let low = 0;
  let high = keys.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((keys[middle] as string) < key) low = middle + 1;
    else high = middle;
  }
  return low;
}

function inOrder(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}
