/** The files that a change touches. */

import type { ChangedFile } from '../input.ts';
import { type GitRepository, mergeBases } from './repository.ts';
import { GitError, git } from './run.ts';

/** Options of every comparison: fixed, so that nobody's configuration changes what is judged. */
export const comparison = ['--name-status', '-z', '-M', '-l1000', '--ignore-submodules=none', '--no-relative'];

/**
 * The files that differ between the point where `head` left `base` and `head` (full ids), with
 * renames. Paths that are not UTF-8 have U+FFFD in place of the bytes that cannot be read.
 *
 * Where merges crossed there are several such points, and any one of them could hide a file: a file
 * counts that differs from one of them, and from `base` itself.
 *
 * Errors: `unrelated` when the two share no history, `shallow` when that may be the clone's fault.
 */
export async function changedFiles(repository: GitRepository, base: string, head: string): Promise<ChangedFile[]> {
  const [from, ...more] = await mergeBases(repository, base, head);
  if (from === undefined) {
    if (repository.shallow) {
      throw new GitError(
        'shallow',
        'Cannot decide: the clone is shallow and the common ancestor of base and head is missing. Run `git fetch --unshallow`, or set fetch-depth: 0 in CI.',
      );
    }
    throw new GitError('unrelated', `Base ${base} and head ${head} have no common history.`);
  }
  const files = await differingFiles(repository, from, head);
  if (more.length === 0) return files;
  const ofBase = new Set((await differingFiles(repository, base, head)).flatMap(pathsOf));
  const byPath = new Map(files.map((file) => [file.path, file]));
  for (const other of more) {
    for (const file of await differingFiles(repository, other, head)) {
      if (!byPath.has(file.path)) byPath.set(file.path, file);
    }
  }
  const merged = [...byPath.values()].filter((file) => pathsOf(file).some((path) => ofBase.has(path)));
  return merged.sort((one, other) => (one.path < other.path ? -1 : 1));
}

/** The files that differ between two commits or trees (full ids), with renames. */
export async function differingFiles(repository: GitRepository, from: string, to: string): Promise<ChangedFile[]> {
  return parseNameStatus(await git(repository, ['diff-tree', '-r', ...comparison, from, to]));
}

function pathsOf({ path, old_path }: ChangedFile): string[] {
  return old_path === undefined ? [path] : [path, old_path];
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
