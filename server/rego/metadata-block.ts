/** The lines of METADATA around a cursor: by text alone, since a block that is being written is often none yet. */

import type { Document } from '../snapshot.ts';

export interface BlockPlace {
  /** The line up to the cursor, without `#`, its indentation kept. */
  readonly before: string;
  /** The keys that the line is below, from the block's top on. */
  readonly parents: readonly string[];
  /** What other lines say at the same level. */
  readonly taken: ReadonlySet<string>;
}

/**
 * Undefined outside of METADATA, and on its first line.
 *
 * @param margin blanks before every line, where the module is a block of another document
 */
export function blockAt(text: string, offset: number, margin = 0): BlockPlace | undefined {
  const start = text.lastIndexOf('\n', offset - 1) + 1 + margin;
  const before = text.slice(start, offset);
  if (!before.startsWith('#')) return undefined;
  const above: string[] = [];
  for (let end = start - margin - 1; end >= 0; ) {
    const from = text.lastIndexOf('\n', end - 1) + 1;
    const line = text.slice(from + margin, end);
    if (!line.startsWith('#')) return undefined;
    if (/^#\s*METADATA\s*$/.test(line)) return place(content(before), above.map(content), below(text, offset, margin));
    above.unshift(line);
    end = from - 1;
  }
  return undefined;
}

/** The block's lines behind the one at the offset. */
function below(text: string, offset: number, margin: number): string[] {
  const lines = text
    .slice(offset)
    .split('\n')
    .slice(1)
    .map((line) => line.slice(margin));
  const end = lines.findIndex((line) => !line.startsWith('#'));
  return lines.slice(0, end < 0 ? lines.length : end).map(content);
}

function content(line: string): string {
  return line.slice(1).replace(/^ /, '').replace(/\r$/, '');
}

function place(before: string, above: readonly string[], behind: readonly string[]): BlockPlace {
  const own = levelOf(before);
  const parents: string[] = [];
  let level = own;
  for (const line of above.toReversed()) {
    const key = keyOf(line);
    // A list may stand at its key's own level.
    if (key && (key.level < level || (key.level === level && /^\s*-/.test(before) && !/^\s*-/.test(line)))) {
      parents.unshift(key.name);
      level = key.level;
    }
    if (level <= 0 && key?.level === 0) break;
  }
  const taken = new Set<string>();
  const collect = (lines: readonly string[]) => {
    for (const line of lines) {
      const key = keyOf(line);
      if (key && key.level < own) return;
      if (key?.level === own) taken.add(key.name);
      if (/^\s*-/.test(line)) return;
    }
  };
  if (!/^\s*-/.test(before)) collect(above.toReversed());
  collect(behind);
  return { before, parents, taken };
}

/** Where what a line says begins, behind the dash of a list. */
function levelOf(line: string): number {
  return /^[\s-]*/.exec(line)?.[0].length ?? 0;
}

function keyOf(line: string): { name: string; level: number } | undefined {
  const name = /^[\s-]*([A-Za-z_]\w*):/.exec(line)?.[1];
  return name === undefined ? undefined : { name, level: levelOf(line) };
}

/** By how many blanks the lines of a module begin: none, but in a block of YAML. */
export function marginOf({ embedded }: Document): number {
  return embedded?.source.block?.indent ?? 0;
}
