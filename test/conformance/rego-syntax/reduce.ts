/** Makes a text small that our parser and OPA's differ over. */
import { compare, type DifferenceKind } from './compare.ts';
import type { Module } from './corpus.ts';
import { type Answer, ask } from './oracle.ts';
import { parseOurs } from './ours.ts';

/** Of the texts that are left when pieces of the module are left out, a small one that still differs in the same way. */
export async function reduce({ text, version }: Module, kind: DifferenceKind): Promise<string> {
  let smallest = text;
  for (let pieces = 2; ; ) {
    const parts = split(smallest, pieces);
    const candidates = parts.map((_, left) => parts.filter((_, index) => index !== left).join(''));
    const answers = (await ask(
      'reduce',
      candidates.map((candidate) => ({ text: candidate, version, tree: true })),
    )) as Answer[];
    const next = candidates.find((candidate, index) =>
      compare(candidate, answers[index]!, parseOurs(candidate, version)).some((found) => found.kind === kind),
    );
    if (next !== undefined && next.length < smallest.length) {
      smallest = next;
      pieces = Math.max(2, pieces - 1);
    } else if (pieces >= smallest.length) {
      return smallest;
    } else {
      pieces *= 2;
    }
  }
}

function split(text: string, pieces: number): string[] {
  const characters = [...text];
  const size = Math.max(1, Math.ceil(characters.length / pieces));
  return Array.from({ length: Math.ceil(characters.length / size) }, (_, index) =>
    characters.slice(index * size, (index + 1) * size).join(''),
  );
}
