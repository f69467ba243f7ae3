import assert from 'node:assert/strict';
import test from 'node:test';
import { copyConfiguredNotes, countersignNotes, readNotes, writeNote } from '../../../core/git/notes.ts';
import { openRepository } from '../../../core/git/repository.ts';
import { carryNotes } from '../../../core/notes/carry.ts';
import { notedDisclosure } from '../../../core/notes/facts.ts';
import { withRecord } from '../../../core/notes/records.ts';
import { makeRepository, type TestLike } from '../../support/repository.ts';

async function start(t: TestLike) {
  const made = await makeRepository(t);
  const commits: string[] = [];
  for (const name of ['a', 'b', 'c']) commits.push(await made.commit(`${name}\n`));
  const repository = await openRepository(made.root, { environment: made.environment });
  const [a = '', b = '', c = ''] = commits;
  return { made, repository, a, b, c };
}

test('records go along, several commits that become one keep all, and the old notes stay', async (t) => {
  const { repository, a, b, c } = await start(t);
  await writeNote(repository, countersignNotes, a, '{"one":1}\nshared\n');
  await writeNote(repository, countersignNotes, b, 'shared\n{"two":2}\n');
  await writeNote(repository, countersignNotes, c, 'present\n');
  const pairs = [
    [a, c],
    [b, c],
  ] as const;
  assert.equal(await carryNotes(repository, pairs), 1);
  const notes = await readNotes(repository, countersignNotes);
  assert.equal(notes.get(c), 'present\n{"one":1}\nshared\n{"two":2}\n');
  assert.equal(notes.get(a), '{"one":1}\nshared\n');
  assert.equal(await carryNotes(repository, pairs), 1);
  assert.equal((await readNotes(repository, countersignNotes)).get(c), notes.get(c), 'twice is once');
});

test('without notes, or for a commit that stays itself, nothing is written', async (t) => {
  const { made, repository, a, b } = await start(t);
  assert.equal(await carryNotes(repository, [[a, b]]), 0);
  assert.equal(await made.git('for-each-ref', 'refs/notes'), '');
  await writeNote(repository, countersignNotes, a, 'x\n');
  assert.equal(await carryNotes(repository, []), 0);
  assert.equal(await carryNotes(repository, [[a, a]]), 0);
  assert.equal(await carryNotes(repository, [[b, a]]), 0);
});

test('other tools’ notes go along where the user’s git would take them', async (t) => {
  const { made, repository, a, b } = await start(t);
  await made.git('notes', '--ref=ai', 'add', '-m', 'tool', a);
  await made.git('notes', '--ref=other', 'add', '-m', 'other', a);
  await copyConfiguredNotes(repository, [[a, b]], 'rebase');
  assert.equal((await readNotes(repository, 'refs/notes/ai', [b])).size, 0);
  await made.git('config', 'notes.rewriteRef', 'refs/notes/ai');
  await copyConfiguredNotes(repository, [[a, b]], 'rebase');
  assert.equal((await readNotes(repository, 'refs/notes/ai')).get(b), 'tool\n');
  assert.equal((await readNotes(repository, 'refs/notes/other', [b])).size, 0);
});

test('git itself takes records along at amend and squash where it is told to, and they are read', async (t) => {
  const made = await makeRepository(t);
  await made.git('config', 'notes.rewriteRef', countersignNotes);
  const base = await made.commit('Base\n');
  const repository = await openRepository(made.root, { environment: made.environment });
  const note = (model: string) =>
    withRecord(undefined, {
      type: 'disclosure',
      version: 1,
      disclosure: { model: [model] },
      by: { name: 'Ada Example', email: 'ada@example.com' },
      at: '2026-01-31T12:00:00Z',
    });
  await made.write('a', '1');
  await writeNote(repository, countersignNotes, await made.commit('One\n'), note('m-1'));
  await made.git('commit', '--quiet', '--amend', '-m', 'One more');
  await made.write('a', '2');
  await writeNote(repository, countersignNotes, await made.commit('fixup! One more\n'), note('m-2'));
  await made.git('-c', 'sequence.editor=true', 'rebase', '--quiet', '--interactive', '--autosquash', base);
  const head = (await made.git('rev-parse', 'HEAD')).trim();
  assert.equal((await made.git('rev-list', '--count', 'HEAD')).trim(), '2');
  const text = (await readNotes(repository, countersignNotes, [head])).get(head) ?? '';
  assert.deepEqual(notedDisclosure(text), { model: ['m-1', 'm-2'] });
});
