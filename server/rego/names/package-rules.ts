/** The rules of a package by their first name, from all its modules. */
import { attached } from '../../attached.ts';
import { derived } from '../../derived.ts';
import { SortedMap } from '../../sorted-map.ts';
import { type Definition, definitionAt } from './definition.ts';
import type { Module } from './modules.ts';

export interface NameSet extends Iterable<string> {
  has(name: string): boolean;
  readonly size: number;
}

export interface PackageRules {
  /** By the name, then by the path of the module: a rule may have definitions in thousands of modules. */
  readonly byName: SortedMap<InModules>;
  /** The same object for as long as the names are. */
  readonly names: NameSet;
}

type InModules = SortedMap<readonly Definition[]>;

const kept = attached<readonly Module[], PackageRules>();

export function rulesOf(modules: readonly Module[]): PackageRules {
  let rules = kept.get(modules);
  if (!rules) {
    const groups = new Map<string, Map<string, readonly Definition[]>>();
    for (const module of modules) {
      for (const [name, own] of rulesIn(module)) {
        const group = groups.get(name);
        if (group) group.set(module.path, own);
        else groups.set(name, new Map([[module.path, own]]));
      }
    }
    const byName = SortedMap.of([...groups].map(([name, group]) => [name, SortedMap.of(group)] as const));
    rules = { byName, names: setOf(byName) };
    kept.set(modules, rules);
  }
  return rules;
}

const none: readonly Definition[] = [];
const flat = derived((inModules: InModules): readonly Definition[] => [...inModules.values()].flat());

/** All definitions of a name, in the order of their modules' paths. */
export function definitionsIn({ byName }: PackageRules, name: string): readonly Definition[] {
  const found = byName.get(name);
  return found ? flat(found) : none;
}

/** Makes the rules from those before, where they were made, and one module came, went or changed. */
export function carryRules(
  before: readonly Module[],
  now: readonly Module[],
  gone: Module | undefined,
  come: Module | undefined,
): void {
  const rules = kept.get(before);
  if (!rules) return;
  const added = come ? rulesIn(come) : new Map<string, readonly Definition[]>();
  const touched = new Set(added.keys());
  for (const { path } of gone?.outline.rules ?? []) if (path[0] !== undefined) touched.add(path[0]);
  const changes = new Map<string, InModules | undefined>();
  for (const name of touched) {
    const own = new Map<string, readonly Definition[] | undefined>();
    if (gone) own.set(gone.path, undefined);
    if (come) own.set(come.path, added.get(name));
    const inModules = (rules.byName.get(name) ?? SortedMap.of<readonly Definition[]>([])).edited(own);
    changes.set(name, inModules.size > 0 ? inModules : undefined);
  }
  const byName = rules.byName.edited(changes);
  const isSame = [...touched].every((name) => rules.byName.has(name) === byName.has(name));
  kept.set(now, { byName, names: isSame ? rules.names : setOf(byName) });
}

function rulesIn(module: Module): Map<string, readonly Definition[]> {
  const groups = new Map<string, Definition[]>();
  for (const [at, { path }] of module.outline.rules.entries()) {
    const [name] = path;
    if (name === undefined) continue;
    const definition = definitionAt(module, at);
    const group = groups.get(name);
    if (group) group.push(definition);
    else groups.set(name, [definition]);
  }
  return groups;
}

/** Its names stay what they are while later maps have the same ones. */
function setOf(byName: SortedMap<InModules>): NameSet {
  return {
    has: (name) => byName.has(name),
    get size() {
      return byName.size;
    },
    [Symbol.iterator]: () => byName.keys(),
  };
}
