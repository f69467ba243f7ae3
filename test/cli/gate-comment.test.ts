/** `gate --comment` and `exception due --issue`, against servers that speak as GitHub and GitLab do. */
import assert from 'node:assert/strict';
import { rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type GithubServer, startGithub } from '../support/forge-servers/github.ts';
import { type GitlabServer, startGitlab } from '../support/forge-servers/gitlab.ts';
import { faults } from '../support/forge-servers/server.ts';
import { countersign, newRepository, type Ran, temporaryFolder } from './harness.ts';

const marker = '<!-- countersign:gate -->';
const policy = `package team

deny contains {"rule": "no-marks", "commit": commit.sha, "msg": "a mark"} if {
	some commit in input.commits
	contains(commit.body, "Claude")
}
`;
const repository = newRepository();
const base = repository.commit('Base\n', { files: { '.countersign/policies/team.rego': policy } });
const good = repository.commit('Good\n', { files: { a: '1' } });
const bad = repository.commit('Bad @team #1 <b>\n\nClaude was here.\n', { files: { b: '1' } });
const token = 'ghs_0123456789abcdefghijABCDEFGHIJ012345';

interface Host<T> {
  server: T;
  gate(head: string, env?: Record<string, string>, args?: string[]): Promise<Ran>;
}

async function onGithub(forbidden: RegExp[] = []): Promise<Host<GithubServer>> {
  const pull = {
    title: 'Good',
    author: 'ada',
    base: { ref: 'main', sha: base },
    head: { ref: 'topic', sha: good },
    reviews: [{ login: 'mallory', state: 'APPROVED', commit: good }],
  };
  const server = await startGithub(
    {
      owner: 'example',
      name: 'project',
      users: { ada: { role: 'write' }, mallory: { role: 'read' }, 'countersign[bot]': { type: 'Bot' } },
      pulls: { 7: pull },
      branches: { main: { sha: base } },
    },
    { tokens: { [token]: 'countersign[bot]' }, forbidden, pageSize: 2 },
  );
  after(() => server.close());
  const gate = (head: string, env: Record<string, string> = {}, args = ['--comment', 'auto']): Promise<Ran> => {
    const event = join(temporaryFolder(), 'event.json');
    const side = (ref: string, sha: string) => ({ ref, sha, repo: { full_name: 'example/project' } });
    const told = { number: 7, title: 'Good', base: side('main', base), head: side('topic', head) };
    writeFileSync(event, JSON.stringify({ action: 'synchronize', pull_request: told }));
    pull.head.sha = head;
    return countersign(['gate', '-C', repository.folder, '--base', base, '--head', head, ...args], {
      env: {
        GITHUB_ACTIONS: 'true',
        GITHUB_EVENT_NAME: 'pull_request',
        GITHUB_EVENT_PATH: event,
        GITHUB_REPOSITORY: 'example/project',
        GITHUB_API_URL: server.url,
        GITHUB_TOKEN: token,
        ...env,
      },
    });
  };
  return { server, gate };
}

