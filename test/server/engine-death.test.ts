import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { test } from 'node:test';
import { EngineError } from '../../engine/engine.ts';
import { errorCodes } from '../../engine/protocol.ts';
import { pushedClient, startClient } from './support.ts';

/** The engine processes that this process started. */
function engineProcesses(): number[] {
  return execFileSync('ps', ['-A', '-o', 'pid=,ppid=,args='], { encoding: 'utf8' })
    .split('\n')
    .map((line) => /^\s*(\d+)\s+(\d+)\s+(.*)$/.exec(line))
    .flatMap((found) =>
      found && Number(found[2]) === process.pid && /countersign-engine/.test(found[3] ?? '') ? [Number(found[1])] : [],
    );
}

const skip = process.platform === 'win32' ? 'processes are listed otherwise there' : false;

test('the engine dies: the client is told once, and diagnostics come back', { skip }, async (t) => {
  const client = await startClient(t, { folders: { policy: { 'lib.rego': 'package lib\n\nf(x) := x\n' } } });
  const uri = await client.open('policy/p.rego', 'package p\n\nimport data.lib\n\na := lib.f(1)\n');
  assert.deepEqual(await client.pull(uri), []);
  if (client.engines[0]?.build !== 'native') return t.skip('only a process can be killed');
  const before = client.refreshes;
  for (const pid of engineProcesses()) process.kill(pid, 'SIGKILL');
  await client.until(() => client.statuses.some(({ engine }) => engine === 'restarted'));
  await client.until(() => client.refreshes > before);
  await client.edit(uri, 'package p\n\nimport data.lib\n\na := lib.g(1)\n');
  assert.equal((await client.pull(uri)).length, 1, 'it knows the workspace again');
  assert.deepEqual(
    client.statuses.map(({ engine }) => engine),
    ['starting', 'ready', 'restarted'],
  );
});

test('an engine that does not start is told as failed; the server lives on', async (t) => {
  const client = await startClient(t, {
    folders: { policy: {} },
    capabilities: pushedClient,
    runtime: {
      startEngine: () => Promise.reject(new EngineError(errorCodes.unavailable, 'there is none here')),
    },
  });
  await client.open('policy/p.rego', 'package p\n');
  await client.until(() => client.statuses.some(({ engine }) => engine === 'failed'));
  assert.match(client.statuses.at(-1)?.message ?? '', /there is none here/);
  assert.equal(
    await client.connection.sendRequest('countersign/disclosureForm', { repository: client.uri('policy') }),
    null,
  );
});
