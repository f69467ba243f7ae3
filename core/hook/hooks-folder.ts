/** Where git looks for this repository's hooks, whose folder that is, and which hook manager rules there. */
import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import type { GitRepository } from '../git/repository.ts';
import { GitError, git } from '../git/run.ts';

export type Manager = 'none' | 'husky' | 'lefthook' | 'pre-commit';

export interface HooksFolder {
  /** The folder that git calls hooks from (absolute). */
  folder: string;
  /** The level at which `core.hooksPath` is set; undefined: it is not, and the folder is git's own. */
  scope?: 'system' | 'global' | 'local' | 'worktree' | 'command';
  /** The file that sets it. */
  setIn?: string;
  manager: Manager;
  /** The file or folder (absolute) that shows the manager, and that its hooks are written in. */
  managerFile?: string;
  /** Its hooks come to others with the repository. */
  shared: boolean;
}

/** lefthook's configuration files; https://lefthook.dev/configuration/#config-file-name */
const lefthookFiles = ['', '.config/'].flatMap((folder) =>
  ['yml', 'yaml', 'toml', 'json', 'jsonc'].flatMap((ending) => [
    `${folder}lefthook.${ending}`,
    ...(folder === '' ? [`.lefthook.${ending}`] : []),
  ]),
);

/** Finds it. `manager` goes by what the user says in place of what the files show. */
export async function findHooksFolder(repository: GitRepository, manager?: Manager): Promise<HooksFolder> {
  const { root } = repository;
  const [folder, setting] = await Promise.all([hooksPath(repository), hooksPathSetting(repository)]);
  const found = { folder, ...setting };
  const rules = manager ?? (await managerOf(repository, folder));
  switch (rules) {
    case 'husky': {
      const home = path.basename(folder) === '_' ? path.dirname(folder) : folder;
      const managerFile = isWithin(root, home) ? home : path.join(root, '.husky');
      return { ...found, manager: 'husky', managerFile, shared: true };
    }
    case 'lefthook':
    case 'pre-commit': {
      const managerFile = rules === 'lefthook' ? await lefthookFile(root) : path.join(root, preCommitFile);
      return { ...found, manager: rules, managerFile: managerFile ?? path.join(root, 'lefthook.yml'), shared: true };
    }
    default:
      return { ...found, manager: 'none', shared: await isShared(repository, folder) };
  }
}

/** The folder of the scripts themselves: husky keeps them above the one that git looks in. */
export function scriptFolder({ manager, managerFile, folder }: HooksFolder): string {
  return manager === 'husky' && managerFile !== undefined ? managerFile : folder;
}

const preCommitFile = '.pre-commit-config.yaml';

async function managerOf({ root }: GitRepository, folder: string): Promise<Manager> {
  if (path.basename(folder) === '_' || path.basename(folder) === '.husky') return 'husky';
  if ((await exists(path.join(root, '.husky'))) && (await usesHusky(root))) return 'husky';
  if (await lefthookFile(root)) return 'lefthook';
  return (await exists(path.join(root, preCommitFile))) ? 'pre-commit' : 'none';
}

async function lefthookFile(root: string): Promise<string | undefined> {
  for (const name of lefthookFiles) if (await exists(path.join(root, name))) return path.join(root, name);
  return undefined;
}

/** husky sets `core.hooksPath` when packages are installed, which may not have been done yet. */
async function usesHusky(root: string): Promise<boolean> {
  const text = await readFile(path.join(root, 'package.json'), 'utf8').catch(() => '');
  return /"husky"\s*:/.test(text);
}

/** Relative to where hooks run: the top of the work tree. */
async function hooksPath(repository: GitRepository): Promise<string> {
  const found = (await git(repository, ['rev-parse', '--git-path', 'hooks'])).replace(/\r?\n$/, '');
  return path.resolve(repository.root, found);
}

async function hooksPathSetting(repository: GitRepository): Promise<Pick<HooksFolder, 'scope' | 'setIn'>> {
  const args = ['config', '--null', '--show-scope', '--show-origin', '--get', 'core.hooksPath'];
  const text = await git(repository, args).catch((error: unknown) => {
    if (error instanceof GitError && error.exitCode === 1) return '';
    throw error;
  });
  const [scope, origin] = text.split('\0');
  if (!scope || origin === undefined) return {};
  return { scope: scope as HooksFolder['scope'], setIn: origin.replace(/^file:/, '') };
}

/** In the work tree and not ignored: others get it, too. */
async function isShared(repository: GitRepository, folder: string): Promise<boolean> {
  const { root, gitDir, commonDir } = repository;
  if (!isWithin(root, folder) || isWithin(gitDir, folder) || isWithin(commonDir, folder)) return false;
  const file = path.join(folder, 'commit-msg');
  // `git check-ignore` knows no literal paths, and needs none: it has no wildcards either.
  const environment = { ...repository.environment, GIT_LITERAL_PATHSPECS: '0' };
  return git({ root, environment }, ['check-ignore', '--quiet', '--', path.relative(root, file)]).then(
    () => false,
    (error: unknown) => {
      if (error instanceof GitError && error.exitCode === 1) return true;
      throw error;
    },
  );
}

function isWithin(folder: string, file: string): boolean {
  const relative = path.relative(folder, file);
  return relative === '' || (!relative.startsWith('..') && !path.isAbsolute(relative));
}

async function exists(file: string): Promise<boolean> {
  return stat(file).then(
    () => true,
    () => false,
  );
}
