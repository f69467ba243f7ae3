/** Which repository, and which commit: everything else in this folder starts here. */

import { readFile, stat } from 'node:fs/promises';
import path from 'node:path';
import { GitError, type GitPlace, git, gitBytes, gitEnvironment } from './run.ts';

/** A repository, as plain data. */
export interface GitRepository extends GitPlace {
  /** The work tree's top folder; of a bare repository the repository itself. Native separators. */
  root: string;
  /** This work tree's git folder (absolute). */
  gitDir: string;
  /** The git folder that all work trees share (absolute). */
  commonDir: string;
  bare: boolean;
  /** History was cut off (`git clone --depth`). */
  shallow: boolean;
  objectFormat: 'sha1' | 'sha256';
  /** What git runs with. */
  environment: NodeJS.ProcessEnv;
}

export interface OpenOptions {
  /**
   * Honour GIT_DIR, GIT_INDEX_FILE and their kin, which hooks get. Default: when `cwd` is the
   * folder that this process runs in, for it is that folder they speak of.
   */
  inherit?: boolean;
  /** Default: this process's. */
  environment?: NodeJS.ProcessEnv;
}

/**
 * Finds the repository that holds `cwd`.
 *
 * Errors (`GitError`): git is missing, no such folder, no repository, owned by another user.
 */
export async function openRepository(cwd: string, options: OpenOptions = {}): Promise<GitRepository> {
  const folder = path.resolve(cwd);
  const isFolder = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  if (!isFolder) throw new GitError('no-such-folder', `There is no folder ${folder}.`);
  const inherit = options.inherit ?? folder === process.cwd();
  const place: GitPlace = { root: folder, environment: gitEnvironment(options.environment ?? process.env, inherit) };
  const facts = await askFacts(place).catch((error: unknown) => {
    if (error instanceof GitError && error.kind === 'not-a-repository') {
      throw new GitError('not-a-repository', `${folder} is in no Git repository. Make one with: git init`);
    }
    throw error;
  });
  const [bare, inWorkTree, shallow, objectFormat, gitDir, commonDir, topLevel = ''] = facts.split('\n');
  if (!gitDir || !commonDir) throw new GitError('failed', `git rev-parse gave an unexpected answer: ${facts}`);
  const root = inWorkTree === 'true' ? topLevel : gitDir;
  return {
    root: path.resolve(root),
    gitDir: path.resolve(gitDir),
    commonDir: path.resolve(folder, commonDir),
    bare: bare === 'true',
    shallow: shallow === 'true',
    objectFormat: objectFormat === 'sha256' ? 'sha256' : 'sha1',
    environment: placed(place.environment, folder, gitDir),
  };
}

/** A repository that {@link openRepository} found for this process's folder before, in another process of the same commit. */
export function reopenRepository(known: Omit<GitRepository, 'environment'>): GitRepository {
  return { ...known, environment: placed(gitEnvironment(process.env, true), process.cwd(), known.gitDir) };
}

/** The environment for running git elsewhere than in `folder`. */
function placed(inherited: NodeJS.ProcessEnv, folder: string, gitDir: string): NodeJS.ProcessEnv {
  const environment = { ...inherited };
  // Relative names in the inherited variables are relative to where the hook runs.
  if (environment.GIT_DIR) environment.GIT_DIR = gitDir;
  if (environment.GIT_WORK_TREE) environment.GIT_WORK_TREE = path.resolve(folder, environment.GIT_WORK_TREE);
  if (environment.GIT_INDEX_FILE) environment.GIT_INDEX_FILE = path.resolve(folder, environment.GIT_INDEX_FILE);
  // A file that is not there: grafts must not change which commits are judged.
  environment.GIT_GRAFT_FILE = path.join(gitDir, 'countersign-no-grafts');
  return environment;
}

const questions = [
  'rev-parse',
  '--is-bare-repository',
  '--is-inside-work-tree',
  '--is-shallow-repository',
  '--show-object-format',
  '--absolute-git-dir',
  '--git-common-dir',
];

/** All in one process, unless there is no work tree here: then git answers all but the last, and fails. */
async function askFacts(place: GitPlace): Promise<string> {
  const answer = async (args: string[]) => (await gitBytes(place, args)).toString('utf8');
  try {
    return await answer([...questions, '--show-toplevel']);
  } catch (error) {
    if (error instanceof GitError && error.kind === 'failed' && error.exitCode !== undefined) return answer(questions);
    throw error;
  }
}

/**
 * The full id of the commit that `revision` names (a branch, tag, id, `HEAD~2`, …).
 *
 * Errors: `unknown-revision`.
 */
export async function resolveRevision(repository: GitRepository, revision: string): Promise<string> {
  if (revision === '' || revision.startsWith('-') || /[\0\n\r]/.test(revision)) {
    throw new GitError('unknown-revision', `${JSON.stringify(revision)} is not the name of a revision.`);
  }
  try {
    return (await git(repository, ['rev-parse', '--verify', '--end-of-options', `${revision}^{commit}`])).trim();
  } catch (error) {
    if (error instanceof GitError && error.kind === 'failed') {
      const hint = repository.shallow
        ? 'The clone is shallow: run `git fetch --unshallow`, or set fetch-depth: 0 in CI.'
        : 'See `git branch --all` and `git tag`; fetch it first if it is on a remote.';
      throw new GitError(
        'unknown-revision',
        `There is no commit ${JSON.stringify(revision)} here. ${hint}`,
        error.exitCode,
      );
    }
    throw error;
  }
}

/**
 * The best common ancestors of two commits (full ids): several where merges crossed, none when their
 * histories are unrelated. A commit-graph file could say what the commits do not, and is not asked.
 */
export async function mergeBases(repository: GitRepository, one: string, other: string): Promise<string[]> {
  try {
    const bases = await git(repository, ['-c', 'core.commitGraph=false', 'merge-base', '--all', one, other]);
    return bases.split('\n').filter((line) => line !== '');
  } catch (error) {
    // Git says the same of a history that it cannot read, but complains.
    const unread = error instanceof Error && /^(error|fatal): /m.test(error.message);
    if (error instanceof GitError && error.exitCode === 1 && error.kind === 'failed' && !unread) return [];
    throw error;
  }
}

/** The first of {@link mergeBases}; undefined when the histories are unrelated. */
export async function mergeBase(repository: GitRepository, one: string, other: string): Promise<string | undefined> {
  return (await mergeBases(repository, one, other))[0];
}

/** The commits whose parents a shallow clone left out. */
export async function shallowCommits(repository: GitRepository): Promise<Set<string>> {
  if (!repository.shallow) return new Set();
  const file = repository.environment.GIT_SHALLOW_FILE ?? path.join(repository.commonDir, 'shallow');
  return new Set((await readFile(file, 'utf8')).split('\n').filter((line) => line !== ''));
}
