import assert from 'node:assert/strict';
import { mkdir, writeFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { mergeBase, openRepository, resolveRevision } from '../../../core/git/repository.ts';
import { GitError, git, gitBytes, gitEnvironment } from '../../../core/git/run.ts';
import { makeRepository, temporaryFolder } from '../../support/repository.ts';

test('opens a repository from a folder within it', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('a b/c/file', 'x');
  const opened = await openRepository(path.join(repository.root, 'a b', 'c'));
  assert.equal(opened.root, repository.root);
  assert.equal(opened.gitDir, path.join(repository.root, '.git'));
  assert.equal(opened.commonDir, opened.gitDir);
  assert.deepEqual([opened.bare, opened.shallow, opened.objectFormat], [false, false, 'sha1']);
});

test('opens a linked work tree, a bare repository, and one of SHA-256', async (t) => {
  const repository = await makeRepository(t);
  await repository.commit('One\n');
  const linked = path.join(path.dirname(repository.root), 'linked-trée');
  await repository.git('worktree', 'add', '--quiet', '--detach', linked);
  const opened = await openRepository(linked);
  assert.equal(opened.root, linked);
  assert.equal(opened.gitDir, path.join(repository.root, '.git', 'worktrees', 'linked-trée'));
  assert.equal(opened.commonDir, path.join(repository.root, '.git'));

  const bare = await makeRepository(t, { bare: true, objectFormat: 'sha256' });
  const openedBare = await openRepository(bare.root);
  assert.deepEqual([openedBare.root, openedBare.bare, openedBare.objectFormat], [bare.root, true, 'sha256']);
});

test('says what is wrong with a folder', async (t) => {
  const folder = await temporaryFolder(t);
  await assert.rejects(
    openRepository(folder, { environment: { ...process.env, GIT_CEILING_DIRECTORIES: path.dirname(folder) } }),
    (error: unknown) => {
      assert.ok(error instanceof GitError);
      assert.equal(error.kind, 'not-a-repository');
      assert.ok(error.message.includes(folder) && error.message.includes('git init'));
      return true;
    },
  );
  await assert.rejects(openRepository(path.join(folder, 'none')), { kind: 'no-such-folder' });
  await writeFile(path.join(folder, 'file'), '');
  await assert.rejects(openRepository(path.join(folder, 'file')), { kind: 'no-such-folder' });
});

test('says that git is missing', async (t) => {
  const folder = await temporaryFolder(t);
  const environment = { ...process.env, PATH: folder, Path: folder };
  await assert.rejects(openRepository(folder, { environment }), { kind: 'git-missing', message: /Install it/ });
  await assert.rejects(gitBytes({ root: folder, environment }, ['version']), { kind: 'git-missing' });
});

test('says that another user owns the repository', {
  skip: process.platform === 'win32' || process.getuid?.() !== 0,
}, async (t) => {
  const repository = await makeRepository(t);
  const [major = 0, minor = 0, patch = 0] = (await repository.git('version')).match(/\d+/g)?.map(Number) ?? [];
  if (major === 2 && (minor < 35 || (minor === 35 && patch < 2))) return t.skip('git looks at the owner since 2.35.2');
  const { chown } = await import('node:fs/promises');
  await chown(repository.root, 12345, 12345);
  await chown(path.join(repository.root, '.git'), 12345, 12345);
  await assert.rejects(openRepository(repository.root, { environment: repository.environment }), {
    kind: 'unsafe-ownership',
    message: /safe\.directory/,
  });
});

test('resolves branches, tags, annotated tags and short ids to commits', async (t) => {
  const repository = await makeRepository(t);
  const one = await repository.commit('One\n');
  await repository.git('tag', 'light');
  await repository.git('tag', '-a', '-m', 'x', 'heavy');
  const two = await repository.commit('Two\n');
  const opened = await openRepository(repository.root);
  for (const name of ['light', 'heavy', 'main~1', 'HEAD^', one.slice(0, 10), one, 'refs/tags/heavy']) {
    assert.equal(await resolveRevision(opened, name), one, name);
  }
  assert.equal(await resolveRevision(opened, 'main'), two);
});

