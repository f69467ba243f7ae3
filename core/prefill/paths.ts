/** Paths as other programs write them, compared with the repository's. */
import { realpath } from 'node:fs/promises';
import { basename, dirname, isAbsolute, join, relative, resolve, sep } from 'node:path';

/**
 * A path's place below a folder, `/` separated; empty for the folder itself, undefined when it is not
 * in it. Links are followed on both sides, as far as the path is there.
 */
export async function pathInside(folder: string, path: string): Promise<string | undefined> {
  if (!isAbsolute(path)) return undefined;
  const inside = relative(await real(folder), await real(path));
  if (inside === '..' || inside.startsWith(`..${sep}`) || isAbsolute(inside)) return undefined;
  return inside.split(sep).join('/');
}

/** The real path; of one that is not there (any more) that of the closest folder that is. */
async function real(path: string): Promise<string> {
  const rest: string[] = [];
  for (let at = path; ; at = dirname(at)) {
    const found = await realpath(at).catch(() => undefined);
    if (found !== undefined) return join(found, ...rest);
    if (dirname(at) === at) return path;
    rest.unshift(basename(at));
  }
}

/**
 * Paths that someone gave in a folder, as the repository has them; those that are not in it stay as
 * they are.
 */
export async function pathsBelow(root: string, folder: string, paths: readonly string[]): Promise<string[]> {
  return Promise.all(paths.map(async (path) => (await pathInside(root, resolve(folder, path))) || path));
}
