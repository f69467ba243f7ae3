/** Message files in git folders of all kinds, made by git itself. */
import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { workTreeOf } from '../../../core/git/work-tree.ts';
import { makeRepository, temporaryFolder } from '../../support/repository.ts';

async function gitPath(repository: { git(...args: string[]): Promise<string>; root: string }, name: string) {
  return path.resolve(repository.root, (await repository.git('rev-parse', '--git-path', name)).trim());
}

async function begun(t: TestContext) {
  const repository = await makeRepository(t);
  await repository.write('a.txt', 'a');
  await repository.commit('Begin\n');
  return repository;
}

test('the message and the todo list of an ordinary repository', async (t) => {
  const repository = await begun(t);
  assert.equal(await workTreeOf(await gitPath(repository, 'COMMIT_EDITMSG')), repository.root);
  assert.equal(await workTreeOf(await gitPath(repository, 'rebase-merge/git-rebase-todo')), repository.root);
});

test('a linked work tree', async (t) => {
  const repository = await begun(t);
  const other = path.join(await temporaryFolder(t), 'other ü');
  await repository.git('worktree', 'add', '--quiet', other, '-b', 'side');
  const file = path.resolve(
    other,
    (await repository.git('-C', other, 'rev-parse', '--git-path', 'COMMIT_EDITMSG')).trim(),
  );
  assert.match(file, /worktrees/);
  assert.equal(await workTreeOf(file), other);
});

test('a submodule', async (t) => {
  const inner = await begun(t);
  const outer = await begun(t);
  await outer.git('-c', 'protocol.file.allow=always', 'submodule', '--quiet', 'add', inner.root, 'lib/inner');
  const root = path.join(outer.root, 'lib', 'inner');
  const file = path.resolve(root, (await outer.git('-C', root, 'rev-parse', '--git-path', 'COMMIT_EDITMSG')).trim());
  assert.match(file, /modules/);
  assert.equal(await workTreeOf(file), root);
});

test('a git folder that lies elsewhere belongs to the candidate that leads to it', async (t) => {
  const repository = await begun(t);
  const elsewhere = path.join(await temporaryFolder(t), 'store');
  await rename(path.join(repository.root, '.git'), elsewhere);
  await repository.write('.git', `gitdir: ${elsewhere}\n`);
  const file = path.join(elsewhere, 'COMMIT_EDITMSG');
  assert.equal(await workTreeOf(file), undefined);
  assert.equal(await workTreeOf(file, [await temporaryFolder(t), repository.root]), repository.root);
});

test('a file of the work tree is in no git folder', async (t) => {
  const repository = await begun(t);
  assert.equal(await workTreeOf(path.join(repository.root, 'COMMIT_EDITMSG')), undefined);
});
