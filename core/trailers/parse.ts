/**
 * Git's own reading of trailers, on strings. It follows trailer.c of git rule by rule, with git's
 * default configuration (`:` separates; no `trailer.*` settings), so that the same message is
 * judged alike on every machine. Tests compare it with `git interpret-trailers` and `git log`.
 */

/** A stretch of the message, as UTF-16 offsets; `end` exclusive. */
export interface Span {
  start: number;
  end: number;
}

export interface ParsedTrailer {
  /** As written. */
  key: string;
  /** Unfolded: the line breaks of continuation lines are single spaces. */
  value: string;
  /** The whole trailer: its line and the continuation lines, without the last line break. */
  span: Span;
  keySpan: Span;
  /** The value as written, folds included; empty and just after the separator when there is none. */
  valueSpan: Span;
}

/** What git finds in a message. */
export interface ParsedTrailers {
  trailers: ParsedTrailer[];
  /** The last block; `start` is `end` when there is none, and then it is where git would add one. */
  block: Span;
  /** Lines outside of the block that look like trailers and that git ignores. */
  stray: ParsedTrailer[];
}

export interface ParseOptions {
  /** A line `---` ends the message, as in patches. Default false, as for commits. */
  divider?: boolean;
  /** What starts a comment line. Default `#`. */
  commentPrefix?: string;
}

/** Lines that git writes itself: with one of them, a quarter of trailers makes a block of a paragraph. */
const generatedPrefixes = ['Signed-off-by: ', '(cherry picked from commit '];

const cutLine = '------------------------ >8 ------------------------';

interface Line extends Span {
  /** Without its line feed. A carriage return stays. */
  text: string;
}

/** Finds the trailers of a commit message as git does. */
export function parseTrailers(message: string, options: ParseOptions = {}): ParsedTrailers {
  const comment = options.commentPrefix ?? '#';
  // Git reads C strings.
  const nul = message.indexOf('\0');
  const text = nul < 0 ? message : message.slice(0, nul);
  const lines = splitLines(text);
  const end = endOfLogMessage(text, lines, comment, options.divider ?? false);
  const start = startOfBlock(lines, end, comment);
  const trailers = start === end ? [] : trailersBetween(lines, start, end, comment);
  return { trailers, block: { start, end }, stray: strayTrailers(lines, start, end, comment) };
}

/** Where the separator of `key: value` is; -1 when the line has another form. */
export function separatorPosition(line: string): number {
  return /^[A-Za-z0-9-]+[ \t]*:/.exec(line)?.[0].indexOf(':') ?? -1;
}

function splitLines(text: string): Line[] {
  const lines: Line[] = [];
  for (let start = 0; start < text.length; ) {
    const newline = text.indexOf('\n', start);
    const end = newline < 0 ? text.length : newline + 1;
    lines.push({ start, end, text: text.slice(start, newline < 0 ? end : newline) });
    start = end;
  }
  return lines;
}

/** Git's isspace knows no other white space. */
function isBlank(text: string): boolean {
  return trimmedLength(text) === 0;
}

/** The length without the white space at the end; a regular expression would take quadratic time. */
export function trimmedLength(text: string): number {
  let length = text.length;
  while (length > 0 && ' \t\r\n'.includes(text.charAt(length - 1))) length--;
  return length;
}

function startsWithSpace(text: string): boolean {
  return /^[ \t\r]/.test(text);
}

/** Where the message proper ends: before a patch, the scissors, and comments and blank lines at its end. */
function endOfLogMessage(text: string, lines: Line[], comment: string, divider: boolean): number {
  const isCut = (line: Line) => line.text === `${comment} ${cutLine}` && hasLineFeed(line);
  const isDivider = (line: Line) => /^---[ \t\r]/.test(line.text) || (line.text === '---' && hasLineFeed(line));
  const patch = divider ? lines.find(isDivider)?.start : undefined;
  const cutoff = Math.min(lines.find(isCut)?.start ?? text.length, patch ?? text.length);
  // Zero means none, even at the very start: so it is in git.
  let tail = 0;
  let conflicts = false;
  for (const line of lines) {
    if (line.start >= cutoff) break;
    if (line.text.startsWith(comment) || line.text === '') {
      tail ||= line.start;
    } else if (line.text === 'Conflicts:' && hasLineFeed(line)) {
      conflicts = true;
      tail ||= line.start;
    } else if (!(conflicts && line.text.startsWith('\t')) && tail > 0) {
      tail = 0;
      conflicts = false;
    }
  }
  return tail || cutoff;
}

