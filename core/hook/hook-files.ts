/** Hook files on disk: reads them as they are, writes them whole or not at all. */
import { randomUUID } from 'node:crypto';
import { chmod, lstat, readFile, realpath, rename, rm, stat, writeFile } from 'node:fs/promises';
import path from 'node:path';

/** Something stands in the way of installing or uninstalling; `message` says what to do. */
export class InstallError extends Error {
  constructor(message: string) {
    super(message);
    this.name = 'InstallError';
  }
}

/** What was done to one file. */
export interface Change {
  file: string;
  done: 'written' | 'chained' | 'block added' | 'updated' | 'unchanged' | 'removed' | 'restored';
  /** What is left to the person, in a sentence. */
  next?: string;
}

export interface PresentHook {
  text: string;
  link: boolean;
  executable: boolean;
}

/** A hook's file; undefined when there is none. A program that is no text is read as Latin-1. */
export async function readHook(file: string): Promise<PresentHook | undefined> {
  const found = await lstat(file).catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
    throw error;
  });
  if (!found) return undefined;
  if (found.isDirectory()) throw new InstallError(`${file} is a folder.`);
  const bytes = await readFile(file).catch(() => Buffer.alloc(0));
  const text = bytes.toString('utf8');
  const lossless = Buffer.from(text, 'utf8').equals(bytes);
  const executable = process.platform === 'win32' || (found.mode & 0o111) !== 0;
  return { text: lossless ? text : bytes.toString('latin1'), link: found.isSymbolicLink(), executable };
}

/** A new file gets `mode`; one that is there keeps its own, and what a link leads to is written. */
export async function writeHook(file: string, text: string, mode = 0o755): Promise<void> {
  const target = await realpath(file).catch(() => file);
  const present = await stat(target).catch(() => undefined);
  const draft = path.join(path.dirname(target), `.${randomUUID()}.tmp`);
  try {
    await writeFile(draft, text, { flag: 'wx' });
    // Whatever the umask is.
    await chmod(draft, present ? present.mode : mode);
    await rename(draft, target);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}
