/** From v0 to v1, as OPA migrates: one module, a folder, and what declares its version. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { textAfter, titles, workspace } from './action-support.ts';

const old =
  'package p\n\nimport future.keywords.in\n\ndeny[msg] {\n\tinput.x in {1}\n\tmsg := "no"\n}\n\nallow {\n\tnot deny\n}\n';
const rules = 'deny contains msg if {\n\tinput.x in {1}\n\tmsg := "no"\n}\n\nallow if {\n\tnot deny\n}\n';
const only = ['source.migrate.rego.v1'];

test('a module of a v0 project gets import rego.v1, by which both versions read it', async (t) => {
  const config = '# ours\nproject:\n  rego-version: 0 # still\n';
  const { open, client } = await workspace(t, {
    '.regal/config.yaml': config,
    'q.rego': 'package q\n\nx[1] { input.y }\n',
  });
  const module = await open('p.rego', old);
  assert.equal(await module.after('Migrate this file to Rego v1', { only }), `package p\n\nimport rego.v1\n\n${rules}`);

  const all = await module.edit('Migrate all of the folder to Rego v1', { only });
  const after = (path: string, text: string) => textAfter(text, client.uri(`policy/${path}`), all);
  assert.equal(after('p.rego', old), `package p\n\n${rules}`);
  assert.equal(after('q.rego', 'package q\n\nx[1] { input.y }\n'), 'package q\n\nx contains 1 if input.y\n');
  assert.equal(after('.regal/config.yaml', config), config.replace('0', '1'));

  const found = (await module.lint()).filter(({ code }) => code === 'imports/use-rego-v1');
  assert.equal(found.length, 1);
  const title = 'Format for Rego v1, with import rego.v1';
  assert.equal(await module.after(title, { diagnostics: found }), `package p\n\nimport rego.v1\n\n${rules}`);
  assert.equal(await module.after(/^Fix all/, { only: ['source.fixAll'] }), `package p\n\nimport rego.v1\n\n${rules}`);
});

test('a module that is v0 by its text becomes v1, and one that is v1 has nothing to migrate', async (t) => {
  const { open } = await workspace(t);
  const module = await open('p.rego', old);
  assert.equal(await module.after('Migrate this file to Rego v1', { only }), `package p\n\n${rules}`);
  const none = await open('r.rego', 'package r\n\nx := 1\n');
  assert.deepEqual(titles(await none.actions({ only })), []);
});

test('what OPA does not migrate is said', async (t) => {
  const { open } = await workspace(t, { '.regal/config.yaml': 'project:\n  rego-version: 0\n' });
  const module = await open('p.rego', 'package p\n\ninput := 1\n\nx { input }\n');
  await assert.rejects(module.edit('Migrate this file to Rego v1', { only }), /OPA does not format p\.rego: line 3: /);
});
