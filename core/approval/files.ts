/** Single files of a repository: at a commit or in the work tree. */
import { lstat, readFile } from 'node:fs/promises';
import path from 'node:path';
import { openObjectReader } from '../git/object-reader.ts';
import type { GitRepository } from '../git/repository.ts';
import { GitError } from '../git/run.ts';
import { hasEntry } from '../git/tree.ts';

/** A file's text at a commit (full id); undefined when there is no such file. Links are not followed. Rejects when it cannot be read. */
export async function readRevisionFile(
  repository: GitRepository,
  commit: string,
  file: string,
): Promise<string | undefined> {
  const reader = openObjectReader(repository);
  try {
    reader.ask([`${commit}:${file}`]);
    const object = await reader.next();
    if (object === undefined && (await hasEntry(repository, commit, file))) {
      throw new GitError('failed', `${file} of ${commit} is missing or damaged here. See: git fsck`);
    }
    return object?.type === 'blob' ? object.bytes.toString('utf8') : undefined;
  } finally {
    await reader.close();
  }
}

/** A file's text in the work tree; undefined when there is no such file. Links are not followed. */
export async function readWorkTreeFile({ root, bare }: GitRepository, file: string): Promise<string | undefined> {
  if (bare) return undefined;
  const full = path.join(root, ...file.split('/'));
  try {
    return (await lstat(full)).isFile() ? await readFile(full, 'utf8') : undefined;
  } catch (error) {
    if (['ENOENT', 'ENOTDIR'].includes((error as NodeJS.ErrnoException).code ?? '')) return undefined;
    throw error;
  }
}
