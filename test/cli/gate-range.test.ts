/** Where the gate begins and ends, and whose policy it goes by, through the command. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { countersign, newRepository, temporaryFolder } from './harness.ts';

const none = '0'.repeat(40);

/** Denies what is named "bad", and says what it was asked. */
const policy = `package main

deny contains {"msg": "bad", "commit": commit.sha} if {
	some commit in input.commits
	startswith(commit.subject, "bad")
}

deny contains "not deleted" if {
	input.push.deleted
	input.push.ref == "refs/heads/main"
}

warn contains sprintf("%s %s", [input.phase, json.marshal(object.get(input, "push", {}))]) if true

warn contains "queued" if input.change.merge_queue
`;

/** An origin with a policy on main and a branch, and a shallow clone as CI makes one. */
function origin() {
  const repository = newRepository();
  const base = repository.commit('Policy\n', { files: { '.countersign/policies/p.rego': policy } });
  repository.git(['checkout', '--quiet', '-b', 'topic']);
  const good = repository.commit('good\n', { files: { 'a.txt': 'a' } });
  const bad = repository.commit('bad\n', {
    files: { '.countersign/policies/p.rego': 'package main\n\ndeny := set()\n' },
  });
  const clone = join(temporaryFolder(), 'clone');
  repository.git(['clone', '--quiet', '--depth=1', `file://${repository.folder}`, clone]);
  return { ...repository, clone, base, good, bad };
}

interface Json {
  result: string;
  revision: string;
  change: { deny: { msg: string }[]; warn: { msg: string }[] };
  commits: { sha: string }[];
}

async function gate(cwd: string, args: string[], env: Record<string, string> = {}) {
  const ran = await countersign(['gate', '--format', 'json', ...args], { cwd, env });
  return { ...ran, json: ran.stdout === '' ? undefined : (JSON.parse(ran.stdout) as Json) };
}

test("in CI the gate needs no options: the event tells the range, and the clone's gaps are filled", async (t) => {
  const { clone, base, good, bad, git } = origin();
  const event = join(temporaryFolder(), 'event.json');
  const github = (name: string, payload: unknown) => {
    writeFileSync(event, JSON.stringify(payload));
    return { CI: 'true', GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: event };
  };
  const pull = { pull_request: { base: { ref: 'main', sha: base }, head: { sha: bad } } };

  await t.test('a pull request', async () => {
    const { code, json, stderr } = await gate(clone, [], github('pull_request', pull));
    assert.equal(code, 1, stderr);
    assert.deepEqual(
      json?.commits.map(({ sha }) => sha),
      [good, bad],
    );
    assert.equal(json?.revision, base);
  });
  await t.test('a pull request of which nothing may be fetched', async () => {
    const other = join(temporaryFolder(), 'clone');
    git(['clone', '--quiet', '--depth=1', `file://${git(['rev-parse', '--show-toplevel'])}`, other]);
    const { code, stdout, stderr } = await gate(other, ['--no-deepen'], github('pull_request', pull));
    assert.equal(code, 3, stderr);
    assert.match(stderr, /shallow.*--unshallow/);
    assert.equal(stdout, '');
  });
  await t.test('a merge queue', async () => {
    const group = { merge_group: { base_ref: 'refs/heads/main', base_sha: good, head_sha: bad } };
    const { code, json } = await gate(clone, [], github('merge_group', group));
    assert.equal(code, 1);
    assert.deepEqual(
      json?.commits.map(({ sha }) => sha),
      [bad],
    );
    assert.deepEqual([json?.revision, json?.change.warn.some(({ msg }) => msg === 'queued')], [base, true]);
  });
  await t.test('a push: what a squash made of the message is judged again', async () => {
    const push = { ref: 'refs/heads/main', before: good, after: bad, repository: { default_branch: 'main' } };
    const { code, json } = await gate(clone, [], github('push', push));
    assert.equal(code, 1);
    const told = json?.change.warn.map(({ msg }) => msg).find((msg) => msg.startsWith('push '));
    assert.deepEqual(JSON.parse(told?.slice(5) ?? ''), {
      ...{ ref: 'refs/heads/main', before: good, after: bad, kind: 'branch' },
    });
  });
  await t.test('a deleted branch: no commit, but a policy may have its word', async () => {
    const push = { ref: 'refs/heads/topic', before: bad, after: none, repository: { default_branch: 'main' } };
    const { code, json, stderr } = await gate(clone, [], github('push', push));
    assert.equal(code, 0, stderr);
    assert.deepEqual(json?.commits, []);
    assert.match(stderr, /refs\/heads\/topic was deleted: there is nothing to judge/);
    const main = await gate(clone, [], github('push', { ...push, ref: 'refs/heads/main', before: base }));
    assert.deepEqual([main.code, main.json?.change.deny], [1, [{ rule: 'policy', msg: 'not deleted' }]]);
  });
  await t.test('an event that cannot be read', async () => {
    const { code, stdout, stderr } = await gate(clone, [], {
      CI: '1',
      GITHUB_EVENT_NAME: 'push',
      GITHUB_EVENT_PATH: clone,
    });
    assert.deepEqual([code, stdout], [3, '']);
    assert.match(stderr, /Cannot decide: the event in/);
  });
  await t.test('GitLab', async () => {
    const env = {
      ...{ CI: 'true', GITLAB_CI: 'true', CI_PIPELINE_SOURCE: 'merge_request_event', CI_COMMIT_SHA: bad },
      CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
    };
    const { code, json } = await gate(clone, [], env);
    assert.deepEqual([code, json?.revision, json?.commits.length], [1, base, 2]);
  });
});

test('a push is judged by hand, and what is asked must make sense', async (t) => {
  const { folder, base, good, bad } = origin();
  const pushed = await gate(folder, ['--push', base, good, 'refs/heads/topic']);
  assert.deepEqual([pushed.code, pushed.json?.commits.map(({ sha }) => sha)], [0, [good]], pushed.stderr);
  assert.equal((await gate(folder, ['--push', good, bad, 'refs/heads/topic'])).code, 1);
  const queued = await gate(folder, ['--base', 'main', '--merge-queue', good, '--head', bad]);
  assert.deepEqual([queued.code, queued.json?.commits.map(({ sha }) => sha)], [1, [bad]], queued.stderr);
  const misuses: [args: string[], code: number, message: RegExp][] = [
    [['--push', base, good], 2, /OLD NEW REF/],
    [['--push', base, good, 'topic'], 2, /in full, such as refs\/heads\/main/],
    [['--push', base, good, 'refs/heads/topic', '--base', 'main'], 2, /leave --base/],
    [['--merge-queue', good], 2, /--base/],
    [['--push', 'e'.repeat(40), good, 'refs/heads/main'], 3, /not here any more/],
  ];
  for (const [args, code, message] of misuses) {
    await t.test(args.join(' ').replaceAll(/[0-9a-f]{40}/g, '…'), async () => {
      const ran = await gate(folder, args);
      assert.deepEqual([ran.code, ran.stdout], [code, ''], ran.stderr);
      assert.match(ran.stderr, message);
    });
  }
});
