/** What is read of a merge request, from a server that answers as GitLab does. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ForgeError } from '../../../core/forge/forge-error.ts';
import { startGitlab } from '../../support/forge-servers/gitlab.ts';
import type { GitlabMergeRequest, GitlabWorld } from '../../support/forge-servers/gitlab-shapes.ts';
import { type Fault, faults } from '../../support/forge-servers/server.ts';
import { base, head, old, readerOf } from './reading.ts';

const versions = [
  { sha: head, at: '2026-01-30T12:00:00.000Z' },
  { sha: old, at: '2026-01-30T10:00:00.000Z' },
];

function world(more: Partial<GitlabWorld> & { request?: Partial<GitlabMergeRequest> } = {}): GitlabWorld {
  const { request, ...rest } = more;
  return {
    id: 42,
    path: 'group/sub/app',
    users: {
      'ada-example': { id: 1, name: 'Ada Example', access: 40, email: 'ada@example.com' },
      'bo-example': { id: 2, name: 'Bo Example', access: 30 },
      'cy-example': { id: 3, name: 'Cy Example', access: 20 },
      project_42_bot: { id: 4, name: 'Robot', bot: true, access: 40 },
      'eve-example': { id: 5, name: 'Eve Example' },
    },
    mergeRequests: {
      7: {
        title: 'Add the export',
        description: 'It exports.',
        author: 'ada-example',
        labels: ['ai'],
        source: { branch: 'topic', sha: head },
        target: { branch: 'main', sha: base },
        versions,
        commits: [
          { sha: head, message: 'Two\n\nMore.\n', name: 'Bo Example', email: 'bo@example.com' },
          { sha: old, message: 'One\n', name: 'Ada Example', email: 'ada@example.com' },
        ],
        ...request,
      },
    },
    ...rest,
  };
}

/** Reads merge request 7 (or what `change` says) of a world. */
const read = readerOf(
  startGitlab,
  (url, change: { project?: string; number?: number; mergeQueue?: boolean; head?: string }) => {
    return { forge: 'gitlab', apiUrl: `${url}/api/v4`, project: 'group/sub/app', ...change };
  },
);

test('tells the merge request, each fact with its source', async () => {
  const { change, head: shown, facts, unknown, repository, server } = await read(world());
  assert.deepEqual(change, {
    id: '7',
    url: `${server.url}/group/sub/app/-/merge_requests/7`,
    title: 'Add the export',
    body: 'It exports.',
    author: 'ada-example',
    author_kind: 'user',
    base_branch: 'main',
    head_branch: 'topic',
    draft: false,
    state: 'open',
    from_fork: false,
    labels: ['ai'],
    merge_queue: false,
    approvals: [],
    checks: [],
    merge_methods: ['merge', 'squash'],
    squash_message: 'Add the export',
  });
  assert.deepEqual([unknown, shown, repository?.default_branch], [[], head, 'main']);
  assert.equal(facts.find(({ fact }) => fact === 'change.approvals')!.source, `gitlab ${new URL(server.url).host}`);
});

test('an approval is of the commit that was the head at its time; those that a push left in place are stale', async () => {
  const approved = [
    { login: 'bo-example', at: '2026-01-30T12:30:00.000Z' },
    { login: 'cy-example', at: '2026-01-30T11:00:00.000Z' },
    { login: 'project_42_bot', at: '2026-01-30T13:00:00.000Z' },
    { login: 'ada-example', at: '2026-01-30T13:00:00.000Z' },
  ];
  const reviewers = [
    { login: 'bo-example', state: 'approved' },
    { login: 'eve-example', state: 'requested_changes' },
  ];
  const groups = { 'group/core': ['bo-example', 'eve-example'], 'group/none': [] };
  const { change, unknown } = await read(world({ groups, request: { approved, reviewers, approvalsRequired: 2 } }), {
    teams: ['group/core', 'group/none'],
    server: { pageSize: 1 },
  });
  const [bo, cy, robot, ada, eve] = change.approvals!;
  assert.deepEqual(bo, {
    ...{ login: 'bo-example', kind: 'user', state: 'approved', commit: head, stale: false, author: false },
    ...{ submitted_at: '2026-01-30T12:30:00.000Z', permission: 'write', teams: ['group/core'], name: 'Bo Example' },
  });
  assert.deepEqual([cy!.commit, cy!.stale, cy!.permission, cy!.teams], [old, true, 'triage', []]);
  assert.deepEqual([robot!.kind, robot!.permission], ['bot', 'maintain']);
  assert.deepEqual([ada!.author, ada!.email], [true, 'ada@example.com']);
  assert.deepEqual([eve!.state, eve!.permission, eve!.commit], ['changes_requested', 'none', undefined]);
  assert.deepEqual([change.required_approvals, unknown], [2, []]);
});

