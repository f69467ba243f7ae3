/** What git knows of the commit that is about to be made, beside its content: what it follows, touches and takes over. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { GitRepository } from './repository.ts';
import { GitError, gitBytes } from './run.ts';

export interface Head {
  /** Full id. */
  id: string;
  /** When it was committed. */
  time: Date;
  /** The author's address, in lower case. */
  email: string;
}

/** The commit that HEAD is, or another revision; undefined when there is none. */
export async function readHead(repository: GitRepository, revision = 'HEAD'): Promise<PastCommit | undefined> {
  const [head] = await lastCommits(repository, { limit: 1, from: revision });
  return head;
}

export interface PastCommit extends Head {
  /** The whole message. */
  message: string;
}

/** The newest commits of this branch, or from a revision on, first parents only, newest first; none when there is none. */
export async function lastCommits(
  repository: GitRepository,
  options: { limit: number; from?: string },
): Promise<PastCommit[]> {
  const format = '%H%x00%ct%x00%ae%x00%B%x00';
  const args = ['log', '--first-parent', `--max-count=${options.limit}`, '--no-show-signature', `--format=${format}`];
  const text = await gitText(repository, [...args, options.from ?? 'HEAD', '--']).catch((error: unknown) => {
    if (
      error instanceof GitError &&
      error.exitCode === 128 &&
      /bad revision|unknown revision|bad object/.test(error.message)
    ) {
      return '';
    }
    throw error;
  });
  const fields = text.split('\0');
  const commits: PastCommit[] = [];
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [id = '', seconds = '', email = '', message = ''] = fields.slice(at, at + 4);
    commits.push({
      id: id.trim(),
      time: new Date(Number(seconds) * 1000),
      email: email.toLowerCase(),
      message,
    });
  }
  return commits;
}

/**
 * The paths that are staged, `/` separated; the old and the new one of a renamed file. With `all` those
 * that are changed in the work tree, too, as `git commit --all` takes them.
 */
export async function stagedPaths(repository: GitRepository, { all = false } = {}): Promise<Set<string>> {
  const args = ['diff', '--name-only', '--no-renames', '-z', '--no-ext-diff', '--no-relative'];
  const lists = await Promise.all([
    gitText(repository, [...args, '--cached', '--']),
    all ? gitText(repository, [...args, '--']) : '',
  ]);
  return new Set(lists.flatMap((list) => list.split('\0')).filter((file) => file !== ''));
}

/** The paths that a commit (full id) changed, as {@link stagedPaths} has them; of a merge none. */
export async function changedPaths(repository: GitRepository, commit: string): Promise<Set<string>> {
  const args = ['diff-tree', '-r', '--root', '--no-commit-id', '--name-only', '--no-renames', '-z', commit, '--'];
  return new Set((await gitText(repository, args)).split('\0').filter((file) => file !== ''));
}

/**
 * When each of the paths was last changed by a commit of this branch, within the time given; others are
 * absent.
 *
 * @param from where to begin, in place of HEAD
 */
export async function lastChanges(
  repository: GitRepository,
  paths: ReadonlySet<string>,
  since: Date,
  from = 'HEAD',
): Promise<Map<string, Date>> {
  const found = new Map<string, Date>();
  if (paths.size === 0) return found;
  const args = ['log', '--first-parent', '--max-count=500', '--no-show-signature', '--no-renames', '-m', '--name-only'];
  const after = `--since=@${Math.floor(since.getTime() / 1000)} +0000`;
  // Many paths would not fit on a command line; then all changes are listed.
  const limited = paths.size <= 200 ? [...paths] : [];
  const text = await gitText(repository, [...args, '-z', after, '--format=%x01%ct', from, '--', ...limited]).catch(
    (error: unknown) => {
      if (error instanceof GitError && error.exitCode === 128) return '';
      throw error;
    },
  );
  for (const entry of text.split('\u0001').slice(1)) {
    const [seconds = '', ...files] = entry.split(/[\0\n]/);
    for (const file of files) {
      if (paths.has(file) && !found.has(file)) found.set(file, new Date(Number(seconds) * 1000));
    }
  }
  return found;
}

/**
 * The commits whose work the next commit takes over while git squashes, fixes up, cherry-picks or
 * stops in a rebase (full ids), as git's own files in the git folder name them. Empty otherwise; an
 * amended commit leaves no such file.
 */
export async function takenOver(repository: GitRepository): Promise<string[]> {
  const read = async (name: string) =>
    readFile(path.join(repository.gitDir, name), 'utf8').catch((error: NodeJS.ErrnoException) => {
      if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return '';
      throw error;
    });
  const [squash, picked, fixups, stopped] = await Promise.all([
    read('SQUASH_MSG'),
    read('CHERRY_PICK_HEAD'),
    read('rebase-merge/current-fixups'),
    read('rebase-merge/stopped-sha'),
  ]);
  // What is squashed goes into HEAD, which is the first of them, or what they have become so far.
  const into = fixups.trim() === '' ? undefined : await readHead(repository);
  return [
    ...new Set([
      ...(into ? [into.id] : []),
      // `git merge --squash` lists them as `git log` does.
      ...[...squash.matchAll(/^commit ([0-9a-f]{40,64})/gm)].map(([, id]) => id ?? ''),
      ...[...fixups.matchAll(/^(?:fixup|squash)\S* ([0-9a-f]{40,64})/gm)].map(([, id]) => id ?? ''),
      ...[picked, stopped].map((text) => text.trim()).filter((id) => /^[0-9a-f]{40,64}$/.test(id)),
    ]),
  ];
}

async function gitText(repository: GitRepository, args: string[]): Promise<string> {
  return (await gitBytes(repository, args)).toString('utf8');
}
