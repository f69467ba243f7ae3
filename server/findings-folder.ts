/** Findings between sessions, as files in the user's cache folder. */
import { createHash } from 'node:crypto';
import { mkdir, readdir, readFile, rm, stat, utimes } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { writeWholeFile } from '../core/replace-file.ts';
import type { FindingsStore } from './rego/kept-findings.ts';

/** Workspaces whose findings are kept; of more, those that were used last. */
const maxRecords = 32;

/** A record larger than this was not written by this server, in bytes. */
const maxSize = 128 * 1024 * 1024;

const digest = (text: string) => createHash('sha256').update(text).digest('hex');

/**
 * Each record is a file: the digest of its text, a line break, the text. One that is not as it says is ignored.
 *
 * @param folder is made when something is written, for the user alone
 */
export function findingsFolder(folder: string): FindingsStore {
  const fileOf = (name: string) => join(folder, `${name}.json`);
  return {
    digest,
    async read(name) {
      try {
        const file = fileOf(name);
        if ((await stat(file)).size > maxSize) return undefined;
        const content = await readFile(file, 'utf8');
        const end = content.indexOf('\n');
        const text = content.slice(end + 1);
        if (end < 0 || content.slice(0, end) !== digest(text)) return undefined;
        const now = new Date();
        await utimes(file, now, now);
        return text;
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
        throw error;
      }
    },
    async write(name, text) {
      await mkdir(folder, { recursive: true, mode: 0o700 });
      await writeWholeFile(fileOf(name), `${digest(text)}\n${text}`);
      await forgetOldest();
    },
  };

  async function forgetOldest(): Promise<void> {
    const names = (await readdir(folder)).filter((name) => /^[0-9a-f]{64}\.json$/.test(name));
    if (names.length <= maxRecords) return;
    const used = await Promise.all(
      names.map(async (name) => ({ name, at: (await stat(join(folder, name)).catch(() => undefined))?.mtimeMs ?? 0 })),
    );
    used.sort((a, b) => b.at - a.at);
    for (const { name } of used.slice(maxRecords)) await rm(join(folder, name), { force: true });
  }
}

/** By the habits of each system: `XDG_CACHE_HOME`, `~/Library/Caches`, `%LOCALAPPDATA%`. */
export function cacheFolder(env: NodeJS.ProcessEnv = process.env, platform = process.platform): string {
  const name = join('countersign', 'findings');
  if (platform === 'win32') return join(env.LOCALAPPDATA ?? join(homedir(), 'AppData', 'Local'), name);
  if (platform === 'darwin') return join(homedir(), 'Library', 'Caches', name);
  return join(env.XDG_CACHE_HOME || join(homedir(), '.cache'), name);
}
