/**
 * Infers what the terms, variables and rules of a root can be, from schemas, samples, the declarations of built-ins
 * and what is written. Lazily: only what is asked for, and what that needs.
 *
 * Not inferred: what `with` puts in place of something, what a comparison excludes, and what a function is called
 * with from other modules.
 */
import type { Root } from '../../snapshot.ts';
import type { Builtin } from '../builtins.ts';
import { definitionsOf, exportsOf, type Module, modulesOf, type Packages } from '../names/modules.ts';
import { isDeclared, type Local, type RuleName } from '../names/names.ts';
import type { Call, Ref, Rule, Term } from '../syntax/tree.ts';
import { annotatedFor } from './annotations.ts';
import { dataTypeAt } from './base-data.ts';
import { type Binding, bindingsOf, callsOf, constantKey, localsByStart } from './bindings.ts';
import { resultOf } from './calls.ts';
import { inputTypeAt } from './input-schemas.ts';
import { intersect } from './intersect.ts';
import { literalType } from './literals.ts';
import { overridden } from './override.ts';
import { keysOf, select, valuesOf } from './parts.ts';
import { makeRuleTypes } from './rule-types.ts';
import { any, type FunctionType, setOf, type Type, union } from './type.ts';

export interface Types {
  ofTerm(module: Module, term: Term): Type;
  ofLocal(module: Module, local: Local): Type;
  /** Of a reference up to one of its parts: before the first one for 0. */
  ofRefUpTo(module: Module, ref: Ref, count: number): Type;
  /** From `data` on. */
  ofData(path: readonly string[]): Type;
  /** Of base documents alone, without rules. */
  ofBase(path: readonly string[]): Type;
  /** `input` as a rule sees it; as the module does, where no rule is given. */
  ofInput(module: Module, rule: RuleName | undefined): Type;
  /** `input` as the rule sees it that a name or reference stands for. */
  ofInputBehind(module: Module, term: Term): Type;
  /** Of what a call calls. */
  ofOperator(module: Module, call: Call): FunctionType | undefined;
}

export interface InferOptions {
  /** Whether arguments are what their function is called with in its own module, which is not all that they can be. */
  readonly fromCalls: boolean;
  /** The root's own when absent; for who wants to know which packages were looked into. */
  readonly modules?: Packages;
}

/** Deeper than anyone reads. */
const maxDepth = 80;

