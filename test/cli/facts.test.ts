/** `countersign facts`, and what `gate` and `input` make of a code host's facts. */
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import ajvFormats from 'ajv-formats';
import { startGithub } from '../support/forge-servers/github.ts';
import type { GithubWorld } from '../support/forge-servers/github-shapes.ts';
import { startGitlab } from '../support/forge-servers/gitlab.ts';
import { faults } from '../support/forge-servers/server.ts';
import { countersign, newRepository, temporaryFolder, writeFiles } from './harness.ts';

const root = join(import.meta.dirname, '..', '..');
const ajv = new Ajv2020({ strict: false });
ajvFormats.default(ajv);
const schema = (name: string) =>
  ajv.compile(JSON.parse(readFileSync(join(root, `core/schemas/${name}.schema.json`), 'utf8')));
const isInput = schema('input');
const isFacts = schema('facts');

/** A policy that says of the change what the facts say, so that tests see what policies see. */
const policy = `package facts

import rego.v1

deny contains {"rule": "unreviewed", "msg": "nobody reviewed the head"} if not reviewed

reviewed if {
	some review in input.change.approvals
	review.state == "approved"
	review.stale == false
	not review.author
}
`;

const repo = newRepository();
repo.git(['remote', 'add', 'origin', 'https://github.com/example/app.git']);
const codeowners = '* @example/core\n/src/ @bo-example owner@example.com\n';
const base = repo.commit('Adopt\n', {
  files: { '.countersign/policies/facts.rego': policy, '.github/CODEOWNERS': codeowners },
});
repo.git(['checkout', '-q', '-b', 'topic']);
const first = repo.commit('One\n', { files: { 'src/a.ts': '1', 'b.md': '1' } });
const head = repo.commit('Two\n', { files: { 'src/a.ts': '2' } });

const world: GithubWorld = {
  owner: 'example',
  name: 'app',
  settings: { allow_squash_merge: true, allow_merge_commit: false, allow_rebase_merge: false },
  users: { 'ann-example': { role: 'write' }, 'bo-example': { role: 'maintain' } },
  teams: { 'example/core': ['bo-example'] },
  branches: { main: {} },
  pulls: {
    7: {
      title: 'Two things',
      author: 'ann-example',
      labels: ['ai'],
      base: { ref: 'main', sha: base },
      head: { ref: 'topic', sha: head },
      reviews: [{ login: 'bo-example', state: 'APPROVED', commit: head }],
      commits: [
        {
          sha: head,
          message: 'Two\n\nAI-Model: claude-opus-4-6\n',
          author: { name: 'Ada Author', email: 'ada@example.com' },
          login: 'ann-example',
        },
      ],
    },
    8: {
      title: 'Pushed since',
      author: 'ann-example',
      base: { ref: 'main', sha: base },
      head: { ref: 'topic', sha: 'f'.repeat(40) },
    },
    9: {
      title: 'Reviewed before the last push',
      author: 'ann-example',
      base: { ref: 'main', sha: base },
      head: { ref: 'topic', sha: head },
      reviews: [{ login: 'bo-example', state: 'APPROVED', commit: first }],
    },
  },
};
const github = await startGithub(world);
after(() => github.close());
const env = { GITHUB_API_URL: github.url, GITHUB_TOKEN: 'good', NO_PROXY: '127.0.0.1' };
const range = ['--base', base, '-C', repo.folder];
const folder = temporaryFolder();

function event(name: string, payload: unknown): Record<string, string> {
  const path = join(folder, `${name}.json`);
  writeFiles(folder, { [`${name}.json`]: JSON.stringify(payload) });
  const actions = { CI: 'true', GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'example/app', GITHUB_EVENT_NAME: name };
  return { ...env, ...actions, GITHUB_EVENT_PATH: path };
}

