import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { countersign, temporaryFolder, writeFiles } from './harness.ts';

const policy = {
  'policies/main.rego': `package main

deny contains "small" if input.n < 3

warn contains "large" if {
	input.n > 10
}
`,
  'policies/main_test.rego': `package main_test

import data.main

test_small if count(main.deny) == 1 with input as {"n": 2}

test_wrong if {
	denied := main.deny with input as {"n": 5}
	print("denied is", denied)
	count(denied) == 1
}
`,
  'policies/d.schema.json': JSON.stringify({
    'x-countersign': { each: 'commits[].disclosure', rule: 'shape' },
    required: ['model'],
  }),
  'policies/d.schema_test.yaml': `tests:
  - name: complete
    value: { model: [x] }
    valid: true
  - name: wrongly valid
    value: {}
    valid: true
`,
};

interface Json {
  tests: { name: string; outcome: string; location: { path: string; range: { start: { line: number } } } }[];
  coverage?: { path: string }[];
  percent?: number;
}

function inHome(files: Record<string, string>): Record<string, string> {
  return Object.fromEntries(Object.entries(files).map(([path, text]) => [`.countersign/${path}`, text]));
}

test('Rego and JSON Schema tests run together; failures show place, expression, values and output', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, inHome(policy));
  const ran = await countersign(['test'], { cwd: folder });
  assert.equal(ran.code, 1, ran.stderr);
  assert.match(ran.stdout, /✗ data\.main_test\.test_wrong .*main_test\.rego:7/);
  assert.match(ran.stdout, /main_test\.rego:10:\d+: .*count\(denied\) == 1/);
  assert.match(ran.stdout, /denied = \[\]/);
  assert.match(ran.stdout, /denied is set\(\)/);
  assert.match(ran.stdout, /✗ .*d\.schema\.json\/wrongly valid .*d\.schema_test\.yaml:5/);
  assert.match(ran.stdout, /model is missing/);
  assert.match(ran.stdout, /^2 passed, 2 failed/m);
});

test('the JSON names every test with its place', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, inHome(policy));
  const ran = await countersign(['test', '--format', 'json', '--coverage', '.countersign'], { cwd: folder });
  assert.equal(ran.code, 1);
  const { tests, coverage, percent } = JSON.parse(ran.stdout) as Json;
  assert.deepEqual(
    new Map(tests.map(({ name, outcome }) => [name, outcome])),
    new Map([
      ['.countersign/policies/d.schema.json/complete', 'pass'],
      ['.countersign/policies/d.schema.json/wrongly valid', 'fail'],
      ['data.main_test.test_small', 'pass'],
      ['data.main_test.test_wrong', 'fail'],
    ]),
  );
  assert.deepEqual(
    coverage?.map(({ path }) => path),
    ['.countersign/policies/main.rego'],
    'the tests themselves are not counted',
  );
  assert.ok(percent !== undefined && percent > 0 && percent < 100);
});

test('a filter picks tests; one that picks none is a mistake, not a pass', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, inHome(policy));
  const picked = await countersign(['test', '--filter', 'small|complete', '--verbose'], { cwd: folder });
  assert.equal(picked.code, 0, picked.stdout + picked.stderr);
  assert.match(picked.stdout, /✓ data\.main_test\.test_small/);
  assert.match(picked.stdout, /^2 passed, 0 failed/m);
  const none = await countersign(['test', '--filter', 'nothing'], { cwd: folder });
  assert.equal(none.code, 2, none.stdout);
  assert.match(none.stderr, /No test was found that matches/);
  const broken = await countersign(['test', '--filter', '('], { cwd: folder });
  assert.equal(broken.code, 2);
  assert.match(broken.stderr, /no regular expression/);
});

test('tests of policies that do not compile, or whose data is wrong, do not pass', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, {
    'a/p.rego': 'package p\n\nx contains y if true\n\ntest_x if true\n',
    'b/policies/p.rego': 'package p\n\ntest_x if true\n',
    'b/data/scope.yaml': 'scope: []\n',
    'c/p.rego': 'package p\n\ntest_x if 1 / 0 == 1\n\ntodo_test_y if false\n',
  });
  const uncompiled = await countersign(['test', 'a'], { cwd: folder });
  assert.equal(uncompiled.code, 1);
  assert.match(uncompiled.stdout, /a\/p\.rego:3:\d+: error: .*unsafe/);
  const data = await countersign(['test', 'b'], { cwd: folder });
  assert.equal(data.code, 1, data.stdout);
  assert.match(data.stdout, /b\/data\/scope\.yaml:1:\d+: error/);
  const failing = await countersign(['test', 'c'], { cwd: folder });
  assert.equal(failing.code, 1, failing.stdout);
  assert.match(failing.stdout, /1 skipped/);
});

test('a plain folder and a single file are tested, in Rego v0 where asked', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, {
    'policy/p.rego': 'package main\n\ndeny[msg] { input.x; msg := data.words.word }\n',
    'policy/p_test.rego': 'package main\n\ntest_deny { deny["never"] with input as {"x": 1} }\n',
    'policy/words/data.yaml': 'word: never\n',
  });
  const whole = await countersign(['test', '--rego', 'v0', 'policy'], { cwd: folder });
  assert.equal(whole.code, 0, whole.stdout + whole.stderr);
  const asV1 = await countersign(['test', 'policy'], { cwd: folder });
  assert.equal(asV1.code, 1);
  const alone = await countersign(['test', '--rego', 'v0', join('policy', 'p.rego'), join('policy', 'p_test.rego')], {
    cwd: folder,
  });
  assert.equal(alone.code, 1, 'its data was not named');
});

test("the built-in pack's own tests pass", async () => {
  const root = join(import.meta.dirname, '..', '..');
  const ran = await countersign(['test', 'policies'], { cwd: root });
  assert.equal(ran.code, 0, ran.stdout + ran.stderr);
});
