/** Names of all modules by their beginnings, for those who are typing one. */
import { attached } from '../../attached.ts';
import { SortedMap } from '../../sorted-map.ts';
import type { Module, Modules } from './modules.ts';
import { definitionsIn, rulesOf } from './package-rules.ts';
import { carryPostings, makePostings } from './postings.ts';

/** A rule that others can refer to. */
export interface Exported {
  /** From `data` on. */
  readonly package: readonly string[];
  readonly name: string;
  readonly isFunction: boolean;
}

interface Lookups {
  /** By the name in lower case. */
  readonly rules: SortedMap<readonly Exported[]>;
  /** By the last name of the package in lower case, and its path. */
  readonly packages: SortedMap<readonly string[]>;
  /** By a path in the input: the names after it, with the number of modules that have them. */
  readonly inputs: SortedMap<ReadonlyMap<string, number>>;
}

const kept = attached<Modules, Lookups>();

/** So few modules may be read while someone waits. */
const few = 50;

/** Undefined until the modules are read, which is done beside everything else. */
function lookupsOf(modules: Modules): Lookups | undefined {
  if (!kept.has(modules)) {
    let unread = 0;
    for (const { isRead } of modules.byPath.values()) if (!isRead && ++unread > few) return undefined;
    for (const _ of readLookups(modules));
  }
  return kept.get(modules);
}

/** Whether all modules are read, and what is looked up here is at hand: from then on for each next version, too. */
export function areRead(modules: Modules): boolean {
  return kept.has(modules);
}

/** Reads what is not read, one module or package at each step, until all is at hand. */
export function* readLookups(modules: Modules): Generator<undefined> {
  const inputs = new Map<string, Map<string, number>>();
  for (const module of modules.byPath.values()) {
    for (const [path, name] of inputSteps(module)) {
      const names = inputs.get(path) ?? new Map<string, number>();
      inputs.set(path, names.set(name, (names.get(name) ?? 0) + 1));
    }
    yield;
  }
  const rules = new Map<string, Exported[]>();
  const packages: [string, readonly string[]][] = [];
  for (const of of modules.byPackage.values()) {
    const path = (of[0] as Module).package;
    packages.push([packageKey(path), path]);
    for (const [name, isFunction] of namesOf(of)) {
      const key = name.toLowerCase();
      const others = rules.get(key);
      const one = { name, package: path, isFunction };
      if (others) others.push(one);
      else rules.set(key, [one]);
    }
    yield;
  }
  makePostings(modules);
  yield;
  kept.set(modules, {
    rules: SortedMap.of<readonly Exported[]>(rules),
    packages: SortedMap.of(packages),
    inputs: SortedMap.of<ReadonlyMap<string, number>>(inputs),
  });
}

/**
 * Of the rules, and whether they are functions; without making what finds them: most packages are never asked for one.
 */
function namesOf(modules: readonly Module[]): Map<string, boolean> {
  const names = new Map<string, boolean>();
  for (const { outline } of modules) {
    for (const { path, args } of outline.rules) {
      if (path[0] !== undefined && !names.has(path[0])) names.set(path[0], args !== undefined);
    }
  }
  return names;
}

/** Makes those of a later version from those of one that has been read. */
export function catchUp(before: Modules, now: Modules): void {
  if (before === now || kept.has(now)) return;
  const changed = SortedMap.differences(before.byPath, now.byPath).map(
    (path) => [before.byPath.get(path), now.byPath.get(path)] as const,
  );
  carryLookups(before, now, changed, SortedMap.differences(before.byPackage, now.byPackage));
}

/**
 * Makes those of the next version, where there were some.
 *
 * @param changed each module as it was and as it is
 * @param packages the keys of the packages they are in
 */
