/**
 * Formatting of Rego in YAML: of its text without the indentation, which comes back with the edits. What is not
 * written line by line becomes a block when it is formatted as a whole, unless it is formatted as it is.
 */
import {
  type DocumentOnTypeFormattingParams,
  type Position,
  type Range,
  ResponseError,
  type TextEdit,
} from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Document, Root, Snapshot } from '../../snapshot.ts';
import { deadlineMs } from '../check.ts';
import { lineEdits } from '../line-edits.ts';
import { versionOf } from '../module-version.ts';
import { treeOf } from '../names/trees.ts';
import { placedEdits } from '../places.ts';
import { type Block, toYaml } from './block-scalar.ts';
import { inRego, replacement } from './edits.ts';
import { type EmbeddedPlace, overlaps } from './places.ts';
import { asBlock, scalarEdits } from './scalar-edits.ts';
import { type Indentation, spaced, spacedLine } from './spaces.ts';

/** A block as a module in a file of its own. */
interface Flat {
  readonly root: Root;
  readonly path: string;
  readonly document: Document;
  /** From a position in the YAML file. */
  readonly at: (position: Position) => Position;
}

/** Formats all texts; undefined when every one has syntax errors, which their diagnostics show. */
export async function formatBlocks(
  snapshot: Snapshot,
  blocks: readonly EmbeddedPlace[],
  indentation: Indentation,
  signal: AbortSignal,
): Promise<TextEdit[] | undefined> {
  const formatted = await Promise.all(
    blocks.map(async (place): Promise<TextEdit[] | undefined> => {
      const { root, path, document, block } = place;
      const before = flatText(place);
      // An empty one has a template's first lines in a file, and nothing to be formatted here.
      if (before.trim() === '') return [];
      const params = { path, text: before, regoVersion: root.regoVersion };
      const { text } = await snapshot.ask.plain('format', params, { signal, deadlineMs });
      if (text === undefined) return undefined;
      const now = spaced(text, root.regoVersion, indentation);
      return block ? replacement(document.text, block, now) : scalarFormatted(place, before, now);
    }),
  );
  return formatted.some((edits) => edits !== undefined) ? formatted.flatMap((edits) => edits ?? []) : undefined;
}

/** A text that is formatted keeps its quotes, and so does one that no block can hold where it is. */
function scalarFormatted({ root, source, scalar }: EmbeddedPlace, before: string, now: string): TextEdit[] {
  const yaml = root.template?.document;
  if (!scalar || !yaml || now.trimEnd() === before.trimEnd()) return [];
  const [ending = ''] = /\n*$/.exec(before) ?? [];
  const edit = asBlock({ yaml, source, places: scalar }, now.trimEnd() + ending);
  return edit ? [edit] : [];
}

/** Formats what the ranges touch; null where nothing can be. */
export async function formatBlockRanges(
  snapshot: Snapshot,
  blocks: readonly EmbeddedPlace[],
  ranges: readonly Range[],
  indentation: Indentation,
  signal: AbortSignal,
): Promise<TextEdit[] | null> {
  const { formatRanges } = await import('../format-range.ts');
  const formatted = await Promise.all(
    blocks.map((block) => {
      const own = ranges.filter((range) => overlaps(block, range));
      if (own.length === 0) return null;
      return flatEdits(block, indentation, ({ root, path, document, at }) => {
        const moved = own.map(({ start, end }) => ({ start: at(start), end: at(end) }));
        return formatRanges(snapshot, root, path, document, moved, signal);
      });
    }),
  );
  return formatted.some((edits) => edits !== null) ? formatted.flatMap((edits) => edits ?? []) : null;
}

/** Formats what is being typed in one of the blocks. */
export async function formatBlockOnType(
  blocks: readonly EmbeddedPlace[],
  { position, ch, options }: Pick<DocumentOnTypeFormattingParams, 'position' | 'ch' | 'options'>,
): Promise<TextEdit[] | null> {
  const block = blocks.find((one) => overlaps(one, { start: position, end: position }));
  // A line of any other scalar is none of the Rego's.
  if (!block?.block) return null;
  const { formatOnType } = await import('../format-on-type.ts');
  return flatEdits(block, options, ({ root, path, document, at }) => {
    const tree = treeOf(document, versionOf(root, path, document));
    return formatOnType(tree, document, at(position), ch, options);
  });
}

/** Runs what makes edits of a module for a block, as if it were one. Null where that has none. */
async function flatEdits(
  place: EmbeddedPlace,
  indentation: Indentation,
  edit: (flat: Flat) => Promise<readonly TextEdit[] | null | undefined> | readonly TextEdit[] | null | undefined,
): Promise<TextEdit[] | null> {
  const { root, path, document, block, scalar } = place;
  const { embedded: _, ...rest } = document;
  const before = flatText(place);
  const version = root.regoVersion;
  const lines = TextDocument.create('', 'rego', 0, before);
  const edits = await edit({
    root,
    path,
    document: { ...rest, text: before },
    at: (position) =>
      block ? inRego(block, lines.lineCount, position) : lines.positionAt(scalar?.offsetAt(position) ?? 0),
  });
  if (!edits) return null;
  if (!block) return scalarParts(place, lines, edits, indentation);
  const yaml = TextDocument.create('', 'yaml', 0, document.text);
  return edits.every(isWithinLine)
    ? edits
        .map((one) => ({ ...one, newText: spacedLine(one.newText, indentation) }))
        .filter(({ range, newText }) => newText !== lines.getText(range))
        .map((one) => padded(one, block, yaml))
    : replacement(
        document.text,
        block,
        spaced(TextDocument.applyEdits(lines, [...edits]), version, indentation, before),
      );
}

/** Some edits of a scalar stay within its quotes, where they can. */
function scalarParts(
  { root, document, source, scalar }: EmbeddedPlace,
  lines: TextDocument,
  edits: readonly TextEdit[],
  indentation: Indentation,
): TextEdit[] | null {
  const yaml = root.template?.document;
  if (!scalar || !yaml) return null;
  const before = lines.getText();
  const now = spaced(TextDocument.applyEdits(lines, [...edits]), root.regoVersion, indentation, before);
  try {
    return scalarEdits({ yaml, source, places: scalar }, placedEdits(document, lineEdits(before, now)));
  } catch (error) {
    if (error instanceof ResponseError) return null;
    throw error;
  }
}

function flatText({ document: { embedded, text } }: EmbeddedPlace): string {
  return embedded?.read(text) ?? text;
}

function isWithinLine({ range: { start, end }, newText }: TextEdit): boolean {
  return start.line === end.line && !newText.includes('\n');
}

/** A line without anything on it may lack the indentation, too. */
function padded({ range, newText }: TextEdit, block: Block, yaml: TextDocument): TextEdit {
  const start = toYaml(block, range.start);
  const line = yaml.getText({ start: { line: start.line, character: 0 }, end: { line: start.line + 1, character: 0 } });
  const length = line.replace(/\r?\n$/, '').length;
  if (length >= start.character || newText === '') return { range: { start, end: toYaml(block, range.end) }, newText };
  const from = { line: start.line, character: length };
  return { range: { start: from, end: from }, newText: ' '.repeat(start.character - length) + newText };
}
