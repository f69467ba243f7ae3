/** What matters of the places that something is inlined into. */

import { occurrencesIn } from '../names/modules.ts';
import type { Local } from '../names/names.ts';
import type { Body, Node, Span, Term, Tree } from '../syntax/tree.ts';
import { children, visit } from '../syntax/walk.ts';
import { holds, type Subject } from './action.ts';
import { globalsIn, isClosure, variablesIn } from './variables.ts';

export interface UsePlace {
  readonly span: Span;
  readonly parent: Node;
  /** In the body itself, or in the head that it is for: where it is undefined, that fails. */
  readonly isPlain: boolean;
  /** In a negation. */
  readonly isNegated: boolean;
  /** `with` is between it and the body. */
  readonly hasWith: boolean;
  /** It is what a call calls. */
  readonly isCalled: boolean;
}

/** The nodes from the module down to the innermost that has the span. */
export function pathOf({ root }: Pick<Tree, 'root'>, span: Span): Node[] {
  const path: Node[] = [root];
  for (;;) {
    const next = children(path.at(-1) as Node).find((child) => holds(child, span));
    if (!next) return path;
    path.push(next);
  }
}

/**
 * @param body which the use is to be evaluated with, or which is that of the head it is in
 * @param above from the module down to what holds the body
 */
export function usePlace({ tree }: Subject, span: Span, body: Body, above: readonly Node[]): UsePlace {
  const path = pathOf(tree, span);
  const owner = above.at(-1);
  const inBody = path.indexOf(body);
  // In the head of a rule or comprehension, or behind `else`.
  const from = inBody >= 0 ? inBody : owner ? path.indexOf(owner) : 0;
  const between = path.slice(from + 1);
  const isAside = between.some((node, at) => {
    if (isClosure(node)) return !(node.kind === 'every' && isDomain(node, between[at + 1]));
    if (node.kind === 'logical') return true;
    return node.kind === 'call' && /^print\b/.test(tree.text.slice(node.start, node.end));
  });
  const isNegated = between.some(
    (node, at) =>
      node.kind === 'not' || (node.kind === 'expression' && node.negated && between[at + 1]?.kind !== 'with'),
  );
  const hasWith = between.some(
    (node, at) => 'withs' in node && node.withs.length > 0 && between[at + 1]?.kind !== 'with',
  );
  const parent = path.at(-2) ?? tree.root;
  const isCalled = parent.kind === 'call' && parent.operator === path.at(-1);
  return { span, parent, isPlain: !isAside && !isNegated, isNegated, hasWith, isCalled };
}

function isDomain(every: Node, child: Node | undefined): boolean {
  return every.kind === 'every' && child === every.domain;
}

/** What is written, in parentheses where the operators around it would take it apart. */
export function asOperand({ kind }: Term, written: string, parent: Node): string {
  const binds = ['infix', 'membership', 'negative', 'ref', 'head', 'some', 'every'].includes(parent.kind);
  const isOpen = kind === 'infix' || kind === 'membership';
  return isOpen && (binds || kind === 'membership') ? `(${written})` : written;
}

/** Whether `with` may matter to a term: it refers to something, or calls it. */
export function dependsOnContext(subject: Subject, term: Span): boolean {
  return globalsIn(subject, term).length > 0;
}

/**
 * A name in a term that would mean something else at a place: a variable that another one of its name hides there, a
 * rule or import that a variable hides, a variable of the term's own that is known there already.
 */
export function capturedName(subject: Subject, term: Span, place: Span, body: Span = place): string | undefined {
  const { tree, module, modules } = subject;
  const seen = new Map<string, Local>();
  const locals = variablesIn(subject, tree.root).map(({ local }) => local);
  // A head sees what its body does, too; those of inner scopes hide those of outer ones.
  const isInner = ({ scope }: Local) => Number(!holds(scope, body));
  const inOrder = locals.sort((a, b) => isInner(a) - isInner(b) || lengthOf(b.scope) - lengthOf(a.scope));
  for (const local of inOrder) {
    const isOwn = local.spans.every((span) => holds(term, span));
    if ((holds(local.scope, place) || holds(local.scope, body)) && !isOwn) seen.set(local.name, local);
  }
  for (const { local, outside } of variablesIn(subject, term)) {
    const there = seen.get(local.name);
    if (outside.length > 0 ? there !== local : there !== undefined) return local.name;
  }
  for (const one of occurrencesIn(modules, module)) {
    // Only what a reference begins with can be hidden.
    if (!holds(term, one) || one.meaning.kind === 'local' || /[\w."`]/.test(tree.text[one.start - 1] ?? '')) continue;
    const name = tree.text.slice(one.start, one.end).split('.')[0] ?? '';
    if (seen.has(name)) return name;
  }
  return undefined;
}

function lengthOf({ start, end }: Span): number {
  return end - start;
}

/** Whether a term takes part in the choice of values: a variable of its own that nothing gives a value outside of it. */
export function hasOwnVariables(subject: Subject, span: Span): boolean {
  let found = false;
  visit(subject.tree.root, (node) => {
    if (found || node.end <= span.start || node.start >= span.end) return false;
    if (node.start >= span.start && isClosure(node)) return false;
    if (node.kind === 'var' && node.start >= span.start) {
      found ||= node.name === '_' || variablesIn(subject, node).length > 0;
    }
    return true;
  });
  return found;
}
