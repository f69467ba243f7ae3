/** The types of what paths from `data` on lead to: rules, packages and base documents. */
import type { Root } from '../../snapshot.ts';
import { type Definition, definitionsOf, exportsOf, type Module, type Packages, rulePath } from '../names/modules.ts';
import type { Head, Term } from '../syntax/tree.ts';
import { dataTypeAt } from './base-data.ts';
import { select } from './parts.ts';
import { any, type Field, type FunctionType, objectOf, scalar, setOf, type Type, union } from './type.ts';

interface Inferring {
  ofTerm(module: Module, term: Term): Type;
  /** Makes a type once, and never within itself. */
  ofKnown<K extends object>(key: K, kept: Map<K, Type>, make: () => Type): Type;
}

/** More definitions than this are not all looked at. */
const looksAt = 50;

export function makeRuleTypes(root: Root, modules: Packages, { ofTerm, ofKnown }: Inferring) {
  const heads = new Map<Head, Type>();
  const paths = new Map<string, Type>();

  return { ofPath };

  function ofPath(path: readonly string[]): Type {
    const key = path.join('\n');
    const known = paths.get(key);
    if (known) return known;
    const type = ofDefinitions(path) ?? packageType(path) ?? dataTypeAt(root, path.slice(1));
    paths.set(key, type);
    return type;
  }

  function ofDefinitions(path: readonly string[]): Type | undefined {
    const definitions = definitionsOf(modules, path).slice(0, looksAt);
    if (definitions.length === 0) return undefined;
    const through = definitions.filter((one) => rulePath(one).length <= path.length);
    if (through.length > 0) {
      const types = through.map((one) =>
        path
          .slice(rulePath(one).length)
          .reduce<Type | undefined>((type, key) => type && select(type, key), ofRule(one)),
      );
      return joined(types.filter((type) => type !== undefined));
    }
    // The path ends before the names of the rules do.
    const names = new Set(definitions.map((one) => rulePath(one)[path.length] as string));
    return objectOfPaths(path, names);
  }

  function objectOfPaths(path: readonly string[], names: Iterable<string>): Type {
    const fields = new Map(
      [...names].map((name): [string, Field] => [
        name,
        {
          get type() {
            return ofPath([...path, name]);
          },
          required: false,
        },
      ]),
    );
    return { kind: 'object', fields, others: { keys: scalar('string'), values: any } };
  }

  function packageType(path: readonly string[]): Type | undefined {
    const names = exportsOf(modules, path);
    return modules.byPackage.has(path.join('\n')) ? objectOfPaths(path, names) : undefined;
  }

  /** Sets and objects are what all their definitions add; a function is one for all. */
  function joined(types: readonly Type[]): Type {
    const functions = types.filter((type): type is FunctionType => type.kind === 'function');
    const [first] = functions;
    if (!first) return types.length > 0 ? union(types) : any;
    return {
      kind: 'function',
      args: first.args.map((_, at) => union(functions.map(({ args }) => args[at] ?? any))),
      result: union(functions.map(({ result }) => result)),
    };
  }

  function ofRule({ module, rule: { node, kind, path } }: Definition): Type {
    return ofKnown(node.head, heads, () => {
      const { head, elses } = node;
      const values = [
        head.value ? ofTerm(module, head.value) : scalar('boolean', true),
        ...elses.map(({ value }) => (value ? ofTerm(module, value) : scalar('boolean', true))),
      ];
      const dynamic = dynamicKeys(module, head, path.length);
      if (kind === 'set') {
        const key = head.operator === 'contains' ? head.value && ofTerm(module, head.value) : dynamic.pop();
        return nested(dynamic, setOf(key ?? any));
      }
      const value = union(values);
      if (!head.args) return nested(dynamic, value);
      return { kind: 'function', args: head.args.map((arg) => ofTerm(module, arg)), result: value };
    });
  }

  /** Of what stands in a head's name behind the names that are the same for all values. */
  function dynamicKeys(module: Module, { name }: Head, constant: number): Type[] {
    if (name.kind !== 'ref') return [];
    return name.parts
      .slice(Math.max(0, constant - 1))
      .map((part) => (part.kind === 'index' ? ofTerm(module, part.term) : scalar('string', part.name)));
  }
}

/** `p[x][y] := v` is an object of objects. */
function nested(keys: readonly Type[], value: Type): Type {
  return keys.reduceRight<Type>((type, key) => objectOf(key, type), value);
}
