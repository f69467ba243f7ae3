/** Folders that a client tells of as one event, without a word of the files in them. */
import assert from 'node:assert/strict';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { WorkspaceDiagnosticReport } from 'vscode-languageserver/node';
import { startClient } from './support.ts';

const created = 1;
const deleted = 3;

test('a folder of policies that is created or renamed as one event is read', { timeout: 120_000 }, async (t) => {
  const client = await startClient(t, { folders: { one: { 'a.rego': 'package a\n\nx := y\n' } } });
  let known: { uri: string; value: string }[] = [];
  /** The files with problems, by the next report that says anything new. */
  const reported = async (): Promise<string[]> => {
    const params = { identifier: 'countersign.check', previousResultIds: known };
    const { items } = await client.connection.sendRequest<WorkspaceDiagnosticReport>('workspace/diagnostic', params);
    known = items.flatMap(({ uri, resultId }) => (resultId === undefined ? [] : [{ uri, value: resultId }]));
    return items.flatMap((item) => (item.kind === 'full' && item.items.length === 0 ? [] : [item.uri])).sort();
  };
  const tell = (changes: { uri: string; type: number }[]) =>
    client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
  const a = client.uri('one/a.rego');
  assert.deepEqual(await reported(), [a]);

  const policies = join(client.root, 'one', '.countersign', 'policies');
  mkdirSync(join(policies, 'deep'), { recursive: true });
  writeFileSync(join(policies, 'p.rego'), 'package p\n\nx := y\n');
  writeFileSync(join(policies, 'deep', 'q.rego'), 'package q\n\nx := y\n');
  writeFileSync(join(policies, 'fine.rego'), 'package fine\n');
  await tell([{ uri: client.uri('one/.countersign'), type: created }]);
  const inNew = ['deep/q.rego', 'p.rego'].map((path) => client.uri(`one/.countersign/policies/${path}`));
  assert.deepEqual(await reported(), [...inNew, a]);

  renameSync(policies, join(client.root, 'one', '.countersign', 'rules'));
  await tell([
    { uri: client.uri('one/.countersign/policies'), type: deleted },
    { uri: client.uri('one/.countersign/rules'), type: created },
  ]);
  const renamed = ['deep/q.rego', 'p.rego'].map((path) => client.uri(`one/.countersign/rules/${path}`));
  assert.deepEqual(await reported(), [...renamed, a]);

  // Elsewhere it is for the client to tell of each file: all of a checkout would be too much to read again.
  mkdirSync(join(client.root, 'one', 'other'));
  writeFileSync(join(client.root, 'one', 'other', 'o.rego'), 'package o\n\nx := y\n');
  writeFileSync(join(policies, '..', 'rules', 'r.rego'), 'package r\n\nx := y\n');
  await tell([
    { uri: client.uri('one/other'), type: created },
    { uri: client.uri('one/.countersign/rules/r.rego'), type: created },
  ]);
  assert.deepEqual(await reported(), [...renamed, client.uri('one/.countersign/rules/r.rego'), a]);
});
