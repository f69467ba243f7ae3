/**
 * Text to tokens. What a token is follows OPA's scanner:
 * https://github.com/open-policy-agent/opa/blob/v1.20.2/v1/ast/internal/scanner/scanner.go
 *
 * Never fails: what is no token becomes an illegal one, and what is unfinished ends where the line ends.
 */

import { T, type Tokens, wordKind } from './tokens.ts';
import type { Span, SyntaxProblem } from './tree.ts';

export interface Lexed {
  readonly tokens: Tokens;
  readonly comments: readonly Span[];
  readonly problems: SyntaxProblem[];
}

/** A template string whose expression is being read. */
interface Template {
  readonly raw: boolean;
  /** How many brackets were open where its expression begins. */
  readonly depth: number;
  /** Where to go on when it turns out that it is never closed: the first line break in one of its expressions. */
  retreat?: Retreat;
}

interface Retreat {
  readonly at: number;
  readonly count: number;
  readonly comments: number;
  readonly problems: number;
  readonly open: readonly number[];
}

/** The state of the lexer; it lives for one call. */
interface Lexer {
  readonly text: string;
  at: number;
  count: number;
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly partners: Int32Array;
  readonly breaks: Uint8Array;
  /** Indices of opening brackets. */
  open: number[];
  templates: Template[];
  comments: Span[];
  problems: SyntaxProblem[];
  /** The character that ended the quoted text read last; 0 when nothing did. */
  closer: number;
  /** How often the lexer may still go back to the line break in an expression that is never closed. */
  retreats: number;
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

function problem(lexer: Lexer, start: number, end: number, message: string): void {
  lexer.problems.push({ start, end, message });
}

function push(lexer: Lexer, kind: number, start: number, end: number): void {
  const index = lexer.count++;
  lexer.kinds[index] = kind;
  lexer.starts[index] = start;
  lexer.ends[index] = end;
  lexer.at = end;
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

/** In strings and comments, NUL and a byte-order mark are the only illegal characters. */
function checkCharacters(lexer: Lexer, start: number, end: number): void {
  for (let at = start; at < end; at++) {
    const code = lexer.text.charCodeAt(at);
    if (code === 0) problem(lexer, at, at + 1, 'illegal null character');
    else if (code === 0xfeff) problem(lexer, at, at + 1, 'illegal byte-order mark');
  }
}

function readString(lexer: Lexer): void {
  const start = lexer.at;
  const problems = lexer.problems.length;
  const end = quotedEnd(lexer, start + 1, false);
  const template = lexer.templates.at(-1);
  if (lexer.closer === 0 && template !== undefined && !template.raw) {
    // A quote without a partner on its line more likely ends the template string whose brace was forgotten.
    lexer.problems.length = problems;
    problem(lexer, start, start + 1, 'expected } to end the expression');
    closeTemplate(lexer);
    push(lexer, T.templateTail, start, start + 1);
    return;
  }
  push(lexer, T.string, start, end);
}

/** The end of quoted text, behind its quote, or behind the brace that begins an expression; `closer` tells which. */
function quotedEnd(lexer: Lexer, from: number, template: boolean): number {
  const { text } = lexer;
  let escaped = false;
  let control = false;
  lexer.closer = 0;
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 34 || (template && code === 123)) {
      lexer.closer = code;
      at++;
      break;
    }
    if (code === 10) break;
    if (code === 92) {
      const length = escapeLength(text, at, template);
      if (length === 0) problem(lexer, at, Math.min(at + 2, text.length), 'illegal escape sequence');
      else at += length - 1;
      if (text.charCodeAt(at) !== 123) escaped = true;
    } else if (code < 32) {
      control = true;
      if (code === 0) problem(lexer, at, at + 1, 'illegal null character');
    } else if (code === 0xfeff) problem(lexer, at, at + 1, 'illegal byte-order mark');
  }
  if (lexer.closer === 0) problem(lexer, from - 1, at, 'non-terminated string');
  // OPA decodes escapes as JSON, which allows no control characters; without escapes it does not look.
  else if (escaped && control)
    problem(lexer, from - 1, at, 'illegal string literal: control character beside an escape');
  return at;
}

const hexadecimal = /^[0-9a-fA-F]{4}$/;

