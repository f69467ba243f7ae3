/** Between the offsets of a syntax tree and the positions of LSP, both in UTF-16. */
import type { Location, Position, Range, TextEdit } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { derived } from '../derived.ts';
import { type Document, type Root, uriOf } from '../snapshot.ts';
import type { Span } from './syntax/tree.ts';

const linesOf = derived(({ uri, text }: Document) => TextDocument.create(uri, 'rego', 0, text));

export function offsetAt(document: Document, position: Position): number {
  return (document.embedded?.places ?? linesOf(document)).offsetAt(position);
}

export function rangeOf(document: Document, { start, end }: Span): Range {
  const places = document.embedded?.places;
  if (places) return places.rangeOf({ start, end });
  const lines = linesOf(document);
  return { start: lines.positionAt(start), end: lines.positionAt(end) };
}

export function locationOf(root: Root, path: string, document: Document, span: Span): Location {
  return { uri: uriOf(root, path), range: rangeOf(document, span) };
}

/** The text that positions in a document are in: its own, or the one in which a scalar holds it. */
export function placedText({ text, embedded }: Document): string {
  return embedded?.places?.text ?? text;
}

/** Edits by the lines of a document's text as those of the file that it is in. */
export function placedEdits(document: Document, edits: readonly TextEdit[]): TextEdit[] {
  if (!document.embedded?.places) return [...edits];
  const lines = linesOf(document);
  return edits.map(({ range, newText }) => {
    const span = { start: lines.offsetAt(range.start), end: lines.offsetAt(range.end) };
    return { range: rangeOf(document, span), newText };
  });
}
