/**
 * Formatting while one types: a new line, or one that a bracket closes, gets the indentation that OPA's formatter
 * would give it. Looks at the tokens above alone, back to where the statement begins, so that broken code is indented,
 * too; where the formatter would not break the line, what the editor did stays.
 */
import type { FormattingOptions, Position, TextEdit } from 'vscode-languageserver';
import type { Document } from '../snapshot.ts';
import { offsetAt } from './places.ts';
import { T, tokenFrom } from './syntax/tokens.ts';
import type { Tree } from './syntax/tree.ts';

/** The characters that it is asked for. */
export const typedTriggers = { firstTriggerCharacter: '\n', moreTriggerCharacter: ['}', ']', ')'] };

/** @param position behind the character, as the protocol has it */
export function formatOnType(
  tree: Tree,
  document: Document,
  position: Position,
  typed: string,
  options: Pick<FormattingOptions, 'tabSize'>,
): TextEdit[] {
  const { text } = document;
  const start = offsetAt(document, { line: position.line, character: 0 });
  if (isInToken(tree, start)) return [];
  const now = indentationAt(text, start);
  if (typed !== '\n') {
    // Closed on the line of its beginning, or behind something: that is where it stands.
    if (offsetAt(document, position) !== start + now.length + 1) return [];
    const indentation = closingIndentation(tree, start + now.length);
    return replaced(position.line, now, indentation);
  }
  return [
    ...blankAbove(text, position.line, start),
    ...replaced(position.line, now, newIndentation(tree, start, options)),
  ];
}

function replaced(line: number, now: string, wanted: string | undefined): TextEdit[] {
  if (wanted === undefined || wanted === now) return [];
  return [{ range: { start: { line, character: 0 }, end: { line, character: now.length } }, newText: wanted }];
}

/** A line that the new one leaves empty keeps no white space. */
function blankAbove(text: string, line: number, start: number): TextEdit[] {
  const end = text[start - 2] === '\r' ? start - 2 : start - 1;
  const above = text.slice(text.lastIndexOf('\n', start - 2) + 1, end);
  return line > 0 && /^[ \t]+$/.test(above) ? replaced(line - 1, above, '') : [];
}

/** Whether the line begins in a string or a template. */
function isInToken({ tokens }: Tree, offset: number): boolean {
  const before = tokenFrom(tokens, offset) - 1;
  return before >= 0 && tokens.ends[before]! > offset;
}

/** Undefined where the line is better left as it is. */
function newIndentation(
  tree: Tree,
  start: number,
  { tabSize }: Pick<FormattingOptions, 'tabSize'>,
): string | undefined {
  const { text, tokens } = tree;
  const next = tokenFrom(tokens, start);
  const lineEnd = text.indexOf('\n', start);
  const isOnLine = next < tokens.count && (lineEnd < 0 || tokens.starts[next]! < lineEnd);
  if (isOnLine && isClosing(tokens.kinds[next]!)) return closingIndentation(tree, tokens.starts[next]!);
  if (isOnLine && tokens.kinds[next] === T.with) return undefined;
  if (next > 0 && goesOn(tokens.kinds[next - 1]!)) return undefined;
  const opening = openAbove(tree, next);
  // Behind `|` a union goes on; in brackets it may be a comprehension's.
  if (opening === undefined) return next > 0 && tokens.kinds[next - 1] === T.pipe ? undefined : '';
  const outer = indentationAt(text, lineStart(text, tokens.starts[opening]!));
  return outer + (isIndentedBySpaces(text, outer) ? ' '.repeat(tabSize) : '\t');
}

/** That of the line on which the bracket was opened; undefined when none was. */
function closingIndentation({ text, tokens }: Tree, offset: number): string | undefined {
  const partner = tokens.partners[tokenFrom(tokens, offset)] ?? -1;
  return partner < 0 ? undefined : indentationAt(text, lineStart(text, tokens.starts[partner]!));
}

/** The innermost bracket that is open before a token. A name at the margin begins a statement, in which none is. */
function openAbove({ text, tokens }: Tree, before: number): number | undefined {
  for (let at = before - 1; at >= 0; at--) {
    const kind = tokens.kinds[at]!;
    if (isOpening(kind)) return at;
    if (isClosing(kind)) {
      const partner = tokens.partners[at]!;
      if (partner >= 0) at = partner;
    }
    const start = tokens.starts[at]!;
    if (!isClosing(tokens.kinds[at]!) && (start === 0 || text[start - 1] === '\n')) return undefined;
  }
  return undefined;
}

function isOpening(kind: number): boolean {
  return kind === T.leftBrace || kind === T.leftBracket || kind === T.leftParen;
}

function isClosing(kind: number): boolean {
  return kind === T.rightBrace || kind === T.rightBracket || kind === T.rightParen;
}

/** Tokens behind which an expression goes on: a line break there is the author's own. */
const open = new Set([
  ...[T.assign, T.unify, T.if, T.and, T.or, T.contains, T.in, T.not, T.some, T.every, T.with, T.as, T.dot, T.else],
  ...[T.package, T.import, T.default, T.equal, T.notEqual, T.less, T.lessOrEqual, T.greater, T.greaterOrEqual],
  ...[T.ampersand, T.plus, T.minus, T.times, T.divide, T.remainder],
]);

function goesOn(kind: number): boolean {
  return open.has(kind);
}

function lineStart(text: string, offset: number): number {
  return text.lastIndexOf('\n', offset - 1) + 1;
}

function indentationAt(text: string, start: number): string {
  return /^[ \t]*/.exec(text.slice(start, start + 200))![0];
}

/** Tabs, as OPA's formatter writes, unless the text is written with spaces so far. */
function isIndentedBySpaces(text: string, outer: string): boolean {
  if (outer !== '') return outer.endsWith(' ');
  return /^ +\S/m.test(text) && !/^\t/m.test(text);
}