test('GitHub: one comment, which the next run changes in place; what others wrote stays', async () => {
  const { server, gate } = await onGithub();
  const forged = `${marker}\n## ✅ Countersign: allowed`;
  server.comments.push({ id: 50, issue: 7, login: 'mallory', body: forged });
  server.comments.push({ id: 51, issue: 7, login: 'countersign[bot]', body: 'Something else of the same account.' });
  server.faults.push(faults.status(/collaborators|\/reviews/, 403));
  const first = await gate(bad);
  assert.equal(first.code, 1, first.stderr);
  assert.match(first.stderr, /note: The comment on 7 is created: http.*\/pull\/7#issuecomment-/);
  const [, , ours, ...more] = server.comments;
  assert.equal(more.length, 0);
  assert.ok(ours?.body.startsWith(`${marker}\n## ❌ Countersign: denied`), ours?.body);
  assert.match(ours?.body ?? '', new RegExp(`\`${bad.slice(0, 10)}\` \`Bad @team #1 <b>\``));

  assert.match(ours?.body ?? '', /^> `change\.approvals is not known: .*403/m);

  const second = await gate(good);
  assert.equal(second.code, 0, second.stderr);
  assert.match(second.stderr, /The comment on 7 is updated/);
  assert.equal(server.comments.length, 3);
  assert.match(server.comments[2]?.body ?? '', /## ✅ Countersign: allowed/);
  assert.equal(server.comments[0]?.body, forged);
  assert.match(server.comments[1]?.body ?? '', /^Something else/);
});

test('GitHub: of two comments that two runs made at once, the older one is kept', async () => {
  const { server, gate } = await onGithub();
  for (const id of [60, 61, 62])
    server.comments.push({ id, issue: 7, login: 'countersign[bot]', body: `${marker}\nold` });
  assert.equal((await gate(good)).code, 0);
  assert.deepEqual(
    server.comments.map(({ id }) => id),
    [60],
  );
  assert.match(server.comments[0]?.body ?? '', /allowed/);
});

test('GitHub: a run that cannot decide takes the place of the verdict', async () => {
  const { server, gate } = await onGithub();
  assert.equal((await gate(good)).code, 0);
  const broken = temporaryFolder();
  writeFileSync(join(broken, 'team.rego'), 'package team\n\ndeny contains "`@all` <script>" if\n');
  const ran = await gate(good, {}, ['--comment', 'auto', '--policy', broken]);
  assert.ok(ran.code === 2 || ran.code === 3, ran.stdout);
  assert.equal(server.comments.length, 1);
  assert.match(server.comments[0]?.body ?? '', /## ❌ Countersign: could not decide/);
  assert.match(server.comments[0]?.body ?? '', /team\.rego:\d+:\d+: error/);
});

test('GitHub: a comment that cannot be written changes no verdict, and no token is told', async () => {
  // So it is in a run for a fork's pull request, whose token may only read.
  const { server, gate } = await onGithub([/^POST \/repos\/.*\/comments$/]);
  for (const [head, code] of [
    [good, 0],
    [bad, 1],
  ] as const) {
    const ran = await gate(head);
    assert.equal(ran.code, code, ran.stderr);
    assert.match(ran.stderr, /could not be written; the verdict stands.*127\.0\.0\.1.*403/s);
    assert.ok(!`${ran.stdout}${ran.stderr}`.includes(token));
  }
  assert.equal(server.comments.length, 0);
  for (const fault of [
    faults.status(/graphql/, 500),
    faults.garbage(/graphql/),
    faults.otherShape(/graphql/, { data: { viewer: null } }),
    faults.otherShape(/GET .*\/issues\/7\/comments/, { message: 'no list' }),
  ]) {
    server.faults.splice(0, server.faults.length, fault);
    const ran = await gate(bad);
    assert.equal(ran.code, 1, ran.stderr);
    assert.match(ran.stderr, /could not be written; the verdict stands/);
    assert.equal(server.comments.length, 0);
  }
});

test('why a change passes: who looked at it, and who tells', async () => {
  const { server, gate } = await onGithub();
  const ran = await gate(good, {}, ['--comment', 'auto', '--explain']);
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(
    ran.stdout,
    /✓ the change as a whole\n {4}why {2}None of 1 rule denies it\.\n {4}why {2}opened by ada\n/,
  );
  assert.match(ran.stdout, /why {2}review by mallory: approved at [0-9a-f]{10} \(permission read\)\n/);
  assert.match(ran.stdout, /why {2}as github 127\.0\.0\.1:\d+.* tells\n/);
  assert.match(server.comments[0]?.body ?? '', /- `review by mallory: approved at [0-9a-f]{10} \(permission read\)`\n/);
  const json = await gate(good, {}, ['--explain', '--format', 'json']);
  const { change } = JSON.parse(json.stdout).explanation;
  assert.deepEqual(
    [change.author, change.approvals[0].login, change.why],
    ['ada', 'mallory', 'None of 1 rule denies it.'],
  );
});

test('nothing is written where there is no token, and no change', async () => {
  const { server, gate } = await onGithub();
  const untold = await gate(bad, { GITHUB_TOKEN: '' });
  assert.equal(untold.code, 1, untold.stderr);
  assert.match(untold.stderr, /No comment is written: there is no token for 127\.0\.0\.1/);
  const outside = await countersign(
    ['gate', '-C', repository.folder, '--base', base, '--head', good, '--comment', 'auto'],
    { env: { GITHUB_TOKEN: token } },
  );
  assert.equal(outside.code, 0, outside.stderr);
  assert.match(outside.stderr, /No comment is written: the environment tells of no pull or merge request/);
  assert.ok(server.asked.every(({ method }) => method === 'GET'));
});

async function onGitlab(): Promise<Host<GitlabServer>> {
  const source = { branch: 'topic', sha: good };
  const server = await startGitlab(
    {
      id: 42,
      path: 'group/project',
      users: { 'ada-example': { id: 1, name: 'Ada Example' }, project_bot: { id: 2, name: 'Bot', bot: true } },
      mergeRequests: {
        7: {
          title: 'Good',
          author: 'ada-example',
          source,
          target: { branch: 'main', sha: base },
        },
      },
    } as Parameters<typeof startGitlab>[0],
    { tokens: { [token]: 'project_bot' }, jobTokens: ['job'], pageSize: 2 },
  );
  after(() => server.close());
  const gate = (head: string, env: Record<string, string> = {}, args = ['--comment', 'auto']): Promise<Ran> => {
    source.sha = head;
    return countersign(['gate', '-C', repository.folder, '--base', base, '--head', head, ...args], {
      env: {
        GITLAB_CI: 'true',
        CI_API_V4_URL: `${server.url}/api/v4`,
        CI_PROJECT_ID: '42',
        CI_MERGE_REQUEST_IID: '7',
        CI_PIPELINE_SOURCE: 'merge_request_event',
        CI_COMMIT_SHA: head,
        GITLAB_TOKEN: token,
        CI_JOB_TOKEN: 'job',
        ...env,
      },
    });
  };
  return { server, gate };
}

test("GitLab: one note, changed in place; a job's own token cannot write any", async () => {
  const { server, gate } = await onGitlab();
  server.notes.push({ id: 50, mergeRequest: 7, login: 'ada-example', body: `${marker}\nforged` });
  const first = await gate(bad);
  assert.equal(first.code, 1, first.stderr);
  assert.equal((await gate(good)).code, 0);
  assert.deepEqual(
    server.notes.map(({ login, body }) => [login, /Countersign: (\w+)/.exec(body)?.[1]]),
    [
      ['ada-example', undefined],
      ['project_bot', 'allowed'],
    ],
  );
  const job = await gate(bad, { GITLAB_TOKEN: '' });
  assert.equal(job.code, 1, job.stderr);
  assert.match(job.stderr, /CI_JOB_TOKEN cannot write notes/);
});

const exception = (follow = ''): string =>
  `rules: [no-marks]
commits: ["0123456789abcdef0123456789abcdef01234567"]
reason: "Reviewed <!-- --> @team"
approved_by: Bo Example <bo@example.com>
opened: 2026-01-01T12:00:00Z
expires: 2099-01-01T12:00:00Z
${follow}`;

for (const forge of ['github', 'gitlab'] as const) {
  test(`${forge}: one issue of what is owed: opened, left, closed, opened again`, async () => {
    const home = newRepository();
    const file = join(home.folder, '.countersign/exceptions/mark.yaml');
    home.commit('Home\n', {
      files: { '.countersign/config.yaml': '{}\n', '.countersign/exceptions/mark.yaml': exception() },
    });
    const { server } = forge === 'github' ? await onGithub() : await onGitlab();
    const env: Record<string, string> =
      forge === 'github'
        ? {
            GITHUB_ACTIONS: 'true',
            GITHUB_REPOSITORY: 'example/project',
            GITHUB_API_URL: server.url,
            GITHUB_TOKEN: token,
          }
        : { GITLAB_CI: 'true', CI_API_V4_URL: `${server.url}/api/v4`, CI_PROJECT_ID: '42', GITLAB_TOKEN: token };
    const due = (): Promise<Ran> => countersign(['exception', 'due', '-C', home.folder, '--issue', forge], { env });
    const written = (): number =>
      server.asked.filter(({ method, path }) => method !== 'GET' && path !== '/graphql').length;
    const issues = (): { title: string; text: string; state: string }[] =>
      server.issues.map((issue) => ({
        title: issue.title,
        text: 'body' in issue ? issue.body : issue.description,
        state: issue.state.slice(0, 4),
      }));
    const foreign = { title: 'Forged', login: forge === 'github' ? 'mallory' : 'ada-example', labels: [] };
    const text = '<!-- countersign:exceptions -->\nNothing is owed.';
    if ('comments' in server) server.issues.push({ ...foreign, number: 1, body: text, state: 'open' });
    else server.issues.push({ ...foreign, iid: 1, description: text, state: 'opened' });

    const opened = await due();
    assert.equal(opened.code, 1, opened.stderr);
    assert.match(opened.stderr, /The issue \d+ is opened: http/);
    const [, ours, ...more] = issues();
    assert.deepEqual([more.length, ours?.state], [0, 'open']);
    assert.equal(ours?.title, 'Follow-ups of exceptions: 1 overdue, 0 due');
    assert.match(ours.text, /^<!-- countersign:exceptions -->\n[\s\S]*`Reviewed <!-- --> @team`/);

    const before = written();
    assert.match((await due()).stderr, /is unchanged/);
    assert.equal(written(), before);

    writeFileSync(file, exception('follow_ups: [{ at: 2026-01-02T12:00:00Z, note: Done }]\n'));
    const closed = await due();
    assert.equal(closed.code, 0, closed.stderr);
    assert.match(closed.stderr, /is closed/);
    assert.equal(issues()[1]?.state, 'clos');
    assert.match((await due()).stderr, /Nothing is owed, and no issue is open/);

    writeFileSync(file, exception());
    assert.match((await due()).stderr, /is reopened/);
    assert.deepEqual(
      issues().map(({ state }) => state),
      ['open', 'open'],
    );
    assert.equal(issues()[0]?.text, text);

    server.faults.push(faults.status(/issues/, 403));
    const failed = await due();
    assert.equal(failed.code, 3, failed.stderr);
    assert.match(failed.stderr, /127\.0\.0\.1.*issue.*403/);
    assert.doesNotMatch(failed.stderr, /^ +at /m);
    assert.ok(!failed.stderr.includes(token));
    rmSync(file);
  });
}

test('an issue is not kept where there is no token or no repository to keep it in', async () => {
  const home = newRepository();
  home.commit('Home\n', { files: { '.countersign/config.yaml': '{}\n' } });
  const args = ['exception', 'due', '-C', home.folder, '--issue', 'github'];
  const nowhere = await countersign(args);
  assert.equal(nowhere.code, 2);
  assert.match(nowhere.stderr, /which repository on github/);
  const env = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'example/project', GITHUB_TOKEN: '', GH_TOKEN: '' };
  const untold = await countersign(args, { env });
  assert.equal(untold.code, 2);
  assert.match(untold.stderr, /no token for api\.github\.com: give one as GITHUB_TOKEN/);
});
