/** Files of a folder at a revision or on disk, and which commit they come from. */

import { lstatSync, readdirSync, readFileSync } from 'node:fs';
import { lstat } from 'node:fs/promises';
import path from 'node:path';
import { setImmediate } from 'node:timers/promises';
import { openObjectReader } from './object-reader.ts';
import type { GitRepository } from './repository.ts';
import { GitError, git } from './run.ts';

/** One file; `path` is relative to the folder that was asked for, `/` separated. */
export interface FolderFile {
  path: string;
  bytes: Uint8Array;
}

/** What was found but not read: it is up to the caller whether the folder is whole without it. */
export interface SkippedEntry {
  path: string;
  reason: 'symbolic-link' | 'submodule' | 'too-large' | 'special-file';
}

export interface FolderContent {
  files: FolderFile[];
  skipped: SkippedEntry[];
}

/** Larger files are skipped, and said to be: no policy file is near it. */
export const maxFileSize = 16 * 1024 * 1024;

/** More files than this are an error: it is no policy folder. */
export const maxFiles = 20_000;

/**
 * The files below a folder (repository-relative, `/` separated; '' is the top) at a commit (full
 * id), sorted by path. Undefined when the commit has no such folder. Links are not followed: where one stands in
 * the folder's place, that is what was skipped.
 */
export async function readFolder(
  repository: GitRepository,
  commit: string,
  folder: string,
): Promise<FolderContent | undefined> {
  const prefix = folder.replace(/^(\.?\/)+|\/+$/g, '').replace(/^\.$/, '');
  const args = ['ls-tree', '-r', '-z', '-l', '--full-tree', commit];
  const listed = (await git(repository, prefix === '' ? args : [...args, '--', `${prefix}/`])).split('\0');
  const blobs: { id: string; path: string }[] = [];
  const skipped: SkippedEntry[] = [];
  for (const line of listed) {
    const found = /^(\d+) (\w+) ([0-9a-f]+) +(\d+|-)\t(.*)$/s.exec(line);
    if (line === '') continue;
    // Such as a size of "BAD": what git cannot read must not go missing in silence.
    if (!found) throw new GitError('failed', `git ls-tree cannot read ${JSON.stringify(line)}. See: git fsck`);
    const [, mode, type, id, size, full] = found as unknown as [string, string, string, string, string, string];
    const relative = prefix === '' ? full : full.slice(prefix.length + 1);
    if (mode === '120000') skipped.push({ path: relative, reason: 'symbolic-link' });
    else if (type === 'commit') skipped.push({ path: relative, reason: 'submodule' });
    else if (Number(size) > maxFileSize) skipped.push({ path: relative, reason: 'too-large' });
    else blobs.push({ id, path: relative });
  }
  if (blobs.length === 0 && skipped.length === 0) {
    const reason = prefix === '' ? undefined : whyNoFolder(await entryAt(repository, commit, prefix));
    return reason === undefined ? undefined : { files: [], skipped: [{ path: '', reason }] };
  }
  if (blobs.length > maxFiles) throw tooMany(folder);
  const reader = openObjectReader(repository);
  const files: FolderFile[] = [];
  try {
    reader.ask(blobs.map((blob) => blob.id));
    for (const blob of blobs) {
      const object = await reader.next();
      if (object?.type !== 'blob')
        throw new GitError('failed', `${folder}/${blob.path} is missing from the repository. See: git fsck`);
      files.push({ path: blob.path, bytes: object.bytes });
    }
  } finally {
    await reader.close();
  }
  return { files: files.sort(byPath), skipped };
}

/** Whether a commit (full id) has something by this name, such as a folder; upper and lower case are told apart. */
export async function hasEntry(repository: GitRepository, commit: string, path: string): Promise<boolean> {
  return (await entryAt(repository, commit, path)) !== '';
}

/** Those of the paths that a commit (full id) has. */
export async function entriesAmong(
  repository: GitRepository,
  commit: string,
  paths: readonly string[],
): Promise<Set<string>> {
  const listed = await git(repository, ['ls-tree', '-z', '--full-tree', '--name-only', commit, '--', ...paths]);
  return new Set(listed.split('\0').filter((path) => path !== ''));
}

/** `git ls-tree`'s line for a path; empty when there is nothing. */
function entryAt(repository: GitRepository, commit: string, path: string): Promise<string> {
  return git(repository, ['ls-tree', '-z', '--full-tree', commit, '--', path]);
}

/** Why an entry is no folder that could be read; undefined when it is one, or nothing. */
function whyNoFolder(entry: string): SkippedEntry['reason'] | undefined {
  const [mode, type] = entry.split(' ');
  if (mode === '120000') return 'symbolic-link';
  return type === 'commit' ? 'submodule' : type === 'blob' ? 'special-file' : undefined;
}

/**
 * The files below a folder on disk, sorted by path; undefined when there is no such folder.
 * Links are not followed, `.git` and `node_modules` not entered.
 */
export async function readWorkingFolder(folder: string): Promise<FolderContent | undefined> {
  const files: FolderFile[] = [];
  const skipped: SkippedEntry[] = [];
  const top = await lstat(folder).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!top) return undefined;
  if (!top.isDirectory())
    return { files, skipped: [{ path: '', reason: top.isSymbolicLink() ? 'symbolic-link' : 'special-file' }] };

  // A policy folder's fifty small files are read five times faster so, and a commit waits for it; others get their
  // turn meanwhile where there are more.
  const visit = async (below: string, prefix: string): Promise<void> => {
    for (const entry of readdirSync(below, { withFileTypes: true })) {
      const full = path.join(below, entry.name);
      const relative = prefix + entry.name;
      if (entry.isDirectory()) {
        if (entry.name !== '.git' && entry.name !== 'node_modules') await visit(full, `${relative}/`);
      } else if (entry.isSymbolicLink()) skipped.push({ path: relative, reason: 'symbolic-link' });
      else if (!entry.isFile()) skipped.push({ path: relative, reason: 'special-file' });
      else if (lstatSync(full).size > maxFileSize) skipped.push({ path: relative, reason: 'too-large' });
      else {
        if (files.length >= maxFiles) throw tooMany(folder);
        files.push({ path: relative, bytes: readFileSync(full) });
        if (files.length % 100 === 0) await setImmediate();
      }
    }
  };
  await visit(folder, '');
  return { files: files.sort(byPath), skipped: skipped.sort(byPath) };
}

/** The last commit, up to and with `commit`, that changed one of the paths; undefined when none did. */
export async function lastCommitOf(
  repository: GitRepository,
  paths: string[],
  commit: string,
): Promise<string | undefined> {
  const found = await git(repository, ['rev-list', '-1', commit, '--', ...paths]);
  return found.trim() || undefined;
}

/**
 * Whether the files on disk below these paths (repository-relative) are the very ones of HEAD:
 * none changed, added, removed or ignored, and at least one there.
 */
export async function isCleanAtHead(repository: GitRepository, paths: string[]): Promise<boolean> {
  const status = await git(repository, [
    'status',
    '--porcelain=v1',
    '-z',
    '--untracked-files=all',
    '--ignored=matching',
    '--no-renames',
    '--',
    ...paths,
  ]);
  if (status !== '') return false;
  return (await git(repository, ['ls-files', '-z', '--', ...paths])) !== '';
}

function byPath(a: { path: string }, b: { path: string }): number {
  return a.path < b.path ? -1 : a.path > b.path ? 1 : 0;
}

function tooMany(folder: string): GitError {
  return new GitError('refused', `${folder} has more than ${maxFiles} files: it cannot be a policy folder.`);
}
