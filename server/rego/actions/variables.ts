/** The variables of a part of a module, and what can be said of terms: what refactorings must know to change no decision. */

import { occurrencesIn } from '../names/modules.ts';
import type { Local } from '../names/names.ts';
import type { Occurrence } from '../names/occurrences.ts';
import { T } from '../syntax/tokens.ts';
import type { Node, Span, Term } from '../syntax/tree.ts';
import { children, pathAt, visit } from '../syntax/walk.ts';
import { holds, type Subject } from './action.ts';

/** A variable that occurs in a span. */
export interface Variable {
  readonly local: Local;
  readonly inside: readonly Span[];
  /** In its rule, but not in the span. */
  readonly outside: readonly Span[];
}

/** In the order in which they occur. */
export function variablesIn({ modules, module }: Subject, span: Span): Variable[] {
  const found = new Map<Local, Variable>();
  for (const { start, end, meaning } of occurrencesIn(modules, module)) {
    if (meaning.kind !== 'local' || start < span.start || end > span.end || found.has(meaning.local)) continue;
    const { local } = meaning;
    const isInside = (one: Span) => holds(span, one);
    found.set(local, {
      local,
      inside: local.spans.filter(isInside),
      outside: local.spans.filter((one) => !isInside(one)),
    });
  }
  return [...found.values()];
}

/** What else than variables is named in a span: rules, imports, the input, built-ins. */
export function globalsIn({ modules, module }: Subject, span: Span): Occurrence[] {
  return occurrencesIn(modules, module).filter((one) => holds(span, one) && one.meaning.kind !== 'local');
}

/** The nodes from the module down to the innermost that has exactly the span. */
export function pathTo({ tree }: Subject, span: Span): Node[] | undefined {
  const path: Node[] = [tree.root];
  let end = 0;
  for (;;) {
    const next = children(path.at(-1)!).find((child) => holds(child, span));
    if (!next) break;
    path.push(next);
    if (next.start === span.start && next.end === span.end) end = path.length;
  }
  return end > 0 ? path.slice(0, end) : undefined;
}

/** The selection without the whitespace around it. */
export function trimmed({ tree: { text }, span }: Subject): Span {
  const selected = text.slice(span.start, span.end);
  const start = span.start + (selected.length - selected.trimStart().length);
  return { start, end: Math.max(start, span.end - (selected.length - selected.trimEnd().length)) };
}

/** Bodies of their own: what they bind is not seen outside of them, and that they fail is no failure there. */
export function isClosure(node: Node): boolean {
  return node.kind === 'comprehension' || node.kind === 'every' || node.kind === 'not' || node.kind === 'template';
}

/** Whether a variable has a value wherever it is used behind an offset; false where it may be what is looked for there. */
export function isBoundBefore({ tree }: Subject, local: Local, offset: number): boolean {
  const [first] = local.spans;
  if (!first || first.start >= offset) return false;
  switch (local.kind) {
    case 'argument':
    case 'assigned':
    case 'every':
      return true;
    case 'some': {
      const declared = pathAt(tree, first.end).findLast(({ kind }) => kind === 'some');
      const [symbol] = declared?.kind === 'some' ? declared.symbols : [];
      return symbol?.kind === 'membership' || laterBinds(first);
    }
    default:
      return laterBinds(undefined);
  }

  /** Looked for in brackets, or compared with `=`: there it gets its values. */
  function laterBinds(declaration: Span | undefined): boolean {
    return local.spans.some((span) => {
      if (span === declaration || span.start >= offset) return false;
      const path = pathAt(tree, span.end);
      if (path.some((node) => isClosure(node) && node.start > local.scope.start)) return false;
      const parent = path.at(-2);
      if (parent?.kind === 'index') return true;
      return parent?.kind === 'expression' && parent.operator === '=' && !parent.negated;
    });
  }
}

