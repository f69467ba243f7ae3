/** Real pushes into bare repositories whose pre-receive hook is Countersign's. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { countersign, newRepository, type Ran, temporaryFolder } from './harness.ts';

/** Denies subjects that begin with "bad", and that main goes. */
const policy = `package main

deny contains {"rule": "no-bad", "msg": "not so", "commit": commit.sha} if {
	some commit in input.commits
	startswith(commit.subject, "bad")
}

deny contains {"rule": "keep-main", "msg": "main stays"} if {
	input.push.deleted
	input.push.ref == "refs/heads/main"
}
`;
const loose = 'package main\n\ndeny contains "never" if false\n';

const skip = process.platform === 'win32' && 'hooks of bare repositories are run by a shell that may be missing';

/** A server with the hook and a policy on main, and a work tree that pushes to it. */
async function serverAndWork({ before = () => {} }: { before?: (hooks: string) => void } = {}) {
  const work = newRepository();
  const base = work.commit('Policy\n', { files: { '.countersign/policies/p.rego': policy } });
  const server = join(temporaryFolder(), 'sérver it.git');
  work.git(['init', '--quiet', '--bare', '-b', 'main', server]);
  work.git(['config', 'receive.denyDeleteCurrent', 'ignore'], '', { GIT_DIR: server });
  work.git(['remote', 'add', 'origin', server]);
  work.git(['push', '--quiet', 'origin', 'main']);
  before(join(server, 'hooks'));
  const installed = await countersign(['hook', 'install', '--server', '-C', server]);
  assert.equal(installed.code, 0, installed.stderr);
  /** Pushes from the work tree, as somebody's git would. */
  const push = (...args: string[]): Promise<Ran> =>
    new Promise((resolve) => {
      const child = spawn('git', ['push', 'origin', ...args], { cwd: work.folder });
      let [stdout, stderr] = ['', ''];
      child.stdout.setEncoding('utf8').on('data', (text) => {
        stdout += text;
      });
      child.stderr.setEncoding('utf8').on('data', (text) => {
        stderr += text;
      });
      child.on('close', (code) => resolve({ code, stdout, stderr }));
    });
  const at = (ref: string): string =>
    spawnSync('git', ['rev-parse', '--verify', '-q', ref], { cwd: server, encoding: 'utf8' }).stdout.trim();
  return { ...work, base, server, push, at, installed };
}

