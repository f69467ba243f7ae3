/** A lock between processes: a file beside the one that is locked, which only one of them can make. */
import { randomUUID } from 'node:crypto';
import { readFileSync, readlinkSync } from 'node:fs';
import { link, open, readFile, rename, rm, stat, writeFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { setTimeout as after } from 'node:timers/promises';

export interface LockOptions {
  /** How long to wait for the others, in milliseconds; default 30,000. */
  waitMs?: number;
  /**
   * A lock this old is nobody's any more, whoever holds it; default 120,000. Work under it takes milliseconds. That of a
   * process which is known to run no more is so at once.
   */
  staleMs?: number;
}

/** A lock that names no holder this long after it was made, in milliseconds, never will. */
const namelessMs = 10_000;

/** Does something while nobody else does it. Rejects when the lock is not to be had in time, or cannot be made. */
export async function locked<T>(file: string, work: () => Promise<T>, options: LockOptions = {}): Promise<T> {
  const path = `${file}.lock`;
  const own = `${process.pid} ${place()} ${startOf(process.pid) ?? '-'} ${randomUUID()}\n`;
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
      await make(path, own);
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

/** Makes the lock with its holder's name in it, so that one who is killed meanwhile leaves none or one that tells. */
async function make(path: string, own: string): Promise<void> {
  const draft = `${path}.${randomUUID()}`;
  try {
    await writeFile(draft, own, { flag: 'wx', mode: 0o600 });
    await link(draft, path);
  } catch (error) {
    // A file system without hard links.
    if (!noLinks.has((error as NodeJS.ErrnoException).code ?? '')) throw error;
    const handle = await open(path, 'wx', 0o600);
    await handle.writeFile(own).finally(() => handle.close());
  } finally {
    await rm(draft, { force: true });
  }
}

const noLinks = new Set(['ENOTSUP', 'EOPNOTSUPP', 'ENOSYS', 'EMLINK', 'EINVAL', 'EXDEV', 'EPERM', 'EACCES']);

/** What stands in a lock whose holder is gone. */
async function abandoned(path: string, staleMs: number): Promise<string | undefined> {
  try {
    const [text, { mtimeMs }] = await Promise.all([readFile(path, 'utf8'), stat(path)]);
    const age = Date.now() - mtimeMs;
    if (age > staleMs || (text === '' && age > namelessMs)) return text;
    const [pid, where, start] = text.split(' ');
    return where === place() && !runs(Number(pid), start) ? text : undefined;
  } catch {
    return undefined;
  }
}

/** Whether the process that began then still runs: its number may be another's by now. */
function runs(pid: number, start: string | undefined): boolean {
  if (!isAlive(pid)) return false;
  const now = startOf(pid);
  return now === undefined || start === undefined || start === '-' || now === start;
}

let known: string | undefined;

/** Where a process's number means something: this machine since it was started, and this container. */
function place(): string {
  known ??= [
    hostname(),
    ...(process.platform === 'linux'
      ? [
          told(() => readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()),
          told(() => readlinkSync('/proc/self/ns/pid')),
        ]
      : []),
  ].join('/');
  return known;
}

/** When a process began, in ticks since the machine did; undefined where the system does not tell in a file. */
function startOf(pid: number): string | undefined {
  if (process.platform !== 'linux') return undefined;
  // The name, in parentheses, may have spaces; 22 is the start (proc_pid_stat(5)).
  const stat = told(() => readFileSync(`/proc/${pid}/stat`, 'utf8'));
  return stat.slice(stat.lastIndexOf(')') + 2).split(' ')[22 - 3];
}

function told(read: () => string): string {
  try {
    return read();
  } catch {
    return '';
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
