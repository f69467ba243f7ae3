/** What one session of the server found, the next one knows: the same files, configuration and programs provided. */
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type { Diagnostic } from 'vscode-languageserver/node';
import { cacheFolder, findingsFolder } from '../../server/findings-folder.ts';
import { nodeRuntime } from '../../server/node.ts';
import type { FindingsStore } from '../../server/rego/kept-findings.ts';
import type { Runtime } from '../../server/runtime.ts';
import { pushedClient, startClient } from './support.ts';

function folder(t: TestContext): string {
  const made = mkdtempSync(join(tmpdir(), 'countersign-findings-'));
  t.after(() => rmSync(made, { recursive: true, force: true }));
  return made;
}

/** One record, whatever the folder is called: each session has another one. */
function memory(): FindingsStore & { text: string | undefined } {
  const store: FindingsStore & { text: string | undefined } = {
    text: undefined,
    digest: findingsFolder('').digest,
    read: async () => store.text,
    async write(_, text) {
      store.text = text;
    },
  };
  return store;
}

const files = {
  'a.rego': 'package a\n\nimport data.b.nope\n\ncamelCase := nope\n',
  'b.rego': 'package b\n\nx := nothing\n',
};

/** What a session shows of two files that nobody opens, and how often the engine was asked what. */
async function session(t: TestContext, findings: FindingsStore, sources: Record<string, string> = files) {
  const asked: string[] = [];
  const runtime: Partial<Runtime> = {
    findings,
    async startEngine(start) {
      const engine = await nodeRuntime.startEngine(start);
      const call = engine.call.bind(engine);
      engine.call = (method, ...rest) => {
        asked.push(method);
        return call(method, ...rest);
      };
      return engine;
    },
  };
  const client = await startClient(t, { folders: { policy: sources }, capabilities: pushedClient, runtime });
  const shown: Record<string, Diagnostic[]> = {};
  for (const [path, code] of [
    ['a.rego', 'imports/unresolved-import'],
    ['b.rego', 'rego_unsafe_var_error'],
  ] as const) {
    const all = (found: Diagnostic[]) =>
      found.some((one) => one.code === code) && found.some(({ source }) => source === 'regal');
    shown[path] = (await client.published(client.uri(`policy/${path}`), all)).diagnostics;
  }
  await client.stop();
  return { shown, asked };
}

test('what schemas have against modules is known to the second session, too', async (t) => {
  const store = memory();
  const schema = JSON.stringify({ type: 'object', properties: { c: {} }, additionalProperties: false });
  const sources = { ...files, 'schemas/input.json': schema, 'b.rego': 'package b\n\nx := nothing\n\ny := input.d\n' };
  const unknown = ({ shown }: { shown: Record<string, Diagnostic[]> }) =>
    shown['b.rego']?.filter(({ code }) => code === 'unknown-field').map(({ message }) => message);
  const first = await session(t, store, sources);
  const second = await session(t, store, sources);
  assert.deepEqual(unknown(first), ['schemas/input.json has no field "d" here, but "c".']);
  assert.deepEqual(unknown(second), unknown(first));
  assert.ok(!second.asked.includes('check') && !second.asked.includes('capabilities'), String(second.asked));
});

test('a second session shows the same without linting or compiling anything', async (t) => {
  const store = memory();
  const first = await session(t, store);
  assert.ok(first.asked.includes('lint') && first.asked.includes('check'));
  const second = await session(t, store);
  assert.deepEqual(second.shown, first.shown);
  assert.deepEqual(
    second.asked.filter((method) => method === 'lint' || method === 'check'),
    [],
  );
});

test('another text, configuration or program, and a damaged record, are looked at anew', async (t) => {
  const store = memory();
  await session(t, store);
  const { text = '' } = store;
  const changes: [Record<string, string>, string][] = [
    [{ ...files, 'a.rego': `${files['a.rego']}\ny := 1\n` }, text],
    [{ ...files, '.regal/config.yaml': 'rules:\n  style:\n    todo-comment:\n      level: ignore\n' }, text],
    [files, text.replace('"versions":"1 ', '"versions":"0 ')],
    [files, text.slice(0, -1)],
  ];
  for (const [sources, record] of changes) {
    store.text = record;
    const { asked } = await session(t, store, sources);
    assert.ok(asked.includes('lint'), JSON.stringify(sources));
  }
});

test('a record is a file of its own, believed only as it was written', async (t) => {
  const cache = join(folder(t), 'made', 'when needed');
  const store = findingsFolder(cache);
  const name = store.digest('file:///work');
  assert.equal(await store.read(name), undefined);
  await store.write(name, '{"ü": "💥\n"}');
  assert.equal(await store.read(name), '{"ü": "💥\n"}');
  if (process.platform !== 'win32') assert.equal(statSync(cache).mode & 0o077, 0, 'nobody else reads it');
  const file = join(cache, readdirSync(cache)[0] as string);
  const whole = readFileSync(file, 'utf8');
  for (const damaged of ['', whole.slice(0, -1), whole.replace('ü', 'u'), whole.slice(10), '\n']) {
    writeFileSync(file, damaged);
    assert.equal(await store.read(name), undefined, damaged);
  }
});

test('of many workspaces, those that were used last are kept', async (t) => {
  const cache = folder(t);
  const store = findingsFolder(cache);
  for (let at = 0; at < 40; at++) {
    const name = store.digest(String(at));
    await store.write(name, String(at));
    utimesSync(join(cache, `${name}.json`), at, at);
  }
  assert.equal(readdirSync(cache).length, 32);
  assert.equal(await store.read(store.digest('39')), '39');
  assert.equal(await store.read(store.digest('0')), undefined);
});

test("the folder is the system's own", () => {
  assert.equal(cacheFolder({ XDG_CACHE_HOME: '/x' }, 'linux'), join('/x', 'countersign', 'findings'));
  assert.match(cacheFolder({}, 'linux'), /\.cache.countersign.findings$/);
  assert.match(cacheFolder({}, 'darwin'), /Library.Caches.countersign.findings$/);
  assert.equal(cacheFolder({ LOCALAPPDATA: 'L' }, 'win32'), join('L', 'countersign', 'findings'));
});
