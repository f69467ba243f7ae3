/** The hook records what it decided where the configuration asks for it, and not else. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { DecisionRecord } from '../../core/decision/log/record.ts';
import { countersign, newRepository, writeFiles } from './harness.ts';

const policy = `package p

deny contains {"rule": "no-bad", "msg": "bad", "commit": commit.sha} if {
	some commit in input.commits
	contains(commit.subject, "bad")
}
`;
const mask = 'package system.log\n\nmask contains "/input/commits/0/author"\n';

function repositoryWith(config: string, more: Record<string, string> = {}) {
  const { folder } = newRepository();
  writeFiles(folder, {
    '.countersign/config.yaml': `version: 1\nhook: {ask: never}\n${config}`,
    '.countersign/policies/p.rego': policy,
    ...more,
  });
  const judge = (message: string) => {
    const file = join(folder, '.git', 'COMMIT_EDITMSG');
    writeFileSync(file, message);
    return countersign(['hook', 'run', 'commit-msg', file], { cwd: folder });
  };
  const log = join(folder, 'decisions.jsonl');
  const records = () =>
    readFileSync(log, 'utf8')
      .trimEnd()
      .split('\n')
      .map((line) => JSON.parse(line) as DecisionRecord);
  return { folder, judge, log, records };
}

test('what the hook decides is recorded, by either path, and can be replayed', async () => {
  const { folder, judge, log, records } = repositoryWith('decisions: {log: decisions.jsonl, hook: true}\n');
  // By the engine, and then by the policy that it kept.
  for (const [message, code] of [
    ['Good\n', 0],
    ['A bad one\n', 1],
    ['Good again\n', 0],
  ] as const) {
    assert.equal((await judge(message)).code, code, message);
  }
  assert.deepEqual(
    records().map(({ path, result, input }) => [path, result?.result, input?.phase, input?.commits[0]?.subject]),
    [
      ['countersign/commit', 'allow', 'commit', 'Good'],
      ['countersign/commit', 'deny', 'commit', 'A bad one'],
      ['countersign/commit', 'allow', 'commit', 'Good again'],
    ],
  );
  assert.equal((await countersign(['decision', 'verify', log])).code, 0);
  const replayed = await countersign(['decision', 'replay', log], { cwd: folder });
  assert.equal(replayed.stdout, 'Replayed: 3 decisions the same.\n', replayed.stderr);
});

test('the mask policy holds for the hook, too', async () => {
  const { judge, records } = repositoryWith('decisions: {log: decisions.jsonl, hook: true}\n', {
    '.countersign/policies/mask.rego': mask,
  });
  for (const message of ['One\n', 'Two\n']) assert.equal((await judge(message)).code, 0);
  for (const { erased, input } of records()) {
    assert.deepEqual(erased, ['/input/commits/0/author']);
    assert.equal(input?.commits[0]?.author, undefined);
  }
});

test('nothing is recorded unless it is asked for', async () => {
  for (const config of ['', 'decisions: {log: decisions.jsonl}\n', 'decisions: {hook: true}\n']) {
    const { judge, log } = repositoryWith(config);
    const ran = await judge('Good\n');
    assert.deepEqual([ran.code, ran.stderr], [0, '']);
    assert.ok(!existsSync(log), config);
  }
});

test('a record that cannot be written stops the commit only where faults do', async () => {
  for (const [onError, code] of [
    ['allow', 0],
    ['deny', 3],
  ] as const) {
    const { folder, judge } = repositoryWith('decisions: {log: decisions.jsonl, hook: true}\n');
    writeFiles(folder, {
      '.countersign/config.yaml': `version: 1\nhook: {ask: never, onError: ${onError}}\ndecisions: {log: decisions.jsonl, hook: true}\n`,
    });
    mkdirSync(join(folder, 'decisions.jsonl'));
    const ran = await judge('Good\n');
    assert.equal(ran.code, code, ran.stderr);
    assert.match(ran.stderr, /The decision could not be recorded/);
  }
});
