/** The modules of a root with their names, kept by document: an edit looks again at one. */

import type { RegoVersion } from '../../../engine/protocol.ts';
import { derived } from '../../derived.ts';
import type { Document, Root } from '../../snapshot.ts';
import { isModule } from '../engine-files.ts';
import { parse } from '../syntax/parse.ts';
import type { Tree } from '../syntax/tree.ts';
import { namesOf } from './module-names.ts';
import type { ModuleNames, RuleName } from './names.ts';
import { type Meaning, type Occurrence, occurrencesOf } from './occurrences.ts';

export interface Module {
  readonly path: string;
  readonly document: Document;
  readonly names: ModuleNames;
  /** From `data` on. */
  readonly package: readonly string[];
}

export interface Modules {
  readonly byPath: ReadonlyMap<string, Module>;
  /** By the package's path from `data` on, joined by line breaks. */
  readonly byPackage: ReadonlyMap<string, readonly Module[]>;
}

/** A definition of a rule, and where it stands. */
export interface Definition {
  readonly module: Module;
  readonly rule: RuleName;
}

const trees = derived((_: Document) => new Map<RegoVersion, Tree>());

/** The syntax tree of a document. */
export function treeOf(document: Document, version: RegoVersion): Tree {
  const kept = trees(document);
  let tree = kept.get(version);
  if (!tree) {
    tree = parse(document.text, { version });
    kept.set(version, tree);
  }
  return tree;
}

const moduleOf = derived((_: Document) => new Map<string, Module>());

function makeModule(path: string, document: Document, version: RegoVersion): Module {
  const kept = moduleOf(document);
  const key = `${version} ${path}`;
  let made = kept.get(key);
  if (!made) {
    const names = namesOf(treeOf(document, version));
    made = { path, document, names, package: ['data', ...names.package.map(({ name }) => name)] };
    kept.set(key, made);
  }
  return made;
}

/** All modules of a root. */
export const modulesOf = derived((root: Root): Modules => {
  const byPath = new Map<string, Module>();
  const byPackage = new Map<string, Module[]>();
  for (const [path, document] of root.files) {
    if (!isModule(path, document)) continue;
    const module = makeModule(path, document, root.regoVersion);
    byPath.set(path, module);
    const key = module.package.join('\n');
    const others = byPackage.get(key);
    if (others) others.push(module);
    else byPackage.set(key, [module]);
  }
  return { byPath, byPackage };
});

interface Exports {
  of: readonly Module[];
  names: ReadonlySet<string>;
}
const exportsKept = derived((_: ModuleNames): { exports?: Exports } => ({}));

/** The names of the rules of a package. The same set as long as its modules are the same. */
export function exportsOf(modules: Modules, path: readonly string[]): ReadonlySet<string> {
  const of = modules.byPackage.get(path.join('\n')) ?? [];
  const [first] = of;
  if (!first) return new Set();
  const kept = exportsKept(first.names);
  if (!kept.exports || !isSame(kept.exports.of, of)) {
    const names = new Set(of.flatMap((module) => module.names.rules.flatMap((rule) => rule.path[0]?.name ?? [])));
    kept.exports = { of, names };
  }
  return kept.exports.names;
}

function isSame(a: readonly Module[], b: readonly Module[]): boolean {
  return a.length === b.length && a.every((module, at) => module === b[at]);
}

const occurrencesKept = derived(
  (_: ModuleNames): { exports?: ReadonlySet<string>; all?: readonly Occurrence[] } => ({}),
);

/** All names of a module, by what the other modules of its package make of them. */
export function occurrencesIn(modules: Modules, module: Module): readonly Occurrence[] {
  const kept = occurrencesKept(module.names);
  const exports = exportsOf(modules, module.package);
  if (!kept.all || kept.exports !== exports) {
    kept.exports = exports;
    kept.all = occurrencesOf(module.names, exports);
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
export function definitionsOf(modules: Modules, path: readonly string[]): Definition[] {
  for (let end = path.length - 1; end > 0; end--) {
    const inPackage = modules.byPackage.get(path.slice(0, end).join('\n'));
    if (!inPackage) continue;
    const rest = path.slice(end);
    const found = inPackage.flatMap((module) =>
      module.names.rules
        .filter((rule) => rule.path.length > 0 && leadsTo(rule, rest))
        .map((rule): Definition => ({ module, rule })),
    );
    if (found.length > 0) return found;
  }
  return [];
}

/** One is the beginning of the other. */
function leadsTo({ path }: RuleName, rest: readonly string[]): boolean {
  const length = Math.min(path.length, rest.length);
  for (let at = 0; at < length; at++) if (path[at]?.name !== rest[at]) return false;
  return true;
}

/** The path of a rule from `data` on. */
export function rulePath({ module, rule }: Definition): string[] {
  return [...module.package, ...rule.path.map(({ name }) => name)];
}

/** Whether two names mean the same; those of locals and aliases only within one module. */
export function isGlobal({ kind }: Meaning): boolean {
  return kind === 'data' || kind === 'input' || kind === 'builtin';
}
