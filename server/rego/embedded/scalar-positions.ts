/** Where the characters of a quoted, plain or folded scalar stand in the YAML text. */
import type { Position } from 'vscode-languageserver';
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { EmbeddedText } from './templates.ts';

/** From a position in the scalar's value to one in the text. */
export function positionsIn(yaml: string, { span, value }: EmbeddedText): (position: Position) => Position {
  let known: { value: TextDocument; text: TextDocument; offsets: readonly number[] } | undefined;
  return (position) => {
    known ??= {
      value: TextDocument.create('', '', 0, value),
      text: TextDocument.create('', '', 0, yaml),
      offsets: offsetsOf(value, yaml.slice(span.start, span.end)),
    };
    const offset = known.value.offsetAt(position);
    const within = known.offsets[offset] ?? (known.offsets.at(-1) ?? -1) + 1;
    return known.text.positionAt(span.start + within);
  };
}

/** For each character of the value, where it is in the scalar as it is written. */
function offsetsOf(value: string, source: string): number[] {
  const quote = /^["']/.exec(source)?.[0];
  let at = quote ? 1 : (/^>.*\n/.exec(source)?.[0].length ?? 0);
  return Array.from({ length: value.length }, (_, index) => {
    const character = value.charAt(index);
    // Line breaks and the spaces around them may have become one space, or nothing.
    const next = skipBlank(source, at, quote === '"');
    const isEscaped = quote === '"' && source[next] === '\\';
    if (/\s/.test(character)) {
      if (source[at] === character) return at++;
      at = next;
      if (isEscaped && blanks[source[next + 1] ?? ''] === character) at += 2;
      return next;
    }
    at = next;
    if (isEscaped) at += escapeLength(source.slice(at, at + 2), character);
    else at += quote === "'" && source.startsWith("''", at) ? 2 : 1;
    return next;
  });
}

/** What is blank and can be escaped. */
const blanks: Record<string, string> = {
  t: '\t',
  '\t': '\t',
  n: '\n',
  v: '\v',
  f: '\f',
  r: '\r',
  ' ': ' ',
  _: '\xa0',
  L: '\u2028',
  P: '\u2029',
};

function skipBlank(source: string, from: number, escapes: boolean): number {
  const blank = escapes ? /(?:\s|\\\r?\n)*/y : /\s*/y;
  blank.lastIndex = from;
  return from + (blank.exec(source)?.[0].length ?? 0);
}

/** https://yaml.org/spec/1.2.2/#57-escaped-characters */
function escapeLength(written: string, character: string): number {
  if (written === '\\x') return 4;
  if (written === '\\u') return 6;
  // Two characters of the value: the second half takes what is left.
  if (written === '\\U') return /[\uD800-\uDBFF]/.test(character) ? 0 : 10;
  return 2;
}
