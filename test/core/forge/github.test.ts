/** What is read of a pull request, from a server that answers as GitHub does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ForgeError } from '../../../core/forge/forge-error.ts';
import { startGithub } from '../../support/forge-servers/github.ts';
import type { GithubPull, GithubWorld } from '../../support/forge-servers/github-shapes.ts';
import { type Fault, faults } from '../../support/forge-servers/server.ts';
import { base, head, old, readerOf } from './reading.ts';

function pull(more: Partial<GithubPull> = {}): GithubPull {
  return {
    title: 'Add the export',
    body: 'It exports.',
    author: 'ann-example',
    labels: ['ai', 'high risk'],
    base: { ref: 'main', sha: base },
    head: { ref: 'topic', sha: head },
    commits: [
      { sha: old, message: 'One\n', author: { name: 'Ann Example', email: 'ann@example.com' }, login: 'ann-example' },
      { sha: head, message: 'Two\n', author: { name: 'Bo Example', email: 'bo@example.com' }, login: 'bo-example' },
    ],
    ...more,
  };
}

function world(more: Partial<GithubWorld> & { pull?: Partial<GithubPull> } = {}): GithubWorld {
  const { pull: ofPull, ...rest } = more;
  return {
    owner: 'example',
    name: 'app',
    settings: { allow_squash_merge: true, allow_merge_commit: true, allow_rebase_merge: false },
    users: {
      'ann-example': { role: 'write' },
      'bo-example': { role: 'maintain' },
      'cy-example': { role: 'triage' },
      'helper[bot]': { type: 'Bot' },
    },
    branches: { main: {} },
    pulls: { 7: pull(ofPull) },
    ...rest,
  };
}

/** Reads pull request 7 (or what `change` says) of a world. */
const read = readerOf(startGithub, (apiUrl, change: { number?: number; mergeQueue?: boolean }) => {
  return { forge: 'github', apiUrl, owner: 'example', name: 'app', ...change };
});

