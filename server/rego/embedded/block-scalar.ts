/** The lines of a YAML block scalar (`|`): between the text as it stands, and as Rego sees it without its indentation. */
import type { Position } from 'vscode-languageserver';
import type { Span } from '../syntax/tree.ts';

/** Where a block's lines are in the YAML text. */
export interface Block extends Span {
  /** The line its first line is, counted from zero. */
  readonly firstLine: number;
  /** The spaces before each line, which are no part of it. */
  readonly indent: number;
  /** They are said behind `|`; else the first line tells how many there are. */
  readonly isIndentSaid: boolean;
}

/**
 * The text with everything outside of the block as spaces: what stands in the block stays where it is.
 *
 * @param blanks the text as {@link blanked}, where it is known: many blocks share it
 */
export function masked(text: string, { start, end }: Span, blanks = blanked(text)): string {
  return blanks.slice(0, start) + text.slice(start, end) + blanks.slice(end);
}

/** Lines of spaces, each as long as the text's. */
export function blanked(text: string): string {
  return text.replace(/[^\r\n]+/g, (line) => ' '.repeat(line.length));
}

/** What Rego sees of a text that is {@link masked} and may have been edited since, with one line break at its end. */
export function dedented(text: string, block: Pick<Block, 'firstLine' | 'indent'>): string {
  return dedentedLines(text.trimEnd().split(/\r?\n/).slice(block.firstLine), block);
}

/** The same for the block alone, as it is in the file. */
export function dedentedBlock(text: string, block: Block): string {
  return dedentedLines(text.slice(block.start, block.end).trimEnd().split(/\r?\n/), block);
}

function dedentedLines(lines: readonly string[], block: Pick<Block, 'indent'>): string {
  return `${lines.map((line) => line.slice(indentOf(line, block))).join('\n')}\n`;
}

function indentOf(line: string, { indent }: Pick<Block, 'indent'>): number {
  const [spaces = ''] = /^ */.exec(line) ?? [];
  return Math.min(spaces.length, indent);
}

/** From a position in what Rego sees to the YAML text. */
export function toYaml({ firstLine, indent }: Block, { line, character }: Position): Position {
  return { line: firstLine + line, character: indent + character };
}
