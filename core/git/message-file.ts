/** Commit message files as git treats them: what it strips before it commits. Pure. */

import { trimmedLength } from '../trailers/parse.ts';

/** Git's `commit.cleanup`, except `default`, which depends on whether an editor was used. */
export type Cleanup = 'strip' | 'whitespace' | 'verbatim' | 'scissors';

const cutLine = '------------------------ >8 ------------------------';

/** The message that git would commit of a message file's text, as `git stripspace` does it. */
export function cleanMessage(text: string, cleanup: Cleanup, commentPrefix: string): string {
  if (cleanup === 'verbatim') return text;
  const message = cleanup === 'scissors' ? cutAtScissors(text, commentPrefix) : text;
  const lines: string[] = [];
  let blank = false;
  for (const line of message.split('\n')) {
    if (cleanup === 'strip' && line.startsWith(commentPrefix)) continue;
    const trimmed = line.slice(0, trimmedLength(line));
    if (trimmed === '') {
      blank = true;
      continue;
    }
    if (blank && lines.length > 0) lines.push('');
    blank = false;
    lines.push(trimmed);
  }
  return lines.length > 0 ? `${lines.join('\n')}\n` : '';
}

/** Up to the scissors line that `git commit --verbose` and `--cleanup=scissors` write. */
export function cutAtScissors(text: string, commentPrefix: string): string {
  const cut = `${commentPrefix} ${cutLine}\n`;
  if (text.startsWith(cut)) return '';
  const at = text.indexOf(`\n${cut}`);
  return at < 0 ? text : text.slice(0, at + 1);
}

/**
 * The comment prefix of a message file. For `core.commentChar=auto` git picks a character no line
 * of the message starts with and, when it opens an editor (`edited`), writes its own notes with it, at the end.
 */
export function commentPrefixOf(configured: string | undefined, text: string, edited = true): string {
  if (configured === undefined || configured === '') return '#';
  if (configured !== 'auto') return configured;
  if (!edited) return [...'#;@!$%^&|:'].find((mark) => !`\n${text}`.includes(`\n${mark}`)) ?? '#';
  // Git explains its scissors in the line below; without that they are the message's own.
  const scissors = /^([#;@!$%^&|:]) -{24} >8 -{24}\n\1 /m.exec(text);
  if (scissors) return scissors[1]!;
  const last = text.trimEnd().split('\n').at(-1) ?? '';
  return /^[#;@!$%^&|:]/.test(last) ? last.charAt(0) : '#';
}
