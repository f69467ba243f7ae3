import assert from 'node:assert/strict';
import { mkdirSync, symlinkSync } from 'node:fs';
import { dirname, join, resolve } from 'node:path';
import { test } from 'node:test';
import { chooseWindows, placesOf } from '../../../core/prompt-link/choose-window.ts';
import { makeRepository } from '../../support/repository.ts';

const at = (path: string) => resolve('/', ...path.split('/'));
const window = (id: string, folders: string[], focused = 0) => ({
  id,
  folders: folders.map(at),
  focused,
  socket: '',
  token: '',
  pid: 1,
});
const ids = (windows: { id: string }[]) => windows.map(({ id }) => id).join(' ');

test('the window with the most specific folder around the repository comes first', () => {
  const windows = [
    window('all', ['work']),
    window('repository', ['work/shop']),
    window('other', ['work/shopping', 'home']),
    window('part', ['work/shop/src/deep', 'work/shop/src']),
    window('both', ['home', 'work/shop']),
  ];
  assert.equal(ids(chooseWindows(windows, [at('work/shop')])), 'repository both all part');
  assert.equal(ids(chooseWindows(windows, [at('work/shop/vendor/sub')])), 'repository both all');
  assert.equal(ids(chooseWindows(windows, [at('elsewhere')])), '');
});

test('of windows with the same folder the one last used comes first', () => {
  const windows = [window('old', ['a'], 1), window('new', ['a'], 3), window('mid', ['a'], 2)];
  assert.equal(ids(chooseWindows(windows, [at('a')])), 'new mid old');
});

test('the window whose terminal it is comes before all others, whatever it has open', () => {
  const windows = [window('one', ['a'], 9), window('own', ['b'], 1)];
  assert.equal(ids(chooseWindows(windows, [at('a')], 'own')), 'own one');
  assert.equal(ids(chooseWindows(windows, [at('a')], 'closed')), 'one');
  assert.equal(ids(chooseWindows(windows, [at('a')], '')), 'one');
});

test('a window with the work tree itself comes before one with the main work tree', () => {
  const windows = [window('main', ['main'], 9), window('linked', ['linked'], 1)];
  assert.equal(ids(chooseWindows(windows, [at('linked'), at('main')])), 'linked main');
});

test('links are resolved; a linked work tree stands for the main one, too; a submodule for itself', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('a.txt', 'one');
  await repository.commit('Begin\n');
  assert.deepEqual(await placesOf(repository.root), [repository.root]);

  const link = `${repository.root} link`;
  symlinkSync(repository.root, link, 'dir');
  assert.deepEqual(await placesOf(link), [repository.root]);

  const linked = join(dirname(repository.root), 'linked ü');
  await repository.git('worktree', 'add', '-q', '-b', 'linked', linked);
  assert.deepEqual(await placesOf(linked), [linked, repository.root]);

  await repository.git('-c', 'protocol.file.allow=always', 'submodule', 'add', '-q', repository.root, 'sub');
  const submodule = join(repository.root, 'sub');
  assert.deepEqual(await placesOf(submodule), [submodule]);

  const gone = join(repository.root, 'no such folder');
  assert.deepEqual(await placesOf(gone), [gone]);
  mkdirSync(gone);
  assert.deepEqual(await placesOf(gone), [gone]);
});
