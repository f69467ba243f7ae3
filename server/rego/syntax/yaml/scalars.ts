/** Scalars of YAML: plain, in quotes, and blocks of text. */
import {
  code,
  fail,
  isBlank,
  isBreak,
  isDocumentMark,
  isSpace,
  type Scanner,
  skip,
  skipBreak,
  type Token,
  tokenOf,
  toLineEnd,
} from './state.ts';

/** A block behind `|`, or behind `>`, which makes spaces of line breaks. */
export function scanBlockScalar(s: Scanner, literal: boolean): Token {
  const start = s.at;
  skip(s);
  let keep = 0;
  let more = 0;
  const sign = () => {
    if (code(s) !== 43 && code(s) !== 45) return;
    keep = code(s) === 43 ? 1 : -1;
    skip(s);
  };
  const hasSign = code(s) === 43 || code(s) === 45;
  sign();
  if (code(s) >= 48 && code(s) <= 57) {
    more = code(s) - 48;
    if (more === 0) fail(s, 'text cannot be indented by 0', start);
    skip(s);
  }
  if (!hasSign && more > 0) sign();
  while (isBlank(code(s))) skip(s);
  if (code(s) === 35) toLineEnd(s);
  if (isBreak(code(s))) skipBreak(s);
  else if (code(s) !== 0) fail(s, 'expected a comment or a line break', start);

  const around = Math.max(s.indent, 0);
  const first = scanBreaks(s, more > 0 ? around + more : 0, start);
  const { indent } = first;
  let { end, breaks: trailing } = first;
  let value = '';
  let leading = '';
  let wasBlank = false;
  while (s.column === indent && code(s) !== 0) {
    const begins = isBlank(code(s));
    if (!literal && !wasBlank && !begins && leading.startsWith('\n')) value += trailing === '' ? ' ' : '';
    else value += leading;
    value += trailing;
    wasBlank = begins;
    const from = s.at;
    toLineEnd(s);
    value += s.text.slice(from, s.at);
    leading = isBreak(code(s)) ? skipBreak(s) : '';
    ({ end, breaks: trailing } = scanBreaks(s, indent, start));
  }
  if (keep !== -1) value += leading;
  if (keep === 1) value += trailing;
  return tokenOf('scalar', start, end, { value, quoted: true });
}

/** Empty lines, and how far the first other one is indented where that is not known. */
function scanBreaks(s: Scanner, known: number, start: number): { breaks: string; indent: number; end: number } {
  let end = s.at;
  let most = 0;
  let breaks = '';
  for (;;) {
    while ((known === 0 || s.column < known) && code(s) === 32) skip(s);
    most = Math.max(most, s.column);
    if ((known === 0 || s.column < known) && code(s) === 9) fail(s, 'text is indented by spaces, not by tabs', start);
    if (!isBreak(code(s))) break;
    breaks += skipBreak(s);
    end = s.at;
  }
  return { breaks, indent: known === 0 ? Math.max(most, s.indent + 1, 1) : known, end };
}

/** Line breaks within a scalar, as the text that they stand for. */
function folded(leading: string, trailing: string): string {
  return leading.startsWith('\n') ? (trailing === '' ? ' ' : trailing) : leading + trailing;
}

export function scanQuoted(s: Scanner, quote: number): Token {
  const start = s.at;
  skip(s);
  let value = '';
  for (;;) {
    if (isDocumentMark(s, 45) || isDocumentMark(s, 46)) fail(s, 'the document ends before the quote', start);
    if (code(s) === 0) fail(s, 'expected the closing quote', start);
    let isBroken = false;
    while (!isSpace(code(s)) && !isBroken) {
      if (quote === 39 && code(s) === 39 && code(s, 1) === 39) {
        skip(s);
        value += skip(s);
      } else if (code(s) === quote) break;
      else if (quote === 34 && code(s) === 92) {
        skip(s);
        if (isBreak(code(s))) {
          skipBreak(s);
          isBroken = true;
        } else value += scanEscape(s, start);
      } else value += skip(s);
    }
    if (code(s) === quote) break;
    value += scanSpace(s, isBroken);
  }
  skip(s);
  return tokenOf('scalar', start, s.at, { value, quoted: true });
}