test('a GitLab that does not tell times is read by its notes; without these an approval is bound to nothing', async () => {
  const approved = [{ login: 'bo-example', at: null }];
  const note = { login: 'bo-example', system: true, at: '2026-01-30T11:00:00.000Z' };
  const forged = { login: 'bo-example', system: false, at: '2026-01-30T13:00:00.000Z' };
  const body = 'approved this merge request';
  const noted = await read(
    world({
      request: {
        approved,
        notes: [
          { ...note, body },
          { ...forged, body },
        ],
      },
    }),
  );
  assert.deepEqual([noted.change.approvals![0]!.commit, noted.change.approvals![0]!.stale], [old, true]);
  const silent = await read(world({ request: { approved } }));
  const [review] = silent.change.approvals!;
  assert.deepEqual([review!.commit, review!.stale, review!.state], [undefined, undefined, 'approved']);
  assert.ok(silent.unknown.some(({ fact }) => fact === 'change.approvals.commit'));
});

test('a push that GitLab has not taken in yet binds no approval', async () => {
  const approved = [{ login: 'bo-example', at: '2026-01-30T13:00:00.000Z' }];
  const { change, unknown } = await read(world({ request: { approved, versions: versions.slice(1) } }));
  assert.equal(change.approvals![0]!.commit, undefined);
  assert.match(unknown[0]!.why, /latest push/);
});

test('checks, ways to merge, and the message of a squash by the template', async () => {
  const { change, unknown } = await read(
    world({
      squashOption: 'always',
      squashTemplate: '%{title}\n\n%{issues}\n\n%{all_commits}\n\nSee %{reference}\n%{co_authored_by}\n',
      statuses: {
        [head]: [
          { name: 'build', status: 'success' },
          { name: 'scan', status: 'failed', allowFailure: true },
          { name: 'slow', status: 'running' },
          { name: 'next', status: 'created' },
        ],
      },
    }),
    { server: { pageSize: 2 } },
  );
  assert.deepEqual(change.checks, [
    { name: 'build', required: true, status: 'completed', conclusion: 'success' },
    { name: 'scan', required: false, status: 'completed', conclusion: 'failure' },
    { name: 'slow', required: true, status: 'in_progress' },
    { name: 'next', required: true, status: 'queued' },
  ]);
  assert.deepEqual(change.merge_methods, ['squash']);
  const message =
    'Add the export\n\n* Two\n\nMore.\n\n* One\n\nSee group/sub/app!7\nCo-authored-by: Bo Example <bo@example.com>\n';
  assert.equal(change.squash_message, message);
  assert.match(unknown.find(({ fact }) => fact === 'change.squash_message.variables')!.why, /issues/);
});

test('no squash, no message of one', async () => {
  const { change } = await read(world({ squashOption: 'never' }));
  assert.deepEqual([change.squash_message, change.merge_methods], [undefined, ['merge']]);
});

test('without a token, the public part is told and approvals are unknown', async () => {
  const approved = [{ login: 'bo-example', at: '2026-01-30T12:30:00.000Z' }];
  const { change, unknown, server } = await read(world({ request: { approved } }), { token: undefined });
  assert.deepEqual([change.title, change.approvals], ['Add the export', undefined]);
  assert.ok(unknown.some(({ fact, why }) => fact === 'change.approvals' && /401/.test(why)));
  assert.ok(server.asked.every(({ headers }) => headers['private-token'] === undefined));
});

