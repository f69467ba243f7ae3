/** Strings, raw strings, and template strings with the expressions within them. */
import { checkCharacters, type Lexer, problem, push, type Template } from './lexer-state.ts';
import { T } from './tokens.ts';

export function readString(lexer: Lexer): void {
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
  push(lexer, T.string, start, lexer.closer === 0 ? unclosedEnd(lexer, start, end) : end);
}

/**
 * Where a string without its quote ends: with the line, but before a backquote in it where an odd number of them follows.
 * Then that one is likely to open what the first of those closes.
 */
function unclosedEnd(lexer: Lexer, start: number, lineEnd: number): number {
  const { text } = lexer;
  const opening = text.indexOf('`', start);
  if (opening < 0 || opening >= lineEnd || lexer.retreats === 0) return lineEnd;
  lexer.retreats--;
  let isOdd = false;
  for (let at = text.indexOf('`', lineEnd); at >= 0; at = text.indexOf('`', at + 1)) isOdd = !isOdd;
  return isOdd ? opening : lineEnd;
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

export function readRawString(lexer: Lexer): void {
  const start = lexer.at;
  push(lexer, T.rawString, start, rawEnd(lexer, start + 1, false));
}

export function readTemplateStart(lexer: Lexer): void {
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
export function readTemplatePiece(lexer: Lexer, { raw, retreat: back }: Template): void {
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
export function lineBreakInTemplate(lexer: Lexer): void {
  const template = lexer.templates.at(-1)!;
  if (template.retreat !== undefined) return;
  const { at, count, comments, problems } = lexer;
  template.retreat = { at, count, comments: comments.length, problems: problems.length };
  if (lexer.retreats === 0) retreat(lexer, lexer.templates.length - 1);
}

/** Goes back to the first line break in an expression of a template string, and ends the template string there. */
export function retreat(lexer: Lexer, index: number): void {
  const { at, count, comments, problems } = lexer.templates[index]!.retreat!;
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
  problem(lexer, at, at, 'expected } to end the expression');
  closeTemplate(lexer);
}

/** Brackets that were opened before a template string stay open in it, so that its depth tells them all. */
function closeTemplate(lexer: Lexer): void {
  lexer.open.length = lexer.templates.pop()!.depth - 1;
}
