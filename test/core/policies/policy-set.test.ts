import assert from 'node:assert/strict';
import { test } from 'node:test';
import { assemblePolicySet } from '../../../core/policies/policy-set.ts';

const provenance = { origin: 'folder', label: 'a folder', prefix: 'dir/' } as const;

function assemble(
  files: Record<string, string | Uint8Array>,
  skipped: { path: string; reason: 'symbolic-link' }[] = [],
) {
  const content = Object.entries(files).map(([path, text]) => ({ path, bytes: Buffer.from(text) }));
  return assemblePolicySet({ files: content, skipped }, provenance);
}

const exception = `rules: [x]
reason: It had to be.
approved_by: Ann <ann@example.com>
opened: 2026-01-01T00:00:00Z
expires: 2026-02-01T00:00:00Z
`;

test('each file finds its place, under its full name', () => {
  const set = assemble({
    'config.yaml': 'version: 1\nrego: v0\npolicies: [policies, team]\n',
    'policies/a.rego': 'package a',
    'policies/a_test.rego': 'package a_test',
    'policies/s.schema.json': '{}',
    'policies/s.schema_test.yaml': 'tests: []',
    'team/b.rego': 'package b',
    'data/deep/words.yaml': 'words: [x]',
    'exceptions/one.yaml': exception,
    'notes/readme.yaml': '- not: data',
  });
  assert.deepEqual(set.problems, []);
  assert.equal(set.layout, 'countersign');
  assert.equal(set.regoVersion, 'v0');
  assert.deepEqual(
    set.files.map(({ path, kind, at }) => [path, kind, at]),
    [
      ['dir/data/deep/words.yaml', 'data', []],
      ['dir/policies/a.rego', 'module', undefined],
      ['dir/policies/s.schema.json', 'schema', undefined],
      ['dir/team/b.rego', 'module', undefined],
    ],
  );
  assert.deepEqual(
    set.testFiles.map(({ path }) => path),
    ['dir/policies/a_test.rego'],
  );
  assert.deepEqual(
    set.schemaTests.map(({ path }) => path),
    ['dir/policies/s.schema_test.yaml'],
  );
  assert.deepEqual(
    set.exceptions.map(({ id, rules }) => [id, rules]),
    [['one', ['x']]],
  );
});

test('data of a plain folder is mounted by folder', () => {
  const set = assemble({ 'a.rego': 'package a', 'x/y/data.json': '{"z": 1}', 'top.yaml': 'a: 1' });
  assert.equal(set.layout, 'plain');
  assert.deepEqual(
    set.files.filter(({ kind }) => kind === 'data').map(({ path, at }) => [path, at]),
    [
      ['dir/top.yaml', []],
      ['dir/x/y/data.json', ['x', 'y']],
    ],
  );
});

const broken: [name: string, files: Record<string, string | Uint8Array>, path: string][] = [
  ['bytes that are no UTF-8', { 'policies/a.rego': Buffer.from([0x70, 0xff]) }, 'dir/policies/a.rego'],
  ['a configuration', { 'config.yaml': 'version: 2\n', 'policies/a.rego': '' }, 'dir/config.yaml'],
  ['data', { 'policies/a.rego': '', 'data/approvers.yaml': 'approvers: 5\n' }, 'dir/data/approvers.yaml'],
  ['YAML', { 'policies/a.rego': '', 'data/x.yaml': 'a: b: c\n' }, 'dir/data/x.yaml'],
  ['an exception', { 'policies/a.rego': '', 'exceptions/e.yaml': '{}' }, 'dir/exceptions/e.yaml'],
  [
    'two exceptions of one name',
    { 'policies/a.rego': '', 'exceptions/e.yaml': exception, 'exceptions/e.yml': exception },
    'dir/exceptions/e.yml',
  ],
  ['Cedar', { 'policies/a.cedar': 'permit(principal, action, resource);' }, 'dir/policies/a.cedar'],
];
for (const [name, files, path] of broken) {
  test(`what cannot be used is an error with its file: ${name}`, () => {
    const { problems } = assemble(files);
    assert.ok(problems.length > 0);
    assert.ok(problems.every((problem) => problem.severity === 'error' && problem.path === path));
  });
}

test('what was not read is an error, but a warning where it may be anything', () => {
  const link = [{ path: 'policies/a.rego', reason: 'symbolic-link' as const }];
  assert.equal(assemble({ 'policies/b.rego': '' }, link).problems[0]?.severity, 'error');
  const image = [{ path: 'logo', reason: 'symbolic-link' as const }];
  assert.equal(assemble({ 'a.rego': '' }, image).problems[0]?.severity, 'warning');
  const module = [{ path: 'b.rego', reason: 'symbolic-link' as const }];
  assert.equal(assemble({ 'a.rego': '' }, module).problems[0]?.severity, 'error');
});

test('the revision is a digest of names and bytes, whatever their order', () => {
  const one = assemble({ 'a.rego': 'x', 'b.rego': 'y' }).revision;
  assert.match(one, /^sha256:[0-9a-f]{64}$/);
  assert.equal(assemble({ 'b.rego': 'y', 'a.rego': 'x' }).revision, one);
  assert.notEqual(assemble({ 'a.rego': 'xy', 'b.rego': '' }).revision, one);
  assert.notEqual(assemble({ 'a.rego': 'y', 'b.rego': 'x' }).revision, one);
});
