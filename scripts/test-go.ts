/** `npm run test:go`: the engine's own Go checks: formatting, vet and tests. Needs Go. */
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

const engine = join(import.meta.dirname, '..', 'engine');

const unformatted = spawnSync('gofmt', ['-l', '.'], { cwd: engine, encoding: 'utf8' });
if (unformatted.error) throw unformatted.error;
if (unformatted.stdout.trim() !== '') {
  console.error(`gofmt -w is due for:\n${unformatted.stdout}`);
  process.exit(1);
}
for (const args of [
  ['vet', './...'],
  ['test', './...'],
]) {
  const run = spawnSync('go', args, { cwd: engine, stdio: 'inherit' });
  if (run.status !== 0) process.exit(run.status ?? 1);
}
