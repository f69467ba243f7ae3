/** The term that a selection stands for: one of the tree's, or the beginning of a reference or of a sum. */

import { isPackage } from '../names/lookups.ts';
import type { Node, Ref, Span, Term } from '../syntax/tree.ts';
import { children } from '../syntax/walk.ts';
import { holds, type Subject } from './action.ts';
import { globalsIn, pathTo, variablesIn } from './variables.ts';

export interface Selected {
  readonly term: Term;
  readonly span: Span;
  /** From the module down to the term, or to the whole that it is the beginning of. */
  readonly path: readonly Node[];
}

const terms = new Set([
  ...['var', 'null', 'boolean', 'number', 'string', 'template', 'ref', 'call', 'infix', 'membership', 'negative'],
  ...['parens', 'array', 'set', 'object', 'comprehension'],
]);

/** Undefined for what is no value: patterns, names of rules and functions, packages, what `with` replaces. */
export function selectedTerm(subject: Subject, span: Span): Selected | undefined {
  if (span.start >= span.end) return undefined;
  const path = pathTo(subject, span) ?? beginning(subject, span);
  const whole = path?.at(-1);
  if (!path || !whole || !terms.has(whole.kind)) return undefined;
  const term = whole as Term;
  const holder = path.at(-2)?.kind;
  if (term.kind === 'membership' && (holder === 'some' || holder === 'every')) return undefined;
  for (let at = path.length - 2; at >= 0; at--) {
    const [outer, parent, child] = [path[at - 1], path[at], path[at + 1]] as [Node | undefined, Node, Node];
    if (!isValueIn(parent, child) || isPattern(outer, parent, child)) return undefined;
  }
  if (isNamespace(subject, span)) return undefined;
  const rule = path[1] ?? span;
  const isBroken = subject.tree.errors.some((error) => error.start <= rule.end && rule.start <= error.end);
  return isBroken ? undefined : { term, span, path };
}

/** Whether a child is a value in its parent, rather than a name or a pattern. */
function isValueIn(parent: Node, child: Node): boolean {
  switch (parent.kind) {
    case 'package':
    case 'import':
    case 'dot':
      return false;
    case 'call':
      return parent.operator !== child;
    case 'with':
      return parent.value === child;
    case 'expression':
      return !(parent.operator === ':=' && parent.left === child);
    case 'ref':
      // The beginning of a reference is no node of its own.
      return parent.head !== child || child.kind !== 'var';
    case 'head':
      return !(parent.args ?? []).some((arg) => arg === child) && !(parent.name === child && child.kind === 'var');
    case 'some':
      return child.kind === 'membership';
    case 'every':
      return child.kind === 'membership' || child.kind === 'body';
    default:
      return true;
  }
}

/** `k, v in` of `some` and `every`: what is declared, and the membership as a whole. */
function isPattern(outer: Node | undefined, parent: Node, child: Node): boolean {
  if (parent.kind === 'membership' && (outer?.kind === 'some' || outer?.kind === 'every')) {
    return child !== parent.collection;
  }
  return false;
}

/** `input.user` of `input.user.name`, `a + b` of `a + b - c`. */
function beginning(subject: Subject, span: Span): Node[] | undefined {
  const path: Node[] = [subject.tree.root];
  for (;;) {
    const next = children(path.at(-1) as Node).find((child) => holds(child, span));
    if (!next) break;
    path.push(next);
  }
  const whole = path.at(-1);
  if (whole?.start !== span.start) return undefined;
  if (whole.kind === 'ref') {
    const [first] = globalsIn(subject, whole);
    const isData = first?.start === whole.start && first.meaning.kind !== 'input';
    return !isData && endsPart(whole, span.end) ? path : undefined;
  }
  if (whole.kind !== 'infix') return undefined;
  return whole.operands.slice(1).some(({ end }) => end === span.end) ? path : undefined;
}

function endsPart({ parts }: Ref, end: number): boolean {
  return parts.some((part) => part.end === end);
}

/** A package is no value that anyone would want, and asking for all of one's own is asking for oneself. */
function isNamespace(subject: Subject, span: Span): boolean {
  const last = globalsIn(subject, span).find((one) => one.end === span.end && !one.imported);
  if (variablesIn(subject, span).some(({ inside }) => inside.some(({ end }) => end === span.end))) return false;
  if (!last || (last.meaning.kind !== 'data' && last.meaning.kind !== 'alias')) return false;
  const path = last.meaning.kind === 'data' ? last.meaning.path : last.meaning.import.path.map(({ name }) => name);
  return isPackage(subject.modules, path) || path.length === 1;
}
