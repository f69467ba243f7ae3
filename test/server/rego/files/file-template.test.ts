/** What new files begin with, through LSP: the server edits what an editor tells it was created. */
import assert from 'node:assert/strict';
import { unlinkSync } from 'node:fs';
import { join } from 'node:path';
import { after, type TestContext, test } from 'node:test';
import type { ApplyWorkspaceEditParams, TextDocumentEdit, TextEdit } from 'vscode-languageserver/node';
import { applied, pushedClient, startClient, writeFile } from '../../support.ts';

const config = 'project:\n  roots:\n    - src\n    - path: old\n      rego-version: 0\n';
const client = await startClient({ after } as unknown as TestContext, {
  folders: {
    work: {
      '.regal/config.yaml': config,
      'src/lib/x.rego': 'package lib\n\na := 1\n',
      'flat/one.rego': 'package team.one\n\na := 1\n',
      'flat/two.rego': 'package team.two\n\na := 1\n',
      'flat/two_test.rego': 'package team.two_test\n\ntest_a if true\n',
      'odd/one.rego': 'package far.from.here\n\na := 1\n',
      'bundle/.manifest': '{}',
      '.gitignore': 'build/\n',
      '.countersign/config.yaml': 'rego: v1\n',
      '.countersign/policies/data.rego': 'package countersign.data\n',
    },
    other: { 'a/b/c.rego': 'package a.b\n\nx := 1\n' },
  },
  capabilities: {
    workspace: { ...pushedClient.workspace, applyEdit: true, workspaceEdit: { documentChanges: true } },
  },
});
const edits: ApplyWorkspaceEditParams[] = [];
client.connection.onRequest('workspace/applyEdit', (params: ApplyWorkspaceEditParams) => {
  edits.push(params);
  return { applied: true };
});

/** Creates a file, which is to have this text then; with its own text where the server is to leave it alone. */
async function begins(path: string, expected: string, text = '', event = 'workspace/didCreateFiles'): Promise<void> {
  const uri = client.uri(path);
  writeFile(join(client.root, path), text);
  edits.length = 0;
  const files = event.endsWith('CreateFiles') ? [{ uri }] : [{ oldUri: `${uri}.txt`, newUri: uri }];
  await client.connection.sendNotification(event, { files });
  if (expected === text) await new Promise((resolve) => setTimeout(resolve, 50));
  else await client.until(() => edits.length > 0);
  unlinkSync(join(client.root, path));
  const [change] = (edits[0]?.edit.documentChanges ?? []) as TextDocumentEdit[];
  if (change) assert.equal(change.textDocument.uri, uri);
  assert.equal(change ? applied(text, change.edits as TextEdit[]) : text, expected, path);
}

test('a new file gets the package of its folder, counted from the project’s root around it', async () => {
  await begins('work/src/authz/http/new.rego', 'package authz.http\n\n');
  await begins('work/bundle/rules/new.rego', 'package rules\n\n');
  await begins('work/tools/new.rego', 'package tools\n\n');
  await begins('other/x/new.rego', 'package x\n\n');
  await begins('work/.regal/rules/custom/regal/rules/naming/new.rego', 'package custom.regal.rules.naming\n\n');
});

test('a folder that is itself a root has no name for it', async () => {
  await begins('work/src/new.rego', 'package main\n\n');
  await begins('work/new.rego', '');
});

test('folders that are no words stand in brackets; a package cannot begin with one', async () => {
  await begins('work/tools/user-rôles/default/x.rego', 'package tools["user-rôles"]["default"]\n\n');
  await begins('work/user-roles/x.rego', '');
});

test('the modules beside it tell more than the folder', async () => {
  await begins('work/odd/new.rego', 'package far.from.here\n\n');
  await begins('work/flat/three.rego', 'package team.three\n\n');
  await begins('work/.countersign/policies/mine.rego', 'package countersign.mine\n\n');
});

test('a test’s package ends in _test, and imports what it tests', async () => {
  await begins('work/src/lib/x_test.rego', 'package lib_test\n\nimport data.lib\n\n');
  await begins('work/flat/one_test.rego', 'package team.one_test\n\nimport data.team.one\n\n');
  await begins('work/src/none/x_test.rego', 'package none_test\n\n');
});

test('where v0 is declared, a new file is one for both versions', async () => {
  await begins('work/old/lib/new.rego', 'package lib\n\nimport rego.v1\n\n');
});

test('what has text, what git ignores and what is no Rego is left alone', async () => {
  await begins('work/src/lib/y.rego', 'package y\n', 'package y\n');
  await begins('work/build/x.rego', '');
  await begins('work/src/lib/y.txt', '');
  await client.open('work/src/lib/typed.rego', '# begun\n');
  await begins('work/src/lib/typed.rego', '');
});

test('an empty file that is renamed to be Rego gets it, too', async () => {
  await begins('work/src/lib/z.rego', 'package lib\n\n', '', 'workspace/didRenameFiles');
});

test('formatting an empty module gives it its first lines', async () => {
  const uri = await client.open('work/src/authz/empty.rego', ' \n');
  const found: TextEdit[] = await client.connection.sendRequest('textDocument/formatting', {
    textDocument: { uri },
    options: { tabSize: 4, insertSpaces: false },
  });
  assert.equal(applied(' \n', found), 'package authz\n\n');
});

test('the server asks to be told of policies, their data and folders alone', () => {
  const { fileOperations } = client.initialized.capabilities.workspace ?? {};
  const file = { scheme: 'file', pattern: { glob: '**/*.rego', matches: 'file' } };
  const data = { scheme: 'file', pattern: { glob: '**/data.{json,yaml,yml}', matches: 'file' } };
  assert.deepEqual(fileOperations, {
    didCreate: { filters: [file] },
    didRename: { filters: [file] },
    willRename: { filters: [file, data, { scheme: 'file', pattern: { glob: '**/*', matches: 'folder' } }] },
  });
});
