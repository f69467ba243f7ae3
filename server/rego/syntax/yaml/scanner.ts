/**
 * YAML to tokens, as the library does that OPA reads METADATA with. It follows YAML 1.1, takes U+0085, U+2028 and
 * U+2029 for line breaks, and is more forgiving with tabs and comments than the specification:
 * https://github.com/yaml/go-yaml/blob/v3.0.5/scannerc.go
 */
import { scanBlockScalar, scanPlain, scanQuoted } from './scalars.ts';
import {
  code,
  fail,
  isBlank,
  isBreak,
  isDocumentMark,
  isSpace,
  noKey,
  type Scanner,
  type SimpleKey,
  skip,
  skipBreak,
  type Token,
  type TokenKind,
  tokenOf,
  toLineEnd,
} from './state.ts';
import { scanAnchor, scanDirective, scanTag } from './tags.ts';

/** The next token. */
export function peek(s: Scanner): Token {
  while (s.taken >= s.tokens.length - 2 || isPossibleKey(s, s.keysByNumber.get(s.taken))) {
    if (s.tokens.at(-1)?.kind === 'stream end') break;
    fetch(s);
  }
  return s.tokens[s.taken]!;
}

export function take(s: Scanner): Token {
  const token = peek(s);
  s.taken++;
  return token;
}

/** Whether a colon may still make a key of it. */
function isPossibleKey(s: Scanner, key: SimpleKey | undefined): boolean {
  if (key?.possible !== true) return false;
  if (key.line === s.line && key.column + 1024 >= s.column) return true;
  if (key.required) fail(s, "expected ':' behind the key", key.at);
  key.possible = false;
  return false;
}

function saveKey(s: Scanner): void {
  if (!s.keyAllowed) return;
  removeKey(s);
  const { at, line, column } = s;
  const required = s.flow === 0 && s.indent === column;
  const key: SimpleKey = { possible: true, required, number: s.tokens.length, at, line, column };
  s.keys[s.keys.length - 1] = key;
  s.keysByNumber.set(key.number, key);
}

function removeKey(s: Scanner): void {
  const key = s.keys.at(-1)!;
  if (!key.possible) return;
  if (key.required) fail(s, "expected ':' behind the key", key.at);
  key.possible = false;
  s.keysByNumber.delete(key.number);
}

const mostNested = 10_000;

/** A block begins where a line is indented more; `index` is where its token belongs. */
function indentTo(s: Scanner, column: number, kind: TokenKind, index: number, at: number): void {
  if (s.flow > 0 || s.indent >= column) return;
  s.indents.push(s.indent);
  s.indent = column;
  if (s.indents.length > mostNested) fail(s, 'nested too deep', at);
  insert(s, index, tokenOf(kind, at, at));
}

/** Puts a token before others; where those have been taken, behind all. */
function insert(s: Scanner, index: number, token: Token): void {
  if (index < s.taken) s.tokens.push(token);
  else s.tokens.splice(index, 0, token);
}

function unindentTo(s: Scanner, column: number): void {
  if (s.flow > 0) return;
  while (s.indent > column) {
    s.tokens.push(tokenOf('block end', s.at, s.at));
    s.indent = s.indents.pop()!;
  }
}

function fetch(s: Scanner): void {
  toNextToken(s);
  unindentTo(s, s.column);
  const char = code(s);
  if (char === 0) endStream(s);
  else if (s.column === 0 && char === 37) atTop(s, () => scanDirective(s));
  else if (isDocumentMark(s, 45)) atTop(s, () => mark(s, 'document start', 3));
  else if (isDocumentMark(s, 46)) atTop(s, () => mark(s, 'document end', 3));
  else {
    fetchContent(s, char, code(s, 1));
    if (s.tokens.at(-1)!.kind !== 'item' && s.breaks === 0) skipLineComment(s);
  }
}

function endStream(s: Scanner): void {
  s.column = 0;
  atTop(s, () => tokenOf('stream end', s.at, s.at));
}

function atTop(s: Scanner, scan: () => Token): void {
  unindentTo(s, -1);
  removeKey(s);
  s.keyAllowed = false;
  s.tokens.push(scan());
}

function mark(s: Scanner, kind: TokenKind, length: number): Token {
  const start = s.at;
  for (let count = 0; count < length; count++) skip(s);
  return tokenOf(kind, start, s.at);
}

function fetchContent(s: Scanner, char: number, next: number): void {
  const isIndicator = s.flow > 0 || isSpace(next);
  if (char === 91 || char === 123) openFlow(s, char === 91 ? '[' : '{');
  else if (char === 93 || char === 125) closeFlow(s, char === 93 ? ']' : '}');
  else if (char === 44) fetchComma(s);
  else if (char === 45 && isSpace(next)) fetchItem(s);
  else if (char === 63 && isIndicator) fetchKey(s);
  else if (char === 58 && isIndicator) fetchValue(s);
  else if (char === 42 || char === 38) fetchNamed(s, () => scanAnchor(s, char === 42 ? 'alias' : 'anchor'));
  else if (char === 33) fetchNamed(s, () => scanTag(s));
  else if ((char === 124 || char === 62) && s.flow === 0) fetchBlock(s, char === 124);
  else if (char === 39 || char === 34) fetchNamed(s, () => scanQuoted(s, char));
  else if (beginsPlain(s, char, next)) fetchNamed(s, () => scanPlain(s));
  else fail(s, 'this character cannot begin a value');
}

