/** From a file in a git folder, such as a commit message being edited, to the work tree it belongs to. */

import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { GitError, git, gitEnvironment } from './run.ts';

/**
 * The top folder of the work tree whose git folder holds this file: `.git/COMMIT_EDITMSG`,
 * `.git/worktrees/NAME/COMMIT_EDITMSG`, `.git/modules/NAME/COMMIT_EDITMSG`, and deeper ones such as
 * `.git/rebase-merge/git-rebase-todo`. Undefined when the file is in no git folder, or when nothing
 * says which work tree a git folder that lies elsewhere (`--separate-git-dir`) is for.
 *
 * @param candidates top folders of work trees to try for such a folder, by their `.git` files
 */
export async function workTreeOf(file: string, candidates: readonly string[] = []): Promise<string | undefined> {
  const gitDir = await gitDirAround(path.resolve(file));
  if (gitDir === undefined) return undefined;
  // A linked work tree's git folder names its `.git` file (gitrepository-layout(5)).
  const link = await readText(path.join(gitDir, 'gitdir'));
  if (link !== undefined) return path.dirname(path.resolve(gitDir, link.trim()));
  if (path.basename(gitDir) === '.git') return path.dirname(gitDir);
  return (await configuredWorkTree(gitDir)) ?? (await leadingTo(gitDir, candidates));
}

/** The closest folder around a file that is a git folder: it has a HEAD, and objects or the way to them. */
async function gitDirAround(file: string): Promise<string | undefined> {
  for (let at = path.dirname(file); ; at = path.dirname(at)) {
    const inside = await Promise.all(['HEAD', 'objects', 'commondir'].map((name) => exists(path.join(at, name))));
    if (inside[0] && (inside[1] || inside[2])) return at;
    if (path.dirname(at) === at) return undefined;
  }
}

/** What `core.worktree` says, as a submodule's git folder has it. */
async function configuredWorkTree(gitDir: string): Promise<string | undefined> {
  const place = { root: gitDir, environment: gitEnvironment(process.env, false) };
  try {
    const found = (
      await git(place, ['config', '--file', path.join(gitDir, 'config'), '--get', 'core.worktree'])
    ).trim();
    return found === '' ? undefined : path.resolve(gitDir, found);
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 1) return undefined;
    throw error;
  }
}

/** The candidate whose `.git` file leads to the git folder. */
async function leadingTo(gitDir: string, candidates: readonly string[]): Promise<string | undefined> {
  for (const folder of candidates) {
    const target = /^gitdir: (.*)$/m.exec((await readText(path.join(folder, '.git'))) ?? '')?.[1];
    if (target !== undefined && path.resolve(folder, target.trim()) === gitDir) return folder;
  }
  return undefined;
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}

/** A file's text; undefined when there is none. */
async function readText(file: string): Promise<string | undefined> {
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR' || error.code === 'EISDIR') return undefined;
    throw error;
  });
}
