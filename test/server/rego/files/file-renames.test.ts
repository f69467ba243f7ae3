/** What renaming files and folders does to packages, imports and references; OPA says whether all are still there. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { TextDocumentEdit, TextEdit, WorkspaceEdit } from 'vscode-languageserver';
import { startEngine } from '../../../../engine/start.ts';
import { renameFiles } from '../../../../server/rego/files/file-renames.ts';
import type { Snapshot } from '../../../../server/snapshot.ts';
import { applied, pushedClient, startClient } from '../../support.ts';
import { base, fixture } from '../rego-support.ts';

const engine = await startEngine({ build: 'auto', log() {}, onRestart() {} });
test.after(() => engine.dispose());

/** The texts that changed, by their new paths, after all of them were checked by OPA. */
async function moved(sources: Record<string, string>, ...renames: [from: string, to: string][]) {
  const { root } = fixture(sources);
  const files = renames.map(([from, to]) => ({ oldUri: `${base}/${from}`, newUri: `${base}/${to}` }));
  const edit = renameFiles({ roots: new Map([[root.id, root]]) } as Partial<Snapshot> as Snapshot, files);
  const after: Record<string, string> = { ...sources };
  for (const { textDocument, edits } of (edit?.documentChanges ?? []) as TextDocumentEdit[]) {
    const path = textDocument.uri.slice(base.length + 1);
    after[path] = applied(sources[path] ?? '', edits as TextEdit[]);
  }
  const results: Record<string, string> = {};
  const modules: { path: string; text: string; kind: 'module' }[] = [];
  for (const [path, text] of Object.entries(after)) {
    const [from, to] = renames.find(([from]) => path === from || path.startsWith(`${from}/`)) ?? ['', ''];
    const now = to + path.slice(from.length);
    if (now.endsWith('.rego')) modules.push({ path: now, text, kind: 'module' });
    if (text !== sources[path]) results[now] = text;
  }
  await engine.call('workspace/open', { workspace: 'moved', files: modules });
  const { problems } = await engine.call('check', { workspace: 'moved' });
  assert.deepEqual(
    problems.map(({ path, message }) => `${path}: ${message}`),
    [],
  );
  return results;
}

const roles = 'package lib.roles\n\nadmin(name) if name in names\n\nnames := {"ann"}\n';
const main = `package main

import data.lib.roles

allow if roles.admin(input.name)

all := data.lib.roles.names

quoted := data.lib["roles"].names
`;

test('a folder’s package follows it, in its modules, imports and references', async () => {
  assert.deepEqual(await moved({ 'lib/roles/roles.rego': roles, 'main.rego': main }, ['lib/roles', 'lib/people']), {
    'lib/people/roles.rego': roles.replace('lib.roles', 'lib.people'),
    'main.rego': `package main

import data.lib.people

allow if people.admin(input.name)

all := data.lib.people.names

quoted := data.lib.people.names
`,
  });
});

test('all packages below a folder follow it, and what imports their common path', async () => {
  const found = await moved(
    {
      'src/lib/roles/r.rego': roles,
      'src/lib/roles/r_test.rego':
        'package lib.roles_test\n\nimport data.lib.roles\n\ntest_ann if roles.admin("ann")\n',
      'src/lib/teams/t.rego': 'package lib.teams\n\nx := data.lib.roles.names\n',
      'src/main.rego': 'package main\n\nimport data.lib\n\nallow if lib.roles.admin("ann")\n\nall := lib.teams.x\n',
    },
    ['src/lib', 'src/shared/common'],
  );
  assert.deepEqual(found, {
    'src/shared/common/roles/r.rego': roles.replace('lib.roles', 'shared.common.roles'),
    'src/shared/common/roles/r_test.rego':
      'package shared.common.roles_test\n\nimport data.shared.common.roles\n\ntest_ann if roles.admin("ann")\n',
    'src/shared/common/teams/t.rego': 'package shared.common.teams\n\nx := data.shared.common.roles.names\n',
    'src/main.rego':
      'package main\n\nimport data.shared.common\n\nallow if common.roles.admin("ann")\n\nall := common.teams.x\n',
  });
});

test('of a package that goes in part, references follow the rules that went', async () => {
  const found = await moved(
    {
      'lib/a.rego': 'package lib\n\na := b\n\nshared := 1\n',
      'lib/b.rego': 'package lib\n\nb := 2\n\ntwice := shared * 2\n',
      'main.rego':
        'package main\n\nimport data.lib\nimport data.lib.b\n\nx := lib.b + lib.a\n\ny := b\n\nz := data.lib.twice\n',
    },
    ['lib/b.rego', 'other/b.rego'],
  );
  assert.deepEqual(found, {
    'lib/a.rego': 'package lib\n\na := data.other.b\n\nshared := 1\n',
    'other/b.rego': 'package other\n\nb := 2\n\ntwice := data.lib.shared * 2\n',
    'main.rego':
      'package main\n\nimport data.lib\nimport data.other.b\n\nx := data.other.b + lib.a\n\ny := b\n\nz := data.other.twice\n',
  });
});

test('names that would clash keep theirs, by an alias', async () => {
  const found = await moved(
    {
      'lib/roles/r.rego': roles,
      'main.rego': 'package main\n\nimport data.lib.roles\n\npeople := roles.names\n',
    },
    ['lib/roles', 'lib/people'],
  );
  assert.equal(found['main.rego'], 'package main\n\nimport data.lib.people as roles\n\npeople := roles.names\n');
});

