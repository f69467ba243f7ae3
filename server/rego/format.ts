/** Formatting by OPA's own formatter, as the few line edits that it comes to. */
import type { TextEdit } from 'vscode-languageserver';
import type { Document, Root, Snapshot } from '../snapshot.ts';
import { deadlineMs } from './check.ts';
import { lineEdits } from './line-edits.ts';

/**
 * The edits that format a module; undefined when it has syntax errors, which its diagnostics show.
 */
export async function formatModule(
  snapshot: Snapshot,
  root: Root,
  path: string,
  document: Document,
  signal: AbortSignal,
): Promise<TextEdit[] | undefined> {
  const params = { path, text: document.text, regoVersion: root.regoVersion };
  const { text } = await snapshot.ask.plain('format', params, { signal, deadlineMs });
  return text === undefined ? undefined : lineEdits(document.text, text);
}
