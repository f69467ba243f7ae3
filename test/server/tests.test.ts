/** Policy tests, found and run. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { CancellationTokenSource } from 'vscode-languageserver/node';
import {
  type DiscoverTestsResult,
  discoverTests,
  type PolicyTest,
  type RunTestsResult,
  runTests,
  type TestResultParams,
  testResult,
  testsChanged,
} from '../../server/protocol.ts';
import { marked } from './marks.ts';
import { type Client, startClient } from './support.ts';

const { text: rego, ranges } = marked(`package p_test

import data.p

[|test_good|] if p.allow

[|test_bad|] if {
	x := false
	p.allow == x
}

[|todo_test_later|] if false

[|test_print|] if print("hello")
`);

const schema = JSON.stringify({
  $schema: 'https://json-schema.org/draft/2020-12/schema',
  'x-countersign': { each: 'commits[].disclosure', rule: 'r', level: 'deny' },
  type: 'object',
  required: ['model'],
});
const schemaTests = `tests:
  - name: takes a model
    value: { model: [m] }
    valid: true
  - name: wrongly takes nothing
    value: {}
    valid: true
`;

const folders = {
  repo: {
    '.countersign/config.yaml': 'version: 1\n',
    '.countersign/policies/p.rego': 'package p\n\nallow if data.setting.on\n',
    '.countersign/policies/p_test.rego': rego,
    '.countersign/policies/d.schema.json': schema,
    '.countersign/policies/d.schema_test.yaml': schemaTests,
    '.countersign/data/setting.yaml': 'setting:\n  "on": true\n',
  },
};

async function discover(client: Client, uri?: string): Promise<PolicyTest[]> {
  return (await client.connection.sendRequest<DiscoverTestsResult>(discoverTests, { uri })).tests;
}

async function run(client: Client, ids?: string[]) {
  const results = new Map<string, TestResultParams>();
  const listening = client.connection.onNotification(testResult, (result: TestResultParams) => {
    assert.ok(!results.has(result.id), `${result.id} is told once`);
    results.set(result.id, result);
  });
  const sum = await client.connection.sendRequest<RunTestsResult>(runTests, { runId: 'r', ids });
  listening.dispose();
  return { results, sum };
}

test('tests are found with their places, in one file and in all', async (t) => {
  const client = await startClient(t, { folders });
  const all = await discover(client);
  const uri = client.uri('repo/.countersign/policies/p_test.rego');
  const inRego = all.filter((found) => found.uri === uri);
  assert.deepEqual(
    inRego.map(({ label, kind, range }) => ({ label, kind, range })),
    ['test_good', 'test_bad', 'todo_test_later', 'test_print'].map((label, at) => ({
      label,
      kind: 'rego',
      range: ranges[at],
    })),
  );
  assert.deepEqual(await discover(client, uri), inRego);
  const inSchema = all.filter(({ kind }) => kind === 'schema');
  assert.deepEqual(
    inSchema.map(({ label }) => label),
    ['takes a model', 'wrongly takes nothing'],
  );
  assert.equal(inSchema[0]?.range.start.line, 1);
  assert.equal(new Set(all.map(({ id }) => id)).size, 6);
  await client.open(uri, `# above\n${rego}`);
  assert.deepEqual(
    (await discover(client, uri)).map(({ id }) => id),
    inRego.map(({ id }) => id),
  );
});

test('a file keeps its tests while the next one is typed, and run they say what is wrong', async (t) => {
  const client = await startClient(t, { folders });
  const path = 'repo/.countersign/policies/p_test.rego';
  const before = await discover(client, client.uri(path));
  const nested = 'a.test_nested if true\n\na["b c"].test_far if true\n';
  const uri = await client.open(path, `${rego}\n${nested}`);
  const whole = await discover(client, uri);
  assert.deepEqual(whole.slice(0, 4), before);
  assert.deepEqual(
    whole.slice(4).map(({ label }) => label),
    ['a.test_nested', 'a["b c"].test_far'],
  );
  await client.edit(uri, `${rego}\n${nested}\ntest_next if {\n\tcount(\n}\n`);
  const typing = await discover(client, uri);
  assert.deepEqual(
    typing.map(({ id, label, range: { start } }) => ({ id, label, start })),
    [
      ...whole.map(({ id, label, range: { start } }) => ({ id, label, start })),
      { id: `${uri}#data.p_test.test_next`, label: 'test_next', start: { line: 19, character: 0 } },
    ],
  );
  const { results, sum } = await run(client, [whole[0]?.id ?? '']);
  assert.equal(sum.errored, 1);
  const [error] = results.values();
  assert.match(error?.message ?? '', /^The policies do not compile: .*unexpected/);
  assert.deepEqual([error?.location?.uri, error?.location?.range.start.line], [uri, 21]);
});

test('all tests run, with data; each result comes once, failures at their place', async (t) => {
  const client = await startClient(t, { folders });
  const byLabel = new Map((await discover(client)).map((found) => [found.label, found]));
  const { results, sum } = await run(client);
  assert.deepEqual(sum, { passed: 3, failed: 2, errored: 0, skipped: 1 });
  const of = (label: string) => results.get(byLabel.get(label)?.id ?? '');
  assert.equal(of('test_good')?.outcome, 'pass');
  assert.equal(of('todo_test_later')?.outcome, 'skip');
  assert.match(of('test_print')?.output ?? '', /hello/);
  const bad = of('test_bad');
  assert.equal(bad?.outcome, 'fail');
  assert.match(bad?.message ?? '', /p\.allow == x[\s\S]*x = false/);
  assert.equal(bad?.location?.range.start.line, 8);
  assert.equal(of('takes a model')?.outcome, 'pass');
  assert.match(of('wrongly takes nothing')?.message ?? '', /^expected a valid value/);
});

test('single tests run, those that are gone are errors', async (t) => {
  const client = await startClient(t, { folders });
  const [first] = await discover(client);
  const { results, sum } = await run(client, [first?.id ?? '', 'gone']);
  assert.deepEqual([...results.keys()].sort(), [first?.id ?? '', 'gone'].sort());
  assert.equal(results.get('gone')?.outcome, 'error');
  assert.equal(sum.errored, 1);
});

test('what is in an editor counts, saved or not', async (t) => {
  const client = await startClient(t, { folders });
  await client.open('repo/.countersign/policies/p.rego', 'package p\n\nallow if false\n');
  const { sum } = await run(client);
  assert.equal(sum.failed, 3);
});

test('policies that do not compile make every test of theirs an error that says where', async (t) => {
  const client = await startClient(t, { folders });
  const uri = await client.open('repo/.countersign/policies/p.rego', 'package p\n\nallow if nothing\n');
  const { results, sum } = await run(client);
  assert.equal(sum.errored, 4);
  const error = [...results.values()].find(({ outcome }) => outcome === 'error');
  assert.match(error?.message ?? '', /unsafe/);
  assert.deepEqual([error?.location?.uri, error?.location?.range.start.line], [uri, 2]);
});

test('the cases of a table test make one result, which names those that failed', async (t) => {
  const cases =
    'package t\n\ntest_table[name] if {\n\tsome name, case in {"one": {"x": 1}, "two": {"x": 2}}\n\tcase.x == 1\n}\n';
  const client = await startClient(t, { folders: { policy: { 't_test.rego': cases } } });
  const { results, sum } = await run(client);
  assert.equal(sum.passed + sum.failed + sum.errored, 1);
  const [result] = results.values();
  assert.equal(result?.outcome, 'fail');
  assert.match(result?.message ?? '', /two: /);
  assert.doesNotMatch(result?.message ?? '', /one: /);
});

const endless =
  'package e\n\ntest_endless if {\n\tsome a in numbers.range(1, 10000)\n\tsome b in numbers.range(1, 10000)\n\ta * b < 0\n}\n';

test('a run can be cancelled, and the server goes on', async (t) => {
  const client = await startClient(t, { folders: { policy: { 'e_test.rego': endless } } });
  const source = new CancellationTokenSource();
  const running = client.connection.sendRequest(runTests, { runId: 'r' }, source.token);
  setTimeout(() => source.cancel(), 200);
  await assert.rejects(running, { code: -32800 });
  assert.equal((await discover(client)).length, 1);
});

test('nothing runs in a workspace that is not trusted; tests are found all the same', async (t) => {
  const client = await startClient(t, { folders, trusted: false });
  assert.equal((await discover(client)).length, 6);
  await assert.rejects(client.connection.sendRequest(runTests, { runId: 'r' }), /trusted/);
});

test('the client is told when tests change, and only then', async (t) => {
  const client = await startClient(t, { folders });
  await client.ready();
  await discover(client);
  let told = 0;
  client.connection.onNotification(testsChanged, () => void told++);
  const uri = await client.open('repo/.countersign/policies/p_test.rego', rego);
  await client.edit(uri, `${rego}\ntest_more if true\n`);
  await client.until(() => told === 1);
  await client.open('repo/.countersign/policies/p.rego', 'package p\n\nallow := true\n');
  await client.edit(uri, rego);
  await client.until(() => told === 2);
});
