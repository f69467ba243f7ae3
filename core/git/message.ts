/** The parts of a commit message, as git tells them apart. */

import type { Commit } from '../input.ts';
import { parseTrailers, trimmedLength } from '../trailers/parse.ts';

export interface MessageParts {
  /** The first paragraph on one line, as `%s`. */
  subject: string;
  /** What follows it and its blank lines, as `%b`. */
  body: string;
}

/** Splits a message as `git log --format=%s` and `%b` do. */
export function splitMessage(message: string): MessageParts {
  const lines = message.match(/[^\n]*\n|[^\n]+$/g) ?? [];
  let next = 0;
  while (next < lines.length && isBlank(lines[next]!)) next++;
  const subject: string[] = [];
  while (next < lines.length && !isBlank(lines[next]!)) {
    const line = lines[next++]!;
    subject.push(line.slice(0, trimmedLength(line)));
  }
  while (next < lines.length && isBlank(lines[next]!)) next++;
  return { subject: apart(subject.join(' ')), body: lines.slice(next).join('') };
}

/** A copy: a slice of the message would keep the whole of it in memory for as long as its subject is kept. */
function apart(text: string): string {
  return JSON.parse(JSON.stringify(text)) as string;
}

function isBlank(line: string): boolean {
  return trimmedLength(line) === 0;
}

/** What a commit's message says by itself. */
export type MessageFacts = Pick<Commit, 'subject' | 'body' | 'trailers' | 'revert' | 'fixup'>;

/**
 * Subject, body, trailers and kind of a message.
 *
 * Trailers are those of `git log --format=%(trailers)`: a `---` line does not end the message.
 */
export function readMessage(message: string): MessageFacts {
  const { subject, body } = splitMessage(message);
  // git log skips leading blank lines before it looks for the title.
  const first = message.search(/[^ \t\r\n]/);
  const text = first < 0 ? '' : message.slice(message.lastIndexOf('\n', first) + 1);
  const { trailers } = parseTrailers(text);
  return {
    subject,
    body,
    trailers: trailers.map(({ key, value }) => ({ key, value })),
    revert: /^Revert "/.test(subject) || /^This reverts commit [0-9a-f]{7,64}\b/m.test(body),
    fixup: /^(fixup|squash|amend)! /.test(subject),
  };
}
