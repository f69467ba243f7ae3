/** Which of the open windows a commit belongs to. */
import { readFile, realpath } from 'node:fs/promises';
import { dirname, join, resolve, sep } from 'node:path';
import type { Window } from './windows.ts';

/**
 * The windows to ask, best first: the one in whose terminal the commit is made; then those that have
 * the repository open, the most specific folder first, and of the same folder the one last used.
 * `places` are folders that stand for the repository, best first, as {@link placesOf} tells them.
 */
export function chooseWindows<W extends Window>(windows: readonly W[], places: readonly string[], own?: string): W[] {
  return windows
    .map((window) => ({ window, rank: rankOf(window, places, own) }))
    .filter(({ rank }) => rank !== undefined)
    .sort((one, other) => compare(one.rank ?? [], other.rank ?? []))
    .map(({ window }) => window);
}

/** Smaller is better, number by number; undefined when the window has nothing to do with the repository. */
function rankOf(window: Window, places: readonly string[], own?: string): number[] | undefined {
  if (own && window.id === own) return [0, 0, 0, -window.focused];
  for (const [at, place] of places.entries()) {
    const around = window.folders.filter((folder) => isWithin(folder, place)).map(({ length }) => length);
    if (around.length > 0) return [1 + at, 0, -Math.max(...around), -window.focused];
    // A part of the repository is open.
    const inside = window.folders.filter((folder) => isWithin(place, folder)).map(({ length }) => length);
    if (inside.length > 0) return [1 + at, 1, Math.min(...inside), -window.focused];
  }
  return undefined;
}

function compare(one: readonly number[], other: readonly number[]): number {
  for (const [at, value] of one.entries()) {
    const difference = value - (other[at] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}

/** Whether a path is this folder or lies in it. */
function isWithin(folder: string, path: string): boolean {
  const [outer, inner] = process.platform === 'win32' ? [folder.toLowerCase(), path.toLowerCase()] : [folder, path];
  return inner === outer || inner.startsWith(outer.endsWith(sep) ? outer : `${outer}${sep}`);
}

/**
 * The folders that stand for a repository: its top folder as the file system spells it; of a linked
 * work tree also the main one's, which is more often open. Asks the disk, not git: a hook is in a hurry.
 */
export async function placesOf(root: string): Promise<string[]> {
  const place = await spelled(root);
  const main = await mainWorkTree(place);
  return main === undefined || main === place ? [place] : [place, main];
}

/** A path as the file system spells it, links resolved; as it is where there is nothing. */
export function spelled(path: string): Promise<string> {
  return realpath(path).catch(() => resolve(path));
}

/** Of a linked work tree (gitrepository-layout(5), `gitdir:` and `commondir`) the folder with the shared `.git`. */
async function mainWorkTree(root: string): Promise<string | undefined> {
  try {
    const [, gitDir] = /^gitdir: (.+?)\r?\n?$/s.exec(await readFile(join(root, '.git'), 'utf8')) ?? [];
    if (gitDir === undefined) return undefined;
    const folder = resolve(root, gitDir);
    const commonDir = resolve(folder, (await readFile(join(folder, 'commondir'), 'utf8')).replace(/\r?\n$/, ''));
    return await spelled(dirname(commonDir));
  } catch {
    // `.git` is a folder (the usual case), or there is no `commondir` (a submodule).
    return undefined;
  }
}