test('a server takes what its policy allows, and says what is wrong with the rest', { skip }, async (t) => {
  const { commit, git, push, at, base, server } = await serverAndWork();

  await t.test('an update that is fine passes in silence', async () => {
    const good = commit('good\n', { files: { 'a.txt': 'a' } });
    const ran = await push('main');
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(at('refs/heads/main'), good);
    assert.doesNotMatch(ran.stderr, /remote:/);
  });

  await t.test('one that is not is refused, with the rule and the commit', async () => {
    const old = at('refs/heads/main');
    const bad = commit('bad idea\n');
    const ran = await push('main');
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /pre-receive hook declined/);
    assert.match(ran.stderr, new RegExp(`remote: ✗ ${bad.slice(0, 10)} bad idea`));
    assert.match(ran.stderr, /remote: +deny not so/);
    assert.match(ran.stderr, /remote: +no-bad, \.countersign\/policies\/p\.rego:3/);
    assert.match(ran.stderr, /remote: countersign: 1 of 1 refs denied, so nothing was taken/);
    assert.equal(at('refs/heads/main'), old);
    assert.equal(at(`${bad}^{commit}`), '', 'git throws away what it had taken in');
  });

  await t.test('nor by another door: a new branch, a tag, an annotated tag, several refs at once', async () => {
    git(['tag', '-a', '-m', 'x', 'annotated']);
    git(['tag', 'light']);
    for (const refs of [['HEAD:refs/heads/other'], ['annotated'], ['light'], [`${base}:refs/heads/fine`, 'light']]) {
      const ran = await push(...refs);
      assert.equal(ran.code, 1, `${refs}: ${ran.stderr}`);
      assert.match(ran.stderr, /remote: +deny not so/);
    }
    assert.deepEqual([at('refs/heads/other'), at('refs/tags/light'), at('refs/heads/fine')], ['', '', '']);
  });

  await t.test('nor with the policy loosened in the same push, on a branch of its own, or with a skip', async () => {
    commit('Loosen [skip ci]\n', { files: { '.countersign/policies/p.rego': loose } });
    assert.equal((await push('main')).code, 1);
    assert.equal((await push('HEAD:refs/heads/loose')).code, 1);
    git(['reset', '--quiet', '--hard', 'HEAD~2']);
    commit('Loosen\n', { files: { '.countersign/policies/p.rego': loose } });
    const onTop = commit('bad on top\n');
    assert.equal((await push('HEAD:refs/heads/loose')).code, 1, 'judged by the default branch');
    assert.equal(at('refs/heads/loose'), '');
    git(['reset', '--quiet', '--hard', 'HEAD~2']);
    assert.ok(onTop);
  });

  await t.test('a forced push is judged for what is new in it', async () => {
    git(['checkout', '--quiet', '-b', 'again', base]);
    commit('bad, by force\n');
    assert.equal((await push('--force', 'HEAD:main')).code, 1);
    const fine = commit('fine, by force\n', { parents: [base], files: { 'b.txt': 'b' } });
    const ran = await push('--force', 'HEAD:main');
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(at('refs/heads/main'), fine);
  });

  await t.test('refs go, unless a policy keeps them; notes and tags of files are not judged', async () => {
    assert.equal((await push('HEAD:refs/heads/gone', `${base}^{tree}:refs/tags/tree`)).code, 0);
    assert.equal((await push('--delete', 'gone')).code, 0);
    assert.equal(at('refs/heads/gone'), '');
    const ran = await push('--delete', 'main');
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /remote: +deny main stays/);
    git(['notes', 'add', '-m', 'a note', base]);
    assert.equal((await push('refs/notes/commits')).code, 0);
  });

  await t.test('what cannot be decided is not taken', async () => {
    const broken = 'package main\n\ndeny contains\n';
    git(['--git-dir', server, 'config', 'core.hooksPath', '/nonexistent']);
    commit('Break the policy\n', { files: { '.countersign/policies/p.rego': broken } });
    assert.equal((await push('HEAD:main')).code, 0, 'as an administrator would');
    git(['--git-dir', server, 'config', '--unset', 'core.hooksPath']);
    const next = commit('Next\n');
    const ran = await push('HEAD:main');
    assert.equal(ran.code, 1);
    assert.match(ran.stderr, /remote: error: .*cannot be read/);
    assert.match(ran.stderr, /p\.rego:\d+/);
    assert.notEqual(at('refs/heads/main'), next);
  });
});

test('a hook that was there runs first, and has a say; the program gone, nothing is taken', { skip }, async () => {
  const { commit, push, server } = await serverAndWork({
    before: (hooks) => {
      writeFileSync(
        join(hooks, 'pre-receive'),
        '#!/bin/sh\nwhile read -r line; do echo "earlier: $line"; done\n[ ! -e refuse ]\n',
      );
      chmodSync(join(hooks, 'pre-receive'), 0o755);
    },
  });
  const hook = join(server, 'hooks', 'pre-receive');
  commit('good\n');
  const ran = await push('main');
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /remote: earlier: [0-9a-f]{40} [0-9a-f]{40} refs\/heads\/main/);

  commit('bad\n');
  assert.equal((await push('main')).code, 1);
  writeFileSync(join(server, 'refuse'), '');
  const refused = await push('main');
  assert.equal(refused.code, 1);
  assert.doesNotMatch(refused.stderr, /deny/);

  writeFileSync(hook, readFileSync(hook, 'utf8').replace(/^cli='.*'$/m, "cli='/nonexistent/cli.js'"));
  writeFileSync(`${hook}.before-countersign`, '#!/bin/sh\n');
  const gone = await push('HEAD~1:refs/heads/another');
  assert.equal(gone.code, 1);
  assert.match(gone.stderr, /remote: countersign: the program that judges pushes is not where it was/);

  const uninstalled = await countersign(['hook', 'uninstall', '--server', '-C', server]);
  assert.equal(uninstalled.code, 0, uninstalled.stderr);
  assert.equal(readFileSync(hook, 'utf8'), '#!/bin/sh\n');
  assert.equal(existsSync(`${hook}.before-countersign`), false);
});

