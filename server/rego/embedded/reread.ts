/**
 * What a document holds after an edit within a block: everything else of it is the same, so that the YAML is not read
 * again with every key that is pressed in Rego.
 */
import type { Span } from '../syntax/tree.ts';
import type { Block } from './block-scalar.ts';
import type { EmbeddedTarget, EmbeddedText } from './templates.ts';

/** Undefined where the edit may have changed more than the text of one block. */
export function reread(
  before: string,
  targets: readonly EmbeddedTarget[],
  now: string,
): readonly EmbeddedTarget[] | undefined {
  const change = changeOf(before, now);
  const by = now.length - before.length;
  const edited = targets.flatMap(({ texts }) => texts).find(({ block }) => block && isWithin(before, block, change));
  if (!edited?.block || !isIndented(now, edited.block, { start: change.start, end: change.end + by })) return undefined;
  const { block } = edited;
  const down = breaks(now, change.start, change.end + by) - breaks(before, change.start, change.end);
  const end = block.end + by;
  const moved = (span: Span): Span =>
    span.start < change.start ? span : { start: span.start + by, end: span.end + by };
  const movedText = (text: EmbeddedText): EmbeddedText => {
    if (text === edited) {
      const span = { start: text.span.start, end: text.span.end + by };
      return { ...text, span, value: chomped(now, { ...block, end }, text.value), block: { ...block, end } };
    }
    if (text.span.start < change.start) return text;
    const { block: own } = text;
    return {
      ...text,
      span: moved(text.span),
      block: own && { ...own, ...moved(own), firstLine: own.firstLine + down },
    };
  };
  return targets.map((target) => ({
    ...target,
    texts: target.texts.map(movedText),
    unread: target.unread.map(moved),
    missing: target.missing && moved(target.missing),
  }));
}

/** Where two texts differ, as places in the first. */
function changeOf(before: string, now: string): Span {
  const shorter = Math.min(before.length, now.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === now.charCodeAt(start)) start++;
  let end = 0;
  while (end < shorter - start && before.charCodeAt(before.length - 1 - end) === now.charCodeAt(now.length - 1 - end))
    end++;
  return { start, end: before.length - end };
}

/** Behind the first character, since its line may tell the indentation, and before the last, whose end is chomped. */
function isWithin(text: string, block: Block, { start, end }: Span): boolean {
  const content = text.slice(block.start, block.end);
  const first = block.start + content.search(/\S/);
  return start > first && end < block.start + content.trimEnd().length;
}

/** Whether all lines that the change touches are still the block's, from its start to its end in the new text. */
function isIndented(now: string, { indent }: Block, { start, end }: Span): boolean {
  const lineEnd = now.indexOf('\n', end);
  const touched = now.slice(now.lastIndexOf('\n', start - 1) + 1, lineEnd < 0 ? now.length : lineEnd);
  const lines = touched.replace(/\r$/, '').split(/\r?\n/);
  const margin = ' '.repeat(indent);
  // A carriage return alone is another matter to YAML than to Rego.
  return lines.every((line) => !line.includes('\r') && (line.startsWith(margin) || /^ *$/.test(line)));
}

function breaks(text: string, start: number, end: number): number {
  let count = 0;
  for (let at = text.indexOf('\n', start); at >= 0 && at < end; at = text.indexOf('\n', at + 1)) count++;
  return count;
}

/** With the line breaks at its end that the block's chomping left before. */
function chomped(text: string, { start, end, indent }: Block, before: string): string {
  const lines = text.slice(start, end).split(/\r?\n/);
  const content = lines.map((line) => line.slice(Math.min(line.search(/[^ ]|$/), indent))).join('\n');
  const [tail = ''] = /\n*$/.exec(before) ?? [];
  return content.replace(/\n+$/, '') + tail;
}
