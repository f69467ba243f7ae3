/** The modules of a root with their names, kept by document: an edit looks again at one. */
import type { RegoVersion } from '../../../engine/protocol.ts';
import { derived } from '../../derived.ts';
import { patched } from '../../patched.ts';
import { changedPaths } from '../../roots.ts';
import type { Document, Root } from '../../snapshot.ts';
import { SortedMap } from '../../sorted-map.ts';
import { isRego } from '../engine-files.ts';
import { declaredVersion } from '../module-version.ts';
import { recognise } from '../recognise.ts';
import type { Definition } from './definition.ts';
import { carryLookups } from './lookups.ts';
import { namesOf } from './module-names.ts';
import type { ModuleNames } from './names.ts';
import { type Meaning, type Occurrence, occurrencesOf } from './occurrences.ts';
import { type Outline, outlineOf } from './outline.ts';
import { plainPackage } from './package-name.ts';
import { carryRules, definitionsIn, type NameSet, rulesOf } from './package-rules.ts';
import { treeForNow, treeOf } from './trees.ts';

export { type Definition, rulePath } from './definition.ts';

export interface Module {
  readonly path: string;
  readonly document: Document;
  readonly version: RegoVersion;
  /** From `data` on. */
  readonly package: readonly string[];
  /** Kept for as long as the document. */
  readonly outline: Outline;
  /** Whether {@link outline} is at hand; else asking for it takes as long as parsing. */
  readonly isRead: boolean;
  /** With the tree. Parsed again for what is not open and was not looked at lately: never ask all modules for it. */
  readonly names: ModuleNames;
}

/** What leads from a package to its modules. */
export interface Packages {
  readonly byPackage: Pick<SortedMap<readonly Module[]>, 'get' | 'has'>;
}

export interface Modules extends Packages {
  readonly byPath: SortedMap<Module>;
  /** By the package's path from `data` on, joined by line breaks; in the order of their paths. */
  readonly byPackage: SortedMap<readonly Module[]>;
  /** The next names below a path from `data` on: of how many modules' packages they are. */
  readonly below: SortedMap<ReadonlyMap<string, number>>;
}

const made = derived((_: Document) => new Map<string, Module>());

function moduleOf(root: Root, path: string, document: Document): Module | undefined {
  if (!isRego(path, document)) return undefined;
  const declared = declaredVersion(root, path);
  const kept = made(document);
  const key = `${declared ?? ''} ${path}`;
  let module = kept.get(key);
  if (!module) {
    module = makeModule(path, document, declared);
    kept.set(key, module);
  }
  return module;
}

function makeModule(path: string, document: Document, declared: RegoVersion | undefined): Module {
  const version = () => declared ?? recognise(document).version;
  const names = () => namesOf(treeOf(document, version()));
  let outline: Outline | undefined;
  return {
    path,
    document,
    package: ['data', ...(plainPackage(document.text) ?? names().package.map(({ name }) => name))],
    get version() {
      return version();
    },
    get isRead() {
      return outline !== undefined;
    },
    get outline() {
      outline ??= outlineOf(namesOf(treeForNow(document, version())));
      return outline;
    },
    get names() {
      return names();
    },
  };
}

/** All modules of a root. */
export const modulesOf = patched(read, patch);

function read(root: Root): Modules {
  const all = [...root.files].flatMap(([path, document]) => moduleOf(root, path, document) ?? []);
  const byPath = SortedMap.of(all.map((module) => [module.path, module] as const));
  const byPackage = new Map<string, Module[]>();
  const below = new Map<string, Map<string, number>>();
  for (const module of byPath.values()) {
    const key = keyOf(module.package);
    const others = byPackage.get(key);
    if (others) others.push(module);
    else byPackage.set(key, [module]);
    for (const [parent, name] of steps(module.package)) {
      const names = below.get(parent) ?? new Map<string, number>();
      below.set(parent, names.set(name, (names.get(name) ?? 0) + 1));
    }
  }
  return { byPath, byPackage: SortedMap.of<readonly Module[]>(byPackage), below: SortedMap.of(below) };
}

/** More than this is done as fast from the beginning. */
const mostChanges = 200;