/** Of the escape at a backslash; 0 when it is none. */
function escapeLength(text: string, at: number, template: boolean): number {
  switch (text.charCodeAt(at + 1)) {
    case 92:
    case 34:
    case 47:
    case 98:
    case 102:
    case 110:
    case 114:
    case 116:
      return 2;
    case 123:
      return template ? 2 : 0;
    case 117:
      return hexadecimal.test(text.slice(at + 2, at + 6)) ? 6 : 0;
    default:
      return 0;
  }
}

/** The end of text in backquotes; `closer` tells what ended it. */
function rawEnd(lexer: Lexer, from: number, template: boolean): number {
  const { text } = lexer;
  lexer.closer = 0;
  let at = from;
  for (; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === 96 || (template && code === 123)) {
      lexer.closer = code;
      at++;
      break;
    }
    if (template && code === 92 && text.charCodeAt(at + 1) === 123) at++;
  }
  checkCharacters(lexer, from, at);
  if (lexer.closer === 0) problem(lexer, from - 1, from, 'non-terminated string');
  return at;
}

function readRawString(lexer: Lexer): void {
  const start = lexer.at;
  push(lexer, T.rawString, start, rawEnd(lexer, start + 1, false));
}

function readTemplateStart(lexer: Lexer): void {
  const start = lexer.at;
  const quote = lexer.text.charCodeAt(start + 1);
  if (quote !== 34 && quote !== 96) {
    push(lexer, T.illegal, start, start + 1);
    return;
  }
  const raw = quote === 96;
  const end = raw ? rawEnd(lexer, start + 2, true) : quotedEnd(lexer, start + 2, true);
  if (lexer.closer === 123) {
    lexer.open.push(lexer.count);
    lexer.templates.push({ raw, depth: lexer.open.length });
    push(lexer, T.templateHead, start, end);
  } else {
    push(lexer, T.template, start, end);
  }
}

/** At the brace that ends a template string's expression. */
function readTemplatePiece(lexer: Lexer, { raw, retreat: back }: Template): void {
  const start = lexer.at;
  const problems = lexer.problems.length;
  const end = raw ? rawEnd(lexer, start + 1, true) : quotedEnd(lexer, start + 1, true);
  if (lexer.closer === 0 && back !== undefined) {
    // The brace on a later line belongs to something else.
    lexer.problems.length = problems;
    retreat(lexer, lexer.templates.length - 1);
    return;
  }
  const opening = lexer.open.pop()!;
  lexer.partners[opening] = lexer.count;
  lexer.partners[lexer.count] = opening;
  if (lexer.closer === 123) {
    lexer.open.push(lexer.count);
    push(lexer, T.templateMiddle, start, end);
  } else {
    lexer.templates.pop();
    push(lexer, T.templateTail, start, end);
  }
}

/** An expression may span lines. If it does not end, though, it is the rest of the file that must not get lost. */
function lineBreakInTemplate(lexer: Lexer): void {
  const template = lexer.templates.at(-1)!;
  if (template.retreat !== undefined) return;
  const { at, count, comments, problems, open } = lexer;
  template.retreat = { at, count, comments: comments.length, problems: problems.length, open: [...open] };
  if (lexer.retreats === 0) retreat(lexer, lexer.templates.length - 1);
}

/** Goes back to the first line break in an expression of a template string, and ends the template string there. */
function retreat(lexer: Lexer, index: number): void {
  const { at, count, comments, problems, open } = lexer.templates[index]!.retreat!;
  if (lexer.retreats > 0) lexer.retreats--;
  for (let token = count; token <= lexer.count; token++) {
    lexer.breaks[token] = 0;
    const partner = lexer.partners[token]!;
    if (partner >= 0 && partner < count) lexer.partners[partner] = -1;
    lexer.partners[token] = -1;
  }
  lexer.at = at;
  lexer.count = count;
  lexer.comments.length = comments;
  lexer.problems.length = problems;
  lexer.templates.length = index + 1;
  lexer.open = [...open];
  problem(lexer, at, at, 'expected } to end the expression');
  closeTemplate(lexer);
}

function closeTemplate(lexer: Lexer): void {
  lexer.open.length = lexer.templates.pop()!.depth - 1;
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
