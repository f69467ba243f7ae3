/**
 * What the tests' GitHub answers is what GitHub's description promises, and what GitHub's own examples
 * and payloads say is what is read of them.
 */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import { readForgeFacts } from '../../core/forge/facts.ts';
import { readPull } from '../../core/forge/github-pull.ts';
import { readerOf } from '../../core/forge/reading.ts';
import { changeOfEnvironment } from '../../core/forge/source.ts';
import { startGithub } from '../support/forge-servers/github.ts';
import { answerValidator, description, eventExamples, templateOf } from './github-description.ts';

const [base, head] = ['a'.repeat(40), 'b'.repeat(40)];
const person = { name: 'Ann Example', email: 'ann@example.com' };
const rules = [
  {
    type: 'required_status_checks',
    parameters: { required_status_checks: [{ context: 'scan' }], strict_required_status_checks_policy: true },
  },
  {
    type: 'pull_request',
    parameters: {
      allowed_merge_methods: ['squash'],
      dismiss_stale_reviews_on_push: true,
      require_code_owner_review: true,
      require_last_push_approval: true,
      required_approving_review_count: 2,
      required_review_thread_resolution: false,
    },
  },
].map((rule) => ({ ...rule, ruleset_source_type: 'Repository', ruleset_source: 'example/app', ruleset_id: 1 }));

const github = await startGithub({
  owner: 'example',
  name: 'app',
  settings: {
    allow_squash_merge: true,
    allow_merge_commit: true,
    allow_rebase_merge: true,
    squash_merge_commit_title: 'PR_TITLE',
    squash_merge_commit_message: 'PR_BODY',
  },
  users: { 'ann-example': { role: 'write' }, 'bo-example': { role: 'admin' }, 'helper[bot]': { type: 'Bot' } },
  teams: { 'example/core': ['bo-example'] },
  branches: { main: { sha: base, protection: { contexts: ['build'], approvals: 1 }, rules } },
  checks: { [head]: [{ name: 'build', status: 'completed', conclusion: 'success' }] },
  statuses: { [head]: [{ context: 'legacy', state: 'success' }] },
  pulls: {
    7: {
      title: 'Add the export',
      body: 'It exports.',
      author: 'ann-example',
      labels: ['ai'],
      base: { ref: 'main', sha: base },
      head: { ref: 'topic', sha: head, fork: 'ann-example' },
      reviews: [
        { login: 'bo-example', state: 'APPROVED', commit: head },
        { login: null, state: 'COMMENTED', commit: null },
        { login: 'helper[bot]', state: 'CHANGES_REQUESTED', commit: head },
      ],
      commits: [{ sha: head, message: 'One', author: person, login: 'ann-example', parents: [base] }],
      autoMerge: { method: 'squash', title: 'Add the export (#7)', message: '' },
    },
  },
});
after(() => github.close());

const api = description('api.github.com');
const validator = answerValidator(api);
const source = { forge: 'github' as const, apiUrl: github.url, owner: 'example', name: 'app' };

/** Asks again what was asked, and holds the answer against the description. */
async function holds(method: string, path: string, body?: unknown): Promise<unknown> {
  const headers = { authorization: 'token good', 'content-type': 'application/json' };
  const sent = body === undefined ? {} : { body: JSON.stringify(body) };
  const response = await fetch(`${github.url}${path}`, { method, headers, ...sent });
  const template = templateOf(api, new URL(path, github.url).pathname);
  assert.ok(template, `${path} is not described`);
  const validate = validator(method, template, response.status);
  const answer: unknown = await response.json();
  assert.ok(validate(answer), `${method} ${template}: ${JSON.stringify(validate.errors?.slice(0, 3))}`);
  return answer;
}

test('every answer that facts are read from is as described', async () => {
  const options = { environment: {}, token: 'good', teams: ['example/core'], waitMs: 20_000 };
  const byNumber = await readForgeFacts({ ...source, number: 7 }, options);
  const byHead = await readForgeFacts(source, { ...options, head });
  assert.deepEqual([byHead.change.id, byNumber.unknown], ['7', []]);
  const asked = new Set(github.asked.map(({ method, path, query }) => `${method} ${path}?${query}`));
  assert.ok(asked.size > 10, [...asked].join('\n'));
  for (const one of asked) {
    const [method, path] = one.split(' ') as [string, string];
    await holds(method, path);
  }
});

test('GitHub Enterprise Server has all of it, too', () => {
  const server = description('ghes-3.17');
  const paths = new Set(github.asked.map(({ path }) => path));
  for (const path of paths) assert.ok(templateOf(server, path), path);
});

test('comments and issues are made and changed as described', async () => {
  const base = '/repos/example/app/issues';
  const comment = (await holds('POST', `${base}/7/comments`, { body: 'Hello' })) as { id: number };
  await holds('PATCH', `${base}/comments/${comment.id}`, { body: 'Hello again' });
  await holds('GET', `${base}/7/comments`);
  const issue = (await holds('POST', base, { title: 'Due', body: 'x', labels: ['due'] })) as { number: number };
  await holds('PATCH', `${base}/${issue.number}`, { state: 'closed' });
  await holds('GET', `${base}?state=all&labels=due`);
  await holds('GET', `${base}/${issue.number}`);
});

test("GitHub's own example of a pull request is read", () => {
  const { value } = api.components.examples['pull-request']!;
  const pull = readPull(readerOf('api.github.com'), value);
  assert.deepEqual(
    [pull.number, pull.title, pull.baseBranch, pull.change.from_fork],
    [1347, 'Amazing new feature', 'master', false],
  );
});

test('every payload of an event about a pull request is read, and says which one it is', () => {
  const environment = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'Codertocat/Hello-World' };
  let read = 0;
  for (const { name, examples } of eventExamples()) {
    for (const payload of examples) {
      if (payload.pull_request === undefined) continue;
      const pull = readPull(readerOf('the event'), payload.pull_request);
      assert.equal(changeOfEnvironment(environment, payload)?.number, pull.number, name);
      assert.ok(pull.change.title !== '' && /^[0-9a-f]{40}$/.test(pull.head), name);
      read += 1;
    }
  }
  assert.ok(read > 30, String(read));
});

test('payloads of merge groups say which pull request is queued; pushes and schedules are about none', () => {
  const environment = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'octo-org/octo-repo' };
  const of = (name: string) => eventExamples().find((one) => one.name === name)!.examples;
  for (const payload of of('merge_group')) {
    const change = changeOfEnvironment(environment, payload);
    assert.ok(change?.mergeQueue && change.number === 104, JSON.stringify(change));
  }
  for (const payload of of('push')) assert.equal(changeOfEnvironment(environment, payload), undefined);
  assert.equal(changeOfEnvironment(environment, { schedule: '0 6 * * *' }), undefined);
});
