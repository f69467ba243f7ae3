/** What a bundle's files mean: as OPA reads them, and what is refused. */
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { after, before, test } from 'node:test';
import { decide } from '../../../../core/decision/decide.ts';
import { type BundleOptions, loadBundle } from '../../../../core/policies/bundle/load-bundle.ts';
import { folderPolicies } from '../../../../core/policies/load.ts';
import { policyData } from '../../../../core/policies/policy-set.ts';
import type { Engine } from '../../../../engine/engine.ts';
import { startEngine } from '../../../../engine/start.ts';
import { bundleOf } from '../../../support/bundles.ts';
import { type TestLike, temporaryFolder } from '../../../support/repository.ts';

let engine: Engine;
before(async () => {
  engine = await startEngine();
});
after(() => engine.dispose());

async function load(t: TestLike, files: Record<string, string>, options: Partial<BundleOptions> = {}) {
  const path = join(await temporaryFolder(t), 'b.tar.gz');
  await writeFile(path, bundleOf(files));
  return loadBundle(engine, { kind: 'path', path }, { environment: {}, ...options });
}

/** The messages of deny and warn. */
async function said(t: TestLike, files: Record<string, string>, options: Partial<BundleOptions> = {}) {
  const { policies } = await load(t, files, options);
  const repository = { name: 'r' };
  const now = '2026-01-31T12:00:00Z';
  const input = { schema: 'countersign.input/v1' as const, phase: 'change' as const, now, repository };
  const { verdict } = await decide(engine, policies, { ...input, commits: [], exceptions: policies.exceptions });
  return [...verdict.change.deny, ...verdict.change.warn].map(({ msg }) => msg);
}

const manifest = (more: object): { '.manifest': string } => ({ '.manifest': JSON.stringify(more) });
const team = { 'team/main.rego': 'package team\n\ndeny contains "x" if input.nothing\n', 'team/data.json': '{"a": 1}' };

const refused: [string, Record<string, string>, 'configuration' | 'refused', RegExp][] = [
  ['a delta', { 'patch.json': '{"data": []}' }, 'configuration', /is a delta bundle/],
  ['Rego beyond the roots', { ...team, ...manifest({ roots: ['other'] }) }, 'refused', /beyond its roots \["other"\]/],
  [
    'data beyond the roots',
    { 'data.json': '{"team": {}, "x": 1}', ...manifest({ roots: ['team'] }) },
    'refused',
    /data\.x, which is beyond/,
  ],
  [
    'a package that only begins like a root',
    { 'a.rego': 'package teams\n', ...manifest({ roots: ['team'] }) },
    'refused',
    /data\.teams, which is beyond/,
  ],
  ['roots that overlap', { ...team, ...manifest({ roots: ['team', '/team/a/'] }) }, 'refused', /that overlap/],
  ['the same root twice', { ...team, ...manifest({ roots: ['team', 'team'] }) }, 'refused', /that overlap/],
  ['a manifest that is none', { ...team, '.manifest': '[]' }, 'refused', /manifest is no object/],
  ['a revision that is none', { ...team, ...manifest({ revision: 7 }) }, 'refused', /"revision" that is no text/],
  ['Rego of the future', { ...team, ...manifest({ rego_version: 2 }) }, 'refused', /neither 0 nor 1/],
  ['data that is none', { ...team, 'data.json': '{' }, 'refused', /data\.json in the bundle cannot be read/],
  ['a list at the root', { ...team, 'data.json': '[]' }, 'refused', /at the root of data, and no object/],
  ['YAML that is none', { ...team, 'x/data.yaml': 'a: [' }, 'refused', /x\/data\.yaml in the bundle cannot be read/],
  ['a manifest in protobuf', { ...team, '.manifest.pb': 'x' }, 'refused', /\.manifest\.pb, which is not read/],
  ['a manifest elsewhere', { ...team, 'x/.manifest': '{}' }, 'refused', /x\/\.manifest, which is not read/],
];

for (const [what, files, kind, message] of refused) {
  test(`refused: ${what}`, async (t) => {
    await assert.rejects(load(t, files), { kind, message });
  });
}

test('data is what OPA makes of it: YAML as OPA reads it, values of any kind, only data files', async (t) => {
  const rego = `package main

deny contains json.marshal([data.a, data.b.list, data.b.c.text, [x | x := data.other]])
`;
  const files = {
    'main.rego': rego,
    'data.yml': 'a: {"yes": on, n: 010, big: 12345678901234567890}\n',
    'b/list/data.json': '[1, 2.50]',
    'b/c/text/data.yaml': '"t"\n',
    'other.json': '{"other": 1}',
    'README.md': '#',
  };
  assert.deepEqual(await said(t, files), ['[{"big":12345678901234567890,"false":8,"yes":true},[1,2.50],"t",[]]']);
});