function hasLineFeed(line: Line): boolean {
  return line.end - line.start > line.text.length;
}

/** Where the trailer block starts; `end` when the last paragraph is none. */
function startOfBlock(all: Line[], end: number, comment: string): number {
  const lines = all.filter((line) => line.start < end);
  // The first paragraph is the title, whatever it looks like.
  let title = lines.findIndex((line) => !line.text.startsWith(comment) && isBlank(line.text));
  if (title < 0) title = lines.length;

  let onlySpaces = true;
  let recognised = false;
  let trailers = 0;
  let others = 0;
  // Indented lines belong to the trailer above them, or to the other line above them.
  let indented = 0;
  for (let at = lines.length - 1; at >= title; at--) {
    const { text } = lines[at]!;
    if (text.startsWith(comment)) {
      others += indented;
      indented = 0;
    } else if (isBlank(text)) {
      if (onlySpaces) continue;
      others += indented;
      const isBlock = (recognised && trailers * 3 >= others) || (trailers > 0 && others === 0);
      return isBlock ? lines[at]!.end : end;
    } else {
      onlySpaces = false;
      if (generatedPrefixes.some((prefix) => text.startsWith(prefix))) {
        trailers++;
        indented = 0;
        recognised = true;
      } else if (separatorPosition(text) >= 1) {
        trailers++;
        indented = 0;
      } else if (startsWithSpace(text)) {
        indented++;
      } else {
        others += 1 + indented;
        indented = 0;
      }
    }
  }
  return end;
}

/** The trailers within a block, folded lines joined to the trailer above them. */
function trailersBetween(lines: Line[], start: number, end: number, comment: string): ParsedTrailer[] {
  const found: ParsedTrailer[] = [];
  let open: Line | undefined;
  const close = () => {
    if (open && !open.text.startsWith(comment)) found.push(toTrailer(open));
    open = undefined;
  };
  for (const line of lines) {
    if (line.end <= start || line.start >= end) continue;
    const text = line.text.slice(0, end - line.start);
    if (open && (startsWithSpace(text) || text === '')) {
      open = { start: open.start, end: line.start + text.length, text: `${open.text}\n${text}` };
      continue;
    }
    close();
    if (separatorPosition(text) >= 1) open = { start: line.start, end: line.start + text.length, text };
  }
  close();
  return found;
}

function toTrailer(line: Line): ParsedTrailer {
  const separator = separatorPosition(line.text);
  const key = line.text.slice(0, trimmedLength(line.text.slice(0, separator)));
  const raw = line.text.slice(separator + 1);
  const lead = /^[ \t\r\n]*/.exec(raw)![0].length;
  const written = raw.slice(lead, Math.max(lead, trimmedLength(raw)));
  const valueStart = line.start + separator + 1 + (written === '' ? 0 : lead);
  return {
    key,
    value: written.replace(/\n[ \t\r\n]*/g, ' '),
    span: { start: line.start, end: line.start + trimmedLength(line.text) },
    keySpan: { start: line.start, end: line.start + key.length },
    valueSpan: { start: valueStart, end: valueStart + written.length },
  };
}

/** Lines like `Key-Name: value` outside of the block. */
function strayTrailers(lines: Line[], start: number, end: number, comment: string): ParsedTrailer[] {
  return lines
    .filter((line) => line.end <= start || (start === end && line.start < end))
    .filter((line) => !line.text.startsWith(comment) && separatorPosition(line.text) >= 1)
    .map(toTrailer);
}
