/** OPA's formatter as the edit of an action. */
import { LSPErrorCodes, ResponseError, TextDocumentEdit, type WorkspaceEdit } from 'vscode-languageserver';
import { EngineError } from '../../../engine/engine.ts';
import type { FormatParams } from '../../../engine/protocol.ts';
import { type Ask, type Document, type Root, uriOf } from '../../snapshot.ts';
import { deadlineMs } from '../check.ts';
import { inOwnLayout, ownText, ownTextEdits } from '../embedded/layout.ts';
import { lineEdits } from '../line-edits.ts';
import { placedEdits } from '../places.ts';
import { editedText, ownEdit, type SpanEdit, type Subject } from './action.ts';

/**
 * The text as OPA formats it, in Rego of its own version, or in another one.
 *
 * Rejects with a ResponseError that says what OPA found wrong.
 */
export async function formattedText(
  ask: Ask,
  { path, text, regoVersion, to }: FormatParams,
  signal: AbortSignal,
): Promise<string> {
  const params = { path, text, regoVersion, ...(to && { to }) };
  const { text: now, problems } = await ask.plain('format', params, { signal, deadlineMs });
  if (now !== undefined) return now;
  const [problem] = problems;
  const place = problem ? `line ${problem.range.start.line + 1}: ${problem.message}` : 'it cannot be read';
  throw new ResponseError<void>(LSPErrorCodes.RequestFailed, `OPA does not format ${path}: ${place}`);
}

/** The edit that formats the module of an action. */
export async function formatted(subject: Subject, to?: FormatParams['to']): Promise<WorkspaceEdit> {
  const { snapshot, root, path, document, tree, signal } = subject;
  const own = ownText(document);
  const text = await formattedText(snapshot.ask, { path, text: own, regoVersion: tree.version, to }, signal);
  if (!document.embedded) return { documentChanges: [lineEdit(root, path, document, text)] };
  const identifier = { uri: uriOf(root, path), version: document.version };
  const edits = ownTextEdits(document, inOwnLayout(own, text, tree.version));
  return { documentChanges: [TextDocumentEdit.create(identifier, edits)] };
}

/** Edits of a module; of one that is formatted, formatted again. */
export function tidied(subject: Subject, edits: readonly SpanEdit[]): () => Promise<WorkspaceEdit> {
  return async () => {
    const { snapshot, root, path, document, tree, signal } = subject;
    const format = (text: string) => formattedText(snapshot.ask, { path, text, regoVersion: tree.version }, signal);
    try {
      if ((await format(document.text)) !== document.text) return ownEdit(subject, edits);
      const text = await format(editedText(document.text, edits));
      return { documentChanges: [lineEdit(root, path, document, text)] };
    } catch (error) {
      // It is right without, too.
      if (error instanceof ResponseError || error instanceof EngineError) return ownEdit(subject, edits);
      throw error;
    }
  };
}

/** Edits of the lines in which a document differs from a text. */
export function lineEdit(root: Root, path: string, document: Document, text: string): TextDocumentEdit {
  const identifier = { uri: uriOf(root, path), version: document.version };
  return TextDocumentEdit.create(identifier, placedEdits(document, lineEdits(document.text, text)));
}
