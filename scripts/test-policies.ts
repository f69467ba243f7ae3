/**
 * `npm run test:policies`: the default pack under plain `opa` and `regal`, built from the engine's
 * own Go modules: strict check, formatting, tests with full coverage, lint. Needs Go.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';

const root = join(import.meta.dirname, '..');
const peers = join(root, 'dist', 'peers');
const suffix = process.platform === 'win32' ? '.exe' : '';

function run(command: string, args: string[], options: { cwd?: string; env?: NodeJS.ProcessEnv } = {}): void {
  const done = spawnSync(command, args, { cwd: root, stdio: 'inherit', ...options });
  if (done.error) throw done.error;
  if (done.status !== 0) {
    console.error(`failed: ${command} ${args.join(' ')}`);
    process.exit(done.status ?? 1);
  }
}

/** Builds a command of a Go module that test/bench/peers/go.mod pins, once. */
function peer(name: string, pkg: string): string {
  mkdirSync(peers, { recursive: true });
  const file = join(peers, name + suffix);
  const args = ['build', '-trimpath', '-ldflags=-s -w', '-o', file, pkg];
  run('go', args, { cwd: join(root, 'test', 'bench', 'peers'), env: { ...process.env, CGO_ENABLED: '0' } });
  return file;
}

const opa = peer('opa', 'github.com/open-policy-agent/opa');
const regal = peer('regal', 'github.com/open-policy-agent/regal');
run(opa, ['check', '--strict', 'policies']);
run(opa, ['fmt', '--fail', '--list', 'policies']);
run(opa, ['test', 'policies']);
run(opa, ['test', '--coverage', '--threshold', '100', '--format', 'json', 'policies'], {});
run(regal, ['lint', 'policies']);
