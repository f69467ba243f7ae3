/** Asks a remote for what a clone left out. Nothing that a repository brings along runs meanwhile: no hooks, no maintenance. */

import { findCommit } from './refs.ts';
import { type GitRepository, openRepository } from './repository.ts';
import { GitError, gitBytes } from './run.ts';

/** Commits fetched at a time beyond where the history ends, then all of it. */
const steps = ['--deepen=100', '--deepen=1000', '--deepen=10000', '--unshallow'];

const quiet = [
  ...['-c', 'core.hooksPath=/dev/null', '-c', 'gc.auto=0', '-c', 'maintenance.auto=false'],
  ...['fetch', '--quiet', '--no-tags', '--no-recurse-submodules', '--no-write-fetch-head', '--no-auto-maintenance'],
];

/**
 * Fetches the tip of a branch into its remote-tracking ref, whatever was there, and returns the ref.
 *
 * Errors: `failed`, with git's own words: no such branch, no access, no network.
 */
export async function fetchBranch(repository: GitRepository, remote: string, branch: string): Promise<string> {
  const tracking = `refs/remotes/${remote}/${branch}`;
  // Only where nothing is there: git would cut off what is.
  const cut = repository.shallow && (await findCommit(repository, tracking)) === undefined;
  await gitBytes(repository, [...quiet, ...(cut ? ['--depth=1'] : []), remote, `+refs/heads/${branch}:${tracking}`]);
  return tracking;
}

/**
 * Fetches commits by their full ids, as code hosts allow it for all that a branch or a change leads to.
 *
 * Errors: `failed`.
 */
export async function fetchCommits(
  repository: GitRepository,
  remote: string,
  commits: readonly string[],
): Promise<void> {
  const depth = repository.shallow ? ['--depth=1'] : [];
  await gitBytes(repository, [...quiet, ...depth, remote, ...commits]);
}

/**
 * Fetches more and more history behind some commits until it is enough, or all of it is there.
 *
 * @param isEnough told the repository as it then is
 * @returns the repository as it is in the end
 */
export async function deepen(
  repository: GitRepository,
  remote: string,
  commits: readonly string[],
  isEnough: (repository: GitRepository) => Promise<boolean>,
): Promise<GitRepository> {
  let current = repository;
  for (const step of steps) {
    if (!current.shallow || (await isEnough(current))) break;
    await gitBytes(current, [...quiet, step, remote, ...commits]).catch((error: unknown) => {
      if (!isRefusal(error)) throw error;
      // A server may hand out nothing but what its refs name.
      return gitBytes(current, [...quiet, step, remote]);
    });
    current = await openRepository(repository.root, { environment: repository.environment });
  }
  return current;
}

/** The branch that a remote's HEAD names, without `refs/heads/`; undefined when it names none. */
export async function remoteDefaultBranch(repository: GitRepository, remote: string): Promise<string | undefined> {
  const answer = (await gitBytes(repository, ['ls-remote', '--symref', remote, 'HEAD'])).toString('utf8');
  return /^ref: refs\/heads\/(.+)\tHEAD$/m.exec(answer)?.[1];
}

/** Whether an error is git's own word that it could not do something, in contrast to a missing git or folder. */
export function isRefusal(error: unknown): error is GitError {
  return error instanceof GitError && (error.kind === 'failed' || error.kind === 'unknown-revision');
}
