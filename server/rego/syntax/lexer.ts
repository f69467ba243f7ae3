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

interface Lexed {
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
  const opening = openings.get(code);
  const closing = closings.get(code);
  if (opening !== undefined) openBracket(lexer, opening);
  else if (closing !== undefined) closeBracket(lexer, closing);
  else {
    const longer = text.charCodeAt(at + 1) === 61 ? withEquals.get(code) : undefined;
    if (longer !== undefined) push(lexer, longer, at, at + 2);
    else push(lexer, marks.get(code) ?? T.illegal, at, characterEnd(text, at));
  }
}

const codes = (kinds: Readonly<Record<string, number>>) =>
  new Map(Object.entries(kinds).map(([mark, kind]) => [mark.charCodeAt(0), kind]));

const openings = codes({ '[': T.leftBracket, '{': T.leftBrace, '(': T.leftParen });
const closings = codes({ ']': T.rightBracket, '}': T.rightBrace, ')': T.rightParen });
/** What the mark and `=` behind it are together. */
const withEquals = codes({
  ':': T.assign,
  '=': T.equal,
  '>': T.greaterOrEqual,
  '<': T.lessOrEqual,
  '!': T.notEqual,
});
const marks = codes({
  ':': T.colon,
  '=': T.unify,
  '>': T.greater,
  '<': T.less,
  ',': T.comma,
  ';': T.semicolon,
  '.': T.dot,
  '+': T.plus,
  '-': T.minus,
  '*': T.times,
  '/': T.divide,
  '%': T.remainder,
  '&': T.ampersand,
  '|': T.pipe,
});

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
    readTemplatePiece(lexer, template);
    return;
  } else if (template?.retreat !== undefined) {
    retreat(lexer, lexer.templates.length - 1);
    return;
  }
  push(lexer, kind, lexer.at, lexer.at + 1);
}
