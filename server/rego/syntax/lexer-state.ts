/** The state of the lexer, and what all of its parts do with it. */
import type { Span, SyntaxProblem } from './tree.ts';

/** A template string whose expression is being read. */
export interface Template {
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
}

/** The state of the lexer; it lives for one call. */
export interface Lexer {
  readonly text: string;
  at: number;
  count: number;
  readonly kinds: Uint8Array;
  readonly starts: Int32Array;
  readonly ends: Int32Array;
  readonly partners: Int32Array;
  readonly breaks: Uint8Array;
  /** Indices of opening brackets. */
  readonly open: number[];
  templates: Template[];
  comments: Span[];
  problems: SyntaxProblem[];
  /** The character that ended the quoted text read last; 0 when nothing did. */
  closer: number;
  /** How often the lexer may still look far ahead, or go back to the line break in an expression that is never closed. */
  retreats: number;
}

export function problem(lexer: Lexer, start: number, end: number, message: string): void {
  lexer.problems.push({ start, end, message });
}

export function push(lexer: Lexer, kind: number, start: number, end: number): void {
  const index = lexer.count++;
  lexer.kinds[index] = kind;
  lexer.starts[index] = start;
  lexer.ends[index] = end;
  lexer.at = end;
}

/** In strings and comments, NUL and a byte-order mark are the only illegal characters. */
export function checkCharacters(lexer: Lexer, start: number, end: number): void {
  for (let at = start; at < end; at++) {
    const code = lexer.text.charCodeAt(at);
    if (code === 0) problem(lexer, at, at + 1, 'illegal null character');
    else if (code === 0xfeff) problem(lexer, at, at + 1, 'illegal byte-order mark');
  }
}
