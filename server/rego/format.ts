/** Formatting by OPA's own formatter, as the few line edits that it comes to. */
import type { TextEdit } from 'vscode-languageserver';
import type { Document, Root, Snapshot } from '../snapshot.ts';
import { deadlineMs } from './check.ts';
import { lineEdits } from './line-edits.ts';
import { versionOf } from './module-version.ts';

/**
 * The edits that format a module; undefined when it has syntax errors, which its diagnostics show. An empty one gets
 * its first lines.
 */
export async function formatModule(
  snapshot: Snapshot,
  root: Root,
  path: string,
  document: Document,
  signal: AbortSignal,
): Promise<TextEdit[] | undefined> {
  if (document.text.trim() === '') {
    const { templateFor } = await import('./files/file-template.ts');
    const begun = templateFor(root, path);
    return begun === undefined ? [] : lineEdits(document.text, begun);
  }
  const params = { path, text: document.text, regoVersion: versionOf(root, path, document) };
  const { text } = await snapshot.ask.plain('format', params, { signal, deadlineMs });
  return text === undefined ? undefined : lineEdits(document.text, text);
}
