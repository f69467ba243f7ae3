/** What the tests of faults share: one repository, a gate that would pass, and what must never be said. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { entry, newRepository, outsideOfCi, type Ran, type TestRepository } from './harness.ts';

export const onWindows = process.platform === 'win32';
export const onLinux = process.platform === 'linux';
const root = join(import.meta.dirname, '..', '..');
export const nativeEngine = join(root, 'dist', 'engine', 'countersign-engine');

export interface Judged extends TestRepository {
  base: string;
  /** The gate allows `base..good`, and denies `base..bad`. */
  good: string;
  bad: string;
}

const policy = `package main

deny contains {"rule": "wip", "msg": "unfinished", "commit": commit.sha} if {
	some commit in input.commits
	startswith(commit.subject, "WIP")
}
`;

/** A repository with a policy that denies each commit whose subject starts with WIP. */
export function judgedRepository(files: Record<string, string> = {}): Judged {
  const repository = newRepository();
  const base = repository.commit('Base\n', { files: { '.countersign/policies/main.rego': policy, ...files } });
  const good = repository.commit('Fine\n', { files: { 'one.txt': '1' } });
  const bad = repository.commit('WIP two\n', { files: { 'two.txt': '2' } });
  return { ...repository, base, good, bad };
}

export interface Ended extends Ran {
  signal: NodeJS.Signals | null;
}

/**
 * Runs `countersign` with a command before it: `sh -c 'ulimit …; exec "$@"'`, say.
 *
 * @param options.stdout a file descriptor in place of what is returned
 */
export function runBehind(
  before: string[],
  args: string[],
  options: {
    cwd: string;
    env?: Record<string, string | undefined>;
    stdout?: number;
    stderr?: number;
    uid?: number;
    gid?: number;
  },
): Promise<Ended> {
  const [program = process.execPath, ...rest] = [...before, process.execPath, entry, ...args];
  const { env = {}, cwd, stdout: out = 'pipe', stderr: err = 'pipe', uid, gid } = options;
  return new Promise((resolve, reject) => {
    const child = spawn(program, rest, {
      cwd,
      env: { ...outsideOfCi(process.env), NO_COLOR: '1', FORCE_COLOR: undefined, ...env },
      stdio: ['ignore', out, err],
      ...(uid !== undefined && { uid }),
      ...(gid !== undefined && { gid }),
    });
    const said = { stdout: '', stderr: '' };
    for (const name of ['stdout', 'stderr'] as const) {
      child[name]?.setEncoding('utf8').on('data', (text: string) => {
        said[name] += text;
      });
    }
    child.on('error', reject);
    child.on('close', (code, signal) => resolve({ code, signal, ...said }));
  });
}

/** No decision was made, it is said why, and nothing could be taken for a verdict. */
export function assertUndecided(ran: Ran, message: RegExp, code = 3): void {
  assert.equal(ran.code, code, ran.stderr + ran.stdout);
  assert.match(ran.stderr, message);
  assert.equal(ran.stdout, '', 'nothing that could be taken for a verdict');
  assert.doesNotMatch(ran.stderr, /\n {4}at /, 'no stack');
}

/** Writes a program of this folder that a shell runs. */
export function writeProgram(folder: string, name: string, text: string): string {
  const file = join(folder, name);
  writeFileSync(file, text);
  chmodSync(file, 0o755);
  return file;
}