test('data in several folders is one document, for what reads it here, too', async (t) => {
  const files = { ...team, 'approvers/people/data.json': '[1]', 'approvers/bots/data.yaml': 'a: 2\n' };
  const { policies } = await load(t, files);
  assert.deepEqual(policyData(policies), { team: { a: 1 }, approvers: { people: [1], bots: { a: 2 } } });
});

test('old Rego is read as the manifest says, file by file where the files show it', async (t) => {
  const old = { 'a.rego': 'package a\n\ndeny["old"] { input.phase == "change" }\n' };
  assert.deepEqual(await said(t, { ...old, ...manifest({ rego_version: 0 }) }), ['old']);
  assert.deepEqual(await said(t, old, { regoVersion: 'v0' }), ['old']);
  const both = manifest({ rego_version: 0, file_rego_versions: { '/b*.rego': 1 } });
  const fresh = 'package b\n\nimport rego.v1\n\nwarn contains "new" if true\n';
  assert.deepEqual(await said(t, { ...old, 'b.rego': fresh, ...both }), ['old', 'new']);
  const unclear = { ...old, 'b.rego': fresh.replace('import rego.v1', ''), ...both };
  await assert.rejects(load(t, unclear), { kind: 'configuration', message: /mixes versions of Rego, and b\.rego/ });
});

test('compiled policies and tests do not judge, and JSON Schemas do', async (t) => {
  const files = {
    ...team,
    'policy.wasm': 'x',
    'plan.json': '{}',
    'a_test.rego': 'package a\n\ndeny contains "test"\n',
    's.schema.json': '{"x-countersign": {"each": "phase", "rule": "s"}, "const": "push"}',
  };
  const { policies, notes } = await load(t, files);
  assert.deepEqual(notes, ['Of the bundle, plan.json and policy.wasm is not used: its Rego is what judges.']);
  assert.equal(policies.testFiles.length, 1);
  assert.deepEqual(await said(t, files), ['the value must be "push", but is "change"']);
});

const own = (files: Record<string, string>) =>
  folderPolicies(
    { files: Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) })), skipped: [] },
    { called: '.countersign' },
  );
const rooted = { ...team, ...manifest({ revision: 'v1', roots: ['team'] }) };

test('what the repository has goes beside the roots, and not into them', async (t) => {
  const beside = own({
    'config.yaml': 'version: 1\ntrailers: { model: LLM }\n',
    'policies/local.rego': 'package local\n\nwarn contains data.word\n',
    'data/word.yaml': 'word: beside\n',
  });
  assert.deepEqual(await said(t, rooted, { own: beside, besideOwn: true }), ['beside']);
  assert.deepEqual(await said(t, rooted, { own: beside }), []);
  const { policies } = await load(t, rooted, { own: beside });
  assert.deepEqual(policies.config.trailers, { model: 'LLM' });
  assert.match(policies.revision, /^v1@sha256:/);

  const intoRoots: Record<string, string>[] = [
    { 'policies/local.rego': 'package team.more\n\nwarn contains "x"\n' },
    { 'data/word.yaml': 'team: { a: 2 }\n' },
  ];
  for (const into of intoRoots) {
    const wrong = own({ 'config.yaml': 'version: 1\n', ...into });
    await assert.rejects(load(t, rooted, { own: wrong, besideOwn: true }), {
      kind: 'configuration',
      message: /keep for the bundle/,
    });
  }
  await assert.rejects(load(t, team, { own: beside, besideOwn: true }), {
    kind: 'configuration',
    message: /local\.rego defines data\.local, which the bundle's roots \[""\] keep/,
  });
});

test('of what does not judge beside the bundle it does not matter what is wrong, of the rest it does', async (t) => {
  const broken = own({ 'config.yaml': 'version: 1\n', 'data/scope.yaml': 'scope: 7\n', 'policies/c.cedar': 'permit' });
  assert.ok(broken.problems.length > 0);
  assert.deepEqual((await load(t, rooted, { own: broken })).policies.problems, []);
  const config = own({ 'config.yaml': 'version: 2\n' });
  assert.equal((await load(t, rooted, { own: config })).policies.problems.length, 1);
  const exception = own({ 'config.yaml': 'version: 1\n', 'exceptions/e.yaml': 'rules: 7\n' });
  assert.ok((await load(t, rooted, { own: exception })).policies.problems.length > 0);
});

test('an unsigned bundle does not come over plain HTTP, but from this machine', async () => {
  const source = { kind: 'http', url: 'http://policies.example.com/b.tar.gz' } as const;
  await assert.rejects(loadBundle(engine, source, { environment: {} }), {
    kind: 'configuration',
    message: /use https/,
  });
});
