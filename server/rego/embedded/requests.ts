/**
 * Requests about a file with blocks of Rego: answered by the block where the cursor is, or by all of them together,
 * with edits that keep the blocks' indentation.
 */
import type { Position, Range, SelectionRange } from 'vscode-languageserver';
import { type EmbeddedPlace, isIn, overlaps } from './places.ts';
import { isTokens, joined } from './tokens.ts';
import { yamlEdits } from './workspace-edits.ts';

type Params = { textDocument: { uri: string } };

/** The answers of all blocks, with what there is to say of the file around them. */
export type Around<R> = (blocks: readonly EmbeddedPlace[]) => R;

/**
 * Runs `answer` for a block with its own URI, or for several. Null where the cursor is in no block, and where none of
 * them has an answer.
 */
export async function inBlocks<P extends Params, R>(
  blocks: readonly EmbeddedPlace[],
  params: P,
  answer: (block: EmbeddedPlace, params: P) => Promise<R> | R,
  around?: Around<R>,
): Promise<R | null> {
  const { position, positions, range } = params as { position?: Position; positions?: Position[]; range?: Range };
  const of = async (block: EmbeddedPlace, own: P = params): Promise<R> => {
    // What was answered before was about the whole file: a difference to it would be no help.
    const { previousResultId: _, ...rest } = { ...own, previousResultId: undefined };
    const asked = { ...rest, textDocument: { ...own.textDocument, uri: block.uri } };
    return yamlEdits(block, await answer(block, asked as unknown as P), position);
  };
  if (positions) {
    const found = positions.map(async (one): Promise<SelectionRange> => {
      const block = blocks.find((candidate) => isIn(candidate, one));
      const [range] = block ? (((await of(block, { ...params, positions: [one] })) ?? []) as SelectionRange[]) : [];
      return range ?? { range: { start: one, end: one } };
    });
    return (await Promise.all(found)) as R;
  }
  if (position) {
    const block = blocks.find((candidate) => isIn(candidate, position));
    return block ? of(block) : null;
  }
  const asked = range ? blocks.filter((block) => overlaps(block, range)) : blocks;
  const answers: unknown[] = await Promise.all(asked.map((block) => of(block)));
  if (around) answers.push(around(blocks));
  return merged(answers.filter((one) => one !== null && one !== undefined)) as R | null;
}

function merged(answers: readonly unknown[]): unknown {
  if (answers.length === 0) return null;
  if (answers.every(Array.isArray)) return answers.flat();
  if (answers.every(isTokens)) return joined(answers);
  return answers[0];
}
