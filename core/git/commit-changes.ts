/** The files that commits change, one git process for many commits. */

import type { ChangedFile } from '../input.ts';
import { comparison, statusOf } from './changed-files.ts';
import { ByteReader } from './object-reader.ts';
import type { GitRepository } from './repository.ts';
import { GitError, spawnGit } from './run.ts';

/**
 * What each of these commits (full ids) changes: a root all it has, a merge what differs from all of its
 * parents. Paths that are not UTF-8 have U+FFFD in place of the bytes that cannot be read.
 *
 * Errors (`GitError`): `aborted`, `failed`.
 */
export async function commitChanges(
  repository: GitRepository,
  ids: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, ChangedFile[]>> {
  const changes = new Map<string, ChangedFile[]>();
  if (ids.length === 0) return changes;
  const child = spawnGit(repository, ['diff-tree', ...options], signal);
  child.stdin.end(`${ids.join('\n')}\n`);
  try {
    const reader = new ByteReader(child.stdout);
    let files: ChangedFile[] | undefined;
    for (;;) {
      const bytes = await reader.until(0);
      if (bytes === undefined) break;
      const field = bytes.toString('latin1');
      // Nothing but a status stands where an id may, and that is in capitals.
      if (/^[0-9a-f]{40,64}$/.test(field)) {
        files = [];
        changes.set(field, files);
      } else files?.push(...(await readChanges(reader, field)));
    }
    await child.ended;
  } finally {
    child.stop();
  }
  const unanswered = ids.find((id) => !changes.has(id));
  if (unanswered !== undefined) throw new GitError('failed', `git diff-tree said nothing of ${unanswered}.`);
  return changes;
}

/** Each commit's id, also of one that changes nothing, then status and paths in turn, all ending in NUL. */
const options = ['--stdin', '-r', '--always', '--root', '-c', '--combined-all-paths', ...comparison, '-O/dev/null'];

/** Reads the paths of a change. Of a merge it has a status for each parent, and the path in each of them. */
async function readChanges(reader: ByteReader, letters: string): Promise<ChangedFile[]> {
  const status = statusOf(letters);
  const parents = /^[A-Z]+$/.test(letters) ? letters.length : 1;
  const renamed = status === 'R' || status === 'C';
  const former = new Set<string>();
  if (renamed || parents > 1) for (let at = 0; at < parents; at++) former.add(await pathOf(reader));
  const path = await pathOf(reader);
  return renamed ? [...former].map((old_path) => ({ path, status, old_path })) : [{ path, status }];
}

async function pathOf(reader: ByteReader): Promise<string> {
  const bytes = await reader.until(0);
  if (bytes === undefined) throw new GitError('failed', 'git diff-tree ended in the middle of a commit.');
  return bytes.toString('utf8');
}
