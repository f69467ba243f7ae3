/** What is expected in a value that `with` puts in place of something: the fields that this has, and their values. */
import type { Module } from '../names/modules.ts';
import type { Node, ObjectTerm, Span } from '../syntax/tree.ts';
import { visit } from '../syntax/walk.ts';
import { constantKey } from './bindings.ts';
import type { Types } from './infer.ts';
import { fieldsOf, select, valuesOf } from './parts.ts';
import { scalar, type Type } from './type.ts';

/** Of a place in an object or set that is such a value, or lies in one. */
export function expectedMember(
  types: Types,
  module: Module,
  path: readonly Node[],
  at: number,
  offset: number,
): { type: Type; isKey: boolean } | undefined {
  const node = path[at];
  switch (node?.kind) {
    case 'entry': {
      const whole = replacing(types, module, path, at - 1);
      if (!whole) return undefined;
      if (isIn(node.key, offset)) return keys(module, whole, path[at - 1], offset);
      const key = constantKey(module.names.tree, node.key);
      const type = key === undefined ? undefined : select(whole, key);
      return type && { type, isKey: false };
    }
    case 'object':
    case 'set': {
      const whole = replacing(types, module, path, at);
      return whole && keys(module, whole, node, offset);
    }
    case 'array': {
      const whole = replacing(types, module, path, at);
      return whole && { type: valuesOf(whole), isKey: false };
    }
    default:
      return undefined;
  }
}

function isIn({ start, end }: Span, offset: number): boolean {
  return start <= offset && offset <= end;
}

/** The input of what an expression asks: a test has no METADATA of its own. */
function testedInput(types: Types, module: Module, expression: Node | undefined): Type | undefined {
  let found: Type | undefined;
  if (expression) {
    visit(expression, (node) => {
      if (found || node.kind === 'with') return false;
      if (node.kind !== 'var' && node.kind !== 'ref') return true;
      const type = types.ofInputBehind(module, node);
      if (type.kind !== 'any') found = type;
      return true;
    });
  }
  return found;
}

/** The names of fields that are not there yet. */
function keys(module: Module, type: Type, around: Node | undefined, offset: number) {
  const entries = around?.kind === 'object' ? around.items : [];
  const taken = new Set(entries.flatMap((item) => (isIn(item, offset) ? [] : (nameOf(module, item) ?? []))));
  const names = [...fieldsOf(type).keys()].filter((name) => !taken.has(name));
  return names.length > 0 ? { type: scalar('string', ...names), isKey: true } : undefined;
}

function nameOf({ names: { tree } }: Module, item: ObjectTerm['items'][number]): string | undefined {
  const key = item.kind === 'entry' ? constantKey(tree, item.key) : undefined;
  return typeof key === 'string' ? key : undefined;
}

/** What a value is put in place of. */
function replacing(types: Types, module: Module, path: readonly Node[], at: number): Type | undefined {
  const [node, parent] = [path[at], path[at - 1]];
  switch (parent?.kind) {
    case 'with': {
      if (node !== parent.value) return undefined;
      const type = types.ofTerm(module, parent.target);
      const isInput = parent.target.kind === 'var' && parent.target.name === 'input';
      return type.kind === 'any' && isInput ? testedInput(types, module, path[at - 2]) : type;
    }
    case 'entry': {
      const whole = node === parent.value ? replacing(types, module, path, at - 2) : undefined;
      const key = constantKey(module.names.tree, parent.key);
      return whole && key !== undefined ? select(whole, key) : undefined;
    }
    case 'array':
    case 'set': {
      const whole = replacing(types, module, path, at - 1);
      return whole && valuesOf(whole);
    }
    default:
      return undefined;
  }
}
