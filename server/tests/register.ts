/** The requests about policy tests. */
import { type Connection, ErrorCodes, ResponseError } from 'vscode-languageserver';
import { guard } from '../guard.ts';
import { onceSettled } from '../once-settled.ts';
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
import { changedPaths } from '../roots.ts';
import type { Runtime } from '../runtime.ts';
import type { Document, Snapshot } from '../snapshot.ts';
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

  const tell = onceSettled(runtime.sleep, settleMs, () => void connection.sendNotification(testsChanged));
  world.onWrite((now, before) => {
    if (touchesTests(now, before)) tell();
  });
}

/** Whether a file that holds tests, or held some, is another one now. Looks at what a write changed, not at all there is. */
function touchesTests(now: Snapshot, before: Snapshot): boolean {
  if (now.roots === before.roots) return false;
  const ids = new Set([...now.roots.keys(), ...before.roots.keys()]);
  for (const id of ids) {
    const a = now.roots.get(id)?.files ?? none;
    const b = before.roots.get(id)?.files ?? none;
    if (a === b) continue;
    for (const path of changedPaths({ files: b }, { files: a })) {
      const [text, old] = [a.get(path)?.text, b.get(path)?.text];
      if (text !== old && [text, old].some((one) => one !== undefined && mayHoldTests(path, one))) return true;
    }
  }
  return false;
}

const none: ReadonlyMap<string, Document> = new Map();

function mayHoldTests(path: string, text: string): boolean {
  return /\.schema_test\.\w+$/.test(path) || (!/\.(ya?ml|json)$/.test(path) && text.includes('test_'));
}
