/** Times programs and tells the peak of their resident memory. */
import { type ChildProcess, spawn } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import type { Sample } from './bench.ts';

/** The smallest value that so much of all values (0 to 1) do not exceed. */
export function percentile(values: readonly number[], part: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil(sorted.length * part) - 1, 0)] ?? Number.NaN;
}

/** Runs a command to its end; its output is discarded. Statuses 1 and 3 are fine: linters use them for findings. */
export async function timeCommand(program: string, args: string[], cwd: string): Promise<Sample> {
  const start = performance.now();
  const child = spawn(program, args, { cwd, stdio: ['ignore', 'ignore', 'pipe'] });
  let stderr = '';
  child.stderr.on('data', (text) => {
    stderr += text;
  });
  const peak = watchPeak([child.pid!]);
  let cpuMs = 0;
  const timer = setInterval(() => {
    cpuMs = Math.max(cpuMs, cpuOf(child.pid!));
  }, 20);
  const code = await exitOf(child).finally(() => clearInterval(timer));
  const ms = performance.now() - start;
  if (code !== 0 && code !== 1 && code !== 3) {
    throw new Error(`${program} ${args.join(' ')} exited with ${code}: ${stderr}`);
  }
  return { ms, rss: peak(), ...(cpuMs > 0 && { cpuMs }) };
}

/**
 * The same, with the memory of the whole tree of processes: the peak of its sum, looked at every 50 ms, in which memory
 * that processes share counts once (Pss, proc_pid_smaps_rollup(5)). Says in the end what each program had then.
 */
export async function timeTree(
  program: string,
  args: string[],
  cwd: string,
  log: (line: string) => void,
): Promise<Sample> {
  const running = timeCommand(program, args, cwd);
  const self = process.pid;
  let peak = 0;
  let parts: string[] = [];
  const timer = setInterval(() => {
    const now = descendants(self).map((pid) => ({ name: statusOf(pid)?.name ?? '', bytes: pssOf(pid) }));
    const sum = now.reduce((all, { bytes }) => all + bytes, 0);
    if (sum <= peak) return;
    peak = sum;
    parts = now.map(({ name, bytes }) => `${name} ${Math.round(bytes / 2 ** 20)} MB`);
  }, 50);
  try {
    const { ms } = await running;
    if (peak > 0) log(`at the peak: ${parts.join(', ')}`);
    return { ms, ...(peak > 0 && { rss: peak }) };
  } finally {
    clearInterval(timer);
  }
}

/** Those that a process started, those that these started, and so on; empty but on Linux. */
function descendants(pid: number): number[] {
  try {
    const own = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
      readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').trim().split(' ').filter(Boolean).map(Number),
    );
    return own.flatMap((child) => [child, ...descendants(child)]);
  } catch {
    return [];
  }
}

function pssOf(pid: number): number {
  try {
    const kilobytes = /^Pss:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))?.[1];
    return Number(kilobytes ?? 0) * 1024;
  } catch {
    return 0; // It has ended.
  }
}

/** Stops a process and those below it, or lets them go on; nothing on Windows, which knows no such signal. */
export function halt(pid: number, isHalted: boolean): void {
  if (process.platform === 'win32') return;
  for (const one of [pid, ...descendants(pid)]) {
    try {
      process.kill(one, isHalted ? 'SIGSTOP' : 'SIGCONT');
    } catch {
      // It has ended.
    }
  }
}

/** What a process and those below it hold now, in bytes; what they share counts once. 0 but on Linux. */
export function residentOfTree(pid: number): number {
  return sum([pid, ...descendants(pid)].map(pssOf));
}

/** The sum of the most that each of them has held so far. */
export function peakOfTree(pid: number): number {
  return sum([pid, ...descendants(pid)].map((one) => peakOf(one) ?? 0));
}

/** Milliseconds of user and system time that a process and those below it have taken; 0 but on Linux (proc_pid_stat(5)). */
export function cpuOf(pid: number): number {
  const ticks = [pid, ...descendants(pid)].map((one) => {
    try {
      const text = readFileSync(`/proc/${one}/stat`, 'utf8');
      const [user = 0, system = 0] = text
        .slice(text.lastIndexOf(')') + 2)
        .split(' ')
        .slice(11, 13)
        .map(Number);
      return user + system;
    } catch {
      return 0;
    }
  });
  // Linux counts in hundredths of a second wherever Node.js runs.
  return sum(ticks) * 10;
}

function sum(numbers: readonly number[]): number {
  return numbers.reduce((all, one) => all + one, 0);
}

function exitOf(child: ChildProcess): Promise<number | null> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', resolve);
  });
}

/** Follows the largest sum that the processes reached, in bytes; Linux alone tells it. */
export function watchPeak(pids: number[]): () => number | undefined {
  let peak: number | undefined;
  const look = () => {
    const now = pids.map(peakOf).reduce((sum, bytes) => (sum ?? 0) + (bytes ?? 0), 0);
    peak = Math.max(peak ?? 0, now ?? 0) || undefined;
  };
  const timer = setInterval(look, 20);
  return () => {
    look();
    clearInterval(timer);
    return peak;
  };
}

/** The kernel's own high-water mark of a process. */
export function peakOf(pid: number): number | undefined {
  try {
    const kilobytes = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1];
    return kilobytes === undefined ? undefined : Number(kilobytes) * 1024;
  } catch {
    return undefined; // Not Linux, or the process has ended.
  }
}

/** The processes that this one started, by the program's name. */
export function childrenNamed(name: string, parent = process.pid): number[] {
  try {
    return readdirSync('/proc')
      .filter((entry) => /^\d+$/.test(entry))
      .map(Number)
      .filter((pid) => {
        const status = statusOf(pid);
        return status?.parent === parent && status.name.startsWith(name.slice(0, 15));
      });
  } catch {
    return []; // Not Linux.
  }
}

function statusOf(pid: number): { name: string; parent: number } | undefined {
  try {
    const text = readFileSync(`/proc/${pid}/status`, 'utf8');
    return { name: /^Name:\s+(.*)$/m.exec(text)?.[1] ?? '', parent: Number(/^PPid:\s+(\d+)$/m.exec(text)?.[1]) };
  } catch {
    return undefined;
  }
}
