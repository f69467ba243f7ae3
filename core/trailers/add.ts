/** Adds and replaces trailers by git's own rules. */

import { parseTrailers, separatorPosition } from './parse.ts';

export interface AddOptions {
  commentPrefix?: string;
}

/**
 * Sets trailers: those with one of the keys (without regard to case) in the message's trailer
 * block go, and the new ones are put at its end, as `git interpret-trailers --if-exists replace`
 * does; without a block, one is begun after a blank line. All else stays byte for byte: the text,
 * other trailers, comments and scissors. New lines end as the message's first line does.
 */
export function setTrailers(
  message: string,
  trailers: { key: string; value: string }[],
  options: AddOptions = {},
): string {
  const { trailers: present, block } = parseTrailers(message, options);
  const keys = new Set(trailers.map(({ key }) => key.toLowerCase()));
  const lineEnd = /\r?\n/.exec(message)?.[0] ?? '\n';
  let body = '';
  let at = block.start;
  for (const { key, span } of present) {
    if (!keys.has(key.toLowerCase())) continue;
    body += message.slice(at, span.start);
    at = afterLine(message, span.end, block.end);
  }
  body += message.slice(at, block.end);
  let before = message.slice(0, block.start);
  const after = message.slice(block.end);
  const added = trailers.map(({ key, value }) => `${key}: ${value}${lineEnd}`).join('');
  if (present.length === 0 && body === '') {
    if (before !== '' && !before.endsWith('\n')) before += lineEnd;
    if (!/(^|\n)[ \t\r]*\n$/.test(before)) before += lineEnd;
  } else if (body !== '' && !body.endsWith('\n')) body += lineEnd;
  return before + body + added + after;
}

function afterLine(message: string, from: number, limit: number): number {
  const newline = message.indexOf('\n', from);
  return newline < 0 ? limit : Math.min(newline + 1, limit);
}

/** Whether git would read `key: …` as a trailer. */
export function isTrailerKey(key: string): boolean {
  return /^[A-Za-z0-9-]+$/.test(key) && separatorPosition(`${key}:`) >= 1;
}
