/** Types through LSP: from files on disk, as they change. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import {
  type CompletionList,
  FileChangeType,
  type Hover,
  InsertTextFormat,
  type LocationLink,
} from 'vscode-languageserver/node';
import { pullingClient, startClient, writeFile } from '../../support.ts';

const module = 'package p\r\n\r\nallow if input.user.name == "Ann"\r\n';
const sample = '{"user": {"name": "Ann", "née": 1}}';

test('a sample input that git ignores is read, and read again when it changes', async (t) => {
  const client = await startClient(t, {
    folders: { 'my policy': { 'a/p.rego': module, 'input.json': sample, '.gitignore': 'input.json\n' } },
    capabilities: {
      ...pullingClient,
      textDocument: { ...pullingClient.textDocument, typeDefinition: { linkSupport: true } },
    },
  });
  const uri = await client.open('my policy/a/p.rego', module);
  const at = { textDocument: { uri }, position: { line: 2, character: 21 } };
  const ask = <R>(method: string): Promise<R> => client.connection.sendRequest(method, at);
  const hovered = async () => JSON.stringify((await ask<Hover>('textDocument/hover')).contents);
  assert.match(await hovered(), /input\.user\.name: string[\s\S]*sample input\.json/);
  const { items } = await ask<CompletionList>('textDocument/completion');
  assert.deepEqual(
    items.map(({ label }) => label),
    ['name', 'née'],
  );
  const [place] = await ask<LocationLink[]>('textDocument/typeDefinition');
  assert.equal(
    decodeURI(place?.targetUri ?? '')
      .split('/')
      .slice(-2)
      .join('/'),
    'my policy/input.json',
  );
  assert.deepEqual(place?.targetSelectionRange.start, { line: 0, character: 10 });

  const tell = (path: string, type: FileChangeType) =>
    client.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: client.uri(path), type }],
    });
  writeFile(join(client.root, 'my policy/a/input.yaml'), 'user:\n  name: [1]\n');
  await tell('my policy/a/input.yaml', FileChangeType.Created);
  await client.until(async () => /name: array\[number\]/.test(await hovered()));
  rmSync(join(client.root, 'my policy/a/input.yaml'));
  await tell('my policy/a/input.yaml', FileChangeType.Deleted);
  await client.until(async () => /name: string/.test(await hovered()));
});

test('a schema that METADATA names is read again when it changes', async (t) => {
  const text = '# METADATA\n# schemas:\n#   - input: schema.a\npackage p\n\nr := input.x\n';
  const path = 'repo/schemas/a.json';
  const files = { 'p.rego': text, 'schemas/a.json': '{"properties": {"x": {"type": "string"}}}' };
  const client = await startClient(t, { folders: { repo: files } });
  const textDocument = { uri: await client.open('repo/p.rego', text) };
  const at = { textDocument, position: { line: 5, character: 12 } };
  const hovered = async () =>
    JSON.stringify((await client.connection.sendRequest<Hover>('textDocument/hover', at)).contents);
  assert.match(await hovered(), /input\.x: string/);
  await client.edit(textDocument.uri, `${text}\ns := 1\n`);
  assert.match(await hovered(), /input\.x: string/);
  writeFile(join(client.root, path), '{"properties": {"x": {"type": "number"}}}');
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: client.uri(path), type: FileChangeType.Changed }],
  });
  await client.until(async () => /input\.x: number/.test(await hovered()));
});

test('values that METADATA of another module lists are known while that module changes', async (t) => {
  const listing = (value: string) => `# METADATA\n# schemas:\n#   - input.phase: {enum: [${value}]}\npackage p\n`;
  const text = 'package p\n\nr if input.phase == "x"\n';
  const client = await startClient(t, { folders: { repo: { 'p.rego': text, 'a.rego': 'package p\n' } } });
  const uri = await client.open('repo/p.rego', text);
  const found = async () => (await client.pull(uri)).map(({ code }) => code);
  assert.deepEqual(await found(), []);
  const other = await client.open('repo/a.rego', 'package p\n');
  for (const [now, codes] of [
    [listing('commit'), ['unknown-value']],
    ['package p\n', []],
    [listing('x'), []],
    [listing('commit'), ['unknown-value']],
    [listing('commit').replace('package p', 'package q'), []],
    [listing('commit').replace('METADATA', 'METADATA\n# scope: subpackages'), ['unknown-value']],
  ] as const) {
    await client.edit(other, now);
    assert.deepEqual(await found(), codes, now);
  }
});

test('an unknown field of the input is reported beside what OPA finds, and not twice', async (t) => {
  const text = `# METADATA
# schemas:
#   - input.change: {properties: {id: {type: string}}}
package p

deny contains input.phas

warn contains input.change.nope
`;
  const client = await startClient(t, { folders: { repo: { '.countersign/policies/p.rego': text } } });
  const uri = await client.open('repo/.countersign/policies/p.rego', text);
  const found = await client.pull(uri);
  assert.deepEqual(found.map(({ range, code }) => [range.start.line, code]).sort(), [
    [5, 'unknown-field'],
    [7, 'rego_type_error'],
  ]);
});

test('templates go to clients that take snippets, values to the space behind a comparison', async (t) => {
  const text = 'package p\n\nallow if input.phase == \n';
  const files = { 'p.rego': text, 'schemas/input.json': '{"properties": {"phase": {"enum": ["commit", "push"]}}}' };
  for (const snippetSupport of [true, false]) {
    const client = await startClient(t, {
      folders: { repo: files },
      capabilities: {
        ...pullingClient,
        textDocument: {
          ...pullingClient.textDocument,
          completion: { dynamicRegistration: true, completionItem: { snippetSupport } },
        },
      },
    });
    const textDocument = { uri: await client.open('repo/p.rego', text) };
    const ask = async (line: number, character: number, context?: object) => {
      const params = { textDocument, position: { line, character }, context };
      return (await client.connection.sendRequest<CompletionList>('textDocument/completion', params)).items;
    };
    const top = await ask(1, 0, { triggerKind: 1 });
    assert.equal(
      top.some(({ insertTextFormat }) => insertTextFormat === InsertTextFormat.Snippet),
      snippetSupport,
    );
    const values = await ask(2, 24, { triggerKind: 2, triggerCharacter: ' ' });
    assert.deepEqual(
      values.map(({ label }) => label),
      ['"commit"', '"push"'],
    );
  }
});
