/**
 * Text to tokens. What a token is follows OPA's scanner:
 * https://github.com/open-policy-agent/opa/blob/v1.20.2/v1/ast/internal/scanner/scanner.go
 *
 * Never fails: what is no token becomes an illegal one, and what is unfinished ends where the line ends.
 */
import { checkCharacters, type Lexer, problem, push } from './lexer-state.ts';
import {
  lineBreakInTemplate,
  readRawString,
  readString,
  readTemplatePiece,
  readTemplateStart,
  retreat,
} from './lexer-strings.ts';
import { T, type Tokens, wordKind } from './tokens.ts';
import type { Span, SyntaxProblem } from './tree.ts';

export interface Lexed {
  readonly tokens: Tokens;
  readonly comments: readonly Span[];
  readonly problems: SyntaxProblem[];
}

const maxRetreats = 32;

export function lex(text: string): Lexed {
  const size = text.length + 1;
  const lexer: Lexer = {
    text,
    at: text.charCodeAt(0) === 0xfeff ? 1 : 0,
    count: 0,
    kinds: new Uint8Array(size),
    starts: new Int32Array(size),
    ends: new Int32Array(size),
    partners: new Int32Array(size).fill(-1),
    breaks: new Uint8Array(size),
    open: [],
    templates: [],
    comments: [],
    problems: [],
    closer: 0,
    retreats: maxRetreats,
  };
  for (;;) {
    readAll(lexer);
    const unclosed = lexer.templates.findIndex(({ retreat }) => retreat !== undefined);
    if (unclosed < 0) break;
    retreat(lexer, unclosed);
  }
  if (lexer.templates.length > 0) problem(lexer, text.length, text.length, 'expected } to end the expression');
  const { count, kinds, starts, ends, partners, breaks, comments, problems } = lexer;
  kinds[count] = T.end;
  starts[count] = ends[count] = text.length;
  return { tokens: { count, kinds, starts, ends, partners, breaks }, comments, problems };
}

function readAll(lexer: Lexer): void {
  const { text, breaks } = lexer;
  const { length } = text;
  while (lexer.at < length) {
    const at = lexer.at;
    const code = text.charCodeAt(at);
    if (code === 32 || code === 9 || code === 13) {
      lexer.at++;
    } else if (code === 10) {
      if (lexer.templates.length > 0) lineBreakInTemplate(lexer);
      lexer.at++;
      breaks[lexer.count] = 1;
    } else if (isLetter(code)) {
      const end = wordEnd(text, at + 1);
      push(lexer, wordKind(text, at, end), at, end);
    } else if (code >= 48 && code <= 57) {
      readNumber(lexer);
    } else if (code === 35) {
      readComment(lexer);
    } else if (code === 34) {
      readString(lexer);
    } else if (code === 96) {
      readRawString(lexer);
    } else if (code === 36) {
      readTemplateStart(lexer);
    } else {
      readMark(lexer, code);
    }
  }
}

function isLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90) || code === 95;
}

const digitBeyondAscii = /^\p{Nd}/u;

/** A word goes on with letters, underscores and digits, those of other scripts included. */
function wordEnd(text: string, from: number): number {
  let at = from;
  for (;;) {
    const code = text.charCodeAt(at);
    if (isLetter(code) || (code >= 48 && code <= 57)) at++;
    else if (code > 127 && digitBeyondAscii.test(text.slice(at, at + 2))) at += code >= 0xd800 && code < 0xdc00 ? 2 : 1;
    else return at;
  }
}

function digitsEnd(text: string, from: number): number {
  let at = from;
  for (let code = text.charCodeAt(at); code >= 48 && code <= 57; code = text.charCodeAt(at)) at++;
  return at;
}

function readNumber(lexer: Lexer): void {
  const { text, at: start } = lexer;
  let at = digitsEnd(text, start);
  let missing = '';
  if (text.charCodeAt(at) === 46) {
    const end = digitsEnd(text, at + 1);
    if (end === at + 1) missing = 'expected digits after the decimal point';
    at = end;
  }
  if ((text.charCodeAt(at) | 32) === 101) {
    const sign = text.charCodeAt(at + 1);
    const first = sign === 43 || sign === 45 ? at + 2 : at + 1;
    const end = digitsEnd(text, first);
    if (end === first) missing = 'expected digits in the exponent';
    at = end;
  }
  if (isLetter(text.charCodeAt(at))) {
    missing = 'illegal number format';
    at = wordEnd(text, at);
  }
  if (missing !== '') problem(lexer, start, at, missing);
  push(lexer, T.number, start, at);
}

function readComment(lexer: Lexer): void {
  const { text, at: start } = lexer;
  let end = text.indexOf('\n', start);
  if (end < 0) end = text.length;
  checkCharacters(lexer, start, end);
  lexer.comments.push({ start, end: text.charCodeAt(end - 1) === 13 ? end - 1 : end });
  lexer.at = end;
}

function readMark(lexer: Lexer, code: number): void {
  const { text, at } = lexer;
  const equals = text.charCodeAt(at + 1) === 61;
  switch (code) {
    case 91:
      return openBracket(lexer, T.leftBracket);
    case 123:
      return openBracket(lexer, T.leftBrace);
    case 40:
      return openBracket(lexer, T.leftParen);
    case 93:
      return closeBracket(lexer, T.rightBracket);
    case 125:
      return closeBracket(lexer, T.rightBrace);
    case 41:
      return closeBracket(lexer, T.rightParen);
    case 58:
      return equals ? push(lexer, T.assign, at, at + 2) : push(lexer, T.colon, at, at + 1);
    case 61:
      return equals ? push(lexer, T.equal, at, at + 2) : push(lexer, T.unify, at, at + 1);
    case 62:
      return equals ? push(lexer, T.greaterOrEqual, at, at + 2) : push(lexer, T.greater, at, at + 1);
    case 60:
      return equals ? push(lexer, T.lessOrEqual, at, at + 2) : push(lexer, T.less, at, at + 1);
    case 33:
      return equals ? push(lexer, T.notEqual, at, at + 2) : push(lexer, T.illegal, at, at + 1);
    default:
      return push(lexer, marks.get(code) ?? T.illegal, at, characterEnd(text, at));
  }
}

const marks = new Map<number, number>([
  [44, T.comma],
  [59, T.semicolon],
  [46, T.dot],
  [43, T.plus],
  [45, T.minus],
  [42, T.times],
  [47, T.divide],
  [37, T.remainder],
  [38, T.ampersand],
  [124, T.pipe],
]);

function characterEnd(text: string, at: number): number {
  return at + ((text.codePointAt(at) ?? 0) > 0xffff ? 2 : 1);
}

function openBracket(lexer: Lexer, kind: number): void {
  lexer.open.push(lexer.count);
  push(lexer, kind, lexer.at, lexer.at + 1);
}

/** Pairs a bracket with the closest open one of its kind, within the expression of a template string. */
function closeBracket(lexer: Lexer, kind: number): void {
  const { open, kinds, partners } = lexer;
  const template = lexer.templates.at(-1);
  const floor = template?.depth ?? 0;
  let index = open.length - 1;
  while (index >= floor && kinds[open[index]!] !== kind - 1) index--;
  if (index >= floor) {
    partners[open[index]!] = lexer.count;
    partners[lexer.count] = open[index]!;
    open.length = index;
  } else if (template !== undefined && kind === T.rightBrace) {
    open.length = floor;
    return readTemplatePiece(lexer, template);
  } else if (template?.retreat !== undefined) {
    return retreat(lexer, lexer.templates.length - 1);
  }
  push(lexer, kind, lexer.at, lexer.at + 1);
}
