/**
 * Gives a term a name, on a line of its own before the one that uses it. A body holds where all of its lines hold, in
 * whatever order, so that this changes nothing, except where that the term is undefined would not be a failure: in
 * negations, templates and `print`. There only terms are extracted that always have a value.
 */
import { CodeActionKind } from 'vscode-languageserver';
import type { Body, Node, Span, Term, With } from '../syntax/tree.ts';
import { visit } from '../syntax/walk.ts';
import { indentAt, newlineOf, type Offer, type SpanEdit, type Subject, staysReadable } from './action.ts';
import { literalBefore } from './bodies.ts';
import { tidied } from './format-edit.ts';
import { usesIf } from './if-keyword.ts';
import { type Selected, selectedTerm } from './selected.ts';
import { freshName, isBoundBefore, isClosure, isTotal, nameAfter, trimmed, variablesIn } from './variables.ts';

export async function extractVariable(subject: Subject): Promise<Offer[]> {
  const span = trimmed(subject);
  const selected = selectedTerm(subject, span);
  if (!selected || selected.term.kind === 'var') return [];
  const about = { title: 'Extract variable', kind: `${CodeActionKind.RefactorExtract}.variable` };
  const place = placeFor(subject, selected);
  if (typeof place === 'string') return place === '' ? [] : [{ ...about, disabled: place }];
  const { tree } = subject;
  const name = await freshName(subject, nameAfter(subject, selected.term, span));
  const written = tree.text.slice(span.start, span.end);
  const value = selected.term.kind === 'membership' ? `(${written})` : written;
  const edits = [{ ...span, text: name }, ...place.insert(`${name} := ${value}${place.withs}`)];
  if (!staysReadable(tree, edits)) return [{ ...about, disabled: 'The result could not be read.' }];
  return [{ ...about, edit: tidied(subject, edits) }];
}

interface Place {
  insert(literal: string): SpanEdit[];
  /** What the line is evaluated with where the term stands. */
  withs: string;
}

/** Where the line comes; a reason why it cannot; '' where nobody would look for it. */
function placeFor(subject: Subject, { term, span, path }: Selected): Place | string {
  const { tree } = subject;
  let needsTotal = '';
  const withs: With[] = [];
  for (let at = path.length - 2; at >= 0; at--) {
    const node = path[at] as Node;
    const child = path[at + 1] as Node;
    switch (node.kind) {
      case 'call':
        if (/^print\b/.test(tree.text.slice(node.start, node.end))) needsTotal = '`print`';
        break;
      case 'template':
        needsTotal = 'a template';
        break;
      case 'not':
      case 'logical':
        needsTotal = node.kind === 'not' ? 'a negation' : `\`${node.operator}\``;
        withs.push(...node.withs);
        break;
      case 'group':
      case 'some':
      case 'every':
        withs.push(...node.withs);
        break;
      case 'expression':
        // OPA evaluates what things are replaced by beforehand, negated or not.
        if (child.kind === 'with') break;
        if (node.negated) needsTotal = 'a negation';
        withs.push(...node.withs);
        break;
      case 'body':
        return inBody(subject, { term, span, path }, node, child, needsTotal, withs);
      case 'comprehension':
        return atEnd(subject, { term, span, path }, node.body, needsTotal);
      case 'head': {
        const rule = path[at - 1];
        if (rule?.kind !== 'rule') return '';
        if (rule.isDefault) return 'A default has no body.';
        if (rule.bodies.length > 1) return 'The rule has several bodies.';
        const [body] = rule.bodies;
        return body
          ? atEnd(subject, { term, span, path }, body, needsTotal)
          : newBody(subject, rule.head.end, term, needsTotal);
      }
      case 'else':
        return node.body ? atEnd(subject, { term, span, path }, node.body, needsTotal) : 'This `else` has no body.';
      default:
    }
  }
  return '';
}

