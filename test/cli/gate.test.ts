import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { countersign, entry, newRepository, type Ran, temporaryFolder, writeFiles } from './harness.ts';

const disclosed = (extra = ''): string => `
AI-Model: claude-opus-4-6
AI-Timestamp: ${new Date(Date.now() - 95_000_000).toISOString()}
AI-Context: Wrote the parser and its tests from the grammar
AI-Approver: Dee Reviewer <dee@example.com>
${extra}`;

const denyAll = 'package main\n\ndeny contains "no" if input.commits != []\n';

interface Json {
  result: string;
  revision: string;
  decision_id: string;
  change: { deny: unknown[]; warn: unknown[] };
  commits: { sha: string; subject: string; ai: boolean; deny: { rule: string; field?: string }[]; warn: unknown[] }[];
}

function json(ran: Ran): Json {
  return JSON.parse(ran.stdout) as Json;
}

test('a change is judged by the built-in pack where the base has no policy, and says so', async () => {
  const { folder, commit } = newRepository();
  const base = commit('Base\n');
  const human = commit('By hand\n\nNo AI here.\n');
  const good = commit(`With AI\n${disclosed()}`, { files: { 'src/a.ts': '1' } });
  const ran = await countersign(['gate', '--base', base, '--format', 'json'], { cwd: folder });
  assert.equal(ran.code, 0, ran.stderr + ran.stdout);
  const verdict = json(ran);
  assert.deepEqual(Object.keys(verdict), ['result', 'revision', 'decision_id', 'change', 'commits']);
  assert.equal(verdict.result, 'allow');
  assert.match(verdict.revision, /^pack@\d+\.\d+\.\d+\+sha256:[0-9a-f]{64}$/);
  assert.match(verdict.decision_id, /^[0-9a-f-]{36}$/);
  assert.deepEqual(
    verdict.commits.map(({ sha, subject, ai }) => [sha, subject, ai]),
    [
      [human, 'By hand', false],
      [good, 'With AI', true],
    ],
  );
  assert.match(ran.stderr, /no \.countersign folder, so the built-in policies judge/);

  const bad = commit('Undisclosed\n\nCo-authored-by: Claude <noreply@anthropic.com>\n');
  const denied = await countersign(['gate', '--base', base, '--format', 'json'], { cwd: folder });
  assert.equal(denied.code, 1);
  const last = json(denied).commits.at(-1);
  assert.equal(last?.sha, bad);
  assert.equal(last?.ai, true);
  assert.ok((last?.deny.length ?? 0) > 0 && last?.deny.every((violation) => !('commit' in violation)));

  const text = await countersign(['gate', '--base', base], { cwd: folder });
  assert.equal(text.code, 1);
  assert.match(text.stdout, new RegExp(`✗ ${bad.slice(0, 10)} Undisclosed`));
  assert.match(text.stdout, /fix {2}.*countersign stamp/);
  assert.match(text.stdout, /Denied: 1 denied, 2 passed/);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: the mark of colour
  assert.doesNotMatch(text.stdout, /\u001b/, 'no colour where nobody looks');
  const colour = await countersign(['gate', '--base', base], { cwd: folder, env: { FORCE_COLOR: '1' } });
  assert.ok(colour.stdout.includes('\u001b[31m'));
});

test('policy is read from the base: a change cannot loosen the rules that judge it', async () => {
  const { folder, git, commit } = newRepository();
  const base = commit('Forbid\n', { files: { '.countersign/policies/main.rego': denyAll } });
  commit('Loosen\n', { files: { '.countersign/policies/main.rego': 'package main\n\ndeny contains "x" if false\n' } });
  writeFiles(folder, { '.countersign/policies/main.rego': 'package main\n\nnot even rego' });
  const ran = await countersign(['gate', '--base', base, '--format', 'json'], { cwd: folder });
  assert.equal(ran.code, 1, ran.stderr);
  assert.equal(json(ran).revision, base);
  assert.deepEqual(json(ran).change.deny, [{ rule: 'policy', msg: 'no' }]);
  assert.equal(ran.stderr, '');

  git(['checkout', '--quiet', '--force', '-b', 'next']);
  const next = await countersign(['gate', '--base', 'HEAD', '--format', 'json'], { cwd: folder });
  assert.equal(next.code, 0, next.stderr);
  assert.deepEqual(json(next).commits, []);
});

test("a conftest policy folder judges unchanged, and its files' data with it", async () => {
  const { folder, commit } = newRepository();
  const base = commit('Base\n');
  const odd = commit('wip: try\n');
  const policy = {
    'policy/subject.rego': `package main

import data.words.forbidden

deny_subject contains msg if {
	some commit in input.commits
	some word in forbidden
	startswith(commit.subject, word)
	msg := sprintf("%s: no %s", [commit.sha, word])
}

warn contains {"msg": "small", "commit": commit.sha, "details": {"n": 1}} if some commit in input.commits

violation contains {"msg": "unknown", "commit": "1234567", "rule": "named"} if true
`,
    'policy/words/data.json': '{"forbidden": ["wip"]}',
    'policy/subject_test.rego': 'package main\n\ntest_none if count(deny_subject) == 0 with input as {}\n',
  };
  writeFiles(folder, policy);
  const ran = await countersign(['gate', '--base', base, '--policy', 'policy', '--format', 'json'], { cwd: folder });
  assert.equal(ran.code, 1, ran.stderr);
  const { revision, change, commits } = json(ran);
  assert.match(revision, /^sha256:[0-9a-f]{64}$/);
  assert.deepEqual(change.deny, [
    { rule: 'named', msg: 'unknown', commit: '1234567' },
    { rule: 'policy', msg: `${odd}: no wip` },
  ]);
  assert.deepEqual(commits[0]?.warn, [{ rule: 'main', msg: 'small' }]);
  assert.match(ran.stderr, /names the commit 1234567, which is none of those judged/);

  const v0 = temporaryFolder();
  writeFiles(v0, {
    'p.rego': 'package main\n\ndeny[msg] {\n  input.commits[_].subject == "wip: try"\n  msg := "v0"\n}\n',
  });
  const old = await countersign(['gate', '--base', base, '--policy', v0, '--rego', 'v0'], { cwd: folder });
  assert.equal(old.code, 1, old.stderr);
  assert.match(old.stdout, /deny v0/);
});

