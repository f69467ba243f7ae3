/** A commit message being written, taken apart: where it begins and ends, its title, its trailer block. */
import { TextDocument } from 'vscode-languageserver-textdocument';
import {
  type ParsedTrailer,
  parseTrailers,
  type Span,
  separatorPosition,
  trimmedLength,
} from '../../core/trailers/parse.ts';
import type { Range } from '../../engine/protocol.ts';
import type { MessageKind } from './documents.ts';

/** A line within the message; spans are without the line break, a carriage return included in it. */
export interface MessageLine extends Span {
  text: string;
  kind: 'blank' | 'comment' | 'text';
}

/** How a message is going to be read. */
export interface MessageForm {
  kind: Exclude<MessageKind, 'rebase'>;
  /** What starts a comment. */
  commentPrefix: string;
  /** Git takes comment lines out before it commits: by default it does so in message files. */
  strip: boolean;
}

export interface MessageText extends MessageForm {
  /** The whole document. All offsets are into it, in UTF-16 units. */
  source: string;
  /** Where the first line that git keeps begins; the end of the message when there is none. */
  start: number;
  /** Where the message ends: before comments at its end, the scissors, a patch. */
  end: number;
  /** From {@link start} to {@link end}. */
  lines: MessageLine[];
  /** The first line, without white space around it; empty when nothing is written. */
  title: Span;
  /** The first paragraph: what git takes for the subject. */
  titleParagraph: Span;
  /** The trailer block, as git finds it; empty, and where one would be added, when there is none. */
  block: Span;
  trailers: ParsedTrailer[];
  /** The last paragraph when it is not the first and git does not take it for a trailer block. */
  lastParagraph: MessageLine[];
}

/** Takes a text apart as git will see it once it has cleaned it. */
export function readMessageText(source: string, form: MessageForm): MessageText {
  const { commentPrefix, strip } = form;
  const start = beginning(source, strip ? commentPrefix : undefined);
  const cleaned = strip ? withoutComments(source, start, commentPrefix) : { text: source.slice(start), lines: [] };
  const parsed = parseTrailers(cleaned.text);
  const inSource = (offset: number) => sourceOffset(cleaned.lines, offset) ?? offset + start;
  // An end is where its last character ends: comments may follow.
  const moved = (span: Span): Span =>
    span.end > span.start
      ? { start: inSource(span.start), end: inSource(span.end - 1) + 1 }
      : { start: endAt(span.end), end: endAt(span.end) };
  const endAt = (offset: number) => (offset > 0 ? inSource(offset - 1) + 1 : start);
  const block = moved(parsed.block);
  const end = Math.max(block.end, start);
  const lines = linesOf(source, start, end, form);
  const first = lines.findIndex((line) => line.kind === 'blank');
  const titleLines = first < 0 ? lines : lines.slice(0, first);
  const title = titleLines.find((line) => line.kind === 'text');
  return {
    ...form,
    source,
    start,
    end,
    lines,
    title: title ? { start: title.start, end: title.start + title.text.trimEnd().length } : { start, end: start },
    titleParagraph: { start, end: titleLines.at(-1)?.end ?? start },
    block,
    trailers: parsed.trailers.map((trailer) => ({
      ...trailer,
      span: moved(trailer.span),
      keySpan: moved(trailer.keySpan),
      valueSpan: moved(trailer.valueSpan),
    })),
    lastParagraph: block.start === block.end && first >= 0 ? lastParagraphOf(lines.slice(first)) : [],
  };
}

/** A line that git keeps: where it begins in the cleaned text and in the source. */
interface KeptLine {
  cleaned: number;
  source: number;
}

function withoutComments(source: string, start: number, prefix: string): { text: string; lines: KeptLine[] } {
  const lines: KeptLine[] = [];
  let text = '';
  for (let at = start; at < source.length; ) {
    const newline = source.indexOf('\n', at);
    const next = newline < 0 ? source.length : newline + 1;
    const line = source.slice(at, next);
    if (line.startsWith(prefix)) {
      if (isScissors(line, prefix)) break;
    } else {
      lines.push({ cleaned: text.length, source: at });
      // Git takes the white space at a line's end away, too.
      text += line.slice(0, trimmedLength(line)) + (newline < 0 ? '' : '\n');
    }
    at = next;
  }
  return { text, lines };
}

function sourceOffset(lines: readonly KeptLine[], offset: number): number | undefined {
  let low = 0;
  let high = lines.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (lines[middle]!.cleaned <= offset) low = middle;
    else high = middle - 1;
  }
  const line = lines[low];
  return line && line.source + offset - line.cleaned;
}

/** Whether a line can be a trailer's first: `Key: value`. */
export function isTrailerLine({ text, kind }: MessageLine): boolean {
  return kind === 'text' && separatorPosition(text) >= 1;
}

/** The key of a line that {@link isTrailerLine}. */
export function keyOf({ text }: MessageLine): string {
  return text.slice(0, Math.max(separatorPosition(text), 0)).trimEnd();
}

/** Whether a line continues the one above it. */
export function isFolded({ text, kind }: MessageLine): boolean {
  return kind === 'text' && /^[ \t\r]/.test(text);
}

/** Offsets within the message as the protocol's positions; below it a whole diff may stand. */
export function rangesOf({ source, end }: MessageText): (span: Span) => Range {
  return rangesIn(source.slice(0, end));
}

/** Offsets as the protocol's positions. */
export function rangesIn(source: string): (span: Span) => Range {
  const document = TextDocument.create('', '', 0, source);
  return ({ start, end }) => ({ start: document.positionAt(start), end: document.positionAt(end) });
}

/** Git strips blank lines, and in message files comments, before it looks for the title. */
function beginning(source: string, commentPrefix: string | undefined): number {
  let at = 0;
  while (at < source.length) {
    const newline = source.indexOf('\n', at);
    const line = source.slice(at, newline < 0 ? source.length : newline);
    const isComment = commentPrefix !== undefined && line.startsWith(commentPrefix) && !isScissors(line, commentPrefix);
    if (!isComment && /[^ \t\r]/.test(line)) return at;
    if (newline < 0) break;
    at = newline + 1;
  }
  return source.length;
}

function isScissors(line: string, commentPrefix: string): boolean {
  return (
    line.slice(commentPrefix.length).replace(/\n$/, '') === ' ------------------------ >8 ------------------------'
  );
}

function linesOf(source: string, start: number, end: number, { kind, commentPrefix }: MessageForm): MessageLine[] {
  const lines: MessageLine[] = [];
  for (let at = start; at < end; ) {
    const newline = source.indexOf('\n', at);
    const stop = newline < 0 || newline > end ? end : newline;
    const text = source.slice(at, stop);
    // In the input box the first line is the title, whatever it starts with.
    const isComment = text.startsWith(commentPrefix) && (kind === 'file' || lines.length > 0);
    lines.push({
      start: at,
      end: stop,
      text,
      kind: /^[ \t\r]*$/.test(text) ? 'blank' : isComment ? 'comment' : 'text',
    });
    at = stop + 1;
  }
  return lines;
}

function lastParagraphOf(lines: readonly MessageLine[]): MessageLine[] {
  const last = lines.findLastIndex((line) => line.kind === 'text');
  if (last < 0) return [];
  const before = lines.slice(0, last).findLastIndex((line) => line.kind === 'blank');
  return lines.slice(before + 1, last + 1).filter((line) => line.kind === 'text');
}
