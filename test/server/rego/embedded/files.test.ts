/** Which YAML files the server looks after: those on disk, those that change, those a client tells of. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { FileChangeType, type WorkspaceDiagnosticReport, type WorkspaceSymbol } from 'vscode-languageserver/node';
import { pushedClient, startClient, writeFile } from '../../support.ts';
import { template } from './template-support.ts';

const limit = { timeout: 60_000 };
const rego = (name: string) => `package k8sexample\n\nviolation[{"msg": "no"}] { ${name} }\n\n${name} { true }\n`;

test('templates on disk are found, followed and reported', limit, async (t) => {
  const client = await startClient(t, {
    folders: {
      w: {
        'a b/found.yaml': template({ rego: 'package k8sexample\n\nallow { nowhere(1) }\n' }),
        'same.yaml': template({ rego: rego('second') }),
        'ignored/left.yaml': template({ rego: rego('ignored_rule') }),
        '.gitignore': 'ignored/\n',
        'other.yaml': 'kind: ConfigMap\n',
        'values.yml': 'name: ConstraintTemplate\n',
        'policy.rego': 'package policy\n\nallow := true\n',
      },
    },
  });
  await client.ready();
  const symbols = async (query: string) =>
    (await client.connection.sendRequest<WorkspaceSymbol[]>('workspace/symbol', { query })).map(({ name }) => name);
  await client.until(async () => (await symbols('second')).length > 0);
  assert.deepEqual(await symbols('ignored_rule'), []);

  const report = await client.connection.sendRequest<WorkspaceDiagnosticReport>('workspace/diagnostic', {
    identifier: 'countersign.check',
    previousResultIds: [],
  });
  const shown = report.items.flatMap((item) =>
    item.kind === 'full'
      ? item.items.map(({ code }) => `${decodeURIComponent(item.uri.split('/w/')[1] ?? '')} ${code}`)
      : [],
  );
  assert.deepEqual(shown.sort(), ['a b/found.yaml no-violation', 'a b/found.yaml rego_type_error']);

  const path = join(client.root, 'w/later.yaml');
  const changed = (type: FileChangeType) =>
    client.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: client.uri('w/later.yaml'), type }],
    });
  writeFile(path, template({ rego: rego('third') }));
  await changed(FileChangeType.Created);
  await client.until(async () => (await symbols('third')).length > 0);
  writeFile(path, 'kind: ConfigMap\n');
  await changed(FileChangeType.Changed);
  await client.until(async () => (await symbols('third')).length === 0);
  writeFile(path, template({ rego: rego('third') }));
  await changed(FileChangeType.Changed);
  await client.until(async () => (await symbols('third')).length > 0);
  rmSync(path);
  await changed(FileChangeType.Deleted);
  await client.until(async () => (await symbols('third')).length === 0);

  // An open text comes before the one on disk, and what it says goes with it.
  const uri = await client.open('w/same.yaml', template({ rego: rego('opened') }));
  assert.deepEqual([await symbols('second'), (await symbols('opened')).length > 0], [[], true]);
  await client.edit(uri, 'kind: ConfigMap\n');
  assert.deepEqual(await symbols('opened'), []);
  await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri } });
  assert.ok((await symbols('second')).length > 0);
});

test('a file that a client tells of is registered, with all that is for it', limit, async (t) => {
  const client = await startClient(t, { folders: { w: {} } });
  await client.ready();
  const uri = client.uri('w/a [b]/x.yaml');
  const before = client.registrations.length;
  await client.connection.sendNotification('countersign/embeddedOpened', { uri });
  await client.connection.sendNotification('countersign/embeddedOpened', { uri });
  await client.until(() => client.registrations.length > before);
  await client.connection.sendRequest('workspace/symbol', { query: 'x' });
  const added = client.registrations.slice(before);
  const methods = added.map(({ method }) => method);
  assert.deepEqual(methods.slice(0, 2), ['textDocument/didOpen', 'textDocument/didChange']);
  for (const feature of [
    'hover',
    'completion',
    'definition',
    'rename',
    'formatting',
    'rangeFormatting',
    'codeAction',
  ]) {
    assert.equal(methods.filter((method) => method === `textDocument/${feature}`).length, 1, feature);
  }
  for (const { options } of added) {
    const [{ language, pattern }] = (options as { documentSelector: [{ language: string; pattern: string }] })
      .documentSelector;
    assert.deepEqual([language, pattern], ['yaml', join(client.root, 'w/a [b]/x.yaml')]);
  }
  const removed: { method: string }[] = [];
  client.connection.onRequest('client/unregisterCapability', (params: { unregisterations: { method: string }[] }) => {
    removed.push(...params.unregisterations);
  });
  await client.connection.sendNotification('countersign/embeddedClosed', { uri });
  await client.until(() => removed.length > 0);
  assert.equal(removed.length, added.length);
});

test('a client that is sent diagnostics gets those of templates, and none when they are gone', limit, async (t) => {
  const client = await startClient(t, { folders: { w: {} }, capabilities: pushedClient });
  const uri = await client.open('w/x.yaml', template({ rego: 'package k8sexample\n\nx {\n' }));
  await client.published(uri, (all) => all.some(({ code }) => code === 'rego_parse_error'));
  await client.edit(uri, 'kind: ConfigMap\n');
  await client.published(uri, (all) => all.length === 0);
});