test('takes no option for a revision, and names one that is not there', async (t) => {
  const repository = await makeRepository(t);
  await repository.commit('One\n');
  const opened = await openRepository(repository.root);
  for (const name of [
    '',
    '-h',
    '--all',
    '--upload-pack=touch x',
    'none',
    'HEAD~7',
    'HEAD\nHEAD',
    'HEAD:',
    'a\0b',
    `${'f'.repeat(40)}`,
  ]) {
    await assert.rejects(resolveRevision(opened, name), { kind: 'unknown-revision' }, JSON.stringify(name));
  }
});

test('unrelated histories have no merge base', async (t) => {
  const repository = await makeRepository(t);
  const one = await repository.commit('One\n');
  const other = await repository.commit('Other\n', { parents: [] });
  assert.equal(await mergeBase(await openRepository(repository.root), one, other), undefined);
});

test("a hook's variables count in its own folder only", async (t) => {
  const repository = await makeRepository(t);
  const other = await makeRepository(t);
  const environment = { ...repository.environment, GIT_DIR: '.git', GIT_INDEX_FILE: 'other index', GIT_EDITOR: ':' };
  const hooked = await openRepository(repository.root, { environment, inherit: true });
  assert.equal(hooked.environment.GIT_INDEX_FILE, path.join(repository.root, 'other index'));
  assert.equal(hooked.environment.GIT_DIR, path.join(repository.root, '.git'));
  assert.equal(hooked.environment.GIT_EDITOR, ':');

  const elsewhere = { ...environment, GIT_DIR: path.join(other.root, '.git') };
  const plain = await openRepository(repository.root, { environment: elsewhere });
  assert.equal(plain.gitDir, path.join(repository.root, '.git'));
  assert.equal(plain.environment.GIT_INDEX_FILE, undefined);
  const inherited = await openRepository(repository.root, { environment: elsewhere, inherit: true });
  assert.equal(inherited.gitDir, path.join(other.root, '.git'));
});

test('commands run with the environment of git users and hooks, and nothing that disturbs', async (t) => {
  const repository = await makeRepository(t);
  const environment = gitEnvironment(
    {
      ...repository.environment,
      EDITOR: 'vi',
      GIT_EDITOR: ':',
      GIT_SSH_COMMAND: 'ssh -v',
      GIT_EXEC_PATH: '',
      GIT_TRACE: '1',
      GIT_EXTERNAL_DIFF: 'x',
      LC_ALL: 'de_DE.UTF-8',
    },
    false,
  );
  delete environment.GIT_EXEC_PATH;
  assert.deepEqual(
    [environment.GIT_TRACE, environment.GIT_EXTERNAL_DIFF, environment.LC_ALL],
    [undefined, undefined, 'C'],
  );
  assert.match(await git({ root: repository.root, environment }, ['status']), /No commits yet/);
  const configured = {
    ...environment,
    GIT_CONFIG_COUNT: '1',
    GIT_CONFIG_KEY_0: 'user.name',
    GIT_CONFIG_VALUE_0: 'From CI',
  };
  assert.equal(await git({ root: repository.root, environment: configured }, ['config', 'user.name']), 'From CI\n');
});

test("git's complaint becomes the error's message", async (t) => {
  const repository = await makeRepository(t);
  await mkdir(path.join(repository.root, 'x'));
  const place = { root: repository.root, environment: repository.environment };
  for (const run of [() => git(place, ['cat-file', '-t', 'none']), () => gitBytes(place, ['cat-file', '-t', 'none'])]) {
    await assert.rejects(run, (error: unknown) => {
      assert.ok(error instanceof GitError);
      assert.equal(error.kind, 'failed');
      assert.equal(error.exitCode, 128);
      assert.match(error.message, /Not a valid object name none/);
      return true;
    });
  }
});