function scanSpace(s: Scanner, isBroken: boolean): string {
  let blanks = '';
  let leading = '';
  let trailing = '';
  let hasBreak = isBroken;
  while (isBlank(code(s)) || isBreak(code(s))) {
    if (isBlank(code(s))) {
      const blank = skip(s);
      if (!hasBreak) blanks += blank;
    } else if (hasBreak) trailing += skipBreak(s);
    else {
      leading = skipBreak(s);
      hasBreak = true;
    }
  }
  return hasBreak ? folded(leading, trailing) : blanks;
}

const escapes: ReadonlyMap<string, string> = new Map(
  Object.entries({
    '0': '\0',
    a: '\x07',
    b: '\b',
    t: '\t',
    '\t': '\t',
    n: '\n',
    v: '\v',
    f: '\f',
    r: '\r',
    e: '\x1b',
    ' ': ' ',
    '"': '"',
    "'": "'",
    '\\': '\\',
    N: '\x85',
    _: '\xa0',
    L: '\u2028',
    P: '\u2029',
  }),
);
const lengths: Readonly<Record<string, number>> = { x: 2, u: 4, U: 8 };

/** What follows a backslash. */
function scanEscape(s: Scanner, start: number): string {
  const name = String.fromCharCode(code(s));
  const length = lengths[name];
  const value = escapes.get(name);
  if (length === undefined) {
    if (value === undefined) fail(s, 'unknown escape', s.at - 1);
    skip(s);
    return value;
  }
  skip(s);
  const digits = s.text.slice(s.at, s.at + length);
  if (digits.length < length || !/^[0-9a-fA-F]+$/.test(digits)) fail(s, `expected ${length} hexadecimal digits`, start);
  const point = Number.parseInt(digits, 16);
  if ((point >= 0xd800 && point < 0xe000) || point > 0x10ffff) fail(s, 'this escape is no character', start);
  for (let count = 0; count < length; count++) skip(s);
  return String.fromCodePoint(point);
}

/** Of the characters that end a plain scalar within brackets: `,?[]{}`. */
const flowIndicators: ReadonlySet<number> = new Set([...',?[]{}'].map((char) => char.charCodeAt(0)));

export function scanPlain(s: Scanner): Token {
  const start = s.at;
  let end = s.at;
  let value = '';
  let blanks = '';
  let leading = '';
  let trailing = '';
  let hasBreak = false;
  for (;;) {
    if (isDocumentMark(s, 45) || isDocumentMark(s, 46) || code(s) === 35) break;
    while (!isSpace(code(s))) {
      if (code(s) === 58 && isSpace(code(s, 1))) break;
      if (s.flow > 0 && flowIndicators.has(code(s))) break;
      value += hasBreak ? folded(leading, trailing) : blanks;
      blanks = leading = trailing = '';
      hasBreak = false;
      value += skip(s);
      end = s.at;
    }
    if (!isBlank(code(s)) && !isBreak(code(s))) break;
    while (isBlank(code(s)) || isBreak(code(s))) {
      if (isBlank(code(s))) {
        if (hasBreak && s.column <= s.indent && code(s) === 9)
          fail(s, 'a line is indented by spaces, not by tabs', start);
        const blank = skip(s);
        if (!hasBreak) blanks += blank;
      } else if (hasBreak) trailing += skipBreak(s);
      else {
        leading = skipBreak(s);
        hasBreak = true;
      }
    }
    if (s.flow === 0 && s.column <= s.indent) break;
  }
  if (hasBreak) s.keyAllowed = true;
  return tokenOf('scalar', start, end, { value });
}
