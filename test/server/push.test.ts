/** Clients that do not pull get the same diagnostics, published. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Diagnostic } from 'vscode-languageserver/node';
import { pushedClient, startClient } from './support.ts';

const from = (source: string) => (found: Diagnostic[]) => found.some((one) => one.source === source);
const none = (found: Diagnostic[]) => found.length === 0;

test('errors are published, then findings; errors never wait for findings', async (t) => {
  const client = await startClient(t, { folders: { policy: {} }, capabilities: pushedClient });
  const uri = await client.open('policy/p.rego', 'package p\n\ncamelCase := nothing\n');
  await client.published(uri, (found) => from('opa')(found) && !from('regal')(found));
  await client.published(uri, (found) => from('opa')(found) && from('regal')(found));
});

test('findings stay while the next ones are looked for, moved with the text', async (t) => {
  const client = await startClient(t, { folders: { policy: {} }, capabilities: pushedClient });
  const text = '# METADATA\n# title: P\npackage p\n\ncamelCase := 1\n';
  const uri = await client.open('policy/p.rego', text);
  const before = await client.published(uri, from('regal'));
  const line = before.diagnostics.find(({ code }) => code === 'style/prefer-snake-case')?.range.start.line;
  assert.equal(line, 4);
  const count = client.publications.length;
  await client.edit(uri, text.replace('package p\n', 'package p\n\n\na := b\n'));
  await client.published(uri, from('opa'));
  const since = client.publications.slice(count).filter((one) => one.uri === uri);
  for (const { diagnostics } of since) {
    const moved = diagnostics.find(({ code }) => code === 'style/prefer-snake-case');
    assert.equal(moved?.range.start.line, 7, 'it neither flickers nor stays behind');
  }
});

test('files that are not open are reported, and no longer when they are mended or gone', async (t) => {
  const client = await startClient(t, {
    folders: { policy: { 'broken.rego': 'package p\n\na := b\n', 'other.rego': 'package q\n\na := b\n' } },
    capabilities: pushedClient,
  });
  const broken = client.uri('policy/broken.rego');
  const other = client.uri('policy/other.rego');
  await client.published(broken, from('opa'));
  await client.published(other, from('opa'));
  rmSync(join(client.root, 'policy/broken.rego'));
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: broken, type: 3 }] });
  await client.published(broken, none);
  await client.open('policy/other.rego', 'package q\n\na := 1\n');
  await client.published(other, (found) => !from('opa')(found));
});

test('a document outside every folder is forgotten when it is closed', async (t) => {
  const client = await startClient(t, { capabilities: pushedClient });
  const uri = await client.open('untitled:Untitled-1', 'package p\n\na := b\n', 'rego');
  await client.published(uri, from('opa'));
  await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  await client.published(uri, none);
});

test('a document that was opened while the server still starts is reported', async (t) => {
  const client = await startClient(t, {
    folders: { policy: {} },
    capabilities: { workspace: { workspaceFolders: true, configuration: true } },
  });
  const uri = await client.open('policy/p.rego', 'package p\n\na := [\n');
  await client.published(uri, (found) => found.some(({ code }) => code === 'rego_parse_error'));
});

test('what an open module has from its own report stays when the whole folder is reported', async (t) => {
  const closed = JSON.stringify({ type: 'object', properties: { known: {} }, additionalProperties: false });
  const client = await startClient(t, {
    folders: { policy: { 'schemas/input.json': closed, 'other.rego': 'package q\n\na := nothing\n' } },
    capabilities: pushedClient,
  });
  const uri = await client.open('policy/p.rego', 'package p\n\na := input.unknown\n');
  await client.published(uri, (found) => found.some(({ code }) => code === 'unknown-field'));
  await client.published(client.uri('policy/other.rego'), from('regal'));
  assert.ok(
    client.publications.findLast((one) => one.uri === uri)?.diagnostics.some(({ code }) => code === 'unknown-field'),
  );
});