test("a job's token that may not read the merge request leaves what the pipeline's variables tell", async () => {
  const environment = {
    GITLAB_CI: 'true',
    CI_MERGE_REQUEST_IID: '7',
    CI_MERGE_REQUEST_TITLE: 'Add the export',
    CI_MERGE_REQUEST_LABELS: 'ai,high risk',
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
    CI_MERGE_REQUEST_SOURCE_PROJECT_ID: '43',
    CI_MERGE_REQUEST_PROJECT_ID: '42',
  };
  const { change, facts, unknown, server } = await read(world({ private: true }), {
    ...{ environment, token: 'job', tokenKind: 'job', change: { project: '42', number: 7, head } },
    server: { jobTokens: ['job'] },
  });
  assert.deepEqual(change, {
    ...{ id: '7', title: 'Add the export', base_branch: 'main', from_fork: true, merge_queue: false },
    labels: ['ai', 'high risk'],
  });
  assert.equal(facts.find(({ fact }) => fact === 'change.labels')!.source, 'environment gitlab');
  assert.deepEqual(
    unknown.map(({ fact }) => fact),
    ['change'],
  );
  assert.equal(server.asked[0]!.headers['job-token'], 'job');
  // Of a public project it is told what anybody is.
  const open = await read(world(), {
    ...{ environment, token: 'job', tokenKind: 'job', change: { project: '42', number: 7, head } },
    server: { jobTokens: ['job'] },
  });
  assert.deepEqual([open.change.body, open.head, open.change.approvals], ['It exports.', head, undefined]);
});

test('a change is found by its head', async () => {
  assert.equal((await read(world(), { head, change: {} })).change.id, '7');
  const none = await read(world(), { head: old, change: {} });
  assert.match(none.unknown[0]!.why, /no open merge request has the head bbbbbbbbbb/);
});

test('what a merge made is known to be of its merge request', async () => {
  const made = 'e'.repeat(40);
  const told = await read(world({ request: { state: 'merged', mergeCommit: made } }), { head: made, change: {} });
  assert.deepEqual([told.landed, told.head, told.change.id, told.change.state], [true, head, '7', 'merged']);
});

test('a host that recovers is asked again, as long as it asks to be waited for', async () => {
  const passing = [
    faults.status(/approvals/, 500, 1),
    faults.status(/statuses/, 429, 1, { 'retry-after': '1' }),
    faults.garbage(/commits$/, 1),
    faults.truncated(/GET \/projects\/group%2Fsub%2Fapp$/, 1),
  ];
  assert.deepEqual((await read(world(), { faults: passing })).unknown, []);
});

test('a host that fails, or answers otherwise than documented, is no answer', async () => {
  const approved = [{ login: 'bo-example', at: '2026-01-30T12:30:00.000Z' }];
  const failing: [string, Fault, RegExp][] = [
    ['500', faults.status(/approvals/, 500), /the approvals: 500/],
    ['429 for an hour', faults.status(/approvals/, 429, undefined, { 'retry-after': '3600' }), /429/],
    ['garbage', faults.garbage(/versions/), /JSON that is broken/],
    ['HTML', faults.html(/merge_requests\/7$/), /in place of JSON/],
    ['another host', faults.redirect(/merge_requests\/7$/, 'http://localhost:9/x'), /leads to localhost:9/],
    ['no answer', faults.hang(/approvals/), /within 1 s|did not tell all/],
    ['a bad token', faults.status(/merge_requests\/7$/, 401), /expired/],
    ['no list', faults.otherShape(/approvals/, { approved_by: 'everybody' }), /approved_by is no list/],
    ['no time', faults.otherShape(/versions/, [{ created_at: 'once', head_commit_sha: head }]), /no time/],
    ['no request', faults.otherShape(/merge_requests\/7$/, []), /the merge request is no object/],
  ];
  await Promise.all(
    failing.map(([name, fault, message]) =>
      assert.rejects(
        read(world({ request: { approved } }), { faults: [fault], waitMs: 6000, requestTimeoutMs: 1000 }),
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
