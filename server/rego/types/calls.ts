/** What built-ins give, more closely than they declare it: of some, what they are given tells. */
import type { Builtin } from '../builtins.ts';
import type { Term, Tree } from '../syntax/tree.ts';
import { constantKey } from './bindings.ts';
import { intersect } from './intersect.ts';
import { keysOf, select, valuesOf } from './parts.ts';
import { any, arrayOf, setOf, type Type, union } from './type.ts';

type Args = readonly Type[];

/** By name, from the types of the arguments. */
const known: Readonly<Record<string, (args: Args, key: (at: number) => string | number | undefined) => Type>> = {
  'array.concat': ([a = any, b = any]) => arrayOf(union([valuesOf(a), valuesOf(b)])),
  'array.reverse': ([a = any]) => arrayOf(valuesOf(a)),
  'array.slice': ([a = any]) => arrayOf(valuesOf(a)),
  intersection: ([sets = any]) => valuesOf(sets),
  max: ([all = any]) => valuesOf(all),
  min: ([all = any]) => valuesOf(all),
  'object.filter': ([object = any]) => object,
  'object.get': ([object = any, , otherwise = any], key) => {
    const name = key(1);
    return union([name === undefined ? valuesOf(object) : (select(object, name) ?? any), otherwise]);
  },
  'object.keys': ([object = any]) => setOf(keysOf(object)),
  'object.remove': ([object = any]) => object,
  sort: ([all = any]) => arrayOf(valuesOf(all)),
  union: ([sets = any]) => valuesOf(sets),
};

export function resultOf(builtin: Builtin, args: readonly Term[], ofTerm: (term: Term) => Type, tree: Tree): Type {
  const { result } = builtin.type;
  const closer = known[builtin.name]?.(args.map(ofTerm), (at) => {
    const term = args[at];
    return term && constantKey(tree, term);
  });
  if (!closer || closer.kind === 'any') return result;
  const both = intersect(closer, result);
  return both.kind === 'union' && both.of.length === 0 ? result : both;
}
