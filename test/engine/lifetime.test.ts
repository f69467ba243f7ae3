/** The engine lives no longer than who started it, and keeps no one alive. */
import assert from 'node:assert/strict';
import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { builds, endless } from './builds.ts';

const start = pathToFileURL(join(import.meta.dirname, '../../engine/start.ts')).href;

/** A program that starts an engine, opens a workspace with an endless rule, and goes on as given. */
function program(build: string, rest: string): string[] {
  const text = `import { startEngine } from ${JSON.stringify(start)};
const engine = await startEngine({ build: ${JSON.stringify(build)} });
await engine.call('workspace/open', { workspace: 'w', files: [${JSON.stringify(endless)}] });
${rest}`;
  return ['--input-type=module', '--eval', text];
}

for (const { build, skip } of builds) {
  describe(`lifetime (${build})`, { skip }, () => {
    test('a program that forgets the engine ends by itself', () => {
      const output = execFileSync(process.execPath, program(build, `console.log('done');`), {
        encoding: 'utf8',
        timeout: 60_000,
      });
      assert.equal(output, 'done\n');
    });

    test('a program that disposes of it ends by itself, also in the middle of a call', () => {
      const rest = `const call = engine.call('eval', { workspace: 'w', query: 'data.endless.p' }).catch((error) => console.log(error.code));
await engine.dispose();
await call;`;
      const output = execFileSync(process.execPath, program(build, rest), { encoding: 'utf8', timeout: 60_000 });
      assert.equal(output, '-32007\n');
    });

    test('a call under way keeps the program until it is answered', () => {
      const rest = `engine.call('eval', { workspace: 'w', query: 'data.endless.p', timeoutMs: 300 }).catch((error) => console.log(error.code));`;
      const output = execFileSync(process.execPath, program(build, rest), { encoding: 'utf8', timeout: 60_000 });
      assert.equal(output, '-32004\n');
    });
  });
}

const posix = process.platform === 'win32' && 'ps is not here';

describe('the parent’s death', { skip: builds[0]?.skip || posix }, () => {
  test('kill -9 of the program ends its engine, though it computes', async () => {
    const rest = `engine.call('eval', { workspace: 'w', query: 'data.endless.p', timeoutMs: 600_000 });
await engine.call('version', {});
console.log('computing');`;
    const parent = spawn(process.execPath, program('native', rest), { stdio: ['ignore', 'pipe', 'inherit'] });
    await Promise.race([once(parent.stdout, 'data'), once(parent, 'exit')]);
    const engine = childOf(parent.pid!);
    assert.ok(engine !== undefined);
    parent.kill('SIGKILL');
    await once(parent, 'exit');
    while (isAlive(engine)) {
      await new Promise((resolve) => setTimeout(resolve, 10));
    }
  });
});

function childOf(pid: number): number | undefined {
  const rows = execFileSync('ps', ['-A', '-o', 'ppid=,pid='], { encoding: 'utf8' }).trim().split('\n');
  const row = rows.map((text) => text.trim().split(/\s+/).map(Number)).find(([parent]) => parent === pid);
  return row?.[1];
}

function isAlive(pid: number): boolean {
  const rows = execFileSync('ps', ['-A', '-o', 'pid=,stat='], { encoding: 'utf8' }).trim().split('\n');
  return rows.some((text) => {
    const [id, state = ''] = text.trim().split(/\s+/);
    return Number(id) === pid && !state.startsWith('Z');
  });
}
