import assert from 'node:assert/strict';
import { test } from 'node:test';
import { patches } from '../../../core/git/patch-id.ts';
import { openRepository } from '../../../core/git/repository.ts';
import { makeRepository } from '../../support/repository.ts';

test("the ids are git patch-id's own, for all commits in one go; merges and empty commits have none", async (t) => {
  const made = await makeRepository(t);
  const commits: string[] = [];
  const hex = 'a'.repeat(40);
  for (const [at, content] of ['one\n', `one\n${hex}\n`, `${hex}\nno end of line`, '', '\0\x01binary\n'].entries()) {
    await made.write(`dir ü/file ${at % 2}.txt`, content);
    commits.push(await made.commit(`Change ${at}\n`));
  }
  await made.git('checkout', '--quiet', '-b', 'side', commits[1]!);
  await made.write('side.txt', 'x\n');
  commits.push(await made.commit('Side\n'));
  const [merge, empty] = [
    await made.commit('Merge\n', { parents: [commits.at(-1)!, commits.at(-2)!] }),
    await made.commit('Empty\n'),
  ];
  const repository = await openRepository(made.root, { environment: made.environment });
  const found = await patches(repository, [...commits, merge, empty]);
  assert.deepEqual([...found.keys()], commits);
  for (const commit of commits) {
    const diff = await made.gitBytes(['diff-tree', '-p', '--root', '--text', '--no-renames', commit]);
    const [id] = (await made.gitBytes(['patch-id', '--stable'], diff)).toString().split(' ');
    assert.equal(found.get(commit)?.id, id);
  }
  assert.equal(new Set([...found.values()].map(({ sha256 }) => sha256)).size, commits.length);
});

test('what a patch is does not depend on where it is applied, nor on configuration and attributes', async (t) => {
  const made = await makeRepository(t);
  const lines = (...more: string[]) => [...Array.from({ length: 20 }, (_, at) => `line ${at}`), ...more, ''].join('\n');
  await made.write('a.txt', lines());
  await made.commit('Base\n');
  await made.write('a.txt', lines('\tnew'));
  const one = await made.commit('One\n');
  await made.git('checkout', '--quiet', '-b', 'other', `${one}^`);
  await made.write('a.txt', `before\n${lines()}`);
  await made.commit('Shift\n');
  await made.write('a.txt', `before\n${lines('\tnew')}`);
  const two = await made.commit('Two\n');
  await made.write('a.txt', `before\n${lines('new')}`);
  const three = await made.commit('Three\n', { parents: [`${(await made.git('rev-parse', `${two}^`)).trim()}`] });
  const repository = await openRepository(made.root, { environment: made.environment });
  const found = await patches(repository, [one, two, three]);
  assert.deepEqual(found.get(one), found.get(two));
  assert.equal(found.get(three)?.id, found.get(one)?.id, 'git leaves white space out of account');
  assert.notEqual(found.get(three)?.sha256, found.get(one)?.sha256, 'we do not');
  await made.write('.gitattributes', '*.txt -diff\n');
  for (const [name, value] of [
    ['diff.context', '0'],
    ['diff.noprefix', 'true'],
    ['diff.algorithm', 'patience'],
    ['core.quotePath', 'false'],
    ['color.ui', 'always'],
  ] as const) {
    await made.git('config', name, value);
  }
  assert.deepEqual(await patches(repository, [one, two, three]), found);
});
