/** Lines of a message that were meant as disclosure and that git does not read as trailers. */

import type { Config } from '../config.ts';
import { type ParseOptions, parseTrailers, type Span } from '../trailers/parse.ts';

export interface IgnoredLine {
  /** The disclosure's field that the line names. */
  field: string;
  /** The trailer's key as the configuration has it. */
  key: string;
  /** What follows the separator, trimmed. */
  value: string;
  /** From one. */
  line: number;
  /** The line without its line break. */
  span: Span;
  /** A sentence: why git ignores it and what to do. */
  why: string;
}

/**
 * Finds the lines that name a configured trailer key, also carelessly written (`ai model = …`,
 * `> AI-Model: …`), and that git takes for text, so that people can be told why nothing was declared.
 */
export function ignoredLines(
  message: string,
  config: Pick<Config, 'trailers'>,
  options: ParseOptions = {},
): IgnoredLine[] {
  const { block, trailers } = parseTrailers(message, options);
  const comment = options.commentPrefix ?? '#';
  const read = new Set(trailers.map(({ span }) => span.start));
  const fields = new Map(Object.entries(config.trailers).map(([field, key]) => [plain(key), { field, key }]));
  const found: IgnoredLine[] = [];
  let start = 0;
  let inTitle = true;
  let anyText = false;
  for (const [at, text] of message.slice(0, block.end).split('\n').entries()) {
    const span = { start, end: start + text.replace(/\r$/, '').length };
    start += text.length + 1;
    if (text.startsWith(comment)) continue;
    if (text.trim() === '') {
      if (anyText) inTitle = false;
      continue;
    }
    anyText = true;
    const named = /^[\s>*•-]*([A-Za-z][A-Za-z0-9 _-]*?)[\s*]*[:=][\s*]*(.*)$/s.exec(text.slice(0, maxLine));
    const known = named && fields.get(plain(named[1]!));
    if (!known || read.has(span.start)) continue;
    const { field, key } = known;
    const wellFormed = new RegExp(`^${key}[ \\t]*:`, 'i').test(text);
    found.push({ field, key, value: named[2]!.trim(), line: at + 1, span, why: reason(key, wellFormed, inTitle) });
  }
  return found;
}

/** Longer lines are looked at up to here. */
const maxLine = 1000;

function plain(key: string): string {
  return key.toLowerCase().replaceAll(/[ _]/g, '-');
}

function reason(key: string, wellFormed: boolean, inTitle: boolean): string {
  if (!wellFormed) return `Git reads a trailer only from a line that starts with \`${key}: \`.`;
  if (inTitle) return 'It stands in the first paragraph, which is the title; put a blank line before it.';
  return 'Git reads trailers only from the last paragraph, when that holds nothing else; move it to the end, after a blank line.';
}
