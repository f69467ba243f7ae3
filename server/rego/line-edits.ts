/** The difference of two texts as edits of whole lines. */
import { diffArrays } from 'diff';
import type { TextEdit } from 'vscode-languageserver';

/** Above this many changed lines the search for the smallest difference costs more than it gives. */
const maxEditLength = 2000;

/**
 * Edits that turn one text into another. Lines end as most of the first text's lines do, whatever
 * the second one has; a cursor or fold outside the changed lines stays where it is.
 */
export function lineEdits(before: string, after: string): TextEdit[] {
  const ending = lineEnding(before);
  const old = splitLines(before);
  const now = splitLines(after.replace(/\r?\n/g, ending));
  const changes = diffArrays(old, now, { maxEditLength });
  if (!changes)
    return [{ range: { start: { line: 0, character: 0 }, end: endOf(old, old.length) }, newText: now.join('') }];
  const edits: TextEdit[] = [];
  let line = 0;
  let from = 0;
  let text = '';
  let changed = false;
  const flush = () => {
    if (changed) edits.push({ range: { start: endOf(old, from), end: endOf(old, line) }, newText: text });
    changed = false;
    text = '';
  };
  for (const { added, removed, value } of changes) {
    if (!added && !removed) {
      flush();
      line += value.length;
      from = line;
      continue;
    }
    changed = true;
    if (added) text += value.join('');
    else line += value.length;
  }
  flush();
  return edits;
}

/** Lines with their endings; the last one may have none. */
function splitLines(text: string): string[] {
  return text.match(/[^\n]*\n|[^\n]+$/g) ?? [];
}

/** The position after so many lines. */
function endOf(lines: readonly string[], count: number): { line: number; character: number } {
  const last = lines[count - 1];
  if (last === undefined) return { line: 0, character: 0 };
  return last.endsWith('\n') ? { line: count, character: 0 } : { line: count - 1, character: last.length };
}

function lineEnding(text: string): '\n' | '\r\n' {
  const windows = text.split('\r\n').length - 1;
  const all = text.split('\n').length - 1;
  return windows * 2 > all ? '\r\n' : '\n';
}
