/** Edits of bodies: taking a literal out, and what is left of a rule whose only literal goes. */
import type { Body, Else, Literal, Node, Rule, Span, Term, Tree } from '../syntax/tree.ts';
import { children } from '../syntax/walk.ts';
import { indentAt, lineEnd, lineStart, type SpanEdit } from './action.ts';

export interface LiteralPlace {
  readonly literal: Literal;
  readonly body: Body;
  /** From the module down to what holds the body. */
  readonly path: readonly Node[];
}

/** The innermost literal of a body that holds a span; with `exact`, one that begins where the span does. */
export function literalAt(tree: Tree, span: Span, exact = false): LiteralPlace | undefined {
  let found: LiteralPlace | undefined;
  const path: Node[] = [];
  const look = (node: Node): void => {
    if (node.start > span.start || node.end < span.start) return;
    path.push(node);
    if (node.kind === 'body') {
      for (const literal of node.literals) {
        const fits = exact ? literal.start === span.start : literal.start <= span.start && span.end <= literal.end;
        if (fits) found = { literal, body: node, path: path.slice(0, -1) };
      }
    }
    for (const child of children(node)) look(child);
    path.pop();
  };
  look(tree.root);
  return found;
}

/** Takes a literal out of a body that has others, with its line where nothing else stands on it. */
export function removeLiteral({ text }: Tree, { literals }: Body, literal: Span): SpanEdit {
  const start = lineStart(text, literal.start);
  const end = lineEnd(text, literal.end);
  const before = text.slice(start, literal.start);
  const after = text.slice(literal.end, end);
  if (/^[ \t]*$/.test(before) && /^[ \t]*;?[ \t]*(#.*)?$/.test(after)) {
    const next = text.indexOf('\n', end);
    return { start, end: next < 0 ? text.length : next + 1, text: '' };
  }
  const behind = /^[ \t]*;[ \t]*/.exec(after);
  if (behind) return { start: literal.start, end: literal.end + behind[0].length, text: '' };
  const ahead = /[ \t]*;[ \t]*$/.exec(before);
  if (ahead) return { start: literal.start - ahead[0].length, end: literal.end, text: '' };
  // On the line of the brace or of the bar; the next one stands on a line of its own.
  const gap = literals.at(-1) === literal ? 0 : (/^[ \t]*/.exec(after)?.[0].length ?? 0);
  return { start: literal.start, end: literal.end + gap, text: '' };
}

/**
 * Takes out a literal that is always true: with its body where it is the only one. Undefined where the body cannot go,
 * because a comprehension, `every` or a chained rule needs one.
 */
export function removeTrue(tree: Tree, { literal, body, path }: LiteralPlace): SpanEdit | undefined {
  if (body.literals.length > 1) return removeLiteral(tree, body, literal);
  const owner = path.at(-1);
  if (owner?.kind === 'else') return bodilessElse(owner, body);
  return owner?.kind === 'rule' ? bodilessRule(owner, body) : undefined;
}

function bodilessRule({ head, bodies, elses }: Rule, body: Body): SpanEdit | undefined {
  // What follows `else` would never be reached, and the parser wants a body before it.
  if (bodies.length > 1 || elses.length > 0) return undefined;
  if (head.value || head.operator === 'contains') return { start: head.end, end: body.end, text: '' };
  // In v0, `p[x]` is a set.
  if (head.name.kind === 'ref' && head.name.parts.at(-1)?.kind === 'index') return undefined;
  return { start: head.end, end: body.end, text: ' := true' };
}

function bodilessElse({ start, value }: Else, body: Body): SpanEdit {
  if (value) return { start: value.end, end: body.end, text: '' };
  return { start: start + 'else'.length, end: body.end, text: ' := true' };
}

/** Puts a literal before another one of its body, on a line of its own where the other one has one. */
export function literalBefore({ text }: Tree, other: Span, literal: string, newline: string): SpanEdit {
  const alone = /^[ \t]*$/.test(text.slice(lineStart(text, other.start), other.start));
  const separator = alone ? newline + indentAt(text, other.start) : '; ';
  return { start: other.start, end: other.start, text: `${literal}${separator}` };
}

/** The value of a term that is a scalar as written; undefined for others, and for numbers that JavaScript would round. */
export function scalarOf({ text }: Tree, term: Term): { value: string | number | boolean | null } | undefined {
  const written = text.slice(term.start, term.end);
  switch (term.kind) {
    case 'null':
      return { value: null };
    case 'boolean':
      return { value: written === 'true' };
    case 'number': {
      const value = Number(written);
      return Number.isSafeInteger(value) ? { value } : undefined;
    }
    case 'string':
      return { value: written };
    default:
      return undefined;
  }
}
