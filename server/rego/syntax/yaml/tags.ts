/** Tokens of YAML that name something: anchors and aliases, tags, directives. */
import {
  code,
  fail,
  isBlank,
  isBreak,
  isSpace,
  type Scanner,
  skip,
  skipBreak,
  type Token,
  tokenOf,
  toLineEnd,
} from './state.ts';

function isWord(char: number): boolean {
  return /[0-9A-Za-z_-]/.test(String.fromCharCode(char));
}

function word(s: Scanner): string {
  const start = s.at;
  while (isWord(code(s))) skip(s);
  return s.text.slice(start, s.at);
}

function skipBlanks(s: Scanner): void {
  while (isBlank(code(s))) skip(s);
}

const behindAnchor: ReadonlySet<number> = new Set([...'?:,]}%@`'].map((char) => char.charCodeAt(0)));

export function scanAnchor(s: Scanner, kind: 'anchor' | 'alias'): Token {
  const start = s.at;
  skip(s);
  const value = word(s);
  if (value === '' || !(isSpace(code(s)) || behindAnchor.has(code(s)))) {
    fail(s, `expected the name of an ${kind}: letters, digits, '-' and '_'`, start);
  }
  return tokenOf(kind, start, s.at, { value });
}

export function scanTag(s: Scanner): Token {
  const start = s.at;
  let value = '';
  let suffix: string;
  if (code(s, 1) === 60) {
    skip(s);
    skip(s);
    suffix = uri(s, '', start);
    if (code(s) !== 62) fail(s, "expected '>' behind the tag", start);
    skip(s);
  } else {
    value = handle(s, false, start);
    if (value.length > 1 && value.endsWith('!')) suffix = uri(s, '', start);
    else {
      suffix = uri(s, value, start);
      value = '!';
      if (suffix === '') [value, suffix] = [suffix, value];
    }
  }
  if (!isSpace(code(s))) fail(s, 'expected a space behind the tag', start);
  return tokenOf('tag', start, s.at, { value, suffix });
}

function handle(s: Scanner, isDirective: boolean, start: number): string {
  if (code(s) !== 33) fail(s, "expected '!'", start);
  let value = skip(s) + word(s);
  if (code(s) === 33) value += skip(s);
  else if (isDirective && value !== '!') fail(s, "expected '!'", start);
  return value;
}

const inUri: ReadonlySet<number> = new Set([...";/?:@&=+$,.!~*'()[]%"].map((char) => char.charCodeAt(0)));

function uri(s: Scanner, head: string, start: number): string {
  let value = head.slice(1);
  let hasTag = head !== '';
  while (isWord(code(s)) || inUri.has(code(s))) {
    value += code(s) === 37 ? escaped(s, start) : skip(s);
    hasTag = true;
  }
  if (!hasTag) fail(s, 'expected a tag', start);
  return value;
}

/** One character as the octets of UTF-8. */
function escaped(s: Scanner, start: number): string {
  let written = '';
  let left = 1;
  while (left-- > 0) {
    const octet = s.text.slice(s.at, s.at + 3);
    if (!/^%[0-9a-fA-F]{2}$/.test(octet)) fail(s, 'expected two hexadecimal digits behind %', start);
    const value = Number.parseInt(octet.slice(1), 16);
    if (written === '')
      left = value < 0x80 ? 0 : value >> 5 === 6 ? 1 : value >> 4 === 14 ? 2 : value >> 3 === 30 ? 3 : -1;
    else if (value >> 6 !== 2) left = -1;
    if (left < 0) fail(s, 'these octets are no UTF-8', start);
    written += octet;
    for (let count = 0; count < 3; count++) skip(s);
  }
  try {
    return decodeURIComponent(written);
  } catch {
    return '\ufffd';
  }
}

/** `%YAML 1.1` or `%TAG ! prefix`, to the end of the line. */
export function scanDirective(s: Scanner): Token {
  const start = s.at;
  skip(s);
  const name = word(s);
  if (name === '') fail(s, 'expected the name of a directive', start);
  if (!isSpace(code(s))) fail(s, 'the name of a directive consists of letters', start);
  skipBlanks(s);
  let token: Token;
  if (name === 'YAML') {
    const major = digits(s, start);
    if (code(s) !== 46) fail(s, "expected a digit or '.'", start);
    skip(s);
    const value = `${major}.${digits(s, start)}`;
    token = tokenOf('version', start, s.at, { value });
  } else if (name === 'TAG') {
    const value = handle(s, true, start);
    if (!isBlank(code(s))) fail(s, 'expected a space', start);
    skipBlanks(s);
    const suffix = uri(s, '', start);
    if (!isSpace(code(s))) fail(s, 'expected a space or a line break', start);
    token = tokenOf('tag directive', start, s.at, { value, suffix });
  } else fail(s, `unknown directive '${name}'`, start);
  skipBlanks(s);
  if (code(s) === 35) toLineEnd(s);
  if (isBreak(code(s))) skipBreak(s);
  else if (code(s) !== 0) fail(s, 'expected a comment or a line break', start);
  return token;
}

function digits(s: Scanner, start: number): number {
  const from = s.at;
  while (code(s) >= 48 && code(s) <= 57) skip(s);
  const length = s.at - from;
  if (length === 0 || length > 2) fail(s, 'expected a version such as 1.1', start);
  return Number(s.text.slice(from, s.at));
}