function patch(last: Modules, before: Root, root: Root): Modules | undefined {
  if (JSON.stringify(before.declared) !== JSON.stringify(root.declared) || before.regoVersion !== root.regoVersion) {
    return undefined;
  }
  const paths = changedPaths(before, root);
  if (paths.length > mostChanges) return undefined;
  const { byPath, byPackage, below } = last;
  const modules = new Map<string, Module | undefined>();
  const packages = new Map<string, readonly Module[] | undefined>();
  const children = new Map<string, ReadonlyMap<string, number> | undefined>();
  const inPackage = (key: string) => (packages.has(key) ? packages.get(key) : byPackage.get(key)) ?? [];
  const exchange = (key: string, gone: Module | undefined, come: Module | undefined) => {
    const old = inPackage(key);
    const at = placeIn(old, (come ?? gone)?.path ?? '');
    const now = old.toSpliced(at, gone ? 1 : 0, ...(come ? [come] : []));
    carryRules(old, now, gone, come);
    packages.set(key, now.length > 0 ? now : undefined);
  };
  const count = (module: Module, by: 1 | -1) => {
    for (const [parent, name] of steps(module.package)) {
      const names = new Map(children.has(parent) ? children.get(parent) : below.get(parent));
      const sum = (names.get(name) ?? 0) + by;
      if (sum > 0) names.set(name, sum);
      else names.delete(name);
      children.set(parent, names.size > 0 ? names : undefined);
    }
  };
  const changed: [Module | undefined, Module | undefined][] = [];
  for (const path of paths) {
    const document = root.files.get(path);
    const [old, now] = [byPath.get(path), document && moduleOf(root, path, document)];
    if (old === now) continue;
    changed.push([old, now]);
    modules.set(path, now);
    if (old && now && keyOf(old.package) === keyOf(now.package)) exchange(keyOf(now.package), old, now);
    else {
      if (old) exchange(keyOf(old.package), old, undefined);
      if (now) exchange(keyOf(now.package), undefined, now);
      if (old) count(old, -1);
      if (now) count(now, 1);
    }
  }
  if (changed.length === 0) return last;
  const next = { byPath: byPath.edited(modules), byPackage: byPackage.edited(packages), below: below.edited(children) };
  carryLookups(last, next, changed, [...packages.keys()]);
  return next;
}

/** Where a path is, or would be, among modules in the order of their paths. */
function placeIn(modules: readonly Module[], path: string): number {
  let low = 0;
  let high = modules.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if ((modules[middle] as Module).path < path) low = middle + 1;
    else high = middle;
  }
  return low;
}

/** `data` to `lib`, `data.lib` to `roles`, … */
function steps(path: readonly string[]): [string, string][] {
  return path.slice(1).map((name, at) => [keyOf(path.slice(0, at + 1)), name]);
}

function keyOf(path: readonly string[]): string {
  return path.join('\n');
}

/** The names of the rules of a package. The same object for as long as the names are. */
export function exportsOf(modules: Packages, path: readonly string[]): NameSet {
  const of = modules.byPackage.get(keyOf(path));
  return of ? rulesOf(of).names : new Set<string>();
}

const occurrencesKept = derived((_: ModuleNames): { exports?: NameSet; all?: readonly Occurrence[] } => ({}));

/** All names of a module, by what the other modules of its package make of them. */
export function occurrencesIn(modules: Modules, module: Module): readonly Occurrence[] {
  const { names } = module;
  const kept = occurrencesKept(names);
  const exports = exportsOf(modules, module.package);
  if (!kept.all || kept.exports !== exports) {
    kept.exports = exports;
    kept.all = occurrencesOf(names, exports);
  }
  return kept.all;
}

/** The name at an offset, or the one that ends there. */
export function occurrenceAt(modules: Modules, module: Module, offset: number): Occurrence | undefined {
  let touching: Occurrence | undefined;
  for (const one of occurrencesIn(modules, module)) {
    if (one.start > offset) break;
    if (offset < one.end) return one;
    if (offset === one.end) touching = one;
  }
  return touching;
}

/** The rules that a path from `data` on leads to, or leads into: `data.lib.roles.admin` to `roles` in `lib`. */
export function definitionsOf(modules: Packages, path: readonly string[]): readonly Definition[] {
  for (let end = path.length - 1; end > 0; end--) {
    const inPackage = modules.byPackage.get(keyOf(path.slice(0, end)));
    if (!inPackage) continue;
    const rest = path.slice(end);
    const found = definitionsIn(rulesOf(inPackage), rest[0] as string);
    const leading = rest.length === 1 ? found : found.filter(({ outline }) => leadsTo(outline.path, rest));
    if (leading.length > 0) return leading;
  }
  return [];
}

/** The rules below a path from `data` on, by the next name: those of a package, and those in the path of a rule. */
export function rulesBelow(modules: Modules, path: readonly string[]): ReadonlyMap<string, readonly Definition[]> {
  const found = new Map<string, Definition[]>();
  for (let end = path.length; end > 0; end--) {
    const inPackage = modules.byPackage.get(keyOf(path.slice(0, end)));
    if (!inPackage) continue;
    const rules = rulesOf(inPackage);
    const rest = path.slice(end);
    for (const name of rest.length === 0 ? rules.names : [rest[0] as string]) {
      addNext(found, definitionsIn(rules, name), rest);
    }
  }
  return found;
}

/** Adds those whose path goes on behind the rest, by the next name. */
function addNext(found: Map<string, Definition[]>, definitions: readonly Definition[], rest: readonly string[]): void {
  for (const definition of definitions) {
    const { path } = definition.outline;
    const next = path[rest.length];
    if (next === undefined || !leadsTo(path, rest)) continue;
    const others = found.get(next);
    if (others) others.push(definition);
    else found.set(next, [definition]);
  }
}

/** One is the beginning of the other. */
function leadsTo(path: readonly string[], rest: readonly string[]): boolean {
  const length = Math.min(path.length, rest.length);
  for (let at = 0; at < length; at++) if (path[at] !== rest[at]) return false;
  return true;
}

/** Whether two names mean the same; those of locals and aliases only within one module. */
export function isGlobal({ kind }: Meaning): boolean {
  return kind === 'data' || kind === 'input' || kind === 'builtin';
}