test('a first push has no policy before it; a server may leave such repositories alone', { skip }, async () => {
  const { git, commit } = newRepository();
  const bad = commit('Add\n\nCo-authored-by: Claude <noreply@anthropic.com>\n', {
    files: { '.countersign/policies/p.rego': loose },
  });
  const lines = `${'0'.repeat(40)} ${bad} refs/heads/main\n`;
  const server = join(temporaryFolder(), 'server.git');
  git(['init', '--quiet', '--bare', '-b', 'main', server]);
  git(['push', '--quiet', server, 'main:refs/keep/x']);
  const ran = await countersign(['hook', 'pre-receive'], { cwd: server, input: lines });
  assert.equal(ran.code, 1, ran.stderr);
  assert.match(ran.stdout, /undisclosed-ai/);
  assert.match(ran.stderr, /built-in policies judge/);
  const free = await countersign(['hook', 'pre-receive', '--if-configured'], { cwd: server, input: lines });
  assert.deepEqual([free.code, free.stdout, free.stderr], [0, '', '']);
  for (const [input, code] of [
    ['', 0],
    [`${'0'.repeat(40)} ${bad} refs/notes/x\n`, 0],
    ['what is this\n', 3],
    [`${'0'.repeat(40)} ${'e'.repeat(40)} refs/heads/x\n`, 3],
  ] as const) {
    const other = await countersign(['hook', 'pre-receive'], { cwd: server, input });
    assert.equal(other.code, code, input + other.stderr);
    assert.equal(other.stdout, '');
  }
});

test('changed policies run their tests before they are taken, in quarantine', { skip }, async (t) => {
  const { commit, git, push, at, base } = await serverAndWork();
  const strict = `${policy}
deny contains {"rule": "tested", "msg": concat("; ", array.concat([sprintf("%d failed", [tests.failed])], tests.errors))} if {
	tests := input.change.policy_change.tests
	tests.failed + count(tests.errors) > 0
}
`;
  const tested = (count: number): string =>
    `package main_test\n\nimport data.main\n\ntest_bad if count(main.deny) == ${count} with input as {"commits": [{"sha": "1", "subject": "bad"}]}\n`;
  const folder = '.countersign/policies';

  await t.test('what passes is taken, and how it went is said', async () => {
    const good = commit('Demand tests\n', {
      files: { [`${folder}/p.rego`]: strict, [`${folder}/p_test.rego`]: tested(1) },
    });
    const ran = await push('main');
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(at('refs/heads/main'), good);
    assert.match(ran.stderr, /remote: the policies change/);
    assert.match(ran.stderr, /2 policy files changed: .*The policies of the base judge it/);
    assert.match(ran.stderr, /tests of the changed policies: 1 passed, 0 failed, no errors/);
  });
  const main = at('refs/heads/main');

  const wrong: [name: string, files: Record<string, string>, said: RegExp][] = [
    ['a test fails', { [`${folder}/p_test.rego`]: tested(2) }, /failed: data\.main_test\.test_bad/],
    ['the policies are none', { [`${folder}/q.rego`]: 'package q\n\ndeny contains\n' }, /error: .*q\.rego:\d+/],
    [
      'a test never ends',
      {
        [`${folder}/e_test.rego`]:
          'package e_test\n\ntest_e if {\n\tsome i in numbers.range(1, 100000)\n\tsome j in numbers.range(1, 100000)\n\ti * j == -1\n}\n',
      },
      /error: .*test_e/,
    ],
  ];
  for (const [name, files, said] of wrong) {
    await t.test(`${name}: the policy that was there hears of it, and refuses`, async () => {
      const sha = commit('Change\n', { files });
      const ran = await push('main');
      assert.equal(ran.code, 1, ran.stderr);
      assert.match(ran.stderr, said);
      assert.match(ran.stderr, /remote: +tested, \.countersign\/policies\/p\.rego:\d+/);
      assert.equal(at('refs/heads/main'), main);
      assert.equal(at(`${sha}^{commit}`), '', 'git throws away what it had taken in');
      git(['reset', '--quiet', '--hard', main]);
    });
  }

  await t.test('where nothing demands it, failing tests are shown and decide nothing', async () => {
    git(['checkout', '--quiet', '-b', 'lax', base]);
    assert.equal((await push('--force', 'lax:main')).code, 0, 'back to the policy without the rule');
    commit('Change\n', { files: { [`${folder}/p_test.rego`]: tested(2) } });
    const ran = await push('lax:main');
    assert.equal(ran.code, 0, ran.stderr);
    assert.match(ran.stderr, /tests of the changed policies: 0 passed, 1 failed/);
  });
});
