/** `.countersign/config.yaml`, policy data, exceptions, schemas: what is wrong with them, and what they may say. */
import assert from 'node:assert/strict';
import { type TestContext, test } from 'node:test';
import type { CompletionList, Hover } from 'vscode-languageserver/node';
import { marked } from './marks.ts';
import { applied, type Client, startClient } from './support.ts';

async function problems(t: TestContext, path: string, source: string, others: Record<string, string> = {}) {
  const client = await startClient(t, { folders: { repo: others } });
  const { text, ranges } = marked(source);
  const found = await client.pull(await client.open(`repo/.countersign/${path}`, text));
  assert.deepEqual(
    found.map(({ range }) => range),
    ranges,
    JSON.stringify(found),
  );
  return found.map(({ message }) => String(message));
}

test('a good configuration has no problems', async (t) => {
  assert.deepEqual(await problems(t, 'config.yaml', 'version: 1\ntrailers:\n  model: AI-Model\n'), []);
});

test('what is wrong with a configuration is said where it is', async (t) => {
  const [unknown, wrong] = await problems(
    t,
    'config.yaml',
    '# 👩‍💻\r\nversion: 1\r\n[|trailer|]: {}\r\nrego: [|v7|]\r\n',
  );
  assert.match(unknown ?? '', /no setting `trailer`/);
  assert.match(wrong ?? '', /must be one of/);
});

test('YAML errors are told at their place', async (t) => {
  const [message] = await problems(t, 'config.yaml', 'version: 1\n[|v|]ersion: 1\n');
  assert.match(message ?? '', /twice/);
});

test('policy data is checked by its schema, in YAML and in JSON', async (t) => {
  await problems(
    t,
    'data/approved-models.yaml',
    'approved_models:\n  models:\n    - name: Claude\n      match: [|claude-*|]\n',
  );
  await problems(t, 'data/approvers.json', '{"approvers": {"people": [|"Ann"|]}}\n');
  assert.deepEqual(await problems(t, 'data/of-our-own.yaml', 'anything: [1, 2]\n'), []);
});

test('exceptions are checked, also beyond their schema', async (t) => {
  const text =
    'rules: [context-short]\nreason: it was late\napproved_by: ann@example.com\nopened: "2026-02-01T00:00:00Z"\nexpires: [|"2026-01-01T00:00:00Z"|]\n';
  const [message] = await problems(t, 'exceptions/late.yaml', text);
  assert.match(message ?? '', /after/);
});

test('JSON Schema policies and their tests are checked', async (t) => {
  await problems(t, 'policies/x.schema.json', '{"minLength": [|"a"|]}\n');
  await problems(t, 'policies/x.schema_test.yaml', 'tests:\n  - name: a\n    value: 1\n    valid: true\n');
});

test('an ordinary YAML or JSON file of the workspace is none of ours', async (t) => {
  const client = await startClient(t, { folders: { repo: {} } });
  assert.deepEqual(await client.pull(await client.open('repo/other.yaml', 'a: [')), []);
  assert.deepEqual(await client.pull(await client.open('repo/package.json', '{')), []);
});

/** Each completion's label and what the text becomes. */
async function completions(t: TestContext, path: string, source: string): Promise<Map<string, string>> {
  const client = await startClient(t, { folders: { repo: {} } });
  const { text, cursors } = marked(source);
  const uri = await client.open(`repo/.countersign/${path}`, text);
  const list = await complete(client, uri, cursors[0]);
  return new Map(
    (list?.items ?? []).map((item) => {
      assert.ok(item.textEdit && 'range' in item.textEdit);
      return [item.label, applied(text, [item.textEdit])];
    }),
  );
}

function complete(client: Client, uri: string, position: unknown): Promise<CompletionList | null> {
  return client.connection.sendRequest('textDocument/completion', { textDocument: { uri }, position });
}

test('keys are offered that the schema knows and that are not there yet', async (t) => {
  const found = await completions(t, 'config.yaml', 'version: 1\ntr<|>\nrego: v1\n');
  const groups = ['approval', 'bundle', 'decisions', 'disclosure', 'hook', 'notes'];
  assert.deepEqual([...found.keys()].sort(), [...groups, 'data', 'exceptions', 'policies', 'trailers'].sort());
  assert.equal(found.get('trailers'), 'version: 1\ntrailers:\n  \nrego: v1\n');
});

test('keys are offered in an empty file, and in a list', async (t) => {
  assert.equal((await completions(t, 'config.yaml', '<|>')).get('version'), 'version: 1');
  const source = 'approved_models:\n  models:\n    - name: Claude\n      <|>\n';
  const found = await completions(t, 'data/approved-models.yaml', source);
  assert.deepEqual([...found.keys()].sort(), ['expires', 'match', 'tiers', 'versions']);
  assert.equal(found.get('match'), source.replace('<|>', 'match:\n        - '));
});

test('values are offered that the schema allows', async (t) => {
  const found = await completions(t, 'config.yaml', 'version: 1\r\nrego: v<|>\r\n');
  assert.deepEqual([...found.keys()], ['v1', 'v0', 'v0v1']);
  assert.equal(found.get('v0v1'), 'version: 1\r\nrego: v0v1\r\n');
  const profile = await completions(t, 'config.yaml', 'version: 1\ndisclosure:\n  profile: <|>\n');
  assert.deepEqual([...profile.keys()], ['countersign', 'kernel', 'generated-by', 'co-authored-by', 'forbid']);
  const tier = await completions(t, 'data/scope.yaml', 'scope:\n  tiers:\n    - name: high\n      undisclosed: <|>\n');
  assert.deepEqual([...tier.keys()], ['deny', 'warn']);
});

test('JSON is completed as JSON', async (t) => {
  const found = await completions(t, 'data/approvers.json', '{"approvers": {<|>}}');
  assert.ok(found.has('people'), String([...found.keys()]));
});

test('nothing is offered in comments, and nothing in files without a schema', async (t) => {
  assert.deepEqual([...(await completions(t, 'config.yaml', 'version: 1 # re<|>')).keys()], []);
  assert.deepEqual([...(await completions(t, 'data/own.yaml', 'a<|>')).keys()], []);
});

test('a key and a value say what they mean', async (t) => {
  const client = await startClient(t, { folders: { repo: {} } });
  const { text, cursors, ranges } = marked('version: 1\n[|re<|>go|]: v1\n');
  const uri = await client.open('repo/.countersign/config.yaml', text);
  const params = { textDocument: { uri }, position: cursors[0] };
  const hover = await client.connection.sendRequest<Hover>('textDocument/hover', params);
  assert.match(JSON.stringify(hover.contents), /How the policies' Rego is read/);
  assert.deepEqual(hover.range, ranges[0]);
  const nowhere = { textDocument: { uri }, position: { line: 99, character: 0 } };
  assert.equal(await client.connection.sendRequest('textDocument/hover', nowhere), null);
});