test('the input has the facts, their sources, the owners and the squash, as its schema says', async () => {
  const ran = await countersign(['input', ...range, '--facts', 'github', '--change', '7'], { env });
  assert.equal(ran.code, 0, ran.stderr);
  assert.ok(isInput(JSON.parse(ran.stdout)), JSON.stringify(isInput.errors));
  const { change, facts, repository } = JSON.parse(ran.stdout);
  assert.deepEqual([change.id, change.author, change.labels, change.head], ['7', 'ann-example', ['ai'], head]);
  assert.deepEqual([change.approvals[0].login, change.approvals[0].stale], ['bo-example', false]);
  assert.deepEqual(change.approvals[0].teams, ['example/core']);
  assert.deepEqual(change.code_owners, [
    { path: 'b.md', owners: ['@example/core'] },
    { path: 'src/a.ts', owners: ['@bo-example', 'owner@example.com'] },
  ]);
  assert.equal(change.squash.subject, 'Two (#7)');
  assert.deepEqual(change.squash.disclosure, { model: ['claude-opus-4-6'] });
  assert.equal(repository.default_branch, 'main');
  const source = (fact: string) => facts.find((one: { fact: string }) => one.fact === fact).source;
  assert.equal(source('change.approvals'), `github ${new URL(github.url).host}`);
  assert.equal(source('change.code_owners'), 'git');
  assert.doesNotMatch(ran.stdout + ran.stderr, /good/);
});

test('the gate decides by them; what the base has no reviews of is denied', async () => {
  const gate = (...more: string[]) => countersign(['gate', ...range, ...more], { env });
  assert.equal((await gate('--facts', 'github', '--change', '7')).code, 0);
  const stale = await gate('--facts', 'github', '--change', '9');
  assert.equal(stale.code, 1, stale.stderr);
  assert.match(stale.stdout, /nobody reviewed the head/);
  // Outside of CI nobody is asked.
  const before = github.asked.length;
  assert.equal((await gate()).code, 1);
  assert.equal(github.asked.length, before);
});

test('facts of another commit than the judged one decide nothing', async () => {
  const ran = await countersign(['gate', ...range, '--facts', 'github', '--change', '8'], { env });
  assert.equal(ran.code, 3);
  assert.match(ran.stderr, /ffffffffff as the last commit of change 8, and .* is judged: reviews of another commit/);
  assert.equal(ran.stdout, '');
});

test('without --change the head finds it; when it is the head of several, that is said', async () => {
  const several = await countersign(['gate', ...range, '--facts', 'github'], { env });
  assert.match(several.stderr, /change is not known: .* is the head of 7, 9: say which one with --change/);
  const other = ['--base', base, '--head', first, '-C', repo.folder];
  const none = await countersign(['gate', ...other, '--facts', 'github'], { env });
  assert.match(none.stderr, /no open pull request/);
});

test('in GitHub Actions the event says which change it is', async () => {
  const payload = {
    action: 'edited',
    pull_request: { number: 7, head: { sha: head, ref: 'topic' }, base: { sha: base, ref: 'main' } },
  };
  const ran = await countersign(['gate', ...range], { env: event('pull_request', payload) });
  assert.equal(ran.code, 0, ran.stderr + ran.stdout);
  const alone = await countersign(['gate', ...range, '--facts', 'none'], { env: event('pull_request', payload) });
  assert.equal(alone.code, 1);
  const broken = { ...event('pull_request', payload), GITHUB_EVENT_PATH: join(folder, 'nothing.json') };
  assert.equal((await countersign(['gate', ...range], { env: broken })).code, 3);
});

test('in a merge queue the queued commit is judged with the reviews of the head that was queued', async () => {
  const tree = repo.git(['rev-parse', `${head}^{tree}`]);
  const queued = repo.git(['commit-tree', tree, '-p', base, '-p', head, '-m', 'Merge pull request #7']);
  const head_ref = `refs/heads/gh-readonly-queue/main/pr-7-${base}`;
  const group = { head_sha: queued, head_ref, base_sha: base, base_ref: 'refs/heads/main' };
  const payload = { action: 'checks_requested', merge_group: group, repository: { default_branch: 'main' } };
  const asked = ['input', '--no-deepen', '-C', repo.folder];
  repo.git(['update-ref', 'refs/remotes/origin/main', base]);
  const ran = await countersign(asked, { env: event('merge_group', payload) });
  repo.git(['update-ref', '-d', 'refs/remotes/origin/main']);
  assert.equal(ran.code, 0, ran.stderr);
  const { change } = JSON.parse(ran.stdout);
  assert.deepEqual([change.head, change.merge_queue, change.id], [queued, true, '7']);
  assert.deepEqual([change.approvals[0].commit, change.approvals[0].stale], [head, false]);
});

