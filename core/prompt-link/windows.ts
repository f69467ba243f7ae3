/**
 * The editor windows of this user that answer commit hooks. Each is a file that only the user can
 * read, in a folder that only the user can enter: that is what tells both ends who the other is.
 */
import { randomUUID } from 'node:crypto';
import { chmod, lstat, mkdir, readdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import envPaths from 'env-paths';

export interface Window {
  /** The same as long as the window is open, and what COUNTERSIGN_WINDOW is in its terminals. */
  id: string;
  /** The socket's path; on Windows the pipe's name. */
  socket: string;
  /** What a hook must send to be heard. */
  token: string;
  /** The folders and repositories that are open in it, as the file system spells them. */
  folders: string[];
  /** When it last had the focus, in milliseconds since 1970. */
  focused: number;
  /** The process that listens. */
  pid: number;
}

/** A window, and the file that tells of it. */
export interface FoundWindow extends Window {
  file: string;
}

const ending = '.window.json';

/**
 * The folders in which windows may be registered, the one to register in first. The user's runtime
 * folder, which the system empties (XDG_RUNTIME_DIR; /run/user/UID for a shell that was not told),
 * else the cache folder.
 */
export function windowFolders(environment: NodeJS.ProcessEnv): string[] {
  const uid = process.getuid?.();
  const runtime =
    environment.XDG_RUNTIME_DIR ||
    (process.platform === 'linux' && uid !== undefined ? join('/run/user', `${uid}`) : undefined);
  const cache = envPaths('countersign', { suffix: '' }).cache;
  return [...(runtime ? [join(runtime, 'countersign')] : []), join(cache, 'windows')];
}

/** Makes the first of the folders that can be made, for this user alone. Rejects when none can. */
export async function openWindowFolder(environment: NodeJS.ProcessEnv): Promise<string> {
  const problems: string[] = [];
  for (const folder of windowFolders(environment)) {
    try {
      // A runtime folder is the system's to make; only ours below it is made here.
      if (folder.startsWith('/run/user/') && !(await isPrivate(join(folder, '..')))) continue;
      await mkdir(folder, { recursive: true, mode: 0o700 });
      if (await isOwn(folder)) await chmod(folder, 0o700);
      if (await isPrivate(folder)) return folder;
      problems.push(`${folder} belongs to someone else, or others may enter it`);
    } catch (error) {
      problems.push(error instanceof Error ? error.message : String(error));
    }
  }
  throw new Error(`There is no folder to register this window in: ${problems.join('; ')}`);
}

/** Writes the window's file, whole or not at all. */
export async function writeWindow(folder: string, window: Window): Promise<void> {
  const file = windowFile(folder, window);
  const draft = join(folder, `.${randomUUID()}.tmp`);
  try {
    await writeFile(draft, JSON.stringify(window), { flag: 'wx', mode: 0o600 });
    await rename(draft, file);
  } catch (error) {
    await rm(draft, { force: true });
    throw error;
  }
}

export function windowFile(folder: string, { pid, token }: Pick<Window, 'pid' | 'token'>): string {
  return join(folder, `${pid}-${token.slice(0, 8)}${ending}`);
}

/** The windows that are registered. What is not the user's own, not private or not whole is passed over. */
export async function readWindows(environment: NodeJS.ProcessEnv): Promise<FoundWindow[]> {
  const found: FoundWindow[] = [];
  for (const folder of windowFolders(environment)) {
    if (!(await isPrivate(folder))) continue;
    const names = await readdir(folder).catch(() => []);
    for (const name of names.filter((one) => one.endsWith(ending)).slice(0, 100)) {
      const file = join(folder, name);
      const window = (await isPrivate(file)) && (await readWindow(file));
      if (window) found.push({ ...window, file });
    }
  }
  return found;
}

/** Removes what a window that no longer listens has left. */
export async function forgetWindow({ file, socket }: FoundWindow): Promise<void> {
  await rm(file, { force: true });
  if (process.platform !== 'win32' && (await isOwn(socket))) await rm(socket, { force: true });
}

async function readWindow(file: string): Promise<Window | undefined> {
  try {
    const text = await readFile(file, 'utf8');
    const { id, socket, token, folders, focused, pid } = JSON.parse(text) as Record<string, unknown>;
    if (typeof id !== 'string' || typeof socket !== 'string' || typeof token !== 'string' || token.length < 32) {
      return undefined;
    }
    if (!Array.isArray(folders) || !folders.every((folder) => typeof folder === 'string')) return undefined;
    if (typeof focused !== 'number' || typeof pid !== 'number') return undefined;
    return { id, socket, token, folders, focused, pid };
  } catch {
    // Half gone or not ours: as good as none.
    return undefined;
  }
}

/** Owned by this user, and nobody else may read, write or enter it. Windows keeps the profile's folders so by itself. */
async function isPrivate(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  if (!found || found.isSymbolicLink()) return false;
  if (process.getuid === undefined) return true;
  return found.uid === process.getuid() && (found.mode & 0o077) === 0;
}

async function isOwn(path: string): Promise<boolean> {
  const found = await lstat(path).catch(() => undefined);
  return found !== undefined && !found.isSymbolicLink() && (!process.getuid || found.uid === process.getuid());
}
