/** What a value at a place is compared with, so which values make sense there. */
import type { Module } from '../names/modules.ts';
import type { Node, Span, Term } from '../syntax/tree.ts';
import { pathAt } from '../syntax/walk.ts';
import { expectedMember } from './expected-members.ts';
import type { Types } from './infer.ts';
import { keysOf, valuesOf } from './parts.ts';
import type { Type } from './type.ts';

export interface Expected {
  readonly type: Type;
  /** The string that is there, with its quotes as far as they are; undefined where none is. */
  readonly string: Span | undefined;
  /** It is a key in brackets. */
  readonly isKey: boolean;
}

/** Undefined where any value might stand. */
export function expectedAt(types: Types, module: Module, offset: number): Expected | undefined {
  const { tree } = module.names;
  const { text } = tree;
  const last = pathAt(tree, offset).at(-1);
  if (last?.kind === 'string' && (offset <= last.start || (offset === last.end && isClosed(text, last))))
    return undefined;
  const string = last?.kind === 'string' ? last : undefined;
  // A line that ends in an operator: what is missing lies before the cursor.
  const from = string || /[\w"]/.test(text[offset - 1] ?? '') ? offset : text.slice(0, offset).trimEnd().length;
  const path = pathAt(tree, from);
  for (let at = path.length - 1; at > 0; at--) {
    const found = expectation(types, module, path, at, offset);
    if (found) return { ...found, string };
    const { kind } = path[at] as Node;
    if (!passing.has(kind)) return undefined;
  }
  return undefined;
}

/** What may lie between a value and what it is compared by. */
const passing: ReadonlySet<Node['kind']> = new Set([
  'string',
  'var',
  'missing',
  'parens',
  'array',
  'set',
  'object',
  'index',
  'number',
]);

function isClosed(text: string, { start, end }: Span): boolean {
  return end - start > 1 && text[end - 1] === text[start];
}

function expectation(
  types: Types,
  module: Module,
  path: readonly Node[],
  at: number,
  offset: number,
): { type: Type; isKey: boolean } | undefined {
  const node = path[at] as Node;
  const of = (term: Term | undefined) => term && { type: types.ofTerm(module, term), isKey: false };
  const isHere = ({ start, end }: Span) => start <= offset && offset <= end;
  switch (node.kind) {
    case 'infix': {
      const [left, right] = node.operands;
      const operator = module.names.tree.text.slice(left?.end, right?.start).trim();
      if (node.operands.length !== 2 || !left || !right || !/^[=!]=/.test(operator)) return undefined;
      if (isHere(left) && left.end > left.start) return holes.has(left.kind) ? of(right) : undefined;
      return of(left.kind === 'missing' ? right : left);
    }
    case 'expression':
      if (node.operator !== '=' || !node.right) return undefined;
      if (isHere(node.left)) return holes.has(node.left.kind) ? of(node.right) : undefined;
      return of(node.left);
    case 'membership': {
      const { collection, value } = node;
      if (collection.start <= offset && ['set', 'array', 'object'].includes(collection.kind)) return of(value);
      if (!isHere(value)) return undefined;
      return { type: valuesOf(types.ofTerm(module, collection)), isKey: false };
    }
    case 'ref': {
      const part = node.parts.findIndex((one) => one.kind === 'index' && isHere(one));
      return part < 0 ? undefined : { type: keysOf(types.ofRefUpTo(module, node, part)), isKey: true };
    }
    case 'call': {
      const arg = node.args.findIndex((one) => isHere(one));
      const type = arg < 0 ? undefined : types.ofOperator(module, node)?.args[arg];
      return type && { type, isKey: false };
    }
    case 'object':
    case 'set':
    case 'array':
    case 'entry':
      return expectedMember(types, module, path, at, offset);
    default:
      return undefined;
  }
}

/** Terms that may be what is being written. */
const holes: ReadonlySet<Term['kind']> = new Set(['string', 'var', 'missing']);
