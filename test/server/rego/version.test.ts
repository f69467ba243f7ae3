/** Which Rego a module is read as, seen in what the server says of its syntax. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { versionOf } from '../../../server/rego/module-version.ts';
import { recognise, recognisedAtRest, recognisedSoFar } from '../../../server/rego/recognise.ts';
import { declaredVersions, regoVersionOf } from '../../../server/rego/rego-version.ts';
import type { Document, Root } from '../../../server/snapshot.ts';

const v0 = 'package p\n\nallow {\n\tinput.x\n}\n';
const v1 = 'package p\n\nallow if {\n\tinput.x\n}\n';
const either = 'package p\n\nmax := 3\n';
const broken = 'package p\n\nallow {\n';

function document(text: string, uri = 'file:///work/p.rego'): Document {
  return { uri, languageId: 'rego', version: 1, text };
}

/** The versions of a document while it becomes one text after the other. */
function edited(texts: readonly string[], how: typeof recognisedSoFar = recognisedSoFar): string[] {
  let now: Document | undefined;
  return texts.map((text) => {
    now = { ...document(text), recognised: now && how(now) };
    return recognise(now).version;
  });
}

test('a text is v0 when only the parser of v0 takes it', () => {
  assert.deepEqual(
    [v0, v1, either, broken, '', 'package p\n\nimport rego.v1\n\nallow { true }\n'].map(
      (text) => recognise(document(text)).version,
    ),
    ['v0', 'v1', 'v1', 'v1', 'v1', 'v1'],
  );
});

test('v0 that imports keywords of v1, or has v1 in a string, is v0', () => {
  const imported = 'package p\n\nimport future.keywords.if\n\nallow if input.x\n\ndeny {\n\tinput.y\n}\n';
  const quoted = 'package p\n\ntext := `\nallow if {\n`\n\ndeny {\n\tinput.y\n}\n';
  assert.deepEqual(
    [imported, quoted].map((text) => recognise(document(text)).version),
    ['v0', 'v0'],
  );
});

test('a word that is missing while one types does not make v0 of v1', () => {
  assert.deepEqual(edited([v1, v0, broken, v0]), ['v1', 'v1', 'v1', 'v1']);
  assert.deepEqual(edited([v1, v0], recognisedAtRest), ['v1', 'v1'], 'nor does saving it');
  assert.deepEqual(edited(['', 'package p\n', broken, v0]), ['v1', 'v1', 'v1', 'v1']);
});

test('v0 stays v0 while it is broken, and becomes v1 when it is', () => {
  assert.deepEqual(edited([v0, broken, v0, v1, v0]), ['v0', 'v0', 'v0', 'v1', 'v1']);
});

test('lines that are pasted into an empty document are looked at anew', () => {
  assert.deepEqual(edited(['', v0], recognisedAtRest), ['v1', 'v0']);
});

interface Declared {
  kind?: Root['kind'];
  setting?: 'v0' | 'v1';
  files?: Record<string, string>;
  inherited?: Record<string, string>;
}

/** The version of a module at a path, whose text is v1 by itself. */
function versionAt(path: string, { kind = 'folder', setting, files = {}, inherited = {} }: Declared, text = v1) {
  const base = 'file:///work/repo%20%C3%BC';
  const documents = Object.entries(files).map(([at, text]): [string, Document] => [
    at,
    document(text, `${base}/${at}`),
  ]);
  const module = document(text, `${base}/${path}`);
  const root = {
    ...{ id: base, kind, base, trusted: true, files: new Map([...documents, [path, module]]) },
    inherited: Object.entries(inherited).map(([uri, text]) => document(text, uri)),
  };
  const settings = { regoVersion: setting ?? ('auto' as const) };
  const manifests = documents.filter(([at]) => at.endsWith('.manifest')).map(([, found]) => found);
  const declared = declaredVersions(root, manifests, settings);
  return versionOf({ ...root, regoVersion: regoVersionOf(root, settings), declared }, path, module);
}

const roots = 'project:\n  rego-version: 1\n  roots:\n    - main\n    - path: legacy\n      rego-version: 0\n';

test('what is declared counts more than the text', () => {
  assert.equal(versionAt('a/p.rego', {}), 'v1');
  assert.equal(versionAt('a/p.rego', {}, v0), 'v0');
  assert.equal(versionAt('a/p.rego', { setting: 'v0' }), 'v0');
  assert.equal(versionAt('a/p.rego', { files: { '.regal/config.yaml': 'project: {rego-version: 0}' } }), 'v0');
  assert.equal(versionAt('a/p.rego', { files: { '.regal.yaml': 'project: {rego-version: 1}' } }, v0), 'v1');
  assert.equal(versionAt('a/p_v0.rego', {}), 'v0', 'the name by which Regal knows them');
});

test('Regal’s configuration declares folders apart', () => {
  const files = { '.regal/config.yaml': roots };
  assert.equal(versionAt('legacy/deep/p.rego', { files }), 'v0');
  assert.equal(versionAt('legacy2/p.rego', { files }, v0), 'v1');
  assert.equal(versionAt('main/p.rego', { files }, v0), 'v1');
});

test('a configuration above the folder counts its folders from where it lies', () => {
  const inherited = {
    'file:///work/.regal/config.yaml': 'project: {roots: [{path: "./repo ü/lib/", rego-version: 0}]}',
  };
  assert.equal(versionAt('lib/p.rego', { inherited }), 'v0');
  assert.equal(versionAt('p.rego', { inherited }), 'v1');
  const whole = { 'file:///work/.regal/config.yaml': 'project: {roots: [{path: "repo ü", rego-version: 0}]}' };
  assert.equal(versionAt('p.rego', { inherited: whole }), 'v0');
});

test('a bundle’s manifest declares its modules, and patterns of them', () => {
  const files = {
    'bundle/.manifest': '{"rego_version": 0, "file_rego_versions": {"/new/*.rego": 1, "odd.rego": 1}}',
  };
  assert.equal(versionAt('bundle/p.rego', { files }), 'v0');
  assert.equal(versionAt('bundle/new/deep/p.rego', { files }, v0), 'v1');
  assert.equal(versionAt('bundle/odd.rego', { files }, v0), 'v1');
  assert.equal(versionAt('p.rego', { files }), 'v1');
  const both = { ...files, '.regal/config.yaml': 'project: {roots: [{path: bundle, rego-version: 1}]}' };
  assert.equal(versionAt('bundle/p.rego', { files: both }, v0), 'v1', 'Regal’s configuration comes first');
});

test('in .countersign a module is what the gate takes it for', () => {
  const config = { '.countersign/config.yaml': 'rego: v0\n' };
  const path = '.countersign/policies/p.rego';
  assert.equal(versionAt(path, { kind: 'countersign' }, v0), 'v1');
  assert.equal(versionAt(path, { kind: 'countersign', files: config }), 'v0');
});