function inBody(
  subject: Subject,
  { term, span }: Selected,
  body: Body,
  literal: Span,
  needsTotal: string,
  withs: readonly With[],
): Place | string {
  const { tree } = subject;
  const refusal = refusalOf(subject, term, span, literal.start, needsTotal);
  if (refusal) return refusal;
  const newline = newlineOf(tree.text);
  const isFixed = isIndependent(subject, term);
  const text = isFixed ? '' : withs.map(({ start, end }) => ` ${tree.text.slice(start, end)}`).join('');
  if (body.braced || !body.hasIf) {
    return { withs: text, insert: (line) => [literalBefore(tree, literal, line, newline)] };
  }
  const [open, close] = braces(subject, body);
  return {
    withs: text,
    insert: (line) => [
      { start: body.start, end: body.start, text: `${open}${line}${newline}${indentAt(tree.text, body.start)}\t` },
      { start: body.end, end: body.end, text: close },
    ],
  };
}

/** For what stands in a head: the line comes last, when all that the head refers to has its value. */
function atEnd(subject: Subject, { term, span }: Selected, body: Body, needsTotal: string): Place | string {
  const { tree } = subject;
  const last = body.literals.at(-1);
  if (!last) return 'The body has no line.';
  const refusal = refusalOf(subject, term, span, Number.POSITIVE_INFINITY, needsTotal);
  if (refusal) return refusal;
  const newline = newlineOf(tree.text);
  if (body.braced || !body.hasIf) {
    const indent = indentAt(tree.text, last.start);
    const isAlone = /^\s*$/.test(tree.text.slice(tree.text.lastIndexOf('\n', last.start - 1) + 1, last.start));
    const separator = isAlone ? newline + indent : '; ';
    return { withs: '', insert: (line) => [{ start: last.end, end: last.end, text: `${separator}${line}` }] };
  }
  const [open, close] = braces(subject, body);
  const indent = `${indentAt(tree.text, body.start)}\t`;
  return {
    withs: '',
    insert: (line) => [
      { start: body.start, end: body.start, text: open },
      { start: body.end, end: body.end, text: `${newline}${indent}${line}${close}` },
    ],
  };
}

function newBody(subject: Subject, at: number, term: Term, needsTotal: string): Place | string {
  const refusal = refusalOf(subject, term, term, Number.POSITIVE_INFINITY, needsTotal);
  if (refusal) return refusal;
  const newline = newlineOf(subject.tree.text);
  return {
    withs: '',
    insert: (line) => [{ start: at, end: at, text: ` ${usesIf(subject) ? 'if ' : ''}{${newline}\t${line}${newline}}` }],
  };
}

/** Braces around a body that has none. */
function braces({ tree: { text } }: Subject, body: Body): [string, string] {
  const newline = newlineOf(text);
  const indent = indentAt(text, body.start);
  return [`{${newline}${indent}\t`, `${newline}${indent}}`];
}

function refusalOf(subject: Subject, term: Term, span: Span, offset: number, needsTotal: string): string | undefined {
  if (needsTotal && !isTotal(subject, term, Math.min(offset, term.start))) {
    return `In ${needsTotal} it makes a difference that this may be undefined.`;
  }
  return findsValues(subject, span, Math.min(offset, Number.MAX_SAFE_INTEGER))
    ? 'This is where a variable gets its value.'
    : undefined;
}

/** Whether a variable may get its value from where it stands in the span, other than in brackets. */
function findsValues(subject: Subject, span: Span, offset: number): boolean {
  let found = false;
  visit(subject.tree.root, (node) => {
    if (found || node.end <= span.start || node.start >= span.end) return false;
    if (node.kind === 'index' && node.start >= span.start) return false;
    if (node.start >= span.start && isClosure(node)) return false;
    if (node.kind !== 'var' || node.start < span.start) return true;
    if (node.name === '_') found = true;
    const [variable] = variablesIn(subject, node);
    if (variable && !isBoundBefore(subject, variable.local, offset)) found = true;
    return true;
  });
  return found;
}

/** Whether what is replaced by `with` cannot matter: no reference, no call. */
function isIndependent(subject: Subject, term: Term): boolean {
  let found = false;
  visit(term, (node) => {
    if (node.kind === 'call') found = true;
    if (node.kind === 'var' && variablesIn(subject, node).length === 0 && node.name !== '_') found = true;
    return !found;
  });
  return !found;
}
