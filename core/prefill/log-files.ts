/** Finding log files without reading more folders than need be. */
import { readdir, stat } from 'node:fs/promises';
import { join } from 'node:path';

export interface FoundFile {
  file: string;
  modified: number;
  size: number;
}

/** The names in a folder; none when it is not there or may not be read. */
export async function namesIn(folder: string): Promise<string[]> {
  return readdir(folder).catch((error: NodeJS.ErrnoException) => {
    if (['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM'].includes(error.code ?? '')) return [];
    throw error;
  });
}

/** Those of the files that were written since then, the newest first. */
export async function writtenSince(files: readonly string[], since: Date): Promise<FoundFile[]> {
  const found = await Promise.all(
    files.map(async (file): Promise<FoundFile | undefined> => {
      const facts = await stat(file).catch(() => undefined);
      if (!facts?.isFile() || facts.mtimeMs < since.getTime()) return undefined;
      return { file, modified: facts.mtimeMs, size: facts.size };
    }),
  );
  return found.filter((one) => one !== undefined).sort((one, other) => other.modified - one.modified);
}

/** Paths of the files in several folders whose names pass. */
export async function filesIn(folders: readonly string[], passes: (name: string) => boolean): Promise<string[]> {
  const lists = await Promise.all(
    folders.map(async (folder) => (await namesIn(folder)).filter(passes).map((name) => join(folder, name))),
  );
  return lists.flat();
}
