/** The native engine: a child process that speaks over its standard streams. */
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Socket } from 'node:net';
import { StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { lowerInShell, lowerPriority } from './priority.ts';
import { type Running, readStderr } from './running.ts';

/** Rejects when the program cannot be run at all; whether it is an engine shows when it answers. */
export async function startNative(
  program: string,
  log: (line: string) => void,
  { memoryMb, thrifty, yields }: { memoryMb?: number; thrifty?: boolean; yields?: boolean } = {},
): Promise<Running> {
  // It reads nothing from its environment but what Go's runtime and Windows need.
  const env = thrifty ? { GOGC: '100', ...process.env } : process.env;
  const first = [
    ...(yields ? [lowerInShell] : []),
    ...(memoryMb === undefined ? [] : [`ulimit -v ${memoryMb * 1024} 2>/dev/null`]),
  ];
  const [command, args] = begunBy(first, program);
  const child = spawn(command, args, { env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
  const stderr = readStderr(log);
  child.stderr.setEncoding('utf8').on('data', (text: string) => stderr.add(text));
  const ended = new Promise<string>((resolve) => {
    child.once('close', (code, signal) => {
      const how = signal === null ? `it exited with code ${code}` : `it was ended by ${signal}`;
      const cause = stderr.cause();
      resolve(cause === undefined ? how : `${how}: ${cause}`);
    });
  });
  await new Promise<void>((resolve, reject) => {
    child.once('spawn', resolve);
    child.once('error', reject);
  });
  if (yields && process.platform !== 'linux' && child.pid !== undefined) lowerPriority(child.pid);
  child.on('error', (error) => log(`engine: ${error.message}`));
  // Node's types do not say that a child's pipes are sockets; only sockets can be let go of.
  const pipes = [child.stdin, child.stdout, child.stderr] as unknown as Socket[];
  return {
    reader: new StreamMessageReader(child.stdout),
    writer: new StreamMessageWriter(child.stdin),
    ended,
    hold(on) {
      for (const handle of [child, ...pipes]) {
        on ? handle.ref() : handle.unref();
      }
    },
    async kill() {
      // Pipes that were let go of would let this process end before it has seen the child's end.
      const waiting = setInterval(() => undefined, 60_000);
      child.kill('SIGKILL');
      await ended.finally(() => clearInterval(waiting));
    },
  };
}

const shell = '/bin/sh';

/** The same process after some lines of a shell, on Linux: those know what Node does not. */
function begunBy(lines: readonly string[], program: string): [command: string, args: string[]] {
  // Small containers have no shell.
  if (process.platform !== 'linux' || lines.length === 0 || !existsSync(shell)) return [program, []];
  return [shell, ['-c', [...lines, 'exec "$0"'].join('; '), program]];
}
