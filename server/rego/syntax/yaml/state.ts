/** The state of the scanner of YAML, and what all of its parts do with it. */
import type { Span } from '../tree.ts';

export type TokenKind =
  | 'stream end'
  | 'version'
  | 'tag directive'
  | 'document start'
  | 'document end'
  | 'list start'
  | 'map start'
  | 'block end'
  | '['
  | ']'
  | '{'
  | '}'
  | 'item'
  | ','
  | 'key'
  | 'value'
  | 'alias'
  | 'anchor'
  | 'tag'
  | 'scalar';

export interface Token extends Span {
  readonly kind: TokenKind;
  /** The text of a scalar, the name of an anchor, the handle of a tag, the version. */
  readonly value: string;
  /** What follows the handle of a tag. */
  readonly suffix: string;
  /** Whether a scalar is in quotes, or a block of text. */
  readonly quoted: boolean;
}

/** Where a key without `?` may have begun: whether it is one shows at the colon. */
export interface SimpleKey {
  possible: boolean;
  readonly required: boolean;
  /** The number of the token that it begins with. */
  readonly number: number;
  readonly at: number;
  readonly line: number;
  readonly column: number;
}

/** The state of the scanner; it lives for one call. */
export interface Scanner {
  readonly text: string;
  at: number;
  line: number;
  /** In characters. */
  column: number;
  readonly tokens: Token[];
  /** How many tokens have been taken. */
  taken: number;
  /** How many brackets are open. */
  flow: number;
  indent: number;
  readonly indents: number[];
  /** One for each open bracket, and one for the text around them. */
  readonly keys: SimpleKey[];
  readonly keysByNumber: Map<number, SimpleKey>;
  keyAllowed: boolean;
  /** How many line breaks were read since the last character that is no blank. */
  breaks: number;
}

/** Why a text cannot be read. */
export class UnreadableYaml extends Error {
  readonly span: Span;
  constructor(span: Span, message: string) {
    super(message);
    this.span = span;
  }
}

export function fail(s: Scanner, message: string, start = s.at): never {
  throw new UnreadableYaml({ start, end: Math.max(start, Math.min(s.at + 1, s.text.length)) }, message);
}

/** In the place of one. */
export const noKey: SimpleKey = { possible: false, required: false, number: -1, at: 0, line: 0, column: 0 };

export function scannerOf(text: string): Scanner {
  return {
    text,
    at: 0,
    line: 0,
    column: 0,
    tokens: [],
    taken: 0,
    flow: 0,
    indent: -1,
    indents: [],
    keys: [{ ...noKey }],
    keysByNumber: new Map(),
    keyAllowed: true,
    breaks: 0,
  };
}

/** The character code so many units ahead; 0 at the end of the text. */
export function code(s: Scanner, ahead = 0): number {
  return s.at + ahead < s.text.length ? s.text.charCodeAt(s.at + ahead) : 0;
}

export function isBlank(char: number): boolean {
  return char === 32 || char === 9;
}

export function isBreak(char: number): boolean {
  return char === 10 || char === 13 || char === 0x85 || char === 0x2028 || char === 0x2029;
}

export function isSpace(char: number): boolean {
  return isBlank(char) || isBreak(char) || char === 0;
}

/** Reads a character that is no line break. */
export function skip(s: Scanner): string {
  const char = code(s);
  if (!isBlank(char)) s.breaks = 0;
  const length = char >= 0xd800 && char < 0xdc00 ? 2 : 1;
  s.at += length;
  s.column++;
  return s.text.slice(s.at - length, s.at);
}

/** Reads a line break, and says what it is in a text. */
export function skipBreak(s: Scanner): string {
  const char = code(s);
  s.at += char === 13 && code(s, 1) === 10 ? 2 : 1;
  s.column = 0;
  s.line++;
  s.breaks++;
  return char === 0x2028 || char === 0x2029 ? String.fromCharCode(char) : '\n';
}

export function toLineEnd(s: Scanner): void {
  while (!isBreak(code(s)) && code(s) !== 0) skip(s);
}

/** Whether `---` or `...` stands here alone. */
export function isDocumentMark(s: Scanner, char: number): boolean {
  return s.column === 0 && code(s) === char && code(s, 1) === char && code(s, 2) === char && isSpace(code(s, 3));
}

export function tokenOf(kind: TokenKind, start: number, end: number, more: Partial<Token> = {}): Token {
  return { kind, start, end, value: '', suffix: '', quoted: false, ...more };
}
