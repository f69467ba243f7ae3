/** Adds and replaces trailers by git's own rules. */

import type { Trailer } from '../input.ts';
import { type ParsedTrailer, type ParseOptions, parseTrailers, separatorPosition, trimmedLength } from './parse.ts';

export interface SetOptions extends Pick<ParseOptions, 'commentPrefix'> {
  /** Which trailers of the block go; those with one of the new ones' keys when absent. */
  replaced?: (trailer: Trailer) => boolean;
  /** Put them before the sign-offs that end the block, where the Linux kernel has them. */
  beforeSignOffs?: boolean;
}

/**
 * Sets trailers: those with one of the keys (without regard to case) in the message's trailer
 * block go, and the new ones are put at its end, where `git interpret-trailers --if-exists replace`
 * puts them, too. Without a block one is begun after a blank line; a message without text gets room
 * for its title first, as `git commit --signoff` leaves it.
 *
 * All else stays byte for byte: the text, other trailers, comments, scissors. New lines end as the
 * message's first line does. A value must be one line. Undefined when git would not read the lines
 * back as these trailers: a key is no key, or starts as comments do.
 */
export function setTrailers(given: string, trailers: readonly Trailer[], options: SetOptions = {}): string | undefined {
  // Git, too, completes the last line before it looks: then it may turn out to be the scissors.
  const message = completeLine(given, given);
  const candidates = [
    () => intoBlock(message, trailers, options),
    // Taking duplicates out can leave a block of mostly prose with too few trailers to be one.
    () => asNewBlock(message, parseTrailers(message, options).block.end, trailers),
    // Comments that the message's own words turned into text stay behind otherwise.
    () => asNewBlock(completeLine(message, message), message.length, trailers),
  ];
  for (const make of candidates) {
    const candidate = make();
    const found = parseTrailers(candidate, options).trailers;
    if (trailers.every(({ key, value }) => found.some((other) => other.key === key && other.value === value))) {
      return candidate;
    }
  }
  return undefined;
}

/** Whether git would read `key: …` as a trailer. */
export function isTrailerKey(key: string): boolean {
  return /^[A-Za-z0-9-]+$/.test(key) && separatorPosition(`${key}:`) >= 1;
}

function intoBlock(message: string, trailers: readonly Trailer[], options: SetOptions): string {
  const { trailers: present, block } = parseTrailers(message, options);
  if (block.start === block.end) return asNewBlock(message, block.end, trailers);
  const keys = new Set(trailers.map(({ key }) => key.toLowerCase()));
  let kept = '';
  let at = block.start;
  const goes = options.replaced ?? ((trailer: ParsedTrailer) => keys.has(trailer.key.toLowerCase()));
  for (const trailer of present) {
    if (!goes(trailer)) continue;
    const { span } = trailer;
    kept += message.slice(at, span.start);
    at = lineEndAfter(message, span.end, block.end);
  }
  kept += message.slice(at, block.end);
  // Lines of mere white space at the end of a block would part it.
  const text = trimmedLength(kept) === 0 ? 0 : lineEndAfter(kept, trimmedLength(kept), kept.length);
  const lines = completeLine(kept.slice(0, text), message);
  const place = options.beforeSignOffs ? startOfSignOffs(lines) : lines.length;
  const stamped = lines.slice(0, place) + linesOf(message, trailers) + lines.slice(place);
  return message.slice(0, block.start) + stamped + kept.slice(text) + message.slice(block.end);
}

function startOfSignOffs(lines: string): number {
  const before = lines.split(/(?<=\n)/);
  while (/^signed-off-by[ \t]*:/i.test(before.at(-1) ?? '')) before.pop();
  return before.join('').length;
}

function asNewBlock(message: string, end: number, trailers: readonly Trailer[]): string {
  let before = completeLine(message.slice(0, end), message);
  const lineEnd = lineEndOf(message);
  if (trimmedLength(before) === 0) before += lineEnd.repeat(Math.max(0, 3 - before.split('\n').length));
  else if (trimmedLength(before.slice(before.lastIndexOf('\n', before.length - 2) + 1)) > 0) before += lineEnd;
  return before + linesOf(message, trailers) + message.slice(end);
}

function linesOf(message: string, trailers: readonly Trailer[]): string {
  return trailers.map(({ key, value }) => `${key}: ${value}${lineEndOf(message)}`).join('');
}

function lineEndOf(message: string): string {
  const newline = message.indexOf('\n');
  const firstLine = newline < 0 ? message : message.slice(0, newline);
  return firstLine.endsWith('\r') ? '\r\n' : '\n';
}

function completeLine(text: string, message: string): string {
  return text === '' || text.endsWith('\n') ? text : text + lineEndOf(message);
}

function lineEndAfter(text: string, from: number, limit: number): number {
  const newline = text.indexOf('\n', from);
  return newline < 0 ? limit : Math.min(newline + 1, limit);
}
