/** The requests about policy tests. */
import { type Connection, ErrorCodes, ResponseError } from 'vscode-languageserver';
import { guard } from '../guard.ts';
import {
  type DiscoverTestsParams,
  type DiscoverTestsResult,
  discoverTests,
  type RunTestsParams,
  type RunTestsResult,
  runTests,
  type TestResultParams,
  testResult,
  testsChanged,
} from '../protocol.ts';
import type { Runtime } from '../runtime.ts';
import type { Snapshot } from '../snapshot.ts';
import type { World } from '../world.ts';

/** How long nothing may have been written before the client is told to look again, in milliseconds. */
const settleMs = 300;

interface Parts {
  world: World;
  runtime: Pick<Runtime, 'sleep'>;
  ready(): Promise<void>;
  log(line: string): void;
}

export function registerTests(connection: Connection, { world, runtime, ready, log }: Parts): void {
  connection.onRequest(
    discoverTests,
    guard(discoverTests, log, async ({ uri }: DiscoverTestsParams, signal): Promise<DiscoverTestsResult> => {
      await ready();
      const { findTests } = await import('./discover.ts');
      const found = await findTests(world.current(), signal, uri);
      return { tests: found.map(({ id, label, uri, range, kind }) => ({ id, label, uri, range, kind })) };
    }),
  );
  connection.onRequest(
    runTests,
    guard(runTests, log, async ({ runId, ids }: RunTestsParams, signal): Promise<RunTestsResult> => {
      if (!world.current().trusted) {
        throw new ResponseError(ErrorCodes.InvalidRequest, 'Running tests needs a trusted workspace.');
      }
      await ready();
      const [{ findTests }, { runFound }] = await Promise.all([import('./discover.ts'), import('./run.ts')]);
      const snapshot = world.current();
      const found = await findTests(snapshot, signal);
      const known = new Set(found.map(({ id }) => id));
      const wanted = ids && new Set(ids);
      const report = (result: Omit<TestResultParams, 'runId'>) =>
        void connection.sendNotification(testResult, { runId, ...result } satisfies TestResultParams);
      const sum = await runFound(
        snapshot,
        found.filter(({ id }) => !wanted || wanted.has(id)),
        signal,
        report,
      );
      for (const id of wanted ?? []) {
        if (known.has(id)) continue;
        sum.errored += 1;
        report({ id, outcome: 'error', durationMs: 0, message: 'There is no such test any more.' });
      }
      return sum;
    }),
  );

  let waiting: AbortController | undefined;
  world.onWrite((now, before) => {
    if (!touchesTests(now, before)) return;
    waiting?.abort();
    const controller = new AbortController();
    waiting = controller;
    runtime.sleep(settleMs, controller.signal).then(
      () => void connection.sendNotification(testsChanged),
      () => undefined, // written again meanwhile
    );
  });
}

/** Whether a file that holds tests, or held some, is another one now. */
function touchesTests(now: Snapshot, before: Snapshot): boolean {
  const ids = new Set([...now.roots.keys(), ...before.roots.keys()]);
  for (const id of ids) {
    const [a, b] = [now.roots.get(id), before.roots.get(id)];
    if (a === b) continue;
    for (const [root, other] of [
      [a, b],
      [b, a],
    ]) {
      for (const [path, document] of root?.files ?? []) {
        if (other?.files.get(path)?.text !== document.text && mayHoldTests(path, document.text)) return true;
      }
    }
  }
  return false;
}

function mayHoldTests(path: string, text: string): boolean {
  return /\.schema_test\.\w+$/.test(path) || (!/\.(ya?ml|json)$/.test(path) && text.includes('test_'));
}