/** For one request: what is inferred is kept as long as the answer. */
export function inferring(
  root: Root,
  builtins: ReadonlyMap<string, Builtin>,
  { fromCalls, modules = modulesOf(root) }: InferOptions = { fromCalls: true },
): Types {
  const terms = new Map<Term, Type>();
  const locals = new Map<Local, Type>();
  const inputs = new Map<Module, Map<Rule | undefined, Type>>();
  const busy = new Set<object>();
  const ofBase = (path: readonly string[]) => dataTypeAt(root, path.slice(1));
  const { ofPath } = makeRuleTypes(root, modules, { ofTerm, ofKnown: guarded });
  const types: Types = { ofTerm, ofLocal, ofRefUpTo, ofData: ofPath, ofBase, ofInput, ofInputBehind, ofOperator };
  return types;

  /** Something that needs itself is not known; nor is what is too deep. */
  function guarded<K extends object>(key: K, kept: Map<K, Type>, make: () => Type): Type {
    const known = kept.get(key);
    if (known) return known;
    if (busy.has(key) || busy.size > maxDepth) return any;
    busy.add(key);
    try {
      const type = make();
      kept.set(key, type);
      return type;
    } finally {
      busy.delete(key);
    }
  }

  function ofTerm(module: Module, term: Term): Type {
    return guarded(term, terms, () => infer(module, term));
  }

  function infer(module: Module, term: Term): Type {
    switch (term.kind) {
      case 'var':
        return ofName(module, term.name, term.start, []).type;
      case 'ref':
        return ofRefUpTo(module, term, term.parts.length);
      case 'call':
        return ofCall(module, term);
      default:
        return literalType(module.names.tree, term, (one) => ofTerm(module, one));
    }
  }

  function ofRefUpTo(module: Module, ref: Ref, count: number): Type {
    const { tree } = module.names;
    const parts = ref.parts.slice(0, count);
    const keys = parts.map((part) => (part.kind === 'dot' ? part.name : constantKey(tree, part.term)));
    let type: Type;
    let at = 0;
    if (ref.head.kind === 'var') {
      const constant = keys.findIndex((key) => typeof key !== 'string');
      const names = keys.slice(0, constant < 0 ? keys.length : constant) as string[];
      const found = ofName(module, ref.head.name, ref.head.start, names);
      ({ type } = found);
      at = found.used;
    } else type = ofTerm(module, ref.head);
    for (; at < parts.length; at++) {
      const part = parts[at];
      const key = keys[at];
      if (key !== undefined) type = select(type, key) ?? any;
      // A member of a set that is asked for by a value is that value.
      else type = type.kind === 'set' && part?.kind === 'index' ? type.of : valuesOf(type);
    }
    return type;
  }

  /** What a name stands for, with as many of the names behind it as it needs. */
  function ofName(
    module: Module,
    name: string,
    start: number,
    behind: readonly string[],
  ): { type: Type; used: number } {
    const local = localsByStart(module.names).get(start);
    if (local && isDeclared(local)) return { type: ofLocal(module, local), used: 0 };
    const imported = module.names.imports.find((one) => one.name === name)?.path.map((segment) => segment.name);
    const path =
      name === 'data' || name === 'input'
        ? [name]
        : (imported ?? (exportsOf(modules, module.package).has(name) ? [...module.package, name] : undefined));
    if (path?.[0] === 'data') return { type: types.ofData([...path, ...behind]), used: behind.length };
    if (path?.[0] === 'input') {
      const input = ofInput(module, ruleAt(module, start));
      return { type: path.slice(1).reduce((type, key) => select(type, key) ?? any, input), used: 0 };
    }
    return { type: local ? ofLocal(module, local) : any, used: 0 };
  }

  function ofInput(module: Module, rule: RuleName | undefined): Type {
    const kept = inputs.get(module) ?? new Map<Rule | undefined, Type>();
    inputs.set(module, kept);
    const known = kept.get(rule?.node);
    if (known) return known;
    let type = inputTypeAt(root, module.path);
    for (const { path, type: part } of annotatedFor(root, modules, module, rule))
      if (path[0] === 'input') type = overridden(type, path.slice(1), part);
    kept.set(rule?.node, type);
    return type;
  }

  function ofLocal(module: Module, local: Local): Type {
    return guarded(local, locals, () => {
      const expected: Type[] = [];
      for (const binding of bindingsOf(module.names).get(local) ?? []) {
        const { type, isUse } = ofBinding(module, binding);
        if (isUse) expected.push(type);
        else if (type.kind !== 'any') return type;
      }
      return expected.reduce(intersect, any);
    });
  }

  /** What a variable is by one of its bindings; of a use, what it must be there. */
  function ofBinding(module: Module, binding: Binding): { type: Type; isUse: boolean } {
    switch (binding.how) {
      case 'is':
        return { type: ofTerm(module, binding.term), isUse: false };
      case 'member':
        return { type: valuesOf(ofTerm(module, binding.of)), isUse: false };
      case 'key':
        return { type: keysOf(ofTerm(module, binding.of)), isUse: false };
      case 'part': {
        const of = ofBinding(module, binding.of);
        return { type: select(of.type, binding.key) ?? any, isUse: of.isUse };
      }
      case 'index':
        return { type: keysOf(ofRefUpTo(module, binding.ref, binding.part)), isUse: true };
      case 'argument': {
        const called = ofOperator(module, binding.call);
        const type = called && (called.args[binding.at] ?? (binding.at === called.args.length ? called.result : any));
        return { type: type ?? any, isUse: true };
      }
      case 'number':
        return { type: { kind: 'number' }, isUse: true };
      case 'parameter':
        return { type: fromCalls ? ofParameter(module, binding.rule, binding.at) : any, isUse: false };
    }
  }

  /** What a function is called with in its own module. */
  function ofParameter(module: Module, node: Rule, at: number): Type {
    const rule = module.names.rules.find((one) => one.node === node);
    const name = rule?.path.at(-1)?.name;
    if (!rule || name === undefined) return any;
    const path = [...module.package, ...rule.path.map((segment) => segment.name)].join('\n');
    const given = (callsOf(module.names).get(name) ?? []).flatMap((call) => {
      const arg = call.args[at];
      return arg && pathOf(module, call.operator)?.join('\n') === path ? [ofTerm(module, arg)] : [];
    });
    return given.length > 0 ? union(given) : any;
  }

  function ofCall(module: Module, call: Call): Type {
    const path = pathOf(module, call.operator);
    if (path) {
      const type = types.ofData(path);
      return type.kind === 'function' ? type.result : any;
    }
    const name = nameOf(module, call.operator);
    if (name === 'set' && call.args.length === 0) return setOf(any);
    const builtin = builtins.get(name);
    return builtin ? resultOf(builtin, call.args, (term) => ofTerm(module, term), module.names.tree) : any;
  }

  function ofOperator(module: Module, call: Call): FunctionType | undefined {
    const path = pathOf(module, call.operator);
    if (path) {
      const type = types.ofData(path);
      return type.kind === 'function' ? type : undefined;
    }
    return builtins.get(nameOf(module, call.operator))?.type;
  }

  function ofInputBehind(module: Module, term: Term): Type {
    const path = pathOf(module, term);
    const [definition] = path ? definitionsOf(modules, path) : [];
    return definition ? ofInput(definition.module, definition.rule) : any;
  }

  /** What a name written with dots stands for, from `data` on; undefined for built-ins and variables. */
  function pathOf(module: Module, term: Term): string[] | undefined {
    const [first = '', ...rest] = nameOf(module, term).split('.');
    if (first === 'data') return ['data', ...rest];
    const imported = module.names.imports.find(({ name }) => name === first);
    if (imported) return [...imported.path.map(({ name }) => name), ...rest];
    return exportsOf(modules, module.package).has(first) ? [...module.package, first, ...rest] : undefined;
  }
}

/** As it is written: `lib.f`. */
function nameOf({ names: { tree } }: Module, operator: Term): string {
  return tree.text.slice(operator.start, operator.end);
}

/** The rule that stands at an offset. */
export function ruleAt({ names }: Module, offset: number): RuleName | undefined {
  return names.rules.find(({ node }) => node.start <= offset && offset <= node.end);
}
