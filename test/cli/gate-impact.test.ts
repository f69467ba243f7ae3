/** Changes to the policies themselves: tried and shown, and judged by those of the base. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countersign, newRepository } from './harness.ts';

const policy = (word: string): string => `package main

deny contains {"rule": "word", "msg": "says ${word}", "commit": commit.sha} if {
	some commit in input.commits
	contains(commit.subject, "${word}")
}

warn contains {"rule": "asked", "msg": json.marshal(input.change.policy_change)} if input.change.policy_change
`;
const tests = (word: string): string => `package main_test

import data.main

test_finds if count(main.deny) == 1 with input as {"commits": [{"sha": "1", "subject": "${word}"}]}

test_passes if count(main.deny) == 0 with input as {"commits": [{"sha": "1", "subject": "fine"}]}
`;
const folder = '.countersign/policies';

interface Json {
  result: string;
  revision: string;
  change: { warn: { rule: string; msg: string }[] };
  policy_change?: {
    files: string[];
    tests?: { passed: number; failed: number; errors: string[] };
    failed: string[];
    would?: { result: string; added: { rule: string; msg: string; level: string }[]; removed: { msg: string }[] };
    notes: string[];
  };
}

/** A repository whose base forbids "old", and what the gate says of a change with these files. */
async function changing(subject: string, files: Record<string, string>, format = 'json') {
  const repository = newRepository();
  const base = repository.commit('Policy\n', {
    files: { [`${folder}/p.rego`]: policy('old'), [`${folder}/p_test.rego`]: tests('old') },
  });
  repository.commit(`${subject}\n`, { files });
  const ran = await countersign(['gate', '--base', base, '--format', format], { cwd: repository.folder });
  return { ...ran, base, json: (format === 'json' && ran.stdout !== '' ? JSON.parse(ran.stdout) : undefined) as Json };
}

test("changed policies run their tests and are shown, and the base's judge", async () => {
  const files = { [`${folder}/p.rego`]: policy('new'), [`${folder}/p_test.rego`]: tests('new') };
  const { code, json, base, stderr } = await changing('old and gone', files);
  assert.equal(code, 1, stderr);
  assert.equal(json.revision, base);
  const asked = JSON.parse(json.change.warn.find(({ rule }) => rule === 'asked')?.msg ?? '');
  assert.deepEqual(asked, {
    files: [`${folder}/p.rego`, `${folder}/p_test.rego`],
    tests: { passed: 2, failed: 0, errors: [] },
  });
  assert.deepEqual(json.policy_change?.tests, asked.tests);
  assert.equal(json.policy_change?.would?.result, 'allow');
  assert.deepEqual(
    json.policy_change?.would?.removed.map(({ msg }) => msg),
    ['says old'],
  );

  const text = await changing('brand new', files, 'text');
  assert.equal(text.code, 0, text.stderr);
  assert.match(text.stdout, /the policies change\n +2 policy files changed: .*The policies of the base judge it/);
  assert.match(text.stdout, /tests of the changed policies: 2 passed, 0 failed, no errors/);
  assert.match(text.stdout, /they would deny this change\n +would also say: deny of [0-9a-f]{10}, word: says new/);
  const markdown = await changing('brand new', files, 'markdown');
  assert.match(markdown.stdout, /### The policies change\n\n- `2 policy files changed/);
});

test('tests that fail, and policies that are none, are told and decide nothing', async (t) => {
  await t.test('a failing test', async () => {
    const { code, json } = await changing('x', { [`${folder}/p.rego`]: policy('new') });
    assert.equal(code, 0);
    assert.deepEqual(json.policy_change?.tests, { passed: 1, failed: 1, errors: [] });
    assert.deepEqual(json.policy_change?.failed, ['data.main_test.test_finds']);
  });
  const broken: [name: string, files: Record<string, string>, message: RegExp][] = [
    ['a syntax error', { [`${folder}/p.rego`]: 'package main\n\ndeny contains\n' }, /policies\/p\.rego:\d/],
    ['a network call', { [`${folder}/q.rego`]: 'package q\n\ndeny contains "x" if http.send({}).ok\n' }, /http\.send/],
    ['a wrong configuration', { '.countersign/config.yaml': 'version: 1\nno: such\n' }, /config\.yaml:2/],
    [
      'a test that never ends',
      {
        [`${folder}/e_test.rego`]:
          'package e_test\n\ntest_e if {\n\tsome i in numbers.range(1, 100000)\n\tsome j in numbers.range(1, 100000)\n\ti * j == -1\n}\n',
      },
      /test_e/,
    ],
  ];
  // Thirty doublings of a text of 32 characters: 32 GB.
  const doubled = Array.from({ length: 30 }, (_, at) => `s${at + 1} := concat("", [s${at}, s${at}])\n`).join('\n');
  broken.push([
    'a test that takes all memory',
    {
      [`${folder}/m_test.rego`]: `package m_test\n\ns0 := "${'a'.repeat(32)}"\n\n${doubled}\ntest_m if count(s30) == 1\n`,
    },
    /out of memory|took longer|memory/,
  ]);
  for (const [name, files, message] of broken) {
    await t.test(name, async () => {
      const { code, json, stderr } = await changing('x', files);
      assert.equal(code, 0, `the policies of the base decide: ${stderr}`);
      assert.match(json.policy_change?.tests?.errors.join('\n') ?? '', message);
    });
  }
});

test("the change's policies see neither the environment nor the network, and its schemas are not compiled", async () => {
  const repository = newRepository();
  const schema = (pattern: string) =>
    JSON.stringify({ 'x-countersign': { each: 'commits[].subject', rule: 'subject' }, pattern });
  const base = repository.commit('Policy\n', {
    files: { [`${folder}/p.rego`]: policy('old'), [`${folder}/s.schema.json`]: schema('^[^z]') },
  });
  repository.commit('aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa!\n', {
    files: {
      [`${folder}/p.rego`]: 'package main\n\ndeny contains json.marshal(opa.runtime()) if true\n',
      // It would keep JavaScript's regular expressions busy until the end of days.
      [`${folder}/s.schema.json`]: schema('^(a+)+$'),
    },
  });
  const ran = await countersign(['gate', '--base', base, '--format', 'json'], {
    cwd: repository.folder,
    env: { SECRET_TOKEN: 'hunter2' },
  });
  assert.equal(ran.code, 0, ran.stderr);
  const { policy_change: impact } = JSON.parse(ran.stdout) as Json;
  assert.equal(impact?.would?.added.length, 1, ran.stdout);
  assert.doesNotMatch(ran.stdout, /hunter2|SECRET/);
  assert.match(impact?.notes.join() ?? '', /Not tried, for they are JSON Schemas: .*s\.schema\.json/);
});

test('a policy folder that goes, or comes under another spelling, is a change of policy', async () => {
  const repository = newRepository();
  const base = repository.commit('Policy\n', { files: { [`${folder}/p.rego`]: policy('old') } });
  repository.git(['rm', '--quiet', '-r', '.countersign']);
  repository.commit('Gone\n');
  const gone = await countersign(['gate', '--base', base, '--format', 'json'], { cwd: repository.folder });
  assert.equal(gone.code, 0, gone.stderr);
  assert.match((JSON.parse(gone.stdout) as Json).policy_change?.notes.join() ?? '', /built-in policies would judge/);

  const { json, code } = await changing('old', { '.Countersign/policies/p.rego': policy('new') });
  assert.equal(code, 1, 'what is spelled otherwise judges nothing');
  assert.deepEqual(json.policy_change?.files, ['.Countersign/policies/p.rego']);
});
