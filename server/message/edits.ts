/** Changes to a message as text in, text out: everything that is not meant stays byte for byte. */
import type { TextEdit } from 'vscode-languageserver';
import type { Span } from '../../core/trailers/parse.ts';
import { type MessageForm, rangesIn, readMessageText } from './text.ts';

/** The text with a stretch replaced. */
export function replaced(source: string, { start, end }: Span, by: string): string {
  return source.slice(0, start) + by + source.slice(end);
}

/**
 * The text without these lines, given by what they hold. A line that was a paragraph of its own
 * takes the blank line after it along.
 */
export function withoutLines(source: string, lines: readonly Span[]): string {
  let text = source;
  for (const { start, end } of [...lines].sort((a, b) => b.start - a.start)) {
    const from = text.lastIndexOf('\n', start - 1) + 1;
    const to = lineEnd(text, end);
    const alone = isBlankBefore(text, from) && blankLineAt(text, to);
    text = text.slice(0, from) + text.slice(alone ? lineEnd(text, to) : to);
  }
  return text;
}

/**
 * The text with lines added where git reads trailers: at the end of the trailer block, or as a new
 * last paragraph. A message without text gets room for its title first. Undefined when git would not
 * read each of the lines as the start, or the continuation, of a trailer.
 */
export function withTrailerLines(source: string, form: MessageForm, lines: readonly string[]): string | undefined {
  const text = readMessageText(source, form);
  const lineBreak = lineBreakOf(source);
  const added = lines.map((line) => line + lineBreak).join('');
  if (text.title.start === text.title.end) {
    // Read as trailers once there is a title.
    return lineBreak + lineBreak + added + source.replace(/^(?:[ \t]*\r?\n)+/, '');
  }
  const last = text.trailers.at(-1);
  const at = last ? lineEnd(source, last.span.end) : text.end;
  const before = source.slice(0, at);
  const open = before.endsWith('\n') ? '' : lineBreak;
  const apart = last || /(?:^|\n)[ \t\r]*\n$/.test(before + open) ? '' : lineBreak;
  // Nothing follows, and the text does not end its last line: neither does ours.
  const tail = open !== '' && at === source.length ? added.slice(0, -lineBreak.length) : added;
  const result = before + open + apart + tail + source.slice(at);
  const { trailers } = readMessageText(result, form);
  const wanted = lines.filter((line) => !/^[ \t]/.test(line));
  const read = new Set(trailers.map(({ span }) => result.slice(span.start, span.end).split(/\r?\n/)[0]));
  return wanted.every((line) => read.has(line.trimEnd())) ? result : undefined;
}

/** The text's own line break. */
export function lineBreakOf(source: string): string {
  const newline = source.indexOf('\n');
  return newline > 0 && source[newline - 1] === '\r' ? '\r\n' : '\n';
}

/** One edit that makes one text of another, as small as it can be. */
export function editBetween(before: string, after: string): TextEdit {
  const shorter = Math.min(before.length, after.length);
  let start = 0;
  while (start < shorter && before.charCodeAt(start) === after.charCodeAt(start)) start++;
  let end = 0;
  while (
    end < shorter - start &&
    before.charCodeAt(before.length - 1 - end) === after.charCodeAt(after.length - 1 - end)
  ) {
    end++;
  }
  // A position within a line break or a surrogate pair is none.
  while (start > 0 && splits(before, start)) start--;
  while (end > 0 && splits(before, before.length - end)) end--;
  const range = rangesIn(before)({ start, end: before.length - end });
  return { range, newText: after.slice(start, after.length - end) };
}

function splits(text: string, at: number): boolean {
  const pair = text.slice(at - 1, at + 1);
  return pair === '\r\n' || /^[\uD800-\uDBFF][\uDC00-\uDFFF]$/.test(pair);
}

/** Where the next line begins. */
function lineEnd(text: string, from: number): number {
  const newline = text.indexOf('\n', from);
  return newline < 0 ? text.length : newline + 1;
}

function isBlankBefore(text: string, lineStart: number): boolean {
  return lineStart === 0 || /(?:^|\n)[ \t\r]*\n$/.test(text.slice(0, lineStart));
}

function blankLineAt(text: string, at: number): boolean {
  return /^[ \t\r]*\n/.test(text.slice(at, at + 200));
}
