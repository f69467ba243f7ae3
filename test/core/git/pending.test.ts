import assert from 'node:assert/strict';
import { test } from 'node:test';
import { lastChanges, lastCommits, readHead, stagedPaths, takenOver } from '../../../core/git/pending.ts';
import { openRepository } from '../../../core/git/repository.ts';
import { firstDate, makeRepository, type TestLike } from '../../support/repository.ts';

async function opened(t: TestLike, options: Parameters<typeof makeRepository>[1] = {}) {
  const repo = await makeRepository(t, options);
  return { ...repo, repository: await openRepository(repo.root, { environment: repo.environment }) };
}

test('before the first commit there is no head; what is staged is', async (t) => {
  const { repository, write, git } = await opened(t);
  assert.equal(await readHead(repository), undefined);
  assert.deepEqual(await lastCommits(repository, { limit: 5 }), []);
  assert.deepEqual(await lastChanges(repository, new Set(['a']), new Date(0)), new Map());
  await write('ü b.txt', '1');
  await git('add', '.');
  assert.deepEqual(await stagedPaths(repository), new Set(['ü b.txt']));
  assert.deepEqual(await takenOver(repository), []);
});

for (const objectFormat of ['sha1', 'sha256'] as const) {
  test(`head, last commits, staged paths and when they were changed last: ${objectFormat}`, async (t) => {
    const { repository, write, git, commit } = await opened(t, { objectFormat });
    await write('a.txt', '1');
    await write('old\nname', '1\n2\n3\n4\n5\n');
    await commit('One\n\nwith a body\n', { author: 'Ann <Ann@example.com>' });
    await write('b.txt', '1');
    const two = await commit('Two\n');
    assert.deepEqual(await readHead(repository), {
      id: two,
      time: new Date((firstDate + 120) * 1000),
      email: 'ada@example.com',
      message: 'Two\n',
    });
    const commits = await lastCommits(repository, { limit: 5 });
    assert.deepEqual(
      commits.map(({ message, email }) => [message, email]),
      [
        ['Two\n', 'ada@example.com'],
        ['One\n\nwith a body\n', 'ann@example.com'],
      ],
    );
    await git('mv', 'old\nname', 'new');
    await write('b.txt', '2');
    await git('rm', '--quiet', 'a.txt');
    assert.deepEqual(await stagedPaths(repository), new Set(['a.txt', 'old\nname', 'new']));
    assert.deepEqual(await stagedPaths(repository, { all: true }), new Set(['a.txt', 'old\nname', 'new', 'b.txt']));
    const changes = await lastChanges(repository, new Set(['a.txt', 'b.txt', 'none']), new Date(0));
    assert.deepEqual([...changes].sort(), [
      ['a.txt', new Date((firstDate + 60) * 1000)],
      ['b.txt', new Date((firstDate + 120) * 1000)],
    ]);
    const since = new Date((firstDate + 100) * 1000);
    assert.deepEqual([...(await lastChanges(repository, new Set(['a.txt', 'b.txt']), since)).keys()], ['b.txt']);
  });
}

test('the commits that are squashed, picked and fixed up are those that git itself works on', async (t) => {
  const { repository, write, git, commit } = await opened(t);
  await write('a.txt', '1\n');
  await commit('Base\n');
  await git('checkout', '--quiet', '-b', 'side');
  await write('b.txt', '1\n');
  const one = await commit('One\n');
  await write('c.txt', '1\n');
  const two = await commit('Two\n');
  await git('checkout', '--quiet', 'main');
  await git('merge', '--quiet', '--squash', 'side');
  assert.deepEqual((await takenOver(repository)).sort(), [one, two].sort());
  await git('reset', '--quiet', '--hard');
  // A conflict leaves the picked commit to be committed by hand.
  await write('b.txt', 'other\n');
  await commit('Conflict\n');
  await git('cherry-pick', one).catch(() => undefined);
  assert.deepEqual(await takenOver(repository), [one]);
  await git('cherry-pick', '--abort');
  assert.deepEqual(await takenOver(repository), []);
});

test('while a rebase squashes, the commits that become one are told', {
  skip: process.platform === 'win32',
}, async (t) => {
  const { repository, write, git, gitBytes, commit, environment } = await opened(t);
  await write('a.txt', '1\n');
  await commit('Base\n');
  for (const name of ['One', 'Two', 'Three']) {
    await write(`${name}.txt`, '1\n');
    await commit(`${name}\n`);
  }
  const [two, one] = (await git('rev-parse', 'HEAD~1', 'HEAD~2')).trim().split('\n');
  // The message is edited where the commits become one; there the rebase is left.
  Object.assign(environment, { GIT_SEQUENCE_EDITOR: "sed -i.bak '2s/^pick/squash/'", GIT_EDITOR: 'false' });
  await assert.rejects(gitBytes(['rebase', '--interactive', 'HEAD~3']));
  assert.deepEqual(await takenOver(repository), [one, two]);
  await git('rebase', '--abort');
  assert.deepEqual(await takenOver(repository), []);
});
