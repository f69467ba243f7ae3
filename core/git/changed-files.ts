/** The files that a change touches. */

import type { ChangedFile } from '../input.ts';
import { type GitRepository, mergeBase } from './repository.ts';
import { GitError, git } from './run.ts';

/** Options of every comparison: fixed, so that nobody's configuration changes what is judged. */
export const comparison = ['--name-status', '-z', '-M', '-l1000', '--ignore-submodules=none', '--no-relative'];

/**
 * The files that differ between the point where `head` left `base` and `head` (full ids), with
 * renames. Paths that are not UTF-8 have U+FFFD in place of the bytes that cannot be read.
 *
 * Errors: `unrelated` when the two share no history, `shallow` when that may be the clone's fault.
 */
export async function changedFiles(repository: GitRepository, base: string, head: string): Promise<ChangedFile[]> {
  const from = await mergeBase(repository, base, head);
  if (from === undefined) {
    if (repository.shallow) {
      throw new GitError(
        'shallow',
        'Cannot decide: the clone is shallow and the common ancestor of base and head is missing. Run `git fetch --unshallow`, or set fetch-depth: 0 in CI.',
      );
    }
    throw new GitError('unrelated', `Base ${base} and head ${head} have no common history.`);
  }
  return parseNameStatus(await git(repository, ['diff-tree', '-r', ...comparison, from, head]));
}

/** Reads `--name-status -z`. */
export function parseNameStatus(output: string): ChangedFile[] {
  const fields = output.split('\0');
  const files: ChangedFile[] = [];
  for (let at = 0; at + 1 < fields.length; ) {
    const status = statusOf(fields[at++]!);
    if (status === 'R' || status === 'C') {
      const old_path = fields[at++]!;
      files.push({ path: fields[at++] ?? '', status, old_path });
    } else {
      files.push({ path: fields[at++]!, status });
    }
  }
  return files;
}

/** One letter for git's status: of a merge (`MM`, one letter a parent) the common one, else M. */
export function statusOf(letters: string): ChangedFile['status'] {
  const found = new Set(letters.replace(/\d+$/, ''));
  const [only] = found;
  if (found.size !== 1 || only === undefined) return 'M';
  return 'AMDRCTUX'.includes(only) ? (only as ChangedFile['status']) : 'X';
}
