import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { marked } from './marks.ts';
import { startClient, writeFile } from './support.ts';

const ranges = (found: { range: unknown }[]) => found.map(({ range }) => range);
const codes = (found: { code?: unknown }[]) => found.map(({ code }) => code).sort();

test('a syntax error is reported where it is, and goes when it is mended', async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  const { text, ranges: expected } = marked('package p\n\nallow if {\n\tinput.x == [|:=|] 1\n}\n');
  const uri = await client.open('policy/p.rego', text);
  const found = await client.pull(uri, 'syntax');
  assert.deepEqual(codes(found), ['rego_parse_error']);
  assert.deepEqual(ranges(found), expected);
  assert.deepEqual(await client.pull(uri, 'check'), []);
  await client.edit(uri, 'package p\n\nallow if input.x == 1\n');
  assert.deepEqual(await client.pull(uri, 'syntax'), []);
  assert.deepEqual(await client.pull(uri, 'check'), []);
});

test('positions count UTF-16 units, also behind emoji and with CRLF', async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  const { text, ranges: expected } = marked('package p\r\n\r\nallow if "👩‍💻 é" == [|undefined_name|]\r\n');
  const found = await client.pull(await client.open('policy/p.rego', text));
  assert.deepEqual(codes(found), ['rego_unsafe_var_error']);
  assert.deepEqual(ranges(found), expected);
});

test('all compile errors are reported, not only the first', async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  const { text, ranges: expected } = marked('package p\n\na := [|one|]\n\nb := [|two|]\n\nc := [|three|]\n');
  assert.deepEqual(ranges(await client.pull(await client.open('policy/p.rego', text))), expected);
});

test('type errors are reported', async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  const found = await client.pull(await client.open('policy/p.rego', 'package p\n\na := count(1)\n'));
  assert.deepEqual(codes(found), ['rego_type_error']);
});

test('a module is checked with what it imports: from disk, from an editor, and as that changes', async (t) => {
  const lib = 'package lib\n\nf(x) := x\n';
  const client = await startClient(t, { folders: { policy: { 'lib/lib.rego': lib } } });
  const uri = await client.open('policy/p.rego', 'package p\n\nimport data.lib\n\na := lib.f(1)\n');
  assert.deepEqual(await client.pull(uri), []);
  const other = await client.open('policy/lib/lib.rego', lib);
  await client.edit(other, 'package lib\n\ng(x) := x\n');
  assert.deepEqual(codes(await client.pull(uri)), ['rego_type_error']);
  await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri: other } });
  assert.deepEqual(await client.pull(uri), []);
  writeFile(join(client.root, 'policy/lib/lib.rego'), 'package lib\n');
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: other, type: 2 }] });
  await client.until(async () => (await client.pull(uri)).length === 1);
});

test('two folders do not see each other', async (t) => {
  const client = await startClient(t, {
    folders: { one: { 'lib.rego': 'package lib\n\nf(x) := x\n' }, two: {} },
  });
  const module = 'package p\n\nimport data.lib\n\na := lib.f(1)\n';
  assert.deepEqual(await client.pull(await client.open('one/p.rego', module)), []);
  assert.deepEqual(codes(await client.pull(await client.open('two/p.rego', module))), ['rego_type_error']);
});

test('folders come and go', async (t) => {
  const client = await startClient(t, { folders: { one: {} } });
  writeFile(join(client.root, 'two/lib.rego'), 'package lib\n\nf(x) := x\n');
  const uri = await client.open('two/p.rego', 'package p\n\nimport data.lib\n\na := lib.f(1)\n');
  assert.deepEqual(codes(await client.pull(uri)), ['rego_type_error'], 'outside every folder it stands alone');
  const two = { uri: client.uri('two'), name: 'two' };
  const change = (added: unknown[], removed: unknown[]) =>
    client.connection.sendNotification('workspace/didChangeWorkspaceFolders', { event: { added, removed } });
  await change([two], []);
  assert.deepEqual(await client.pull(uri), []);
  await change([], [two]);
  assert.deepEqual(codes(await client.pull(uri)), ['rego_type_error']);
});

