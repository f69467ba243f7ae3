import assert from 'node:assert/strict';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { makeRepository } from '../../support/repository.ts';
import { cloneOf, fetching, here, judged } from './support.ts';

const policy = (word: string): string => `package main\n\ndeny contains "${word}" if false\n`;

test("a change is what its head has and the target branch's tip has not, judged by the tip's policy", async (t) => {
  const origin = await makeRepository(t);
  await origin.write('.countersign/policies/p.rego', policy('old'));
  const start = await origin.commit('Start\n');
  await origin.write('.countersign/policies/p.rego', policy('new'));
  const tip = await origin.commit('Tighten the policy\n');
  await origin.git('checkout', '--quiet', '-b', 'topic', start);
  await origin.write('a.txt', 'a');
  const head = await origin.commit('Topic\n');
  const request = { kind: 'change', target: 'main', base: start, head, source: 'test' } as const;

  const clone = await cloneOf(origin);
  const { range, commits, files } = await judged(clone, request);
  // Beginning before the policy was tightened does not help.
  assert.deepEqual([range.base, range.policy, range.head], [tip, tip, head]);
  assert.deepEqual([commits, files], [['Topic'], ['A a.txt']]);

  await t.test('the remote is asked for the tip as it is now', async () => {
    await origin.git('checkout', '--quiet', 'main');
    await origin.write('b.txt', 'b');
    const later = await origin.commit('Later\n');
    assert.equal((await judged(clone, request, fetching)).range.policy, later);
    assert.equal((await judged(clone, request)).range.policy, later);
  });

  await t.test('a target that is not here is fetched, or cannot be decided', async () => {
    const narrow = await cloneOf(origin, '--single-branch', '--branch=topic');
    const { base: _, ...without } = request;
    await assert.rejects(judged(narrow, without, here), /the branch main.*is not here.*git fetch origin/s);
    const asked = await judged(narrow, request, here);
    assert.equal(asked.range.policy, start);
    assert.match(asked.range.notes.join('\n'), /may be older/);
    assert.deepEqual((await judged(narrow, without, fetching)).commits, ['Topic']);
    await assert.rejects(judged(narrow, { ...without, target: 'no-such' }, fetching), /no-such.*is not here/s);
  });

  await t.test('when the remote is gone, the tip that is here counts, and that is said', async () => {
    await rename(origin.root, `${origin.root} moved`);
    const { range: last } = await judged(clone, request, fetching);
    assert.match(last.notes.join('\n'), /origin\/main could not be fetched anew/);
    await assert.rejects(
      judged(clone, { ...request, head: 'f'.repeat(40) }, fetching),
      /Cannot decide: the commit f{40}/,
    );
    await rename(`${origin.root} moved`, origin.root);
  });
});

test('in a merge queue only the group is judged, by the policy that has landed', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('.countersign/policies/p.rego', policy('landed'));
  const landed = await repository.commit('Start\n');
  await repository.write('.countersign/policies/p.rego', policy('queued'));
  const queued = await repository.commit('Queued before: loosen the policy\n');
  await repository.write('a.txt', 'a');
  const head = await repository.commit('The group\n');
  await repository.git('update-ref', 'refs/remotes/origin/main', landed);
  const { range, commits, files } = await judged(repository, {
    kind: 'change',
    target: 'main',
    queuedUpon: queued,
    head,
    source: 'test',
  });
  assert.deepEqual([commits, files], [['The group'], ['A a.txt']]);
  assert.deepEqual([range.base, range.policy, range.mergeQueue], [queued, landed, true]);
});

test('a shallow clone is deepened as far as the range needs', async (t) => {
  const origin = await makeRepository(t);
  for (let at = 0; at < 130; at++) await origin.commit(`Base ${at}\n`, { parents: at === 0 ? [] : undefined });
  const fork = (await origin.git('rev-parse', 'HEAD~125')).trim();
  const tip = (await origin.git('rev-parse', 'HEAD')).trim();
  await origin.git('checkout', '--quiet', '-b', 'topic', fork);
  for (let at = 0; at < 3; at++) {
    await origin.write(`${at}.txt`, 'x');
    await origin.commit(`Topic ${at}\n`);
  }
  const head = (await origin.git('rev-parse', 'HEAD')).trim();
  const request = { kind: 'change', target: 'main', head, source: 'test' } as const;
  const clone = await cloneOf(origin, '--depth=1', '--branch=topic');
  const { range, commits } = await judged(clone, request, fetching);
  assert.equal(range.base, tip);
  assert.deepEqual(commits, ['Topic 0', 'Topic 1', 'Topic 2']);
  const again = await cloneOf(origin, '--depth=2', '--branch=topic', '--no-single-branch');
  await assert.rejects(judged(again, request, here), { kind: 'shallow' });
});

