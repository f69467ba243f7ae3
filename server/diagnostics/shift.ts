/** Moves what was found in an older text to where it stands in a newer one. */
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Range } from '../../engine/protocol.ts';

/**
 * Ranges outside the stretch in which the texts differ are moved with it; those that touch it are
 * dropped, since what they were about has changed.
 */
export function shiftRanges<T extends { range: Range }>(items: readonly T[], before: string, after: string): T[] {
  if (before === after || items.length === 0) return [...items];
  let start = 0;
  const shorter = Math.min(before.length, after.length);
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let end = 0;
  while (
    end < shorter - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  )
    end++;
  const old = TextDocument.create('', '', 0, before);
  const now = TextDocument.create('', '', 0, after);
  const moved: T[] = [];
  for (const item of items) {
    const from = old.offsetAt(item.range.start);
    const to = old.offsetAt(item.range.end);
    if (to <= start) moved.push(item);
    else if (from >= before.length - end) {
      const by = after.length - before.length;
      moved.push({ ...item, range: { start: now.positionAt(from + by), end: now.positionAt(to + by) } });
    }
  }
  return moved;
}