test('a code host that fails leaves nothing decided, and no token in what is said', async () => {
  github.faults.push(faults.status(/reviews/, 500));
  const asked = ['gate', ...range, '--facts', 'github', '--change', '7', '--facts-wait', '3'];
  const ran = await countersign(asked, { env });
  github.faults.length = 0;
  assert.equal(ran.code, 3);
  assert.equal(ran.stdout, '');
  assert.match(ran.stderr, /could not be read\. .* did not give the reviews: 500/);
  assert.doesNotMatch(ran.stderr, /good/);
  const gone = { ...env, GITHUB_API_URL: 'http://127.0.0.1:9' };
  const unreachable = await countersign(asked, { env: gone });
  assert.equal(unreachable.code, 3);
  assert.match(unreachable.stderr, /cannot be reached/);
});

test('what a host says is printed harmless', async () => {
  github.faults.push(faults.otherShape(/reviews/, { message: 'x' }));
  github.faults.push({
    on: /pulls\/7$/,
    answer: (response) =>
      response
        .writeHead(500, { 'content-type': 'application/json' })
        .end('{"message":"\\u001b[2J::error::x\\n::set-output"}'),
  });
  const ran = await countersign(['gate', ...range, '--facts', 'github', '--change', '7', '--facts-wait', '3'], { env });
  github.faults.length = 0;
  assert.equal(ran.code, 3);
  assert.ok(!ran.stderr.includes('\u001b[2J'));
  assert.doesNotMatch(ran.stderr, /^::/m);
});

test('what countersign facts prints is a file that the gate takes, with the same outcome', async () => {
  const ran = await countersign(['facts', ...range, '--facts', 'github', '--change', '7'], { env });
  assert.equal(ran.code, 0, ran.stderr);
  const told = JSON.parse(ran.stdout);
  assert.ok(isFacts(told), JSON.stringify(isFacts.errors));
  const file = join(folder, 'facts.json');
  writeFiles(folder, { 'facts.json': ran.stdout });
  const input = async (source: string) => {
    const { stdout, stderr } = await countersign(['input', ...range, '--facts', source, '--change', '7'], { env });
    assert.notEqual(stdout, '', stderr);
    const { change, facts } = JSON.parse(stdout);
    return { change, facts };
  };
  const [asked, read] = [await input('github'), await input(file)];
  assert.deepEqual(read.change, asked.change);
  const { source } = read.facts.find(({ fact }: { fact: string }) => fact === 'change.approvals');
  assert.equal(source, `file ${file} (github ${new URL(github.url).host})`);
  assert.equal((await countersign(['gate', ...range, '--facts', file])).code, 0);
});

test('a facts file may be YAML and written by anybody; whether a review is stale, its commit says', async () => {
  const file = (approval: string) => {
    const text = `schema: countersign.facts/v1\nhead: ${head}\nchange:\n  id: "12"\n  approvals:\n    - { ${approval} }\n`;
    writeFiles(folder, { 'own.yaml': text });
    return join(folder, 'own.yaml');
  };
  const gate = (approval: string) => countersign(['gate', ...range, '--facts', file(approval)]);
  const bo = 'login: bo, kind: user, state: approved';
  assert.equal((await gate(`${bo}, commit: ${head}`)).code, 0);
  assert.equal((await gate(`${bo}, commit: ${first}, stale: false`)).code, 1);
  assert.equal((await gate(`${bo}, stale: false`)).code, 1);
});