test('folders whose names are no words are written in brackets', async () => {
  const found = await moved(
    { 'lib/roles/r.rego': roles, 'main.rego': 'package main\n\nimport data.lib.roles\n\nx := roles.names\n' },
    ['lib/roles', 'lib/user-rôles'],
  );
  assert.deepEqual(found, {
    'lib/user-rôles/r.rego': roles.replace('lib.roles', 'lib["user-rôles"]'),
    'main.rego': 'package main\n\nimport data.lib["user-rôles"] as roles\n\nx := roles.names\n',
  });
});

test('variables of the name, other packages and packages apart from their folders stay', async () => {
  assert.deepEqual(
    await moved(
      {
        'lib/roles/r.rego': roles,
        'main.rego': 'package main\n\nx := roles if {\n\troles := data.lib2.roles.y\n}\n',
        'else/r.rego': 'package lib2.roles\n\ny := 1\n',
      },
      ['else', 'elsewhere'],
    ),
    {},
  );
  assert.deepEqual(await moved({ 'a/b.rego': 'package x.y\n\nz := 1\n' }, ['a', 'b']), {});
  assert.deepEqual(await moved({ 'a/b.rego': 'package a\n\nz := 1\n' }, ['a/b.rego', 'a/c.rego']), {}, 'a name alone');
  assert.deepEqual(await moved({ 'a/b.rego': 'package a\n\nz := 1\n' }, ['a/b.rego', 'b.rego']), {}, 'no name left');
  const out = { 'a/b.rego': 'package a\n\nz := 1\n', 'c/d.rego': 'package c\n\nz := data.a.z\n' };
  assert.deepEqual(await moved(out, ['a', '.countersign/policies/x']), {}, 'to another set of modules');
});

test('rules that are defined in both parts stay where they are found', async () => {
  const found = await moved(
    {
      'lib/a.rego': 'package lib\n\ndeny contains "a" if input.a\n',
      'lib/b.rego': 'package lib\n\ndeny contains "b" if input.b\n',
      'main.rego': 'package main\n\nx := data.lib.deny\n',
    },
    ['lib/b.rego', 'other/b.rego'],
  );
  assert.deepEqual(found, { 'other/b.rego': 'package other\n\ndeny contains "b" if input.b\n' });
});

test('a package stays when what is renamed lies above its root, and is counted from the root that it goes to', async () => {
  const inBundle = { 'bundle/.manifest': '{}', 'bundle/lib/r.rego': 'package lib\n\nz := 1\n' };
  assert.deepEqual(await moved(inBundle, ['bundle', 'other']), {});
  assert.deepEqual(await moved(inBundle, ['bundle/lib', 'bundle/rules']), {
    'bundle/rules/r.rego': 'package rules\n\nz := 1\n',
  });
  assert.deepEqual(
    await moved({ 'bundle/.manifest': '{}', 'a/lib/r.rego': 'package a.lib\n\nz := 1\n' }, ['a', 'bundle/b']),
    { 'bundle/b/lib/r.rego': 'package b.lib\n\nz := 1\n' },
  );
});

test('references follow data files, whose folders are their places', async () => {
  const found = await moved(
    {
      'config/data.json': '{"limit": 3}',
      'config/more/data.yaml': 'a: 1',
      'config/rules.rego': 'package config\n\nx := data.config.limit\n\ny := data.config.more.a\n',
      'main.rego': 'package main\n\nimport data.config\n\nx := config.limit + config.x\n\ny := data.config.more.a\n',
    },
    ['config', 'settings'],
  );
  assert.deepEqual(found, {
    'settings/rules.rego': 'package settings\n\nx := data.settings.limit\n\ny := data.settings.more.a\n',
    'main.rego':
      'package main\n\nimport data.settings\n\nx := settings.limit + settings.x\n\ny := data.settings.more.a\n',
  });
  const alone = {
    'a/data.json': '{"x": 1}',
    'a/b/data.json': '{"y": 1}',
    'm.rego': 'package m\n\nx := data.a.x\n\ny := data.a.b.y\n',
  };
  assert.deepEqual(await moved(alone, ['a/b', 'c']), { 'm.rego': 'package m\n\nx := data.a.x\n\ny := data.c.y\n' });
  assert.deepEqual(await moved({ ...alone, 'a/.manifest': '{}' }, ['a', 'z']), {}, 'of a bundle, whatever its folder');
});

test('an editor that asks before it renames gets the edits, in the form that it takes', async (t) => {
  const folders = { w: { 'lib/roles/r.rego': roles, 'main.rego': 'package main\n\nx := data.lib.roles.names\n' } };
  for (const documentChanges of [true, false]) {
    const workspace = { ...pushedClient.workspace, workspaceEdit: { documentChanges } };
    const client = await startClient(t, { folders, capabilities: { workspace } });
    const files = [{ oldUri: client.uri('w/lib/roles'), newUri: client.uri('w/lib/people') }];
    const edit: WorkspaceEdit = await client.connection.sendRequest('workspace/willRenameFiles', { files });
    const range = { start: { line: 2, character: 9 }, end: { line: 2, character: 19 } };
    const edits = [{ range, newText: '.lib.people' }];
    const uri = client.uri('w/main.rego');
    if (documentChanges) {
      const [change] = (edit.documentChanges as TextDocumentEdit[]).filter((one) => one.textDocument.uri === uri);
      assert.deepEqual(change, { textDocument: { uri, version: null }, edits });
    } else assert.deepEqual(edit.changes?.[uri], edits);
    const none = [{ oldUri: client.uri('w/main.rego'), newUri: client.uri('w/other.rego') }];
    assert.equal(await client.connection.sendRequest('workspace/willRenameFiles', { files: none }), null);
  }
});
