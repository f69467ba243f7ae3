/** Writing a `.countersign` folder for a repository that has none, lacks parts of it, or has an earlier one. */
import { randomUUID } from 'node:crypto';
import { constants, copyFile, link, lstat, mkdir, rm, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import type { FolderFile } from '../git/tree.ts';
import { lockFile, lockOf, printLock } from './pack-lock.ts';

/**
 * The pack's files as a `.countersign` folder has them: its policies below `policies/`. The tests of
 * the data as shipped stay behind: it is there to be changed. With it comes the record of what it is.
 */
export function toHome(pack: readonly FolderFile[]): FolderFile[] {
  const kept = pack.filter(({ path }) => path !== 'shipped_test.rego');
  const files = kept.map(({ path, bytes }) => ({
    path:
      path === 'config.yaml' || path.startsWith('data/') || path.startsWith('exceptions/') ? path : `policies/${path}`,
    bytes,
  }));
  return [...files, { path: lockFile, bytes: Buffer.from(printLock(lockOf(files))) }];
}

/** What became of one file. */
export interface Written {
  path: string;
  /** False when there was such a file already, which was kept. */
  written: boolean;
}

/**
 * Writes files that do not exist yet, each whole or not at all. Rejects, having written nothing,
 * when the folder is something else than a folder: a link could lead out of the repository.
 */
export async function writeNew(folder: string, files: readonly FolderFile[]): Promise<Written[]> {
  await refuseLinks(folder, files);
  const results: Written[] = [];
  for (const { path, bytes } of [...files].sort((a, b) => (a.path < b.path ? -1 : 1))) {
    const target = join(folder, path);
    await mkdir(dirname(target), { recursive: true });
    results.push({ path, written: await writeOnce(target, bytes) });
  }
  return results;
}

/** Rejects where something else stands in the place of a folder: a link could lead out of the repository. */
export async function refuseLinks(folder: string, files: readonly { path: string }[]): Promise<void> {
  const paths = new Set(['', ...files.flatMap(({ path }) => parents(path))]);
  for (const path of [...paths].sort()) {
    const found = await lstat(join(folder, path)).catch(absent);
    if (found && !found.isDirectory()) throw new Error(`${join(folder, path)} is no folder`);
  }
}

function parents(path: string): string[] {
  const segments = path.split('/').slice(0, -1);
  return segments.map((_, index) => segments.slice(0, index + 1).join('/'));
}

/** Writes beside the target and then gives it its name, unless the name is taken. */
async function writeOnce(target: string, bytes: Uint8Array): Promise<boolean> {
  if (await lstat(target).catch(absent)) return false;
  const draft = join(dirname(target), `.${randomUUID()}.tmp`);
  try {
    await writeFile(draft, bytes, { flag: 'wx' });
    await link(draft, target).catch(async (error: NodeJS.ErrnoException) => {
      if (error.code === 'EEXIST') throw error;
      // A file system without hard links.
      await copyFile(draft, target, constants.COPYFILE_EXCL);
    });
    return true;
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'EEXIST') return false;
    throw error;
  } finally {
    await rm(draft, { force: true });
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
