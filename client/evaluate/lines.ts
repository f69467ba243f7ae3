/** Where a line is after an edit. */
import type * as vscode from 'vscode';

type Change = Pick<vscode.TextDocumentContentChangeEvent, 'range' | 'text'>;

/** Undefined when it was removed, or something before its end was written over several lines. */
export function movedLine(line: number, { range: { start, end }, text }: Change): number | undefined {
  if (line < start.line) return line;
  const added = text.split('\n').length - 1;
  if (line > end.line) return line + added - (end.line - start.line);
  if (start.line === end.line) return start.character === 0 || added === 0 ? line + added : line;
  // Of several lines that became fewer, the first and the last may be left.
  if (line === start.line && start.character > 0) return line;
  return line === end.line && end.character === 0 ? start.line + added : undefined;
}
