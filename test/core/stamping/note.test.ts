import assert from 'node:assert/strict';
import test from 'node:test';
import { countersignNotes, readNotes } from '../../../core/git/notes.ts';
import { openRepository } from '../../../core/git/repository.ts';
import type { Disclosure } from '../../../core/input.ts';
import { notedDisclosure } from '../../../core/notes/facts.ts';
import { recordsOf } from '../../../core/notes/records.ts';
import { noteDisclosures } from '../../../core/stamping/note.ts';
import { makeRepository } from '../../support/repository.ts';

const now = new Date('2026-01-31T12:00:00.5Z');

test('what is given replaces those fields alone; other fields, other lines and the history stay', async (t) => {
  const made = await makeRepository(t);
  const sha = await made.commit('One\n');
  const other = await made.commit('Two\n');
  const repository = await openRepository(made.root, { environment: made.environment });
  await made.git('notes', '--ref=countersign', 'add', '-m', '{"type":"of a later version"}', sha);
  const first = new Map<string, Disclosure>([
    [sha, { model: ['m-1'], context: ['c'] }],
    [other, { model: ['m-1'] }],
  ]);
  assert.deepEqual(await noteDisclosures(repository, first, now), [sha, other]);
  assert.deepEqual(await noteDisclosures(repository, new Map([[sha, { model: ['m-2'] }]]), now), [sha]);
  assert.deepEqual(await noteDisclosures(repository, new Map([[sha, { model: ['m-2'] }]]), now), [], 'once is enough');
  const text = (await readNotes(repository, countersignNotes)).get(sha) ?? '';
  assert.deepEqual(notedDisclosure(text), { model: ['m-2'], context: ['c'] });
  assert.ok(text.startsWith('{"type":"of a later version"}\n'));
  const [record, ...more] = recordsOf(text, 'disclosure');
  assert.deepEqual(more, []);
  assert.deepEqual(record?.by, { name: 'Carl Example', email: 'carl@example.com' });
  assert.equal(record?.at, '2026-01-31T12:00:00Z');
  assert.match(await made.git('log', '--format=', '-p', countersignNotes), /^-.*"m-1"/m);
});

test('two who note at the same time are both heard', async (t) => {
  const made = await makeRepository(t);
  const [one, two] = [await made.commit('One\n'), await made.commit('Two\n')];
  const repository = await openRepository(made.root, { environment: made.environment });
  await Promise.all([
    noteDisclosures(repository, new Map([[one, { model: ['m-1'] }]]), now),
    noteDisclosures(repository, new Map([[two, { model: ['m-2'] }]]), now),
    noteDisclosures(repository, new Map([[one, { context: ['c'] }]]), now),
  ]);
  const notes = await readNotes(repository, countersignNotes);
  assert.deepEqual(notedDisclosure(notes.get(one) ?? ''), { model: ['m-1'], context: ['c'] });
  assert.deepEqual(notedDisclosure(notes.get(two) ?? ''), { model: ['m-2'] });
});
