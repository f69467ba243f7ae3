/** Which exceptions made a difference, whoever honours them. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { decide } from '../../../core/decision/decide.ts';
import type { Commit, Exception, Input } from '../../../core/input.ts';
import { loadPack } from '../../../core/policies/load.ts';
import { assemblePolicySet, type PolicySet } from '../../../core/policies/policy-set.ts';
import { startEngine } from '../../../engine/start.ts';

const engine = await startEngine();
after(() => engine.dispose());

const [one, two] = ['1'.repeat(40), '2'.repeat(40)];

function commit(sha: string, given: Partial<Commit> = {}): Commit {
  const person = { name: 'Ann Example', email: 'ann@example.com', time: '2026-06-01T11:00:00Z' };
  return {
    sha,
    parents: ['0'.repeat(40)],
    parent_times: ['2026-06-01T10:00:00Z'],
    author: person,
    committer: person,
    subject: 'A change',
    body: 'Co-authored-by: Claude <noreply@anthropic.com>\n',
    trailers: [],
    files: [{ path: 'src/a.ts', status: 'M' }],
    merge: false,
    revert: false,
    fixup: false,
    ...given,
  };
}

function exception(id: string, given: Partial<Exception> = {}): Exception {
  return {
    id,
    rules: ['undisclosed-ai'],
    reason: 'For a test.',
    approved_by: 'Bo Example <bo@example.com>',
    opened: '2026-06-01T00:00:00Z',
    expires: '2026-06-05T00:00:00Z',
    ...given,
  };
}

function input(commits: Commit[], exceptions: Exception[]): Input {
  const now = '2026-06-01T12:00:00Z';
  return { schema: 'countersign.input/v1', phase: 'change', now, repository: { name: 'app' }, commits, exceptions };
}

function policies(text: string): PolicySet {
  const files = [{ path: 'p.rego', bytes: Buffer.from(text) }];
  return assemblePolicySet({ files, skipped: [] }, { origin: 'folder', label: 'a test', prefix: '' });
}

test('an exception that excuses is in the verdict, with what it excuses', async () => {
  const given = [exception('used', { commits: ['1111111'] }), exception('elsewhere', { paths: ['docs/**'] })];
  const { verdict } = await decide(engine, await loadPack(), input([commit(one), commit(two)], given));
  assert.deepEqual(
    verdict.commits.map(({ deny }) => deny.map(({ rule }) => rule)),
    [[], ['undisclosed-ai']],
  );
  const [honoured, ...others] = verdict.exceptions ?? [];
  assert.deepEqual(others, []);
  const { id, rules, expires, excused } = honoured ?? {};
  assert.deepEqual([id, rules, expires], ['used', ['undisclosed-ai'], '2026-06-05T00:00:00Z']);
  assert.deepEqual(
    excused?.map(({ rule, commit: sha }) => [rule, sha]),
    [['undisclosed-ai', one]],
  );
});

test('only those that speak of what was excused: by path, and both when both do', async () => {
  const given = [
    exception('all', { paths: ['src/**'] }),
    exception('same', { rules: ['approved-model', 'undisclosed-ai'] }),
    exception('part', { paths: ['src/b/**'] }),
    exception('another', { rules: ['approved-model'] }),
    exception('over', { expires: '2026-06-01T12:00:00Z' }),
    exception('closed', { closed: { at: '2026-06-01T01:00:00Z', note: 'Over.' } }),
    exception('later', { opened: '2026-06-02T00:00:00Z' }),
  ];
  const { verdict } = await decide(engine, await loadPack(), input([commit(one)], given));
  assert.deepEqual(
    verdict.exceptions?.map(({ id, rules }) => [id, rules]),
    [
      ['all', ['undisclosed-ai']],
      ['same', ['undisclosed-ai']],
    ],
  );
});

test('none is in the verdict when none was needed', async () => {
  const clean = commit(one, { body: '' });
  const { verdict } = await decide(engine, await loadPack(), input([clean], [exception('idle')]));
  assert.ok(!('exceptions' in verdict));
});

test('policies of any making are asked in the same way', async () => {
  const set = policies(`package own

deny contains {"rule": "r", "msg": "no", "path": "x/y"} if count(input.exceptions) == 0

warn contains "with exceptions only" if count(input.exceptions) > 0
`);
  const { verdict } = await decide(engine, set, input([], [exception('x', { rules: ['r'], paths: ['x/*'] })]));
  assert.equal(verdict.result, 'allow');
  assert.equal(verdict.change.warn.length, 1);
  assert.deepEqual(verdict.exceptions?.[0]?.excused, [{ rule: 'r', msg: 'no', path: 'x/y' }]);
});

test('a policy that fails without exceptions decides all the same, and it is said', async () => {
  const set = policies(`package own

deny contains "x" if input.exceptions[0].id == "other"

deny contains {"rule": n, "msg": "fails"} if {
	n := 1
	count(input.exceptions) == 0
}
`);
  const { verdict, notes } = await decide(engine, set, input([], [exception('x')]));
  assert.equal(verdict.result, 'allow');
  assert.match(notes.join(), /Which exceptions were honoured is not known/);
});

test('over several batches each exception is there once', async () => {
  const commits = Array.from({ length: 1500 }, (_, at) => commit(String(at).padStart(40, '0')));
  const { verdict } = await decide(engine, await loadPack(), input(commits, [exception('all')]));
  assert.equal(verdict.result, 'allow');
  assert.deepEqual(
    verdict.exceptions?.map(({ id, excused }) => [id, excused.length]),
    [['all', 1500]],
  );
});