/** Whether a term has a value whatever the input is: constants, variables with a value, comprehensions. */
export function isTotal(subject: Subject, term: Term, offset = term.start): boolean {
  switch (term.kind) {
    case 'null':
    case 'boolean':
    case 'number':
    case 'string':
      return true;
    case 'template':
    case 'comprehension':
      return freeIn(subject, term).every(({ local }) => isBoundBefore(subject, local, offset));
    case 'var': {
      const [variable] = variablesIn(subject, term);
      return variable !== undefined && isBoundBefore(subject, variable.local, offset);
    }
    case 'parens':
    case 'negative':
      return term.kind === 'parens' ? isTotal(subject, term.term, offset) : term.term.kind === 'number';
    case 'array':
    case 'set':
      return term.items.every((item) => isTotal(subject, item, offset));
    case 'object':
      return term.items.every(
        (item) => item.kind === 'entry' && isTotal(subject, item.key, offset) && isTotal(subject, item.value, offset),
      );
    default:
      return false;
  }
}

/** The variables that a span shares with what is around it. */
export function freeIn(subject: Subject, span: Span): Variable[] {
  return variablesIn(subject, span).filter(({ outside }) => outside.length > 0);
}

/** Whether a part of a body can hold for several values: it looks for one, with a variable or `_` in brackets. */
export function isSearch(subject: Subject, span: Span): boolean {
  const { tree, modules, module } = subject;
  let found = false;
  const look = (node: Node): boolean => {
    if (found || node.end <= span.start || node.start >= span.end) return false;
    if (holds(span, node)) {
      if (isClosure(node)) return false;
      if (node.kind === 'some') found = true;
      if (node.kind === 'index' && searches(node.term)) found = true;
      if (node.kind === 'call' && /^walk\b/.test(tree.text.slice(node.start, node.end))) found = true;
      // Unifying can look for values in brackets, too, which is found there; what it binds may be read off.
    }
    return true;
  };
  const occurrences = occurrencesIn(modules, module);
  const searches = (term: Term): boolean => {
    let searched = false;
    visit(term, (node) => {
      if (isClosure(node)) return false;
      if (node.kind !== 'var') return true;
      if (node.name === '_') searched = true;
      const meaning = occurrences.find(({ start }) => start === node.start)?.meaning;
      if (meaning?.kind === 'local' && !isBoundBefore(subject, meaning.local, span.start)) searched = true;
      return true;
    });
    return searched;
  };
  visit(tree.root, look);
  return found;
}

/** Whether a span asks what only its own rule is told. */
export function asksForMetadata({ tree }: Subject, { start, end }: Span): boolean {
  return /\brego\.metadata\b/.test(tree.text.slice(start, end));
}

/** A name that nothing in the package or the built-ins has; `wanted` with a number where it is taken. */
export async function freshName(subject: Subject, wanted: string): Promise<string> {
  const { module, modules } = subject;
  const taken = new Set([
    'input',
    'data',
    'rego',
    'future',
    'and',
    'or',
    'if',
    'in',
    'contains',
    'every',
    'not',
    'with',
  ]);
  for (const name of (await subject.builtins()).keys()) taken.add(name.split('.')[0] as string);
  // What stands behind a dot is a field.
  for (const { document } of modules.byPackage.get(module.package.join('\n')) ?? []) {
    for (const [name] of document.text.matchAll(/(?<![\w.])[A-Za-z_]\w*/g)) taken.add(name);
  }
  if (!taken.has(wanted)) return wanted;
  for (let number = 2; ; number++) if (!taken.has(`${wanted}_${number}`)) return `${wanted}_${number}`;
}

/** After what a term says. */
export function nameAfter({ tree }: Subject, term: Term, span: Span = term): string {
  const named = term.kind === 'call' ? term.operator : term;
  if (named.kind === 'ref' || named.kind === 'var') {
    const name = /([A-Za-z]\w*)\W*$/.exec(
      tree.text.slice(named.start, Math.min(named.end, span.end)).replace(/\[[^\]]*\]/g, ''),
    )?.[1];
    if (name !== undefined && term.kind === 'call') return `${name}_result`;
    if (name !== undefined && name !== 'input' && name !== 'data') return name;
  }
  if (term.kind === 'infix' && term.operators.some((kind) => kind >= T.equal && kind <= T.greaterOrEqual))
    return 'holds';
  const names: Partial<Record<Term['kind'], string>> = { string: 'text', template: 'text', number: 'number' };
  return names[term.kind] ?? 'value';
}