test('untitled documents are checked, by language', async (t) => {
  const client = await startClient(t, { folders: { policy: { 'p.rego': 'package p\n' } } });
  const uri = await client.open('untitled:Untitled-1', 'package p\n\na := b\n', 'rego');
  assert.deepEqual(codes(await client.pull(uri)), ['rego_unsafe_var_error']);
  assert.ok((await client.pull(uri, 'lint')).every(({ source }) => source === 'regal'));
});

test('files that git ignores, and node_modules, are no part of a folder', async (t) => {
  const module = 'package lib\n\nf(x) := x\n';
  const client = await startClient(t, {
    folders: {
      policy: { '.gitignore': 'build/\n!build\n/gone\n', 'gone/a.rego': module, 'node_modules/b.rego': module },
    },
  });
  const uri = await client.open('policy/p.rego', 'package p\n\nimport data.lib\n\na := lib.f(1)\n');
  assert.deepEqual(codes(await client.pull(uri)), ['rego_type_error']);
  // Such a file, when it is open, is looked after by itself.
  const ignored = await client.open('policy/gone/a.rego', 'package lib\n\na := b\n');
  assert.deepEqual(codes(await client.pull(ignored)), ['rego_unsafe_var_error']);
  assert.deepEqual(codes(await client.pull(uri)), ['rego_type_error']);
});

test('v0 is read where the setting, our configuration or that of Regal says so', async (t) => {
  const v0 = 'package p\n\nallow {\n\tinput.push\n}\n';
  await t.test('not by default', async (t) => {
    const client = await startClient(t, { folders: { repo: {} } });
    const uri = await client.open('repo/.countersign/policies/p.rego', v0);
    assert.deepEqual(codes(await client.pull(uri, 'syntax')), ['rego_parse_error']);
  });
  await t.test('by the setting', async (t) => {
    const client = await startClient(t, { folders: { policy: {} }, settings: { rego: { version: 'v0' } } });
    await client.ready();
    assert.deepEqual(await client.pull(await client.open('policy/p.rego', v0)), []);
  });
  await t.test('by .countersign/config.yaml', async (t) => {
    const config = 'version: 1\nrego: v0\n';
    const client = await startClient(t, { folders: { repo: { '.countersign/config.yaml': config } } });
    assert.deepEqual(await client.pull(await client.open('repo/.countersign/policies/p.rego', v0)), []);
  });
  await t.test('by .regal/config.yaml', async (t) => {
    const config = 'project:\n  rego-version: 0\n';
    const client = await startClient(t, { folders: { repo: { '.regal/config.yaml': config } } });
    assert.deepEqual(await client.pull(await client.open('repo/p.rego', v0)), []);
  });
});

test('an answer for an old version is not given: the client is told to ask again', async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  const uri = await client.open('policy/p.rego', 'package p\n');
  await client.pull(uri);
  const slow = `package p\n\n${Array.from({ length: 3000 }, (_, at) => `r${at} if input.x[${at}]\n`).join('\n')}`;
  await client.edit(uri, slow);
  const params = { textDocument: { uri }, identifier: 'countersign.check' };
  const old = client.connection.sendRequest('textDocument/diagnostic', params);
  await client.edit(uri, 'package p\n\na := b\n');
  await assert.rejects(old, { code: -32802, data: { retriggerRequest: true } });
  assert.deepEqual(codes(await client.pull(uri)), ['rego_unsafe_var_error']);
});

test('an unchanged report is not sent twice', async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  const uri = await client.open('policy/p.rego', 'package p\n\na := b\n');
  const params = { textDocument: { uri }, identifier: 'countersign.check' };
  const first = await client.connection.sendRequest<{ kind: string; resultId: string }>(
    'textDocument/diagnostic',
    params,
  );
  assert.equal(first.kind, 'full');
  const second = { ...params, previousResultId: first.resultId };
  assert.deepEqual(await client.connection.sendRequest('textDocument/diagnostic', second), {
    kind: 'unchanged',
    resultId: first.resultId,
  });
});

test('all reports are announced for Rego and for what .countersign holds', async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  await client.ready();
  const found = client.registrations.filter(({ method }) => method === 'textDocument/diagnostic');
  assert.deepEqual(
    found.map(({ options }) => (options as { identifier: string }).identifier),
    ['countersign.syntax', 'countersign.check', 'countersign.lint'],
  );
});
