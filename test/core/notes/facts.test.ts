import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultConfig } from '../../../core/config.ts';
import { countersignNotes, writeNote } from '../../../core/git/notes.ts';
import { openRepository } from '../../../core/git/repository.ts';
import type { Commit } from '../../../core/input.ts';
import { type NotesFacts, notedDisclosure, readNotesFacts, withNotes } from '../../../core/notes/facts.ts';
import { withRecord } from '../../../core/notes/records.ts';
import { makeRepository } from '../../support/repository.ts';

const by = { name: 'Ada Example', email: 'ada@example.com' };
const record = (disclosure: Record<string, string[]>, at = '2026-01-31T12:00:00Z') =>
  ({ type: 'disclosure', version: 1, disclosure, by, at }) as const;
const note = withRecord(undefined, record({ model: ['m-1'] }));
const facts = (more: Partial<NotesFacts>): NotesFacts => ({
  countersign: new Map(),
  gitAi: new Map(),
  missing: false,
  ...more,
});
const commit = { sha: 'a' } as Commit;
const accepting = { notes: { accept: true } };

test('a note discloses what the message does not, where notes are accepted', () => {
  const noted = facts({ countersign: new Map([['a', note]]) });
  assert.deepEqual(withNotes(commit, noted, accepting), {
    sha: 'a',
    disclosure: { model: ['m-1'] },
    disclosure_source: 'note',
  });
  assert.equal(withNotes(commit, noted, defaultConfig), commit, 'by default they are not');
  const declared = { ...commit, disclosure: { model: ['m-2'] } };
  assert.equal(withNotes(declared, noted, accepting), declared, 'the message goes first');
  assert.equal(withNotes({ ...commit, sha: 'b' }, noted, accepting).disclosure, undefined);
});

test('what is no record, or says nothing, discloses nothing', () => {
  for (const text of ['', 'text\n', '{"type":"disclosure"}\n', withRecord(undefined, record({ model: [''] }))]) {
    assert.equal(notedDisclosure(text), undefined, text);
  }
});

test('several records are merged, the oldest first, in whatever order they stand', () => {
  const older = record({ model: ['old'], context: ['c'] }, '2026-01-01T00:00:00Z');
  const newer = record({ model: ['new'] });
  for (const records of [
    [older, newer],
    [newer, older],
  ]) {
    const text = records.reduce((sofar, one) => withRecord(sofar, one), '');
    assert.deepEqual(notedDisclosure(text), { model: ['old', 'new'], context: ['c'] });
  }
});

test('what git-ai noted is evidence beside what was known', () => {
  const metadata = {
    schema_version: 'authorship/3.0.0',
    sessions: { s_0: { agent_id: { tool: 'cursor', id: 'x', model: 'm-1' } } },
  };
  const gitAi = new Map([['a', `f\n  s_0::t_0 1-2\n---\n${JSON.stringify(metadata)}`]]);
  const before = [{ source: 'x', detail: 'y' }];
  const { evidence } = withNotes({ ...commit, evidence: before }, facts({ gitAi }), defaultConfig);
  assert.deepEqual(evidence, [...before, { source: 'git-ai', detail: 'cursor wrote 2 lines in f', model: 'm-1' }]);
});

test('notes are read where there are some, and it is said where there are none', async (t) => {
  const made = await makeRepository(t);
  const sha = await made.commit('One\n');
  const repository = await openRepository(made.root, { environment: made.environment });
  assert.deepEqual(await readNotesFacts(repository, [sha]), facts({ missing: true }));
  await writeNote(repository, countersignNotes, sha, note);
  await writeNote(repository, 'refs/notes/countersign-other', sha, 'x');
  assert.deepEqual(await readNotesFacts(repository, [sha]), facts({ countersign: new Map([[sha, note]]) }));
  const other = await made.commit('Two\n');
  await writeNote(repository, 'refs/notes/ai', sha, 'one');
  await writeNote(repository, 'refs/notes/ai', other, 'two');
  assert.deepEqual((await readNotesFacts(repository, [sha, other])).gitAi.size, 2);
  assert.deepEqual((await readNotesFacts(repository, [other])).gitAi, new Map([[other, 'two']]));
});
