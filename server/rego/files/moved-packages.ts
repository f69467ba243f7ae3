/** Which paths of `data` files take with them when they move: packages that follow their folders, and data by its place. */

import { kindOf } from '../../file-kinds.ts';
import type { Root } from '../../snapshot.ts';
import { mount } from '../engine-files.ts';
import { exportsOf, type Module, type Modules } from '../names/modules.ts';
import { foldersOf, writePackage } from '../package-paths.ts';
import { topFor } from './file-template.ts';

/** A file's move, by paths in its root. */
export interface Move {
  readonly from: string;
  readonly to: string;
}

export interface MovedPackages {
  /** The new packages of moved modules, from `data` on, by the modules' old paths. */
  readonly byModule: ReadonlyMap<string, readonly string[]>;
  /** All paths from `data` on that are others now, with the modules' packages. */
  readonly changed: readonly { from: readonly string[]; to: readonly string[] }[];
  /** Where what a path from `data` on begins with is afterwards; undefined where it stays. */
  newPath(path: readonly string[]): NewPath | undefined;
}

interface NewPath {
  /** How many names of the old path it replaces. */
  readonly length: number;
  readonly to: readonly string[];
}

/** Undefined when nothing has another path. */
export function movedPackages(root: Root, modules: Modules, moves: readonly Move[]): MovedPackages | undefined {
  const byModule = new Map<string, readonly string[]>();
  for (const { from, to } of moves) {
    const module = modules.byPath.get(from);
    const target = module && packageAfter(root, module, to);
    if (target && keyOf(target) !== keyOf(module.package)) byModule.set(from, target);
  }
  const mounts = movedData(root, moves);
  if (byModule.size === 0 && mounts.size === 0) return undefined;
  const whole = new Map<string, readonly string[]>();
  const rules = new Map<string, readonly string[]>();
  for (const path of byModule.keys()) {
    const key = keyOf(modules.byPath.get(path)!.package);
    const inPackage = modules.byPackage.get(key) ?? [];
    const targets = new Set(inPackage.map((one) => keyOf(byModule.get(one.path) ?? one.package)));
    if (targets.size === 1) whole.set(key, byModule.get(path)!);
    else for (const [rule, target] of movedRules(inPackage, byModule)) rules.set(`${key}\n${rule}`, target);
  }
  const namespaces = new Map<string, NewPath | undefined>();
  return {
    byModule,
    changed: [
      ...[...byModule].map(([path, to]) => ({ from: modules.byPath.get(path)!.package, to })),
      ...[...mounts].map(([from, to]) => ({ from: from.split('\n'), to })),
    ],
    newPath(path) {
      for (let length = path.length; length > 1; length--) {
        const key = keyOf(path.slice(0, length));
        const data = mounts.get(key);
        const isPackage = modules.byPackage.has(key);
        if (!isPackage && !data) continue;
        const to = whole.get(key);
        if (to) return { length, to };
        const next = path[length];
        const rule = next === undefined ? undefined : rules.get(`${key}\n${next}`);
        if (rule) return { length: length + 1, to: [...rule, next!] };
        const isRule = next !== undefined && isPackage && exportsOf(modules, path.slice(0, length)).has(next);
        return data && !isRule ? { length, to: data } : undefined;
      }
      const key = keyOf(path);
      if (!namespaces.has(key)) namespaces.set(key, namespaceAfter(modules, whole, path));
      return namespaces.get(key);
    },
  };
}

/** The places of data files, from `data` on, with their new ones; only of those all of whose files go there. */
function movedData(root: Root, moves: readonly Move[]): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[] | undefined>();
  // In `.countersign` data has its place whatever its folder is called.
  if (root.kind !== 'folder') return new Map();
  const after = new Map(moves.map(({ from, to }) => [from, to]));
  const bundles = [...root.files.keys()].filter((path) => kindOf(path) === 'manifest');
  const tops = bundles.map((path) => foldersOf(path).join('/'));
  const topsAfter = bundles.map((path) => foldersOf(after.get(path) ?? path).join('/'));
  for (const path of root.files.keys()) {
    if (kindOf(path) !== 'data') continue;
    const from = keyOf(['data', ...mount(path, tops)]);
    const to = ['data', ...mount(after.get(path) ?? path, topsAfter)];
    const known = found.has(from) ? found.get(from) : to;
    found.set(from, known && keyOf(known) === keyOf(to) ? to : undefined);
  }
  return new Map([...found].flatMap(([from, to]) => (to && from !== 'data' && keyOf(to) !== from ? [[from, to]] : [])));
}

/** The package of a module at another path; undefined when it does not follow its folders, or would have no name. */
function packageAfter(root: Root, module: Module, to: string): readonly string[] | undefined {
  const names = module.package.slice(1);
  const folders = foldersOf(module.path);
  const begins = folders.length - names.length;
  if (begins < 0 || names.length === 0) return undefined;
  const last = names.length - 1;
  const isTest = names[last] === `${folders.at(-1)}_test`;
  const follows = names.every((name, at) => name === folders[begins + at] || (at === last && isTest));
  if (!follows) return undefined;
  const now = foldersOf(to);
  const top = topFor(root, to).split('/').filter(Boolean).length;
  const stays = folders.slice(0, begins).every((folder, at) => now[at] === folder);
  // Only what lies above its root has another name.
  if (!stays && folders.slice(begins).join('/') === now.slice(-names.length).join('/')) return module.package;
  const after = now.slice(stays ? Math.max(begins, top) : top);
  if (isTest && after.length > 0) after.push(`${after.pop()}_test`);
  return writePackage(after) === undefined ? undefined : ['data', ...after];
}

/** The rules of a package that goes in part: those that only moved modules define, with their new packages. */
function movedRules(inPackage: readonly Module[], byModule: MovedPackages['byModule']): Map<string, readonly string[]> {
  const found = new Map<string, readonly string[] | undefined>();
  for (const module of inPackage) {
    const target = byModule.get(module.path);
    for (const { path } of module.names.rules) {
      const name = path[0]?.name;
      if (name === undefined) continue;
      const known = found.has(name) ? found.get(name) : target;
      found.set(name, known && target && keyOf(known) === keyOf(target) ? target : undefined);
    }
  }
  return new Map([...found].flatMap(([name, target]) => (target ? [[name, target]] : [])));
}

/** A path that is no package itself, and below which all packages go the same way. */
function namespaceAfter(
  { byPackage }: Modules,
  whole: ReadonlyMap<string, readonly string[]>,
  path: readonly string[],
): NewPath | undefined {
  if (path.length < 2) return undefined;
  const start = `${keyOf(path)}\n`;
  let to: string | undefined;
  for (const key of byPackage.keys()) {
    if (!key.startsWith(start)) continue;
    const target = keyOf(whole.get(key) ?? []);
    const rest = key.slice(start.length - 1);
    if (!target.endsWith(rest)) return undefined;
    const above = target.slice(0, -rest.length);
    if (to !== undefined && above !== to) return undefined;
    to = above;
  }
  return to === undefined ? undefined : { length: path.length, to: to.split('\n') };
}

function keyOf(path: readonly string[]): string {
  return path.join('\n');
}
