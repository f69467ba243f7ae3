/** A lock between processes: a file beside the one that is locked, which only one of them can make. */
import { randomUUID } from 'node:crypto';
import { link, open, readFile, rename, rm, stat } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as after } from 'node:timers/promises';

export interface LockOptions {
  /** How long to wait for the others, in milliseconds; default 30,000. */
  waitMs?: number;
  /** A lock this old is nobody's any more, whoever holds it; default 120,000. Work under it takes milliseconds. */
  staleMs?: number;
}

/** Does something while nobody else does it. Rejects when the lock is not to be had in time, or cannot be made. */
export async function locked<T>(file: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const path = `${file}.lock`;
  const own = `${process.pid} ${hostname()} ${randomUUID()}\n`;
  await take(path, own, options);
  try {
    return await work();
  } finally {
    // Not if somebody took it for abandoned, and has it now.
    if ((await readFile(path, 'utf8').catch(() => undefined)) === own) await rm(path, { force: true });
  }
}

async function take(path: string, own: string, { waitMs = 30_000, staleMs = 120_000 }: LockOptions): Promise<void> {
  const until = Date.now() + waitMs;
  for (let turn = 0; ; turn++) {
    try {
      const handle = await open(path, 'wx', 0o600);
      await handle.writeFile(own).finally(() => handle.close());
      return;
    } catch (error) {
      // Windows says EPERM of a file that is just being deleted.
      const { code } = error as NodeJS.ErrnoException;
      if (code !== 'EEXIST' && !(code === 'EPERM' && process.platform === 'win32')) throw error;
    }
    const holder = await abandoned(path, staleMs);
    if (holder !== undefined) await putAway(path, holder);
    else if (Date.now() > until) {
      throw new Error(`${path}: another process holds it. If none runs any more, delete it.`);
    } else await after(Math.min(5 + turn * 5, 100) * (0.5 + Math.random()));
  }
}

/** What stands in a lock whose holder is gone. */
async function abandoned(path: string, staleMs: number): Promise<string | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    if (Date.now() - mtimeMs > staleMs) return text;
    const [pid, host] = text.split(' ');
    return host === hostname() && !isAlive(Number(pid)) ? text : undefined;
  } catch {
    return undefined;
  }
}

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code !== 'ESRCH';
  }
}

/** Takes an abandoned lock away, and puts it back if it is another's that came between. */
async function putAway(path: string, holder: string): Promise<void> {
  const aside = `${path}.${randomUUID()}`;
  try {
    await rename(path, aside);
  } catch {
    return;
  }
  if ((await readFile(aside, 'utf8').catch(() => holder)) !== holder) await link(aside, path).catch(() => undefined);
  await rm(aside, { force: true });
}