test('a facts file that is wrong is exit 2, with the place', async () => {
  const wrong = (text: string) => {
    writeFiles(folder, { 'wrong.yaml': text });
    return countersign(['gate', ...range, '--facts', join(folder, 'wrong.yaml')]);
  };
  const misspelt = await wrong(`schema: countersign.facts/v1\nhead: ${head}\nchange:\n  labls: [ai]\n  draft: maybe\n`);
  assert.equal(misspelt.code, 2);
  assert.match(misspelt.stderr, /wrong\.yaml:4:3: error: There is no setting `labls` here/);
  assert.match(misspelt.stderr, /wrong\.yaml:5:10: error: `change\.draft` must be boolean/);
  assert.equal((await wrong('{')).code, 2);
  assert.match((await wrong('schema: countersign.facts/v1\nchange: {}\n')).stderr, /lacks `head`/);
  const missing = await countersign(['gate', ...range, '--facts', join(folder, 'nowhere.json')]);
  assert.deepEqual([missing.code, /nowhere\.json cannot be read: ENOENT/.test(missing.stderr)], [2, true]);
});

test('a facts file that the repository itself holds could be the work of the change', async () => {
  const text = JSON.stringify({ schema: 'countersign.facts/v1', head, change: { approvals: [] } });
  writeFiles(repo.folder, { 'facts.json': text });
  const ran = () => countersign(['gate', ...range, '--facts', join(repo.folder, 'facts.json')]);
  assert.equal((await ran()).code, 1);
  repo.git(['add', 'facts.json']);
  const tracked = await ran();
  repo.git(['rm', '-q', '-f', 'facts.json']);
  assert.equal(tracked.code, 2);
  assert.match(tracked.stderr, /which the change could have written/);
});

test('usage: whom to ask, and about what', async () => {
  const codes = async (...args: string[]) => (await countersign(['gate', ...range, ...args], { env })).code;
  assert.equal(await codes('--facts', 'github', '--change', 'seven'), 2);
  assert.equal(await codes('--facts-wait', '0'), 2);
  assert.equal((await countersign(['facts', ...range])).code, 2);
  repo.git(['remote', 'set-url', 'origin', '/srv/git/app']);
  const nowhere = await countersign(['gate', ...range, '--facts', 'gitlab']);
  repo.git(['remote', 'set-url', 'origin', 'https://github.com/example/app.git']);
  assert.deepEqual([nowhere.code, /Which repository is it at gitlab/.test(nowhere.stderr)], [2, true]);
});

test('a push that a squash merge made is judged with the reviews of its pull request', async () => {
  const tree = repo.git(['rev-parse', `${head}^{tree}`]);
  const made = repo.git(['commit-tree', tree, '-p', base, '-m', 'Two things (#7)']);
  world.pulls[7]!.mergeCommit = made;
  world.pulls[7]!.merged = true;
  const push = ['--push', base, made, 'refs/heads/main', '-C', repo.folder];
  const ran = await countersign(['input', ...push, '--facts', 'github'], { env });
  world.pulls[7]!.merged = false;
  const { phase, push: pushed, change } = JSON.parse(ran.stdout);
  assert.deepEqual([phase, pushed.merged_change, change.id, change.head], ['push', '7', '7', made]);
  assert.deepEqual([change.approvals[0].commit, change.approvals[0].stale], [head, false]);
});

test('a merge request of a self-hosted GitLab, as Jenkins builds it', async () => {
  const gitlab = await startGitlab({
    id: 42,
    path: 'example/app',
    users: {
      'ada-example': { id: 1, name: 'Ada Example', access: 30 },
      'bo-example': { id: 2, name: 'Bo Example', access: 40 },
    },
    mergeRequests: {
      7: {
        title: 'Two things',
        author: 'ada-example',
        source: { branch: 'topic', sha: head },
        target: { branch: 'main', sha: base },
        approved: [{ login: 'bo-example', at: '2026-01-31T10:00:00.000Z' }],
      },
    },
  });
  const jenkins = {
    JENKINS_URL: 'http://127.0.0.1/',
    CHANGE_ID: '7',
    CHANGE_URL: `${gitlab.url}/example/app/-/merge_requests/7`,
    GITLAB_URL: gitlab.url,
    GITLAB_TOKEN: 'good',
    NO_PROXY: '127.0.0.1',
  };
  const ran = await countersign(['gate', ...range], { env: jenkins });
  await gitlab.close();
  assert.equal(ran.code, 0, ran.stderr + ran.stdout);
  assert.ok(
    gitlab.asked.some(({ path, headers }) => path.endsWith('/approvals') && headers['private-token'] === 'good'),
  );
});
