import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { openRepository } from '../../../core/git/repository.ts';
import { isCleanAtHead, lastCommitOf, maxFileSize, readFolder, readWorkingFolder } from '../../../core/git/tree.ts';
import { makeRepository, temporaryFolder } from '../../support/repository.ts';

const noLinks = process.platform === 'win32';

function texts(content: { files: { path: string; bytes: Uint8Array }[] } | undefined): Record<string, string> {
  return Object.fromEntries(
    (content?.files ?? []).map(({ path, bytes }) => [path, Buffer.from(bytes).toString('utf8')]),
  );
}

test('reads a folder as it was at a commit, whatever is on disk', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('pol icy/a.rego', 'one\r\n');
  await repository.write('pol icy/sub/b ü.yaml', 'two');
  await repository.write('pol icy/empty', '');
  await repository.write('pol icy-2/c', 'no');
  const then = await repository.commit('One\n');
  await repository.write('pol icy/a.rego', 'changed');
  await repository.commit('Two\n');
  await repository.write('pol icy/a.rego', 'on disk');

  const opened = await openRepository(repository.root);
  const expected = { 'a.rego': 'one\r\n', empty: '', 'sub/b ü.yaml': 'two' };
  for (const folder of ['pol icy', 'pol icy/', './pol icy', '/pol icy/']) {
    assert.deepEqual(texts(await readFolder(opened, then, folder)), expected, folder);
  }
  assert.equal(Object.keys(texts(await readFolder(opened, then, ''))).length, 4);
  assert.equal(await readFolder(opened, then, 'none'), undefined);
  const file = { files: [], skipped: [{ path: '', reason: 'special-file' }] };
  assert.deepEqual(await readFolder(opened, then, 'pol icy/a.rego'), file, 'a file is no folder');
  assert.equal(await readFolder(opened, then, 'pol*'), undefined, 'no patterns');
  // From a folder within, paths are still those of the repository.
  const within = await openRepository(path.join(repository.root, 'pol icy'));
  assert.deepEqual(texts(await readFolder(within, then, 'pol icy')), expected);
});

test('reports links and submodules instead of following them', { skip: noLinks }, async (t) => {
  const repository = await makeRepository(t);
  await repository.write('p/real', 'x');
  await symlink('/etc/passwd', path.join(repository.root, 'p', 'link'));
  const one = await repository.commit('One\n');
  await repository.git('update-index', '--add', '--cacheinfo', `160000,${one},p/module`);
  const tree = (await repository.git('write-tree')).trim();
  const head = (await repository.git('commit-tree', '-m', 'x', tree)).trim();
  const content = await readFolder(await openRepository(repository.root), head, 'p');
  assert.deepEqual(Object.keys(texts(content)), ['real']);
  assert.deepEqual(content?.skipped, [
    { path: 'link', reason: 'symbolic-link' },
    { path: 'module', reason: 'submodule' },
  ]);
});

test('reports what is too large', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('p/big', Buffer.alloc(maxFileSize + 1));
  const head = await repository.commit('One\n');
  const skipped = [{ path: 'big', reason: 'too-large' }];
  assert.deepEqual(await readFolder(await openRepository(repository.root), head, 'p'), { files: [], skipped });
  assert.deepEqual(await readWorkingFolder(path.join(repository.root, 'p')), { files: [], skipped });
});

test('reads a folder on disk, sorted, without leaving it', { skip: noLinks }, async (t) => {
  const repository = await makeRepository(t);
  const secret = path.join(await temporaryFolder(t), 'secret');
  await repository.write('p/b', 'b');
  await repository.write('p/a/c', 'c');
  await repository.write('p/node_modules/x', 'no');
  await symlink(secret, path.join(repository.root, 'p', 'file'));
  await symlink('..', path.join(repository.root, 'p', 'up'));
  const content = await readWorkingFolder(path.join(repository.root, 'p'));
  assert.deepEqual(texts(content), { 'a/c': 'c', b: 'b' });
  assert.deepEqual(
    content?.skipped.map(({ path, reason }) => [path, reason]),
    [
      ['file', 'symbolic-link'],
      ['up', 'symbolic-link'],
    ],
  );
  assert.equal(await readWorkingFolder(path.join(repository.root, 'none')), undefined);
  await symlink('p', path.join(repository.root, 'linked'));
  assert.deepEqual((await readWorkingFolder(path.join(repository.root, 'linked')))?.skipped, [
    { path: '', reason: 'symbolic-link' },
  ]);
});

test('finds the last commit that changed a path', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('p/a', '1');
  const one = await repository.commit('One\n');
  await repository.write('q', '1');
  const two = await repository.commit('Two\n');
  const opened = await openRepository(repository.root);
  assert.equal(await lastCommitOf(opened, ['p'], two), one);
  assert.equal(await lastCommitOf(opened, ['p', 'q'], two), two);
  assert.equal(await lastCommitOf(opened, ['none'], two), undefined);
});

test('knows whether a folder is just as at HEAD', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('.gitignore', 'ignored\n');
  await repository.write('p/a', '1');
  await repository.commit('One\n');
  await repository.write('elsewhere', 'x');
  const opened = await openRepository(repository.root);
  assert.equal(await isCleanAtHead(opened, ['p']), true);
  assert.equal(await isCleanAtHead(opened, ['none']), false);
  await repository.write('p/ignored', 'counts, for it would be read');
  assert.equal(await isCleanAtHead(opened, ['p']), false);
  await repository.git('clean', '-fdx', '--quiet');
  await repository.write('p/b', '1');
  assert.equal(await isCleanAtHead(opened, ['p']), false);
  await repository.git('add', 'p/b');
  assert.equal(await isCleanAtHead(opened, ['p']), false);
  await repository.commit('Two\n');
  assert.equal(await isCleanAtHead(opened, ['p']), true);
  await repository.write('p/a', '2');
  assert.equal(await isCleanAtHead(opened, ['p']), false);
});
