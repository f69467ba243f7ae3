import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { countersign, newRepository, type TestRepository, temporaryFolder, writeFiles } from './harness.ts';

/** A repository whose base has these files, and one commit to judge. */
function change(files: Record<string, string>): TestRepository & { base: string } {
  const repository = newRepository();
  const base = repository.commit('Base\n', { files });
  repository.commit('Next\n', { files: { 'file.txt': 'x' } });
  return { ...repository, base };
}

const fine = 'package main\n\ndeny contains "x" if false\n';

const undecidable: [name: string, code: number, files: Record<string, string>, message: RegExp][] = [
  [
    'a syntax error',
    3,
    { 'policies/p.rego': 'package main\n\ndeny contains\n' },
    /\.countersign\/policies\/p\.rego:\d/,
  ],
  [
    'an unsafe variable',
    3,
    { 'policies/p.rego': 'package main\n\ndeny contains msg if true\n' },
    /p\.rego:3:\d+.*unsafe/,
  ],
  [
    'a deny that is no set',
    3,
    { 'policies/p.rego': 'package main\n\ndeny := true\n' },
    /data\.main\.deny must be a set/,
  ],
  [
    'a deny that is undefined',
    3,
    { 'policies/p.rego': 'package main\n\ndeny := ["x"] if input.never\n' },
    /data\.main\.deny is undefined/,
  ],
  ['a deny made the way of Rego v0', 3, { 'policies/p.rego': 'package main\n\ndeny["x"] if true\n' }, /deny contains/],
  [
    'an element without msg',
    3,
    { 'policies/p.rego': 'package main\n\ndeny contains {"rule": "r"} if true\n' },
    /"msg"/,
  ],
  [
    'a conflict between rules',
    3,
    { 'policies/p.rego': 'package main\n\na := 1 if true\n\na := 2 if true\n\ndeny contains "x" if a == 1\n' },
    /conflict/,
  ],
  ['a network call', 3, { 'policies/p.rego': 'package main\n\ndeny contains "x" if http.send({}).ok\n' }, /http\.send/],
  ['nothing that denies', 3, { 'policies/p.rego': 'package main\n\nhelper := 1\n' }, /no policy/],
  ['no policies', 2, { 'data/scope.yaml': 'scope: {tiers: [], default: a, rules: []}\n' }, /scope\.yaml|no policy/],
  ['an empty folder but for a readme', 2, { 'README.md': '#' }, /no policy/],
  ['only tests', 2, { 'policies/p_test.rego': 'package main\n\ntest_x if true\n' }, /no policy/],
  [
    'a wrong configuration',
    2,
    { 'config.yaml': 'version: 1\ntrailer: {}\n', 'policies/p.rego': fine },
    /\.countersign\/config\.yaml:2:1.*trailer/,
  ],
  [
    'broken YAML in data',
    2,
    { 'policies/p.rego': fine, 'data/x.yaml': 'a: [\n' },
    /\.countersign\/data\/x\.yaml:\d+:\d+/,
  ],
  [
    'data that its schema refuses',
    2,
    { 'policies/p.rego': fine, 'data/approvers.yaml': 'approvers:\n  persons: []\n' },
    /approvers\.yaml:2:3.*persons/,
  ],
  [
    'data that is no object',
    3,
    { 'policies/p.rego': fine, 'data/list.yaml': '- a\n' },
    /\.countersign\/data\/list\.yaml/,
  ],
  [
    'an invalid exception',
    2,
    { 'policies/p.rego': fine, 'exceptions/e.yaml': 'rules: [x]\n' },
    /exceptions\/e\.yaml:1:\d+.*reason/,
  ],
  [
    'a schema that does not compile',
    3,
    { 'policies/p.rego': fine, 'policies/s.schema.json': '{\n"x-countersign": {"each": "commits[]"}}' },
    /s\.schema\.json:2:.*rule/,
  ],
  [
    'a Cedar policy',
    2,
    { 'policies/p.rego': fine, 'policies/p.cedar': 'permit(principal, action, resource);' },
    /Cedar/,
  ],
];
for (const [name, code, files, message] of undecidable) {
  test(`no decision, never a pass: ${name}`, async () => {
    const below = Object.fromEntries(Object.entries(files).map(([path, text]) => [`.countersign/${path}`, text]));
    const { folder, base } = change(below);
    const ran = await countersign(['gate', '--base', base, '--format', 'json'], { cwd: folder });
    assert.equal(ran.code, code, ran.stderr + ran.stdout);
    assert.match(ran.stderr, message);
    assert.equal(ran.stdout, '', 'nothing that could be taken for a verdict');
    assert.doesNotMatch(ran.stderr, /\n {4}at /, 'no stack');
  });
}

test('a policy that never ends is stopped in time', async () => {
  const endless =
    'package main\n\ndeny contains "x" if {\n\tsome i in numbers.range(1, 100000)\n\tsome j in numbers.range(1, 100000)\n\ti * j == -1\n}\n';
  const { folder, base } = change({ '.countersign/policies/p.rego': endless });
  const ran = await countersign(['gate', '--base', base, '--timeout', '0.5'], { cwd: folder });
  assert.equal(ran.code, 3, ran.stdout);
  assert.match(ran.stderr, /too long/);
});

