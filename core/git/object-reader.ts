/** `git cat-file --batch` as a conversation: ask for objects, read their raw bytes in the same order. */

import type { Readable } from 'node:stream';
import { GitError, type GitPlace, spawnGit } from './run.ts';

/** Pulls bytes out of a stream piece by piece, keeping no more than the stream's own buffer and one piece. */
export class ByteReader {
  #stream: AsyncIterator<Buffer>;
  #pieces: Buffer[] = [];
  #length = 0;
  #ended = false;

  constructor(stream: Readable) {
    this.#stream = stream[Symbol.asyncIterator]();
  }

  async #more(): Promise<boolean> {
    if (this.#ended) return false;
    const next = await this.#stream.next();
    if (next.done) {
      this.#ended = true;
      return false;
    }
    this.#pieces.push(next.value);
    this.#length += next.value.length;
    return true;
  }

  #joined(): Buffer {
    if (this.#pieces.length !== 1) this.#pieces = [Buffer.concat(this.#pieces)];
    return this.#pieces[0]!;
  }

  #take(count: number, drop: number): Buffer {
    const all = this.#joined();
    this.#pieces = [all.subarray(count + drop)];
    this.#length -= count + drop;
    return all.subarray(0, count);
  }

  /** The bytes up to `end` (a single byte), which is dropped; undefined at the end of the stream. */
  async until(end: number): Promise<Buffer | undefined> {
    let searched = 0;
    for (;;) {
      const at = this.#length > searched ? this.#joined().indexOf(end, searched) : -1;
      if (at >= 0) return this.#take(at, 1);
      searched = this.#length;
      if (!(await this.#more())) return undefined;
    }
  }

  /** The next byte as a character, left where it is; undefined at the end of the stream. */
  async peek(): Promise<string | undefined> {
    while (this.#length === 0) if (!(await this.#more())) return undefined;
    return String.fromCharCode(this.#joined()[0]!);
  }

  /** Exactly `count` bytes; undefined when the stream ends before. */
  async exactly(count: number): Promise<Buffer | undefined> {
    while (this.#length < count) if (!(await this.#more())) return undefined;
    return this.#take(count, 0);
  }
}

/** One object as git keeps it. */
export interface GitObject {
  /** Full. */
  id: string;
  type: string;
  bytes: Buffer;
}

/** Reads objects by name in one process, however many. */
export interface ObjectReader {
  /** Asks for objects; the answers come in this order from `next`. */
  ask(names: string[]): void;
  /** The next answer; undefined when there is no such object. */
  next(): Promise<GitObject | undefined>;
  close(): Promise<void>;
}

export function openObjectReader(place: GitPlace, signal?: AbortSignal): ObjectReader {
  const child = spawnGit(place, ['cat-file', '--batch'], signal);
  const reader = new ByteReader(child.stdout);
  const broken = async (): Promise<never> => {
    // It may live on behind an output that it has closed.
    child.stdin.end();
    await child.ended;
    throw new GitError('failed', 'git cat-file ended before it had answered.');
  };
  return {
    ask(names) {
      if (names.length > 0) child.stdin.write(`${names.join('\n')}\n`);
    },
    async next() {
      const header = (await reader.until(10))?.toString('latin1') ?? (await broken());
      const [id = '', type, size] = header.split(' ');
      if (type === undefined || size === undefined || !/^\d+$/.test(size)) return undefined;
      const bytes = (await reader.exactly(Number(size))) ?? (await broken());
      if ((await reader.exactly(1)) === undefined) await broken();
      return { id, type, bytes };
    },
    async close() {
      child.stdin.end();
      child.stop();
      await child.ended;
    },
  };
}
