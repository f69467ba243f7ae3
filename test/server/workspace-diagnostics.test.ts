/** Reports on files that are not open, pulled. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CancellationToken, WorkspaceDiagnosticReport } from 'vscode-languageserver/node';
import { CancellationTokenSource, FileChangeType } from 'vscode-languageserver/node';
import { EngineError } from '../../engine/engine.ts';
import { errorCodes } from '../../engine/protocol.ts';
import { nodeRuntime } from '../../server/node.ts';
import type { Runtime } from '../../server/runtime.ts';
import { type Client, startClient, writeFile } from './support.ts';

const broken = 'package p\n\na := b\n';

type Previous = { uri: string; value: string }[];

function pull(client: Client, kind: 'check' | 'lint', previousResultIds: Previous = [], token?: CancellationToken) {
  const params = { identifier: `countersign.${kind}`, previousResultIds };
  const none = new CancellationTokenSource().token;
  return client.connection.sendRequest<WorkspaceDiagnosticReport>('workspace/diagnostic', params, token ?? none);
}

const idsOf = ({ items }: WorkspaceDiagnosticReport): Previous =>
  items.flatMap(({ uri, resultId }) => (resultId === undefined ? [] : [{ uri, value: resultId }]));

test('every folder is reported; the next report comes with the next change and says what is new', async (t) => {
  const client = await startClient(t, {
    folders: { one: { 'a.rego': broken, 'fine.rego': 'package q\n' }, two: { 'b.rego': broken } },
  });
  const first = await pull(client, 'check');
  const [a, b] = [client.uri('one/a.rego'), client.uri('two/b.rego')];
  assert.deepEqual(first.items.map(({ uri }) => uri).sort(), [a, b]);
  const second = pull(client, 'check', idsOf(first));
  rmSync(join(client.root, 'one/a.rego'));
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: a, type: 3 }] });
  const byUri = new Map((await second).items.map((item) => [item.uri, item]));
  const gone = byUri.get(a);
  assert.ok(gone?.kind === 'full' && gone.items.length === 0, 'a file that is gone has no problems');
  assert.equal(byUri.get(b)?.kind, 'unchanged');
});

test('a client that lost its reports gets them at once', async (t) => {
  const client = await startClient(t, { folders: { one: { 'a.rego': broken } } });
  await pull(client, 'check');
  const again = await pull(client, 'check');
  assert.equal(again.items[0]?.kind, 'full');
});

test('a pull that waits can be cancelled', async (t) => {
  const client = await startClient(t, { folders: { one: { 'a.rego': broken } } });
  const first = await pull(client, 'check');
  const source = new CancellationTokenSource();
  const waiting = pull(client, 'check', idsOf(first), source.token);
  source.cancel();
  await assert.rejects(waiting, { code: -32800 });
});

const modules = (count: number) =>
  Object.fromEntries(
    Array.from({ length: count }, (_, at) => [`m${at}.rego`, `# METADATA\n# title: M\npackage m${at}\n\na := ${at}\n`]),
  );

test('a long lint is shown as progress and finds what only several files show', async (t) => {
  const two = {
    'lib.rego': '# METADATA\n# title: L\npackage lib\n\na := 1\n',
    'use.rego': '# METADATA\n# title: U\npackage use\n\nimport data.nowhere\n\nb := nowhere.x\n',
  };
  const client = await startClient(t, { folders: { policy: { ...modules(40), ...two } } });
  const { items } = await pull(client, 'lint');
  const found = items.flatMap((item) => (item.kind === 'full' ? item.items : []));
  assert.ok(
    found.some(({ code }) => code === 'imports/unresolved-import'),
    JSON.stringify(found.map(({ code }) => code)),
  );
  assert.deepEqual(
    client.progress.filter(({ value }) => value.kind !== 'report').map(({ value }) => value.kind),
    ['begin', 'end'],
  );
  // Open documents show it as well.
  await client.until(() => client.refreshes > 0);
  const open = await client.pull(await client.open('policy/use.rego', two['use.rego']), 'lint');
  assert.ok(open.some(({ code }) => code === 'imports/unresolved-import'));
});

test('a lint that the user stops ends, and is not begun again by itself', async (t) => {
  const client = await startClient(t, { folders: { policy: modules(300) } });
  const report = pull(client, 'lint');
  await client.until(() => client.progress.some(({ value }) => value.kind === 'begin'));
  const token = client.progress[0]?.token;
  await client.connection.sendNotification('window/workDoneProgress/cancel', { token });
  assert.deepEqual((await report).items, []);
  assert.equal(client.progress.at(-1)?.value.kind, 'end');
});

test('a check that takes long is shown, and can be stopped', async (t) => {
  const undefinedName = 'package a\n\nb := nowhere\n';
  let hold = true;
  const runtime: Partial<Runtime> = {
    sleep: (ms, signal) => nodeRuntime.sleep(ms === 1000 ? 0 : ms, signal),
    async startEngine(start) {
      const engine = await nodeRuntime.startEngine(start);
      return {
        build: engine.build,
        dispose: () => engine.dispose(),
        async call(method, params, options) {
          if (hold && method === 'check') {
            await new Promise<void>((_, reject) => {
              const cancelled = () => reject(new EngineError(errorCodes.cancelled, 'cancelled'));
              // It may have been stopped while the engine still started.
              if (options?.signal?.aborted) cancelled();
              options?.signal?.addEventListener('abort', cancelled);
            });
          }
          return engine.call(method, params, options);
        },
      };
    },
  };
  const client = await startClient(t, { folders: { policy: { 'a.rego': undefinedName } }, runtime });
  const report = pull(client, 'check');
  await client.until(() => client.progress.some(({ value }) => value.kind === 'begin'));
  const [shown] = client.progress;
  assert.equal(shown?.value.title, 'Countersign: checking policies');
  await client.connection.sendNotification('window/workDoneProgress/cancel', { token: shown?.token });
  assert.deepEqual((await report).items, []);
  assert.deepEqual(
    client.progress.map(({ value }) => value.kind),
    ['begin', 'end'],
  );
  // What was stopped says nothing of the next change.
  hold = false;
  writeFile(join(client.root, 'policy/b.rego'), 'package b\n');
  const changed = { uri: client.uri('policy/b.rego'), type: FileChangeType.Created };
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [changed] });
  await client.until(async () => {
    const { items } = await pull(client, 'check');
    return items.some(
      (item) => item.kind === 'full' && item.items.some(({ code }) => code === 'rego_unsafe_var_error'),
    );
  });
});

test('the setting keeps reports to open documents', async (t) => {
  const client = await startClient(t, { folders: { policy: {} }, settings: { workspaceDiagnostics: false } });
  await client.ready();
  for (const { method, options } of client.registrations) {
    if (method !== 'textDocument/diagnostic') continue;
    assert.equal((options as { workspaceDiagnostics: boolean }).workspaceDiagnostics, false);
  }
});