export function carryLookups(
  before: Modules,
  now: Modules,
  changed: readonly (readonly [Module | undefined, Module | undefined])[],
  packages: readonly string[],
): void {
  carryPostings(before, now);
  const known = kept.get(before);
  if (!known) return;
  const rules = new Map<string, readonly Exported[] | undefined>();
  const without = (name: string, path: readonly string[]) => {
    const all =
      (rules.has(name.toLowerCase()) ? rules.get(name.toLowerCase()) : known.rules.get(name.toLowerCase())) ?? [];
    const key = path.join('\n');
    return all.filter((one) => one.name !== name || one.package.join('\n') !== key);
  };
  const paths = new Map<string, readonly string[] | undefined>();
  for (const key of packages) {
    const path = key.split('\n');
    if (before.byPackage.has(key) !== now.byPackage.has(key)) {
      paths.set(packageKey(path), now.byPackage.has(key) ? path : undefined);
    }
    const touched = changed.flat().flatMap((one) => (one?.package.join('\n') === key ? [one] : []));
    for (const name of namesOf(touched).keys()) {
      const [was, is] = [kindOfRule(before, key, name), kindOfRule(now, key, name)];
      if (was === is) continue;
      const others = without(name, path);
      const all = is ? [...others, { name, package: path, isFunction: is === 'function' }] : others;
      rules.set(name.toLowerCase(), all.length > 0 ? all : undefined);
    }
  }
  const inputs = new Map<string, Map<string, number> | undefined>();
  const count = (module: Module | undefined, by: 1 | -1) => {
    for (const [path, name] of module ? inputSteps(module) : []) {
      const names = inputs.get(path) ?? new Map(known.inputs.get(path));
      const sum = (names.get(name) ?? 0) + by;
      if (sum > 0) names.set(name, sum);
      else names.delete(name);
      inputs.set(path, names);
    }
  };
  for (const [old, module] of changed) {
    count(old, -1);
    count(module, 1);
  }
  for (const [path, names] of inputs) {
    const old = known.inputs.get(path);
    if (names?.size === 0) inputs.set(path, undefined);
    else if (names && old && isSame(names, old)) inputs.delete(path);
  }
  kept.set(now, {
    rules: known.rules.edited(rules),
    packages: known.packages.edited(paths),
    inputs: known.inputs.edited(inputs),
  });
}

function kindOfRule(modules: Modules, key: string, name: string): 'function' | 'rule' | undefined {
  const of = modules.byPackage.get(key);
  const [first] = of ? definitionsIn(rulesOf(of), name) : [];
  return first && (first.outline.args ? 'function' : 'rule');
}

function isSame(a: ReadonlyMap<string, number>, b: ReadonlyMap<string, number>): boolean {
  return a.size === b.size && [...a].every(([name, times]) => b.get(name) === times);
}

function packageKey(path: readonly string[]): string {
  return `${(path.at(-1) ?? '').toLowerCase()}\n${path.join('\n')}`;
}

/** Each step of the paths in the input that a module has, once. */
function inputSteps({ outline }: Module): [string, string][] {
  const steps = new Map<string, [string, string]>();
  for (const path of outline.inputs) {
    for (let at = 1; at < path.length; at++) {
      const parent = path.slice(0, at).join('\n');
      steps.set(`${parent}\n${path[at]}`, [parent, path[at] as string]);
    }
  }
  return [...steps.values()];
}

/**
 * The rules whose name, or whose package's last name, begins so, in whatever case. `complete` is false when there are
 * more, or when not all modules have been read yet: then others may come with the next letter.
 */
export function findExports(
  modules: Modules,
  prefix: string,
  limit: number,
): { readonly found: readonly Exported[]; readonly complete: boolean } {
  const lookups = lookupsOf(modules);
  if (!lookups) return { found: [], complete: false };
  const found = new Map<string, Exported>();
  /** False when there is no room for more. */
  const add = (one: Exported): boolean => {
    const key = [...one.package, one.name].join('\n');
    if (found.has(key)) return true;
    if (found.size >= limit) return false;
    found.set(key, one);
    return true;
  };
  const wanted = prefix.toLowerCase();
  const complete =
    every(lookups.rules.startingWith(wanted), ([, all]) => all.every(add)) &&
    every(lookups.packages.startingWith(wanted), ([, path]) => {
      const rules = rulesOf(modules.byPackage.get(path.join('\n')) ?? []);
      return every(rules.names, (name) => {
        const isFunction = definitionsIn(rules, name)[0]?.outline.args !== undefined;
        return add({ package: path, name, isFunction });
      });
    });
  return { found: [...found.values()], complete };
}

function every<T>(all: Iterable<T>, isSo: (one: T) => boolean): boolean {
  for (const one of all) if (!isSo(one)) return false;
  return true;
}

/** The packages whose last name begins so, in whatever case; from `data` on. At most `limit`. */
export function packagesStartingWith(modules: Modules, prefix: string, limit: number): (readonly string[])[] {
  const found: (readonly string[])[] = [];
  for (const [, path] of lookupsOf(modules)?.packages.startingWith(prefix.toLowerCase()) ?? []) {
    if (found.length >= limit) break;
    found.push(path);
  }
  return found;
}

/** The next names of packages below a path from `data` on. */
export function packagesBelow(modules: Modules, path: readonly string[]): readonly string[] {
  return [...(modules.below.get(path.join('\n'))?.keys() ?? [])];
}

/** Whether a path from `data` on is a package, or one that packages lie in. */
export function isPackage(modules: Modules, path: readonly string[]): boolean {
  const key = path.join('\n');
  return modules.byPackage.has(key) || modules.below.has(key);
}

/** The names that policies use after a path from `input` on, with the number of modules that do. */
export function inputNamesAt(modules: Modules, path: readonly string[]): ReadonlyMap<string, number> {
  return lookupsOf(modules)?.inputs.get(path.join('\n')) ?? new Map();
}