test('a symbolic link in place of a policy is refused', { skip: process.platform === 'win32' }, async () => {
  const { folder, git, commit } = newRepository();
  const blob = git(['hash-object', '-w', '--stdin'], '../../elsewhere.rego');
  git(['update-index', '--add', '--cacheinfo', `120000,${blob},.countersign/policies/p.rego`]);
  const base = commit('Base\n');
  commit('Next\n');
  const ran = await countersign(['gate', '--base', base], { cwd: folder });
  assert.equal(ran.code, 2, ran.stderr + ran.stdout);
  assert.match(ran.stderr, /p\.rego.*symbolic link/i);
});

const misuses: [name: string, args: string[], code: number, message: RegExp][] = [
  ['an unknown option', ['--bose', 'x'], 2, /unknown option '--bose'/],
  ['an unknown format', ['--base', 'HEAD', '--format', 'xml'], 2, /text, json/],
  ['an unknown base', ['--base', 'nowhere'], 2, /no commit "nowhere" here/],
  ['an unknown head', ['--base', 'HEAD', '--head', 'nowhere'], 2, /no commit "nowhere" here/],
  ['a base like an option', ['--base=--all'], 2, /not the name of a revision/],
  ['no base and no remote', [], 2, /--base main/],
  ['no such policy folder', ['--base', 'HEAD', '--policy', 'nowhere'], 2, /no folder "nowhere"/],
  ['a timeout that is none', ['--base', 'HEAD', '--timeout', 'soon'], 2, /number of seconds/],
  ['no such repository', ['--base', 'HEAD', '-C', 'nowhere'], 2, /no folder .*nowhere/],
];
for (const [name, args, code, message] of misuses) {
  test(`misuse is told from denial: ${name}`, async () => {
    const { folder } = newRepository();
    const ran = await countersign(['gate', ...args], { cwd: folder });
    assert.equal(ran.code, code, ran.stderr);
    assert.match(ran.stderr, message);
    assert.equal(ran.stdout, '');
  });
}

test('outside of a repository there is nothing to judge', async () => {
  const ran = await countersign(['gate', '--base', 'HEAD'], { cwd: temporaryFolder() });
  assert.equal(ran.code, 2, ran.stderr);
  assert.match(ran.stderr, /in no Git repository/);
});

test('an engine that does not start decides nothing', async () => {
  const { folder, base } = change({});
  const env = { COUNTERSIGN_ENGINE: join(folder, 'no-engine') };
  const ran = await countersign(['gate', '--base', base], { cwd: folder, env });
  assert.equal(ran.code, 3, ran.stderr);
  assert.match(ran.stderr, /engine does not start/);
});

test('a shallow clone that hides what matters decides nothing, and says what to do', async () => {
  const { folder, git, commit } = newRepository();
  const old = commit('Old\n', { files: { '.countersign/policies/p.rego': fine } });
  for (let at = 0; at < 4; at++) commit(`Commit ${at}\n`);
  const clone = join(temporaryFolder(), 'clone');
  git(['clone', '--quiet', '--depth=2', `file://${folder}`, clone]);
  const ran = await countersign(['gate', '--base', old], { cwd: clone });
  assert.equal(ran.code, 3, ran.stderr);
  assert.match(ran.stderr, /shallow.*git fetch --unshallow/);
  const touching = await countersign(['gate', '--base', 'HEAD~1', '--head', 'HEAD'], { cwd: clone });
  assert.equal(touching.code, 0, touching.stderr);
  git(['-C', clone, 'checkout', '--quiet', '--orphan', 'other']);
  git(['-C', clone, '-c', 'user.name=A', '-c', 'user.email=a@example.com', 'commit', '--quiet', '-m', 'Unrelated']);
  const unrelated = await countersign(['gate', '--base', 'main', '--head', 'other'], { cwd: clone });
  assert.equal(unrelated.code, 3, unrelated.stderr);
  assert.match(unrelated.stderr, /Cannot decide/);
});

test('a damaged repository decides nothing', async () => {
  const { folder, git, base } = change({ '.countersign/policies/p.rego': fine });
  const blob = git(['rev-parse', `${base}:.countersign/policies/p.rego`]);
  rmSync(join(folder, '.git', 'objects', blob.slice(0, 2), blob.slice(2)), { force: true });
  const ran = await countersign(['gate', '--base', base], { cwd: folder });
  assert.equal(ran.code, 3, ran.stderr + ran.stdout);
  assert.match(ran.stderr, /p\.rego/);
});

test('a policy folder that is given goes before the base, wherever it is spelled from', async () => {
  const { folder, base } = change({ '.countersign/policies/p.rego': 'package main\n\nbroken' });
  const policy = temporaryFolder();
  writeFiles(policy, { 'a b/ü.rego': fine });
  const ran = await countersign(['gate', '--base', base, '--policy', join(policy, 'a b')], { cwd: folder });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /Allowed: 1 passed/);
});
