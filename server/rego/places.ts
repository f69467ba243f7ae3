/** Between the offsets of a syntax tree and the positions of LSP, both in UTF-16. */
import type { Location, Position, Range } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { derived } from '../derived.ts';
import { type Document, type Root, uriOf } from '../snapshot.ts';
import type { Span } from './syntax/tree.ts';

const linesOf = derived(({ uri, text }: Document) => TextDocument.create(uri, 'rego', 0, text));

export function offsetAt(document: Document, position: Position): number {
  return linesOf(document).offsetAt(position);
}

export function rangeOf(document: Document, { start, end }: Span): Range {
  const lines = linesOf(document);
  return { start: lines.positionAt(start), end: lines.positionAt(end) };
}

export function locationOf(root: Root, path: string, document: Document, span: Span): Location {
  return { uri: uriOf(root, path), range: rangeOf(document, span) };
}
