/**
 * Documents that are not plain files of a folder with plain letters: for each the features that matter most, through
 * the real server and engine.
 */
import assert from 'node:assert/strict';
import { mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import type {
  CompletionItem,
  CompletionList,
  Diagnostic,
  DocumentSymbol,
  Hover,
  Location,
  Position,
  TextDocumentEdit,
  TextEdit,
  WorkspaceEdit,
} from 'vscode-languageserver/node';
import { URI } from 'vscode-uri';
import { marked } from '../marks.ts';
import { applied, type Client, type ClientOptions, pushedClient, startClient } from '../support.ts';

const options = { tabSize: 4, insertSpaces: false };

function start(t: TestContext, given: ClientOptions): Promise<Client> {
  const workspace = { ...pushedClient.workspace, workspaceEdit: { documentChanges: true } };
  return startClient(t, { capabilities: { workspace }, ...given });
}

function ask<R>(client: Client, method: string, uri: string, rest: object = {}): Promise<R> {
  return client.connection.sendRequest(`textDocument/${method}`, { textDocument: { uri }, ...rest });
}

/** `line:character-line:character` of errors, with OPA's code. */
async function errors(client: Client, uri: string): Promise<string[]> {
  const isError = ({ severity }: Diagnostic) => severity === 1;
  const { diagnostics } = await client.published(uri, (all) => all.some(isError));
  return diagnostics
    .filter(isError)
    .map(({ range: { start, end }, code }) => `${start.line}:${start.character}-${end.line}:${end.character} ${code}`);
}

/** The texts after a rename, by URI. */
async function renamed(
  client: Client,
  uri: string,
  position: Position,
  newName: string,
  texts: Record<string, string>,
) {
  const edit = await ask<WorkspaceEdit>(client, 'rename', uri, { position, newName });
  return Object.fromEntries(
    ((edit.documentChanges ?? []) as TextDocumentEdit[]).map(({ textDocument, edits }) => [
      textDocument.uri,
      applied(texts[textDocument.uri] ?? '', edits as TextEdit[]),
    ]),
  );
}

async function completions(client: Client, uri: string, position: Position): Promise<string[]> {
  const found = await ask<CompletionList | CompletionItem[]>(client, 'completion', uri, { position });
  return (Array.isArray(found) ? found : found.items).map(({ label }) => label);
}

/**
 * A module with all that is looked at: its own function and one of `data.lib`, a type error, and a line to format. The
 * cursors are in the names of both functions where they are called.
 */
const main = `package p

import data.lib

own(x) if x == "😀"

allow if { "😀" != input.x; ow<|>n(input.x); lib.o<|>k(input.x) }

bad := [|1 + "x"|]

wide   :=   1
`;
const lib = 'package lib\n\nok(x) if x == "é😀"\n';

const isFmt = ({ code }: Diagnostic) => code === 'style/opa-fmt';

interface Odd {
  client: Client;
  uri: string;
  /** With marks, as the document has it. */
  source?: string;
  /** Of the module of `data.lib`, where it is in reach. */
  lib?: { uri: string; text: string };
}

/** Diagnostics, definition, rename, formatting and completion are as they would be anywhere. */
async function holds({ client, uri, source = main, lib: other }: Odd): Promise<void> {
  const { text, cursors, ranges } = marked(source);
  const [own, ok] = cursors as [Position, Position];
  const [{ start, end }] = ranges as [{ start: Position; end: Position }];
  assert.deepEqual(
    (await errors(client, uri)).filter((one) => !one.includes('rego_type_error') || one.startsWith(`${start.line}:`)),
    [`${start.line}:${start.character}-${end.line}:${end.character} rego_type_error`],
  );
  const declared = text.split('\n').findIndex((line) => line.includes('own(x) if'));
  const definitions = await ask<Location[]>(client, 'definition', uri, { position: own });
  assert.deepEqual(
    definitions.map((one) => [one.uri, one.range.start.line]),
    [[uri, declared]],
  );
  assert.deepEqual(await renamed(client, uri, own, 'mine', { [uri]: text }), {
    [uri]: text.replaceAll('own(', 'mine('),
  });
  assert.equal(
    applied(text, await ask<TextEdit[]>(client, 'formatting', uri, { options })).includes('\nwide := 1'),
    true,
  );
  assert.ok((await completions(client, uri, own)).includes('own'));
  if (!other) return;
  const across = await ask<Location[]>(client, 'definition', uri, { position: ok });
  assert.deepEqual(
    across.map((one) => [one.uri, one.range.start]),
    [[other.uri, { line: 2, character: 0 }]],
  );
  assert.deepEqual(await renamed(client, uri, ok, 'fine', { [uri]: text, [other.uri]: other.text }), {
    [uri]: text.replace('lib.ok(', 'lib.fine('),
    [other.uri]: other.text.replace('ok(', 'fine('),
  });
  assert.ok((await completions(client, uri, ok)).includes('ok'));
}

test('an untitled document', async (t) => {
  const client = await start(t, { folders: { w: { 'lib/lib.rego': lib } } });
  const source = main.replace('; lib.o<|>k(input.x)', '<|>').replace('import data.lib\n\n', '');
  const uri = await client.open('untitled:Untitled-1', marked(source).text);
  await holds({ client, uri, source });
});

test('a document of another revision: what reads works, and nothing is published', async (t) => {
  const client = await start(t, { folders: { w: { 'lib/lib.rego': lib } } });
  const source = main.replace('; lib.o<|>k(input.x)', '').replace('wide   :=   1', 'broken := ');
  const { text, cursors } = marked(source);
  const path = join(client.root, 'w/p.rego');
  const git = `${URI.file(path).with({ scheme: 'git', query: JSON.stringify({ path, ref: 'HEAD' }) })}`;
  const uri = await client.open(git, text);
  const position = cursors[0] as Position;
  const definitions = await ask<Location[]>(client, 'definition', uri, { position });
  assert.deepEqual(
    definitions.map((one) => [one.uri, one.range.start.line]),
    [[uri, 4]],
  );
  assert.match(JSON.stringify(await ask<Hover>(client, 'hover', uri, { position })), /own\(x\)/);
  const symbols = await ask<DocumentSymbol[]>(client, 'documentSymbol', uri);
  assert.ok(symbols.some(({ name }) => name.startsWith('own')));
  // A file that is broken, too, is reported while this one is not.
  const beside = await client.open('w/other.rego', text);
  await errors(client, beside);
  await client.published(beside, (all) => all.length > 0);
  assert.deepEqual(
    client.publications.filter((one) => one.uri === uri && one.diagnostics.length > 0),
    [],
  );
});

test('a file outside the workspace, with Regal’s configuration above it', async (t) => {
  const outside = realpathSync(mkdtempSync(join(tmpdir(), 'countersign outside ')));
  t.after(() => rmSync(outside, { recursive: true, force: true }));
  const path = join(outside, 'p.rego');
  writeFileSync(join(outside, '.regal.yaml'), 'rules:\n  style:\n    opa-fmt:\n      level: ignore\n');
  const source = main.replace('; lib.o<|>k(input.x)', '<|>').replace('import data.lib\n\n', '');
  writeFileSync(path, marked(source).text);
  const client = await start(t, { folders: { w: { 'lib/lib.rego': lib } } });
  const uri = await client.open(URI.file(path).toString(), marked(source).text);
  await holds({ client, uri, source });
  const { diagnostics } = await client.published(uri, (all) => all.some(({ source }) => source === 'regal'));
  assert.ok(!diagnostics.some(isFmt));
  writeFileSync(join(outside, '.regal.yaml'), '{}\n');
  await client.connection.sendNotification('textDocument/didSave', { textDocument: { uri } });
  await client.published(uri, (all) => all.some(isFmt));
});

test('a file that git ignores is seen alone, and not by the others', async (t) => {
  const client = await start(t, {
    folders: {
      w: {
        ...{ '.gitignore': 'build/\n', 'lib/lib.rego': lib, 'build/lib.rego': 'package lib\n\nok(_)\n' },
        '.regal/config.yaml': 'rules: {style: {opa-fmt: {level: ignore}}}\n',
      },
    },
  });
  const source = main.replace('; lib.o<|>k(input.x)', '<|>').replace('import data.lib\n\n', '');
  const uri = await client.open('w/build/p.rego', marked(source).text);
  await holds({ client, uri, source });
  const { diagnostics } = await client.published(uri, (all) => all.some(({ source }) => source === 'regal'));
  assert.ok(!diagnostics.some(isFmt), 'linted as the folder around it says');
  const { text } = marked(main);
  await holds({
    client,
    uri: await client.open('w/p.rego', text),
    lib: { uri: client.uri('w/lib/lib.rego'), text: lib },
  });
});

test('folders of one workspace have their own modules and their own configuration, which is read again', async (t) => {
  const config = (level: string) => `rules:\n  style:\n    opa-fmt:\n      level: ${level}\n`;
  const client = await start(t, {
    folders: {
      a: { 'lib/lib.rego': lib, '.regal/config.yaml': config('ignore') },
      'b ü': { 'lib/lib.rego': lib, '.regal/config.yaml': config('error') },
    },
  });
  const { text } = marked(main);
  for (const folder of ['a', 'b ü']) {
    const uri = await client.open(`${folder}/p.rego`, text);
    await holds({ client, uri, lib: { uri: client.uri(`${folder}/lib/lib.rego`), text: lib } });
  }
  const isLint = ({ source }: Diagnostic) => source === 'regal';
  const found = async (path: string) =>
    (await client.published(client.uri(path), (all) => all.some(isLint))).diagnostics;
  assert.equal((await found('a/p.rego')).some(isFmt), false);
  assert.equal((await found('b ü/p.rego')).some(isFmt), true);
  writeFileSync(join(client.root, 'b ü/.regal/config.yaml'), config('ignore'));
  const uri = client.uri('b ü/.regal/config.yaml');
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes: [{ uri, type: 2 }] });
  await client.published(client.uri('b ü/p.rego'), (all) => all.some(isLint) && !all.some(isFmt));
});

