/** By what the variables of a module get their values: assignments, collections, calls, the places they are used at. */
import { derived } from '../../derived.ts';
import type { Local, ModuleNames } from '../names/names.ts';
import { T } from '../syntax/tokens.ts';
import type { Call, Ref, Rule, Span, Term, Tree } from '../syntax/tree.ts';
import { stringValue } from '../syntax/values.ts';
import { visit } from '../syntax/walk.ts';

export type Binding =
  /** `x := term`, `x = term`. */
  | { readonly how: 'is'; readonly term: Term }
  /** `some x in xs`: a member of it. */
  | { readonly how: 'member'; readonly of: Term }
  /** `some k, x in xs`: what a member is found by. */
  | { readonly how: 'key'; readonly of: Term }
  /** A part of what is taken apart: `[a, b] := term`. */
  | { readonly how: 'part'; readonly of: Binding; readonly key: string | number }
  /** `xs[i]`: a key of what the reference is up to that part. */
  | { readonly how: 'index'; readonly ref: Ref; readonly part: number }
  /** Handed over; behind the last argument stands what the call gives. */
  | { readonly how: 'argument'; readonly call: Call; readonly at: number }
  | { readonly how: 'number' }
  /** An argument of a function of the module. */
  | { readonly how: 'parameter'; readonly rule: Rule; readonly at: number };

/** The variables of a module by where their names start. */
export const localsByStart = derived((names: ModuleNames): ReadonlyMap<number, Local> => {
  const found = new Map<number, Local>();
  for (const local of names.locals) for (const { start } of local.spans) found.set(start, local);
  return found;
});

/** In the order of the text. */
export const bindingsOf = derived((names: ModuleNames): ReadonlyMap<Local, readonly Binding[]> => {
  const found = new Map<Local, Binding[]>();
  const { tree } = names;
  const locals = localsByStart(names);
  const bind = (term: Term, binding: Binding): void => {
    switch (term.kind) {
      case 'var': {
        const local = locals.get(term.start);
        const known = local && found.get(local);
        if (known) known.push(binding);
        else if (local) found.set(local, [binding]);
        return;
      }
      case 'parens':
        bind(term.term, binding);
        return;
      case 'array':
        for (const [key, item] of term.items.entries()) bind(item, { how: 'part', of: binding, key });
        return;
      case 'object':
        for (const item of term.items) {
          if (item.kind !== 'entry') continue;
          const key = constantKey(tree, item.key);
          if (key !== undefined) bind(item.value, { how: 'part', of: binding, key });
        }
        return;
      default:
    }
  };
  const member = (term: Term): void => {
    if (term.kind !== 'membership') return;
    bind(term.value, { how: 'member', of: term.collection });
    if (term.key) bind(term.key, { how: 'key', of: term.collection });
  };
  visit(tree.root, (node) => {
    switch (node.kind) {
      case 'rule':
        for (const [at, arg] of (node.head.args ?? []).entries()) bind(arg, { how: 'parameter', rule: node, at });
        break;
      case 'expression':
        if (node.right) {
          bind(node.left, { how: 'is', term: node.right });
          if (node.operator === '=') bind(node.right, { how: 'is', term: node.left });
        }
        break;
      case 'some':
        node.symbols.forEach(member);
        break;
      case 'every':
        member(node.domain);
        break;
      case 'ref':
        node.parts.forEach((part, at) => {
          if (part.kind === 'index') bind(part.term, { how: 'index', ref: node, part: at });
        });
        break;
      case 'call':
        node.args.forEach((arg, at) => {
          if (arg.kind === 'var') bind(arg, { how: 'argument', call: node, at });
        });
        break;
      case 'infix':
        if (node.operators.every((operator) => operator === T.plus || operator === T.times || operator === T.divide))
          for (const operand of node.operands) if (operand.kind === 'var') bind(operand, { how: 'number' });
        break;
      default:
    }
    return true;
  });
  return found;
});

/** The calls of a module by the last name of what they call. */
export const callsOf = derived((names: ModuleNames): ReadonlyMap<string, readonly Call[]> => {
  const found = new Map<string, Call[]>();
  visit(names.tree.root, (node) => {
    if (node.kind !== 'call') return true;
    const name = lastName(node.operator);
    const known = found.get(name);
    if (known) known.push(node);
    else found.set(name, [node]);
    return true;
  });
  return found;
});

function lastName(operator: Term): string {
  if (operator.kind === 'var') return operator.name;
  const last = operator.kind === 'ref' ? operator.parts.at(-1) : undefined;
  return last?.kind === 'dot' ? last.name : '';
}

/** A key that is the same for all values; undefined for any other term. */
export function constantKey({ text }: Pick<Tree, 'text'>, term: Term): string | number | undefined {
  if (term.kind === 'string' && isWhole(text, term)) return stringValue(text, term);
  if (term.kind !== 'number') return undefined;
  const value = Number(text.slice(term.start, term.end));
  return Number.isSafeInteger(value) ? value : undefined;
}

/** A string that has its closing quote. */
export function isWhole(text: string, { start, end }: Span): boolean {
  return end - start > 1 && text[end - 1] === text[start];
}
