import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { countersign, temporaryFolder, writeFiles } from './harness.ts';

const good = `# METADATA
# description: Nothing is denied.
package main

# METADATA
# entrypoint: true
deny contains "never" if input.never
`;

test('problems come with file, line and column, sorted, and exit 1', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, {
    'p/b.rego': 'package b\n\ndeny contains msg if true\n',
    'p/a.rego': 'package a\n\ndeny contains "x" if {\n\tinput.x ==\n}\n',
    'p/x.schema.json': '{\n  "x-countersign": {"each": "commits[]", "rule": 5}\n}',
    'p/x.schema_test.yaml': 'tests:\n  - name: a\n    valid: true\n',
  });
  const ran = await countersign(['check', 'p', '--no-lint'], { cwd: folder });
  assert.equal(ran.code, 1, ran.stderr);
  const lines = ran.stdout.trimEnd().split('\n');
  assert.match(lines[0] ?? '', /^p\/a\.rego:\d+:\d+: error: .*\(rego_parse_error\)$/);
  assert.match(ran.stdout, /^p\/b\.rego:3:\d+: error: .*unsafe.*$/m);
  assert.match(ran.stdout, /^p\/x\.schema\.json:2:\d+: error: .*rule/m);
  assert.match(ran.stdout, /^p\/x\.schema_test\.yaml:2:\d+: error: .*"value"/m);
  assert.equal(new Set(lines).size, lines.length, 'each problem once');
  const json = await countersign(['check', 'p', '--no-lint', '--format', 'json'], { cwd: folder });
  const { errors, problems } = JSON.parse(json.stdout) as { errors: number; problems: { path: string }[] };
  assert.equal(errors, problems.length);
  assert.deepEqual(
    [...problems.map(({ path }) => path)].sort(),
    problems.map(({ path }) => path),
  );
});

test('lint findings name their rule; the folder’s own configuration is honoured', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'p/main.rego': good.replace('"never"', '"never"  ') });
  const linted = await countersign(['check', 'p'], { cwd: folder });
  assert.match(linted.stdout, /p\/main\.rego:\d+:\d+: (error|warning): .*\(opa-fmt\)/, linted.stdout + linted.stderr);
  writeFiles(folder, { '.regal/config.yaml': 'rules:\n  style:\n    opa-fmt:\n      level: ignore\n' });
  const quiet = await countersign(['check', 'p'], { cwd: folder });
  assert.doesNotMatch(quiet.stdout, /opa-fmt/);
});

test('a file of a .countersign folder is checked with all that it needs, and reported alone', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, {
    '.countersign/policies/lib.rego': 'package lib\n\nholds(x) if x == 1\n',
    '.countersign/policies/main.rego': 'package main\n\nimport data.lib\n\ndeny contains "x" if lib.holds(1, 2, 3)\n',
    '.countersign/policies/other.rego': 'package other\n\nbroken',
  });
  const file = join('.countersign', 'policies', 'main.rego');
  const ran = await countersign(['check', '--no-lint', file], { cwd: folder });
  assert.equal(ran.code, 1, ran.stderr);
  assert.match(ran.stdout, /main\.rego:5:\d+: error: .*arity/s);
  assert.doesNotMatch(ran.stdout, /other\.rego/);
});

test('a sound policy is said to be sound; strictness is asked for', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { '.countersign/policies/main/main.rego': good });
  const ran = await countersign(['check', '--no-lint'], { cwd: folder });
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
  assert.match(ran.stderr, /1 file checked: no problems/);
  writeFiles(folder, {
    '.countersign/policies/main/main.rego': `${good}\nunused(x) := y if {\n\ty := 1\n\tz := 2\n}\n`,
  });
  assert.equal((await countersign(['check', '--no-lint'], { cwd: folder })).code, 0);
  assert.equal((await countersign(['check', '--no-lint', '--strict'], { cwd: folder })).code, 1);
});

test('nothing to check is a mistake, not a pass', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'empty/README.md': '#' });
  for (const [args, message] of [
    [['empty'], /no policies to check/],
    [['nowhere'], /no file or folder "nowhere"/],
    [[], /countersign init/],
  ] as const) {
    const ran = await countersign(['check', ...args], { cwd: folder });
    assert.equal(ran.code, 2, ran.stderr);
    assert.match(ran.stderr, message);
  }
});

test('the built-in policies are sound', async () => {
  const root = join(import.meta.dirname, '..', '..');
  const ran = await countersign(['check', '--no-lint', '--strict', 'policies'], { cwd: root });
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
});