test('criss-cross merges hide no file: what one merge base has, another has not', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('f', 'start');
  await repository.write('g', 'start');
  const root = await repository.commit('Root\n');
  await repository.write('f', 'loose');
  const one = await repository.commit('One\n');
  await repository.git('read-tree', root);
  await repository.git('checkout-index', '--all', '--force');
  await repository.write('g', 'two');
  const two = await repository.commit('Two\n', { parents: [root] });
  // Both sides merge both; the base keeps f as it was, the head takes the other one.
  await repository.write('f', 'start');
  const base = await repository.commit('Merge for the base\n', { parents: [two, one] });
  await repository.write('f', 'loose');
  const head = await repository.commit('Merge for the head\n', { parents: [one, two] });
  const bases = (await repository.git('merge-base', '--all', base, head)).trim().split('\n');
  assert.deepEqual(new Set(bases), new Set([one, two]));
  const { files } = await judged(repository, { kind: 'change', base, head, source: 'test' });
  assert.deepEqual(files, ['M f'], 'f would be changed; g is the same in both');
});

test('a merge that changes what none of its parents has is judged for it; one that drops a side is seen as a whole', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('a', '1');
  const root = await repository.commit('Root\n');
  await repository.write('b', 'theirs');
  const theirs = await repository.commit('Theirs\n');
  await repository.git('checkout', '--quiet', '-b', 'topic', root);
  await repository.write('c', 'ours');
  const ours = await repository.commit('Ours\n');
  // As `git merge -s ours`: what the base had since is dropped.
  const dropping = await repository.commit('Merge\n', { parents: [ours, theirs] });
  const dropped = await judged(repository, { kind: 'change', base: theirs, head: dropping, source: 'test' });
  assert.deepEqual(dropped.files, ['A c', 'D b']);
  await repository.write('b', 'theirs');
  await repository.write('evil', 'only here');
  const evil = await repository.commit('Merge\n', { parents: [ours, theirs] });
  const { files } = await judged(repository, { kind: 'change', base: theirs, head: evil, source: 'test' });
  assert.deepEqual(files, ['A c', 'A evil']);
});

test('neither a commit-graph file nor grafts nor replacements change what is judged', async (t) => {
  const repository = await makeRepository(t);
  const base = await repository.commit('Base\n');
  const hidden = await repository.commit('Hidden\n');
  const head = await repository.commit('Head\n');
  const request = { kind: 'change', base, head, source: 'test' } as const;
  const expected = ['Head', 'Hidden'];
  assert.deepEqual((await judged(repository, request)).commits, expected);
  const tree = (await repository.git('rev-parse', `${head}^{tree}`)).trim();
  const shorter = (await repository.git('commit-tree', tree, '-p', base, '-m', 'Head')).trim();
  await repository.git('replace', head, shorter);
  assert.equal((await repository.git('rev-list', '--count', `${base}..${head}`)).trim(), '1', 'git itself is taken in');
  assert.deepEqual((await judged(repository, request)).commits, expected);
  await repository.git('replace', '-d', head);
  await repository.write('.git/info/grafts', `${head} ${base}\n`);
  assert.equal((await repository.git('rev-list', '--count', `${base}..${head}`)).trim(), '1', 'git itself is taken in');
  assert.deepEqual((await judged(repository, request)).commits, expected);
  await rm(path.join(repository.root, '.git', 'info', 'grafts'));

  // Git reads the tips themselves, so the lie is about the one below.
  const last = await repository.commit('Last\n');
  await repository.git('commit-graph', 'write', '--reachable');
  await lie(path.join(repository.root, '.git', 'objects', 'info', 'commit-graph'), [base, hidden, head, last]);
  assert.equal((await repository.git('rev-list', '--count', `${base}..${last}`)).trim(), '2', 'git itself is taken in');
  assert.deepEqual((await judged(repository, { ...request, head: last })).commits, [...expected, 'Last']);
});

/** Makes the first of these commits the parent of the third, in a commit-graph file (gitformat-commit-graph(5)). */
async function lie(file: string, commits: string[]): Promise<void> {
  const graph = await readFile(file);
  const [base = '', , head = ''] = commits;
  const sorted = [...commits].sort();
  const chunks = graph[6]!;
  for (let at = 0; at < chunks; at++) {
    const entry = 8 + at * 12;
    if (graph.toString('latin1', entry, entry + 4) !== 'CDAT') continue;
    const commit = Number(graph.readBigUInt64BE(entry + 4)) + sorted.indexOf(head) * 36;
    graph.writeUInt32BE(sorted.indexOf(base), commit + 20);
  }
  await rm(file, { force: true });
  await writeFile(file, graph);
}

test('dates cannot take a commit out of a range', async (t) => {
  const repository = await makeRepository(t);
  await repository.commit('Root\n', { date: '4000000000 +0000' });
  const base = await repository.commit('Base\n', { date: '1 +0000' });
  for (const [at, date] of ['0 +0000', '4102444800 +0000', '1 -1200', '9999999999 +1400'].entries()) {
    await repository.commit(`Commit ${at}\n`, { date });
  }
  const head = (await repository.git('rev-parse', 'HEAD')).trim();
  const { commits } = await judged(repository, { kind: 'change', base, head, source: 'test' });
  assert.deepEqual(commits, ['Commit 0', 'Commit 1', 'Commit 2', 'Commit 3']);
});

test('unrelated histories cannot be a change; an empty range is one', async (t) => {
  const repository = await makeRepository(t);
  const one = await repository.commit('One\n');
  const other = await repository.commit('Other\n', { parents: [] });
  const request = { kind: 'change', base: one, head: other, source: 'test' } as const;
  await assert.rejects(judged(repository, request), { kind: 'unrelated' });
  assert.deepEqual((await judged(repository, { ...request, head: one })).commits, []);
});
