/** Edits of the Rego in a block scalar as edits of the YAML text, indented as the block is. */
import type { Position, TextEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { lineEdits } from '../line-edits.ts';
import { type Block, dedented } from './block-scalar.ts';

/** From a position in the YAML text to what Rego sees; what lies before or behind the block is at its start or end. */
export function inRego(block: Block, lines: number, { line, character }: Position): Position {
  const own = line - block.firstLine;
  if (own < 0) return { line: 0, character: 0 };
  if (own >= lines) return { line: lines, character: 0 };
  return { line: own, character: Math.max(character - block.indent, 0) };
}

/**
 * Edits of a masked text as edits of the YAML text. Those within a line are the same; what has line breaks, or
 * reaches into the indentation, is told anew by lines, each indented as the block is.
 */
export function indentedEdits(text: string, block: Block, edits: readonly TextEdit[]): TextEdit[] {
  if (edits.every((edit) => isWithinLine(block, edit))) return [...edits];
  const before = dedented(text, block);
  const document = TextDocument.create('', 'rego', 0, before);
  const moved = edits.map(({ range: { start, end }, newText }) => ({
    range: { start: inRego(block, document.lineCount, start), end: inRego(block, document.lineCount, end) },
    newText: withoutMargin(newText, start.character < block.indent, block),
  }));
  return replacement(text, block, TextDocument.applyEdits(document, moved));
}

/**
 * Lines are often indented as one beside them in the masked text is, and so have the block's own indentation.
 *
 * @param first whether the first line begins one of the text
 */
function withoutMargin(newText: string, first: boolean, { indent }: Block): string {
  const margin = ' '.repeat(indent);
  const lines = newText.split(/\r?\n/);
  return lines
    .map((line, index) => ((index > 0 || first) && line.startsWith(margin) ? line.slice(indent) : line))
    .join('\n');
}

function isWithinLine({ indent, firstLine }: Block, { range: { start, end }, newText }: TextEdit): boolean {
  return start.line >= firstLine && start.line === end.line && start.character >= indent && !newText.includes('\n');
}

/** The edits by lines that make what Rego sees another; the block's end stays as its chomping says. */
export function replacement(text: string, block: Block, now: string): TextEdit[] {
  const spaces = ' '.repeat(block.indent);
  const old = text.slice(block.start, block.end);
  const ending = old.includes('\r\n') ? '\r\n' : '\n';
  const content = startingAtMargin(now.replace(/(?:\r?\n)+$/, '').split(/\r?\n/), block)
    .map((line) => (line === '' ? '' : spaces + line))
    .join(ending);
  // Blank lines at the end are the block's where it keeps them; else they separate what comes next.
  const [tail = ''] = /(?:\r?\n[ \t]*)*$/.exec(old) ?? [];
  return lineEdits(old, content + tail).map(({ range, newText }) => ({
    range: { start: down(range.start, block), end: down(range.end, block) },
    newText,
  }));
}

/** The block begins where a line does. */
function down({ line, character }: Position, { firstLine }: Block): Position {
  return { line: line + firstLine, character };
}

/** The first line says where the block's lines begin; to Rego it is the same wherever it does itself. */
function startingAtMargin(lines: readonly string[], { isIndentSaid }: Block): readonly string[] {
  const first = lines.findIndex((line) => line.trim() !== '');
  if (isIndentSaid || first < 0) return lines;
  return lines.map((line, index) => (index > first ? line : index < first ? '' : line.trimStart()));
}
