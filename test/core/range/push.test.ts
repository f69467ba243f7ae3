import assert from 'node:assert/strict';
import { test } from 'node:test';
import { makeRepository, type TestRepository } from '../../support/repository.ts';
import { cloneOf, fetching, judged } from './support.ts';

const none = '0'.repeat(40);

/** main (with a policy) and topic, which left it one commit ago; as a clone sees them. */
async function branches(repository: TestRepository) {
  await repository.write('.countersign/policies/p.rego', 'package main\n\ndeny contains "x" if false\n');
  const first = await repository.commit('First\n');
  const main = await repository.commit('Main\n');
  await repository.git('checkout', '--quiet', '-b', 'topic', first);
  await repository.write('t.txt', '1');
  const one = await repository.commit('Topic 1\n');
  await repository.write('t.txt', '2');
  const two = await repository.commit('Topic 2\n');
  await repository.git('update-ref', 'refs/remotes/origin/main', main);
  return { first, main, one, two };
}

const push = (ref: string, before: string | undefined, after: string) =>
  ({
    kind: 'push',
    ref,
    ...(before !== undefined && { before }),
    after,
    defaultBranch: 'main',
    source: 'test',
  }) as const;

test('what arrives at a ref is judged, by what was in force before', async (t) => {
  const repository = await makeRepository(t);
  const { first, main, one, two } = await branches(repository);

  await t.test('an update: what is new', async () => {
    const { range, commits, files } = await judged(repository, push('refs/heads/topic', one, two));
    assert.deepEqual([commits, files], [['Topic 2'], ['M t.txt']]);
    assert.deepEqual([range.phase, range.base, range.policy], ['push', one, one]);
    assert.deepEqual(range.push, { ref: 'refs/heads/topic', before: one, after: two, kind: 'branch' });
  });

  await t.test('a new branch: all that the default branch has not, whatever other branches have', async () => {
    await repository.git('update-ref', 'refs/remotes/origin/launder', two);
    const { range, commits, files } = await judged(repository, push('refs/heads/other', none, two));
    assert.deepEqual([commits, files], [['Topic 1', 'Topic 2'], ['A t.txt']]);
    assert.deepEqual([range.base, range.policy, range.push?.created], [first, main, true]);
  });

  await t.test('a forced push: what was not there before, and all that differs', async () => {
    const { range, commits, files } = await judged(repository, push('refs/heads/topic', two, main));
    assert.deepEqual([commits, files], [[], ['D t.txt']], 'main is judged already');
    assert.equal(range.push?.forced, true);
    await repository.git('checkout', '--quiet', '--force', first);
    await repository.write('t.txt', 'anew');
    const anew = await repository.commit('Anew\n');
    const forced = await judged(repository, push('refs/heads/main', main, anew));
    assert.deepEqual(forced.commits, ['Anew']);
    assert.deepEqual([forced.range.policy, forced.range.push?.forced], [main, true]);
  });

  await t.test('a forced push of another history to the default branch: all of it', async () => {
    const root = await repository.commit('Another root\n', { parents: [] });
    const { commits, range } = await judged(repository, push('refs/heads/main', main, root));
    assert.deepEqual([commits, range.policy], [['Another root'], main]);
  });

  await t.test('a deleted ref: nothing, and that is said', async () => {
    const { range, commits, files } = await judged(repository, push('refs/heads/topic', two, none));
    assert.deepEqual([commits, files, range.head], [[], [], undefined]);
    assert.deepEqual(range.push, { ref: 'refs/heads/topic', before: two, after: none, kind: 'branch', deleted: true });
    assert.match(range.notes.join(), /was deleted: there is nothing to judge/);
  });

  await t.test('tags: annotated, of tags, moved, and of what is no commit; always by the default branch', async () => {
    await repository.git('tag', '-a', '-m', 'one', 'v1', two);
    await repository.git('tag', '-a', '-m', 'of a tag', 'v2', 'v1');
    for (const name of ['v1', 'v2']) {
      const id = (await repository.git('rev-parse', name)).trim();
      const { commits, range } = await judged(repository, push(`refs/tags/${name}`, none, id));
      assert.deepEqual(commits, ['Topic 1', 'Topic 2']);
      assert.deepEqual([range.policy, range.push?.kind, range.push?.after], [main, 'tag', two]);
    }
    const moved = await judged(repository, push('refs/tags/v1', one, two));
    assert.deepEqual([moved.commits, moved.range.policy], [['Topic 2'], main]);
    const tree = (await repository.git('rev-parse', `${two}^{tree}`)).trim();
    const file = await judged(repository, push('refs/tags/tree', none, tree));
    assert.deepEqual(file.commits, []);
    assert.match(file.range.notes.join(), /names no commit/);
  });

  await t.test('a branch that had no policy is judged by that of the default branch', async () => {
    const tree = (await repository.git('mktree')).trim();
    const empty = (await repository.git('commit-tree', tree, '-m', 'Empty')).trim();
    const next = (await repository.git('commit-tree', tree, '-p', empty, '-m', 'Next')).trim();
    assert.equal((await judged(repository, push('refs/heads/old', empty, next))).range.policy, main);
  });

  await t.test('what was there before and is gone cannot be guessed', async () => {
    const gone = 'e'.repeat(40);
    await assert.rejects(
      judged(repository, push('refs/heads/main', gone, main)),
      /Cannot decide: e{40}.*is not here any more/,
    );
    await assert.rejects(
      judged(repository, push('refs/heads/main', undefined, main)),
      /nobody tells what refs\/heads\/main was/,
    );
    const { commits, range } = await judged(repository, push('refs/heads/topic', gone, two));
    assert.deepEqual(commits, ['Topic 1', 'Topic 2']);
    assert.match(range.notes.join(), /all that main has not is judged/);
    await assert.rejects(judged(repository, push('refs/heads/topic', one, gone)), /which was pushed, is not here/);
  });

  await t.test('the first push of all has no policy before it', async () => {
    const { range, commits } = await judged(repository, push('refs/heads/main', none, two));
    assert.deepEqual([commits, range.policy, range.base], [['First', 'Topic 1', 'Topic 2'], undefined, undefined]);
    assert.match(range.notes.join(), /nothing before it could hold a policy/);
  });
});

test('an octopus is judged whole, and a shallow clone deepened for a push', async (t) => {
  const origin = await makeRepository(t);
  const root = await origin.commit('Root\n');
  const sides: string[] = [];
  for (const name of ['one', 'two', 'three']) {
    await origin.write(`${name}.txt`, name);
    sides.push(await origin.commit(`Side ${name}\n`, { parents: [root] }));
  }
  const octopus = await origin.commit('Octopus\n', { parents: [root, ...sides] });
  const expected = ['Octopus', 'Side one', 'Side three', 'Side two'];
  assert.deepEqual((await judged(origin, push('refs/heads/main', root, octopus))).commits, expected);
  const clone = await cloneOf(origin, '--depth=1');
  assert.deepEqual((await judged(clone, push('refs/heads/main', root, octopus), fetching)).commits, expected);
});