/** The characters that mean something where a value begins: `-?:,[]{}#&*!|>'"%@` and the backquote. */
const indicators: ReadonlySet<number> = new Set([...'-?:,[]{}#&*!|>\'"%@`'].map((char) => char.charCodeAt(0)));

function beginsPlain(s: Scanner, char: number, next: number): boolean {
  if (!isSpace(char) && !indicators.has(char)) return true;
  if (char === 45) return !isBlank(next);
  return s.flow === 0 && (char === 63 || char === 58) && !isSpace(next);
}

/** What a key may begin with. */
function fetchNamed(s: Scanner, scan: () => Token): void {
  saveKey(s);
  s.keyAllowed = false;
  s.tokens.push(scan());
}

function openFlow(s: Scanner, kind: '[' | '{'): void {
  saveKey(s);
  s.keys.push({ ...noKey, number: s.tokens.length });
  if (++s.flow > mostNested) fail(s, 'nested too deep');
  s.keyAllowed = true;
  s.tokens.push(mark(s, kind, 1));
}

function closeFlow(s: Scanner, kind: ']' | '}'): void {
  removeKey(s);
  if (s.flow > 0) {
    s.flow--;
    s.keysByNumber.delete(s.keys.pop()!.number);
  }
  s.keyAllowed = false;
  s.tokens.push(mark(s, kind, 1));
}

function fetchComma(s: Scanner): void {
  removeKey(s);
  s.keyAllowed = true;
  s.tokens.push(mark(s, ',', 1));
}

function fetchBlock(s: Scanner, literal: boolean): void {
  removeKey(s);
  s.keyAllowed = true;
  s.tokens.push(scanBlockScalar(s, literal));
}

function fetchItem(s: Scanner): void {
  if (s.flow === 0) {
    if (!s.keyAllowed) fail(s, 'an item of a list cannot begin here');
    indentTo(s, s.column, 'list start', s.tokens.length, s.at);
  }
  removeKey(s);
  s.keyAllowed = true;
  s.tokens.push(mark(s, 'item', 1));
}

function fetchKey(s: Scanner): void {
  if (s.flow === 0) {
    if (!s.keyAllowed) fail(s, 'a key cannot begin here');
    indentTo(s, s.column, 'map start', s.tokens.length, s.at);
  }
  removeKey(s);
  s.keyAllowed = s.flow === 0;
  s.tokens.push(mark(s, 'key', 1));
}

function fetchValue(s: Scanner): void {
  const key = s.keys.at(-1)!;
  if (isPossibleKey(s, key)) {
    insert(s, key.number, tokenOf('key', key.at, key.at));
    indentTo(s, key.column, 'map start', key.number, key.at);
    key.possible = false;
    s.keysByNumber.delete(key.number);
    s.keyAllowed = false;
  } else {
    if (s.flow === 0) {
      if (!s.keyAllowed) fail(s, "a value cannot begin here: put text with ': ' in quotes");
      indentTo(s, s.column, 'map start', s.tokens.length, s.at);
    }
    s.keyAllowed = s.flow === 0;
  }
  s.tokens.push(mark(s, 'value', 1));
}

function toNextToken(s: Scanner): void {
  for (;;) {
    while (code(s) === 32 || ((s.flow > 0 || !s.keyAllowed) && code(s) === 9)) skip(s);
    if (code(s) === 35) skipComments(s);
    if (!isBreak(code(s))) return;
    skipBreak(s);
    if (s.flow === 0) s.keyAllowed = true;
  }
}

/** How far the library looks for the next comment. */
const farthest = 512;

/** A comment and those in the lines below, whatever blanks precede them. */
function skipComments(s: Scanner): void {
  for (;;) {
    toLineEnd(s);
    let next = s.at;
    const char = (at: number) => s.text.charCodeAt(at);
    // Behind the other line breaks it does not look.
    while (next - s.at < farthest && (isBlank(char(next)) || char(next) === 10 || char(next) === 13)) next++;
    if (char(next) !== 35 || next - s.at >= farthest) return;
    while (s.at < next) {
      if (isBreak(code(s))) skipBreak(s);
      else skip(s);
    }
  }
}

function skipLineComment(s: Scanner): void {
  let ahead = 0;
  while (ahead < farthest && isBlank(code(s, ahead))) ahead++;
  if (ahead < farthest && code(s, ahead) === 35) toLineEnd(s);
}
