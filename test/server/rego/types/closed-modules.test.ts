/** Fields and values that a schema does not have, in modules that nobody has open. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from 'vscode-languageserver/node';
import { type Client, pushedClient, startClient, writeFile } from '../../support.ts';

const schema = (fields: object) => JSON.stringify({ type: 'object', properties: fields, additionalProperties: false });
const text = { type: 'string' };
const user = { type: 'object', properties: { name: text }, additionalProperties: false };

const unknown = (found: readonly Diagnostic[]) =>
  found.filter(({ code }) => String(code).startsWith('unknown-')).map(({ message }) => String(message));

async function told(client: Client, path: string, wanted: RegExp): Promise<void> {
  await client.published(client.uri(path), (found) => unknown(found).some((message) => wanted.test(message)));
}

async function mended(client: Client, path: string): Promise<void> {
  await client.published(client.uri(path), (found) => unknown(found).length === 0);
}

const changed = (client: Client, path: string, type: 1 | 2 | 3 = 2) =>
  client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri: client.uri(path), type }] });

test('what nobody has open is looked into, too, and again when the schema or a module behind it changes', async (t) => {
  const client = await startClient(t, {
    folders: {
      policy: {
        'schemas/input.json': schema({ user }),
        'lib/lib.rego': 'package lib\n\nwho := input.user\n',
        'a.rego': 'package a\r\n\r\nimport data.lib\r\n\r\n# 𝔘\r\nallow if "𝔘" == lib.who.nam\r\n',
        'b.rego': 'package b\n\nallow if input.user.name == "Ann"\n',
        'broken.rego': 'package broken\n\nallow if input.nothing ==\n',
      },
    },
    capabilities: pushedClient,
  });
  await told(client, 'policy/a.rego', /no field "nam" here, but "name"/);
  const [one] = client.publications
    .findLast(({ uri }) => uri === client.uri('policy/a.rego'))!
    .diagnostics.filter(({ code }) => code === 'unknown-field');
  assert.deepEqual(one?.range, { start: { line: 5, character: 25 }, end: { line: 5, character: 28 } });

  // The type comes from another package; that one is edited, not the module that goes wrong or is mended by it.
  const lib = await client.open('policy/lib/lib.rego', 'package lib\n\nwho := input.user\n');
  await client.edit(lib, 'package lib\n\nwho := {"nam": input.user.name}\n');
  await mended(client, 'policy/a.rego');
  await client.edit(lib, 'package lib\n\nwho := input.user\n');
  await told(client, 'policy/a.rego', /no field "nam"/);

  // A definition in a module that was not there.
  writeFile(`${client.root}/policy/lib/more.rego`, 'package lib\n\nwho := {"nam": 1} if input.user.name == ""\n');
  await changed(client, 'policy/lib/more.rego', 1);
  await mended(client, 'policy/a.rego');

  writeFile(`${client.root}/policy/schemas/input.json`, schema({ user: { ...user, properties: { nam: text } } }));
  await changed(client, 'policy/schemas/input.json');
  await told(client, 'policy/b.rego', /no field "name" here, but "nam"/);
  assert.ok(
    client.publications.every(
      ({ uri, diagnostics }) => !uri.endsWith('broken.rego') || unknown(diagnostics).length === 0,
    ),
  );
});

test('a text that an enumeration does not have', async (t) => {
  const client = await startClient(t, {
    folders: {
      policy: {
        'schemas/input.json': schema({ tier: { enum: ['low', 'high'] } }),
        'a.rego': 'package a\n\nallow if input.tier == "lwo"\n',
        'none.rego': 'package none\n\nallow if input.tier == "low"\n',
      },
    },
    capabilities: pushedClient,
  });
  await told(client, 'policy/a.rego', /never "lwo", but "low", "high"/);
  await client.published(client.uri('policy/a.rego'), (found) => found.some(({ source }) => source === 'regal'));
  const none = client.publications.filter(({ uri }) => uri.endsWith('none.rego'));
  assert.deepEqual(
    none.flatMap(({ diagnostics }) => unknown(diagnostics)),
    [],
  );
});

test('a workspace without schemas says nothing, and a client that pulls gets the same', async (t) => {
  const files = { 'a.rego': 'package a\n\nallow if input.tier == "lwo"\n' };
  const client = await startClient(t, {
    folders: { plain: files, closed: { ...files, 'input.schema.json': schema({ tire: text }) } },
  });
  await client.ready();
  const report = await client.connection.sendRequest<{ items: { uri: string; items: Diagnostic[] }[] }>(
    'workspace/diagnostic',
    { identifier: 'countersign.check', previousResultIds: [] },
  );
  const found = report.items.flatMap(({ uri, items }) => unknown(items).map((message) => [uri, message]));
  assert.deepEqual(found, [[client.uri('closed/a.rego'), 'input.schema.json has no field "tier" here, but "tire".']]);
});
