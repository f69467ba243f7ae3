/** An engine that dies is started again with its workspaces; whoever waited is told. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { describe, test } from 'node:test';
import { type Engine, EngineError } from '../../engine/engine.ts';
import { errorCodes } from '../../engine/protocol.ts';
import { builds, endless, engineError, rego, startRecorded } from './builds.ts';

/** The native engines that this process started. */
function children(): number[] {
  const rows = execFileSync('ps', ['-A', '-o', 'ppid=,pid=,comm='], { encoding: 'utf8' }).trim().split('\n');
  return rows
    .map((row) => row.trim().split(/\s+/))
    .filter(([parent, , command]) => Number(parent) === process.pid && command?.startsWith('countersign'))
    .map(([, pid]) => Number(pid));
}

async function until(holds: () => boolean): Promise<void> {
  while (!holds()) {
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

async function value(engine: Engine, workspace: string, query: string): Promise<unknown> {
  const { evaluations } = await engine.call('eval', { workspace, query });
  return evaluations[0]?.result[0]?.expressions[0]?.value;
}

const [native] = builds;
const posix = process.platform === 'win32' && 'ps and kill -9 are not here';

describe('restarting (native)', { skip: native?.skip || posix }, () => {
  test('kill -9: the calls under way reject, the workspaces are there again, told once', async () => {
    const { engine, log, restarts } = await startRecorded({ build: 'native' });
    try {
      await engine.call('workspace/open', {
        workspace: 'w',
        files: [rego('a.rego', 'package a\n\nx := 1\n'), rego('gone.rego', 'package gone\n\nx := 1\n'), endless],
      });
      await engine.call('workspace/update', {
        workspace: 'w',
        changed: [rego('a.rego', 'package a\n\nx := 2\n')],
        removed: ['gone.rego'],
      });
      await engine.call('workspace/open', { workspace: 'closed', files: [] });
      await engine.call('workspace/close', { workspace: 'closed' });
      const [pid] = children();
      assert.ok(pid !== undefined);
      const underWay = Array.from({ length: 3 }, () =>
        assert.rejects(
          engine.call('eval', { workspace: 'w', query: 'data.endless.p', timeoutMs: 600_000 }),
          engineError(errorCodes.died, /SIGKILL/),
        ),
      );
      // Only once the engine answers something later are the others surely in it.
      await engine.call('version', {});
      process.kill(pid, 'SIGKILL');
      await Promise.all(underWay);
      assert.equal(await value(engine, 'w', 'data.a.x'), 2);
      assert.equal(await value(engine, 'w', 'data.gone.x'), undefined);
      await assert.rejects(value(engine, 'closed', '1'), engineError(errorCodes.unknownWorkspace));
      assert.equal(restarts.length, 1);
      assert.match(restarts[0] ?? '', /SIGKILL/);
      assert.ok(
        log.some((line) => /started again, its workspaces are reopened/.test(line)),
        log.join('\n'),
      );
    } finally {
      await engine.dispose();
    }
    assert.deepEqual(children(), []);
  });

  test('one that keeps dying is given up with a clear error', async () => {
    const { engine, restarts } = await startRecorded({ build: 'native' });
    try {
      for (let deaths = 0; deaths < 5; deaths++) {
        await until(() => children().length === 1 && restarts.length === deaths);
        process.kill(children()[0]!, 'SIGKILL');
        await until(() => restarts.length > deaths || deaths === 4);
      }
      // The first call may still have been on its way to the process that died.
      await assert.rejects(engine.call('version', {}), EngineError);
      await assert.rejects(engine.call('version', {}), engineError(errorCodes.unavailable, /5 times/));
      assert.equal(restarts.length, 4);
    } finally {
      await engine.dispose();
    }
  });
});

for (const { build, skip } of builds) {
  describe(`shutting down (${build})`, { skip }, () => {
    test('calls under way and later ones reject', async () => {
      const { engine, restarts } = await startRecorded({ build });
      await engine.call('workspace/open', { workspace: 'w', files: [endless] });
      const underWay = assert.rejects(
        engine.call('eval', { workspace: 'w', query: 'data.endless.p', timeoutMs: 600_000 }),
        engineError(errorCodes.unavailable),
      );
      await engine.call('version', {});
      await engine.dispose();
      await engine.dispose();
      await underWay;
      await assert.rejects(engine.call('version', {}), engineError(errorCodes.unavailable));
      assert.deepEqual(restarts, []);
    });
  });
}