test('a JSON Schema policy decides beside Rego ones', async () => {
  const { folder, commit } = newRepository();
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    'x-countersign': { each: 'commits[].disclosure', rule: 'one-model', level: 'deny' },
    properties: { model: { maxItems: 1 } },
  };
  const base = commit('Base\n', {
    files: { '.countersign/policies/one.schema.json': JSON.stringify(schema) },
  });
  commit('One\n\nAI-Model: a\n');
  const two = commit('Two\n\nAI-Model: a\nAI-Model: b\n');
  const ran = await countersign(['gate', '--base', base, '--format', 'json'], { cwd: folder });
  assert.equal(ran.code, 1, ran.stderr);
  const [first, second] = json(ran).commits;
  assert.deepEqual([first?.ai, first?.deny], [true, []]);
  assert.equal(second?.sha, two);
  assert.deepEqual(
    second?.deny.map(({ rule, field }) => [rule, field]),
    [['one-model', 'model']],
  );
});

test('the decision is kept with its input, one line of JSON each', async () => {
  const { folder, commit } = newRepository();
  const base = commit('Base\n');
  commit(`With AI\n${disclosed()}`);
  const log = join(temporaryFolder(), 'decisions.jsonl');
  const args = ['gate', '--base', base, '--format', 'json', '--decision-log', log];
  const [one, two] = [await countersign(args, { cwd: folder }), await countersign(args, { cwd: folder })];
  assert.equal(one.code, 0, one.stderr);
  const records = readFileSync(log, 'utf8')
    .trimEnd()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.deepEqual(
    records.map((record) => record.decision_id),
    [json(one).decision_id, json(two).decision_id],
  );
  const [{ labels, bundles, path, input, result, timestamp, metrics }] = records;
  assert.equal(labels.app, 'countersign');
  assert.equal(bundles.countersign.revision, json(one).revision);
  assert.equal(path, 'countersign/gate');
  assert.equal(input.commits[0].disclosure.model[0], 'claude-opus-4-6');
  assert.equal(result.result, 'allow');
  assert.equal(timestamp, input.now);
  assert.ok(metrics.timer_rego_query_eval_ns > 0);
  const unwritable = await countersign(['gate', '--base', base, '--decision-log', join(folder, 'no', 'such')], {
    cwd: folder,
  });
  assert.equal(unwritable.code, 3, 'a decision that must be kept and cannot be is none');
});

test('what a commit says cannot forge lines or colours', async () => {
  const { folder, commit } = newRepository();
  const base = commit('Base\n');
  commit('\u001b[2K\u202eevil\n\nCo-authored-by: Claude <noreply@anthropic.com>\n\u001b]0;title\u0007\n');
  const ran = await countersign(['gate', '--base', base], { cwd: folder, env: { FORCE_COLOR: '0' } });
  assert.equal(ran.code, 1);
  // biome-ignore lint/suspicious/noControlCharactersInRegex: these must not appear
  assert.doesNotMatch(ran.stdout + ran.stderr, /[\u001b\u0007\u202e]/);
  assert.match(ran.stdout, /\\u001b\[2K\\u202eevil/);
});

test('a reader that goes away does not change the verdict', { skip: process.platform === 'win32' }, async () => {
  const { folder, commit } = newRepository();
  const base = commit('Base\n');
  for (let at = 0; at < 30; at++) commit(`Undisclosed ${at}\n\nCo-authored-by: Claude <noreply@anthropic.com>\n`);
  const line = `"$0" "$1" gate --base ${base} | head -c 10 >/dev/null; echo \${PIPESTATUS[0]}`;
  const ran = spawnSync('bash', ['-c', line, process.execPath, entry], { cwd: folder, encoding: 'utf8' });
  assert.equal(ran.stdout.trim(), '1', ran.stderr);
  assert.doesNotMatch(ran.stderr, /EPIPE|at /);
});

test('an interruption ends the command without a verdict', { skip: process.platform === 'win32' }, async () => {
  const { folder, commit } = newRepository();
  const base = commit('Base\n');
  writeFiles(folder, {
    'policy/endless.rego':
      'package main\n\ndeny contains "x" if {\n\tsome i in numbers.range(1, 100000)\n\tsome j in numbers.range(1, 100000)\n\ti * j == -1\n}\n',
  });
  const child = spawn(process.execPath, [entry, 'gate', '--base', base, '--policy', 'policy', '--verbose'], {
    cwd: folder,
  });
  let stdout = '';
  child.stdout.on('data', (text) => {
    stdout += text;
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  // The first thing that is said is which engine has started.
  await new Promise((resolve) => child.stderr.once('data', resolve));
  child.kill('SIGINT');
  assert.equal(await ended, 130);
  assert.equal(stdout, '');
});