test('tells the pull request, each fact with its source', async () => {
  const { change, head: shown, facts, unknown, repository, server } = await read(world());
  const { approvals, checks, squash_message, ...rest } = change;
  assert.deepEqual(rest, {
    id: '7',
    url: `${server.url}/example/app/pull/7`,
    title: 'Add the export',
    body: 'It exports.',
    author: 'ann-example',
    author_kind: 'user',
    base_branch: 'main',
    head_branch: 'topic',
    draft: false,
    state: 'open',
    from_fork: false,
    labels: ['ai', 'high risk'],
    merge_queue: false,
    required_approvals: 0,
    merge_methods: ['merge', 'squash'],
  });
  assert.deepEqual([approvals, checks, unknown, shown], [[], [], [], head]);
  assert.equal(repository?.default_branch, 'main');
  assert.match(
    squash_message!,
    /^Add the export \(#7\)\n\n\* One\n\n\* Two\n\n---------\n\nCo-authored-by: Bo Example/,
  );
  const sources = new Map(facts.map(({ fact, source }) => [fact, source]));
  for (const fact of ['title', 'approvals', 'checks', 'squash_message', 'required_approvals']) {
    assert.equal(sources.get(`change.${fact}`), `github ${new URL(server.url).host}`, fact);
  }
  assert.ok(facts.every(({ at }) => !Number.isNaN(Date.parse(at))));
});

test('a draft, a fork, a deleted fork, a bot, a closed and a merged one are said to be so', async () => {
  const forked = await read(world({ pull: { draft: true, head: { ref: 't', sha: head, fork: 'ann-example' } } }));
  assert.deepEqual([forked.change.draft, forked.change.from_fork], [true, true]);
  const deleted = await read(world({ pull: { author: 'helper[bot]', head: { ref: 't', sha: head, fork: null } } }));
  assert.deepEqual([deleted.change.author_kind, deleted.change.from_fork], ['bot', true]);
  assert.equal((await read(world({ pull: { state: 'closed' } }))).change.state, 'closed');
  assert.equal((await read(world({ pull: { state: 'closed', merged: true } }))).change.state, 'merged');
});

test("a review counts by person, by commit, and by what the person may do; the latest one's word holds", async () => {
  const reviews = [
    { login: 'bo-example', state: 'CHANGES_REQUESTED', commit: old },
    { login: 'cy-example', state: 'APPROVED', commit: old },
    { login: 'helper[bot]', state: 'APPROVED', commit: head },
    { login: 'ann-example', state: 'COMMENTED', commit: head },
    { login: 'bo-example', state: 'APPROVED', commit: head },
    // Neither takes the approval back.
    { login: 'bo-example', state: 'COMMENTED', commit: head },
    { login: 'bo-example', state: 'PENDING', commit: head },
    { login: null, state: 'APPROVED', commit: head },
  ];
  const teams = { 'example/core': ['Bo-Example'], 'example/empty': [] };
  const asked = { teams: ['example/core', 'example/empty'], server: { pageSize: 2 } };
  const { change, unknown } = await read(world({ pull: { reviews }, teams }), asked);
  const at = '2026-01-31T10:00:00Z';
  assert.deepEqual(change.approvals, [
    {
      ...{ login: 'bo-example', kind: 'user', state: 'approved', commit: head, submitted_at: at },
      ...{ stale: false, author: false, permission: 'maintain', teams: ['example/core'] },
      ...{ name: 'Bo Example', email: 'bo@example.com', commits: [head] },
    },
    {
      ...{ login: 'cy-example', kind: 'user', state: 'approved', commit: old, submitted_at: at },
      ...{ stale: true, author: false, permission: 'triage', teams: [], commits: [] },
    },
    {
      ...{ login: 'helper[bot]', kind: 'bot', state: 'approved', commit: head, submitted_at: at },
      ...{ stale: false, author: false, commits: [] },
    },
    {
      ...{ login: 'ann-example', kind: 'user', state: 'commented', commit: head, submitted_at: at },
      ...{ stale: false, author: true, name: 'Ann Example', email: 'ann@example.com', commits: [old] },
    },
  ]);
  assert.deepEqual(unknown, []);
});

test('a dismissed review is dismissed, and one of a commit that is gone is stale', async () => {
  const reviews = [
    { login: 'bo-example', state: 'DISMISSED', commit: head },
    { login: 'cy-example', state: 'APPROVED', commit: null },
  ];
  const { change } = await read(world({ pull: { reviews } }));
  const [bo, cy] = change.approvals!;
  assert.deepEqual([bo!.state, bo!.permission, cy!.commit, cy!.stale], ['dismissed', undefined, undefined, true]);
});

test('a role of an own name counts as what it is built on', async () => {
  const users = { 'ann-example': {}, 'bo-example': { role: 'release-crew' } };
  const reviews = [{ login: 'bo-example', state: 'APPROVED', commit: head }];
  assert.equal((await read(world({ users, pull: { reviews } }))).change.approvals![0]!.permission, 'read');
});

test('checks: runs and statuses, those demanded among them, whether or not they have begun', async () => {
  const rules = [
    { type: 'required_status_checks', parameters: { required_status_checks: [{ context: 'scan' }] } },
    { type: 'pull_request', parameters: { required_approving_review_count: 2, allowed_merge_methods: ['squash'] } },
  ];
  const { change } = await read(
    world({
      branches: { main: { protection: { contexts: ['build'], approvals: 1 }, rules } },
      checks: {
        [head]: [
          { name: 'build', status: 'completed', conclusion: 'success' },
          { name: 'build', status: 'completed', conclusion: 'failure' },
          { name: 'lint', status: 'waiting' },
        ],
      },
      statuses: {
        [head]: [
          { context: 'legacy', state: 'error' },
          { context: 'legacy', state: 'success' },
          { context: 'slow', state: 'pending' },
        ],
      },
    }),
    { server: { pageSize: 1 } },
  );
  assert.deepEqual(change.checks, [
    { name: 'build', status: 'completed', conclusion: 'failure', required: true },
    { name: 'legacy', status: 'completed', conclusion: 'failure', required: false },
    { name: 'lint', status: 'queued', required: false },
    { name: 'scan', status: 'queued', required: true },
    { name: 'slow', status: 'in_progress', required: false },
  ]);
  assert.deepEqual([change.required_approvals, change.merge_methods], [2, ['squash']]);
});

test('what the token may not see is unknown, with the reason, and the rest is told', async () => {
  const reviews = [{ login: 'bo-example', state: 'APPROVED', commit: head }];
  const { change, unknown, facts } = await read(world({ settings: undefined, pull: { reviews } }), {
    teams: ['example/secret'],
    server: { forbidden: [/permission/, /check-runs/] },
  });
  const [review] = change.approvals!;
  assert.deepEqual([review!.state, review!.permission, review!.teams], ['approved', undefined, undefined]);
  assert.deepEqual(
    [change.checks, change.merge_methods, change.squash_message, facts.some(({ fact }) => fact === 'change.checks')],
    [undefined, undefined, undefined, false],
  );
  const why = new Map(unknown.map((one) => [one.fact, one.why]));
  const facts403 = ['change.approvals.permission', 'change.checks'];
  for (const fact of facts403) assert.match(why.get(fact)!, /did not give .*403, Resource not accessible/, fact);
  assert.match(why.get('change.approvals.teams')!, /members of example\/secret: 404/);
  assert.match(why.get('change.squash_message')!, /may push/);

  // Without the statuses the runs are told, and what is demanded and was not seen has not passed.
  const branches = { main: { protection: { contexts: ['legacy'] } } };
  const runs = { [head]: [{ name: 'build', status: 'completed', conclusion: 'success' }] };
  const partly = await read(world({ branches, checks: runs }), {
    server: { forbidden: [/\/commits\/.*\/statuses/, /protection/] },
  });
  assert.deepEqual(partly.change.checks, [
    { name: 'build', status: 'completed', conclusion: 'success', required: false },
    { name: 'legacy', status: 'queued', required: true },
  ]);
  const missing = partly.unknown.map(({ fact }) => fact).sort();
  assert.deepEqual(missing, ['change.checks.statuses', 'change.required_approvals']);
  assert.equal(partly.change.required_approvals, undefined);
});

test("a fork's run without secrets works with what is public, or what the event shows", async () => {
  const reviews = [{ login: 'bo-example', state: 'APPROVED', commit: head }];
  const open = await read(world({ pull: { reviews } }), { token: undefined });
  assert.deepEqual([open.change.title, open.change.approvals![0]!.stale], ['Add the export', false]);
  assert.ok(open.unknown.some(({ fact }) => fact === 'change.approvals.permission'));
  assert.ok(open.server.asked.every(({ headers }) => headers.authorization === undefined));

  const { server: closed } = await read(world());
  const shown = await (await fetch(`${closed.url}/repos/example/app/pulls/7`)).json();
  const payload = { action: 'opened', pull_request: shown };
  const hidden = await read(world({ private: true }), { token: undefined, payload });
  assert.deepEqual([hidden.change.title, hidden.head, hidden.change.approvals], ['Add the export', head, undefined]);
  assert.equal(hidden.facts.find(({ fact }) => fact === 'change.title')!.source, 'event pull_request');
  for (const fact of ['change.approvals', 'change.checks', 'change.squash_message', 'change.required_approvals']) {
    assert.ok(
      hidden.unknown.some((one) => one.fact === fact),
      fact,
    );
  }
  // Of another pull request it shows nothing.
  const other = await read(world({ private: true }), { token: undefined, payload, change: { number: 8 } });
  assert.deepEqual([other.change, other.unknown.map(({ fact }) => fact)], [{}, ['change']]);
});

test('without a token, a rate limit leaves facts unknown; with one, nothing can be decided', async () => {
  const limit = () => [faults.rateLimit(/reviews/, 3600)];
  const { change, unknown } = await read(world(), { token: undefined, faults: limit() });
  assert.equal(change.approvals, undefined);
  assert.match(unknown.find(({ fact }) => fact === 'change.approvals')!.why, /without a token/);
  await assert.rejects(read(world(), { faults: limit() }), { name: 'ForgeError', kind: 'failed' });
});

test('a change is found by its head, when its number is not known', async () => {
  const found = await read(world(), { head, change: {} });
  assert.equal(found.change.id, '7');
  const none = await read(world(), { head: old, change: {} });
  assert.deepEqual(none.change, {});
  assert.match(none.unknown[0]!.why, /no open pull request has the head bbbbbbbbbb.*--change/);
  const several = await read(world({ pulls: { 7: pull(), 8: pull() } }), { head, change: {} });
  assert.match(several.unknown[0]!.why, /head of 7, 8/);
});

test('in a merge queue, reviews are held against the head that was queued', async () => {
  const reviews = [{ login: 'bo-example', state: 'APPROVED', commit: head }];
  const { change } = await read(world({ pull: { reviews } }), {
    head: 'd'.repeat(40),
    change: { number: 7, mergeQueue: true },
  });
  assert.deepEqual([change.merge_queue, change.approvals![0]!.stale], [true, false]);
});

test('what a merge made is known to be of its pull request, whose reviews are of its own head', async () => {
  const made = 'e'.repeat(40);
  const reviews = [{ login: 'bo-example', state: 'APPROVED', commit: head }];
  const told = await read(world({ pull: { reviews, state: 'closed', merged: true, mergeCommit: made } }), {
    ...{ head: made, change: {} },
  });
  assert.deepEqual(
    [told.landed, told.head, told.change.id, told.change.approvals![0]!.stale],
    [true, head, '7', false],
  );
  // A trial merge of an open one is none.
  const open = await read(world({ pull: { mergeCommit: made } }), { head: made, change: {} });
  assert.deepEqual(open.change, {});
});

test('more commits than GitHub lists are not taken for all', async () => {
  const { change, unknown } = await read(world({ pull: { commitCount: 300 } }));
  assert.equal(change.squash_message, undefined);
  assert.match(unknown.find(({ fact }) => fact === 'change.approvals.commits')!.why, /250 .* 300/);
});

test('a host that recovers is asked again', async () => {
  const passing = [
    faults.status(/reviews/, 500, 1),
    faults.status(/branches\/main/, 502, 1),
    faults.garbage(/check-runs/, 1),
    faults.truncated(/statuses/, 1),
    faults.html(/GET \/repos\/example\/app$/, 1),
    faults.secondaryLimit(/pulls\/7$/, 1, 1),
  ];
  const { unknown, change } = await read(world(), { faults: passing });
  assert.deepEqual([unknown, change.checks, change.approvals], [[], [], []]);
});

test('a host that fails, or answers otherwise than documented, is no answer; the token is not in the error', async () => {
  const failing: [string, Fault, RegExp][] = [
    ['500', faults.status(/reviews/, 500), /did not give the reviews: 500/],
    ['503 of the pull request', faults.status(/pulls\/7$/, 503), /pull request 7: 503/],
    ['an echo', faults.otherShape(/reviews/, { message: 'The token good is wrong.' }, 500), /token \[token\] is wrong/],
    ['garbage', faults.garbage(/check-runs/), /JSON that is broken/],
    ['HTML', faults.html(/reviews/), /"text\/html" in place of JSON/],
    ['half a page', faults.truncated(/reviews/), /did not give the reviews/],
    ['a huge page', faults.huge(/reviews/), /more than 32 MB|did not tell all/],
    ['another host', faults.redirect(/reviews/, 'http://localhost:9/x'), /leads to localhost:9/],
    ['a circle', faults.redirect(/reviews/, '/repos/example/app/pulls/7/reviews'), /without end/],
    ['no answer', faults.hang(/reviews/), /within 1 s|did not tell all/],
    ['a bad token', faults.status(/pulls\/7$/, 401), /expired/],
    ['no list', faults.otherShape(/reviews/, { message: 'hello' }), /cannot be read|not iterable|did not give/],
    ['no reviews', faults.otherShape(/reviews/, [{ id: 1 }]), /a review.state is no text/],
    ['no commit', faults.otherShape(/pulls\/7$/, { ...pull(), number: 7, head: { sha: 'HEAD' } }), /cannot be read/],
    ['a rate limit', faults.rateLimit(/reviews/, 3600), /rate limit/],
  ];
  await Promise.all(
    failing.map(([name, fault, message]) =>
      assert.rejects(
        // Only the one that never answers is given up soon: a busy machine answers late.
        read(world(), {
          faults: [fault],
          waitMs: name === 'no answer' ? 6000 : 20_000,
          ...(name === 'no answer' && { requestTimeoutMs: 1000 }),
        }),
        (error) => {
          assert.ok(error instanceof ForgeError, `${name}: ${error}`);
          assert.equal(error.kind, 'failed', name);
          assert.match(error.message, message, name);
          assert.doesNotMatch(JSON.stringify([error.message, error.stack, error.cause]), /good/, name);
          return true;
        },
      ),
    ),
  );
});

test('a redirect on the same host is followed, as for a repository that was renamed', async () => {
  const moved = faults.redirect(/GET \/repos\/example\/app\/pulls\/7$/, '/repos/example/app/pulls/7?moved', 1);
  assert.equal((await read(world(), { faults: [moved] })).change.id, '7');
});

test('whoever cancels gets no facts', async () => {
  const cancel = new AbortController();
  const reading = read(world(), { faults: [faults.hang(/reviews/)], signal: cancel.signal, waitMs: 60_000 });
  setTimeout(() => cancel.abort(), 200);
  await assert.rejects(reading);
});
