/** The files that go with a package that is renamed. */
import type { Root } from '../snapshot.ts';
import { dataBelow, dataHolding } from './base-data.ts';
import type { Modules } from './names/modules.ts';

/**
 * Where the folders of a package's modules are named as the package is, they go with it, and so does the data in them.
 *
 * @param renamed from `data` on
 * @param canMove whether the client renames files
 * @returns from path to path; or why it cannot be done: data has the name and cannot go, or another file is there
 */
export function movesWith(
  root: Root,
  modules: Modules,
  renamed: readonly string[],
  name: string,
  canMove: boolean,
): ReadonlyMap<string, string> | string {
  const holding = dataHolding(root, renamed);
  if (holding) return `${holding.path} has ${renamed.join('.')}, too, and would keep the name.`;
  const moves = new Map<string, string>();
  for (const { path, package: own } of modules.byPath.values()) {
    if (!renamed.every((part, at) => own[at] === part)) continue;
    const to = movedPath(path, own.slice(1), renamed, name) ?? movedTest(path, own.slice(1), renamed, name);
    if (to !== undefined) moves.set(path, to);
  }
  for (const { path, at } of dataBelow(root, renamed)) {
    const to = movedPath(path, at, renamed, name);
    if (to === undefined || !canMove)
      return `${path} is the data at ${['data', ...at].join('.')}, and would keep the name.`;
    moves.set(path, to);
  }
  for (const to of moves.values()) {
    if (root.files.has(to) && !moves.has(to)) return `${to} is there already, where another file would go.`;
  }
  return moves;
}

/** The tests of a package lie beside it: `roles_test` in the folder `roles`. */
function movedTest(
  path: string,
  names: readonly string[],
  renamed: readonly string[],
  name: string,
): string | undefined {
  const beside = (one: string) => one.replace(/_test$/, '');
  const last = names.at(-1) ?? '';
  if (beside(last) === last) return undefined;
  const own = [...names.slice(0, -1), beside(last)];
  return movedPath(path, own, renamed, renamed.length - 1 === names.length ? beside(name) : name);
}

/** A file's path after the rename; undefined where its folders are not named as what is in it. */
function movedPath(
  path: string,
  names: readonly string[],
  renamed: readonly string[],
  name: string,
): string | undefined {
  const folders = path.split('/').slice(0, -1);
  const begins = folders.length - names.length;
  if (begins < 0 || names.some((part, at) => folders[begins + at] !== part)) return undefined;
  const moved = path.split('/');
  moved[begins + renamed.length - 2] = name;
  return moved.join('/');
}