test('folders of one workspace have their own settings, and a new folder, too', async (t) => {
  const v1 = 'package p\n\nallow if input.x\n';
  const workspace = { ...pushedClient.workspace, configuration: true };
  const client = await start(t, { folders: { a: {}, b: {} }, capabilities: { workspace } });
  client.connection.onRequest('workspace/configuration', ({ items }: { items: { scopeUri?: string }[] }) =>
    items.map(({ scopeUri = '' }) => {
      if (scopeUri.endsWith('/a')) return { rego: { version: 'v0' } };
      return scopeUri.endsWith('/c') ? { lint: { enable: false }, rego: { version: 'v0' } } : {};
    }),
  );
  await client.connection.sendNotification('workspace/didChangeConfiguration', { settings: null });
  const isError = ({ severity }: Diagnostic) => severity === 1;
  const isLint = ({ source }: Diagnostic) => source === 'regal';
  await client.published(await client.open('a/p.rego', v1), (all) => all.some(isError));
  const { diagnostics } = await client.published(await client.open('b/p.rego', v1), (all) => all.some(isLint));
  assert.ok(!diagnostics.some(isError));
  await client.connection.sendNotification('workspace/didChangeWorkspaceFolders', {
    event: { added: [{ uri: client.uri('c'), name: 'c' }], removed: [] },
  });
  const found = await client.published(await client.open('c/p.rego', v1), (all) => all.some(isError));
  assert.ok(!found.diagnostics.some(isLint));
});

