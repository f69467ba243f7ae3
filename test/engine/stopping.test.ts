/** Deadlines, cancellation and death of the engine, in both builds. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { EngineError } from '../../engine/engine.ts';
import { errorCodes } from '../../engine/protocol.ts';
import { describeBuilds, endless, engineError, rego } from './builds.ts';

/** Bounds here say "it was stopped", not how fast this machine is: without stopping, nothing of this would end. */
const soon = 10_000;

async function lasting(call: () => Promise<unknown>): Promise<number> {
  const start = performance.now();
  await call();
  return performance.now() - start;
}

describeBuilds('stopping', (use) => {
  test('an endless evaluation ends with its deadline', async () => {
    const workspace = 'deadline';
    await use().call('workspace/open', { workspace, files: [endless] });
    const lasted = await lasting(() =>
      assert.rejects(
        use().call('eval', { workspace, query: 'data.endless.p', timeoutMs: 600_000 }, { deadlineMs: 300 }),
        engineError(errorCodes.deadline),
      ),
    );
    assert.ok(lasted < soon, `it lasted ${lasted} ms`);
  });

  test("an endless evaluation ends with the evaluation's own timeout", async () => {
    const workspace = 'timeout';
    await use().call('workspace/open', { workspace, files: [endless] });
    await assert.rejects(
      use().call('eval', { workspace, query: 'data.endless.p', timeoutMs: 200 }),
      engineError(errorCodes.deadline, /200 ms/),
    );
  });

  test('an endless test ends as an error of that test alone', async () => {
    const workspace = 'endless test';
    const tests = rego('x_test.rego', 'package x_test\n\ntest_endless if data.endless.p == 1\n\ntest_fine if true\n');
    await use().call('workspace/open', { workspace, files: [endless, tests] });
    const run = await use().call('test', { workspace, timeoutMs: 300 });
    assert.deepEqual(run.tests.map(({ name, outcome }) => [name, outcome]).sort(), [
      ['data.x_test.test_endless', 'error'],
      ['data.x_test.test_fine', 'pass'],
    ]);
  });

  test('an abort ends the call, and the engine goes on', async () => {
    const workspace = 'cancelled';
    await use().call('workspace/open', { workspace, files: [endless] });
    const abort = new AbortController();
    const call = use().call(
      'eval',
      { workspace, query: 'data.endless.p', timeoutMs: 600_000 },
      { signal: abort.signal },
    );
    setTimeout(() => abort.abort(), 100);
    await assert.rejects(call, engineError(errorCodes.cancelled));
    // Were the evaluation still going on, it would have been given up here as a late call.
    const { evaluations } = await use().call('eval', { workspace, query: '1 + 1' }, { deadlineMs: soon });
    assert.equal(evaluations[0]?.result[0]?.expressions[0]?.value, 2);
  });

  test('a call that was aborted before is not sent', async () => {
    const call = use().call('version', {}, { signal: AbortSignal.abort() });
    await assert.rejects(call, engineError(errorCodes.cancelled));
  });

  test('other calls are answered while one computes', async () => {
    const workspace = 'beside';
    await use().call('workspace/open', { workspace, files: [endless] });
    const abort = new AbortController();
    const long = use().call(
      'eval',
      { workspace, query: 'data.endless.p', timeoutMs: 600_000 },
      { signal: abort.signal },
    );
    const ended = assert.rejects(long, engineError(errorCodes.cancelled));
    await use().call('version', {}, { deadlineMs: soon });
    abort.abort();
    await ended;
  });

  test('a deadline that is met changes nothing', async () => {
    const version = await use().call('version', {}, { deadlineMs: 60_000, signal: new AbortController().signal });
    assert.equal(version.build, use().build);
  });

  test('parsing and compiling end with the deadline', async () => {
    const workspace = 'large';
    const rules = Array.from(
      { length: 60_000 },
      (_, index) => `r${index} if input.x[${index}] == data.large.r${(index * 7) % 60_000}.y`,
    );
    const text = `package large\n\n${rules.join('\n\n')}\n`;
    const call = async () => {
      await use().call('workspace/open', { workspace, files: [rego('large.rego', text)] }, { deadlineMs: 50 });
      await use().call('check', { workspace }, { deadlineMs: 50 });
    };
    const lasted = await lasting(() => assert.rejects(call(), EngineError));
    assert.ok(lasted < soon, `it lasted ${lasted} ms`);
  });
});