test('lines that end in CRLF', async (t) => {
  const client = await start(t, { folders: { w: { 'lib/lib.rego': lib.replaceAll('\n', '\r\n') } } });
  const source = main.replaceAll('\n', '\r\n');
  const uri = await client.open('w/p.rego', marked(source).text);
  await holds({ client, uri, source, lib: { uri: client.uri('w/lib/lib.rego'), text: lib.replaceAll('\n', '\r\n') } });
});

test('a byte order mark, on disk and in a document', async (t) => {
  const client = await start(t, { folders: { w: { 'lib/lib.rego': `\uFEFF${lib}`, 'q.rego': '\uFEFFpackage q\n' } } });
  const source = `\uFEFF${main}`;
  const uri = await client.open('w/p.rego', marked(source).text);
  await holds({ client, uri, source, lib: { uri: client.uri('w/lib/lib.rego'), text: lib } });
});

test('paths of Windows, however a client spells them', async (t) => {
  const disk = [{ path: 'lib/lib.rego', text: lib }];
  const client = await start(t, {
    runtime: {
      scanFolder: async () => ({ files: disk, inherited: [], yaml: [], ignored: () => false }),
      readFile: async (uri) => (uri === 'file:///c%3A/my%20work/lib/lib.rego' ? lib : undefined),
    },
  });
  await client.connection.sendNotification('workspace/didChangeWorkspaceFolders', {
    event: { added: [{ uri: 'file:///C:/my%20work', name: 'work' }], removed: [] },
  });
  const uri = await client.open('file:///c%3A/my%20work/p.rego', marked(main).text);
  await holds({ client, uri, lib: { uri: 'file:///c%3A/my%20work/lib/lib.rego', text: lib } });
  const other = await client.open('file:///C:/my%20work/q.rego', 'package q\n\nx := data.lib.ok(1)\n');
  const found = await ask<Location[]>(client, 'definition', other, { position: { line: 2, character: 15 } });
  assert.deepEqual(
    found.map((one) => one.uri),
    ['file:///c%3A/my%20work/lib/lib.rego'],
  );
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: 'file:///C:/my%20work/lib/lib.rego', type: 2 }],
  });
});
