import assert from 'node:assert/strict';
import test from 'node:test';
import { countersignNotes, hasNotes, readNotes, updateNotes, writeNote } from '../../../core/git/notes.ts';
import { openRepository } from '../../../core/git/repository.ts';
import { GitError } from '../../../core/git/run.ts';
import { makeRepository, manyCommits, type TestLike } from '../../support/repository.ts';

async function repositoryWithCommits(t: TestLike, count: number, objectFormat?: 'sha256') {
  const made = await makeRepository(t, objectFormat ? { objectFormat } : {});
  const commits: string[] = [];
  for (let at = 0; at < count; at++) commits.push(await made.commit(`Commit ${at}\n`));
  const repository = await openRepository(made.root, { environment: made.environment });
  return { made, repository, commits };
}

test('without a ref there are no notes', async (t) => {
  const { repository, commits } = await repositoryWithCommits(t, 1);
  assert.equal(await hasNotes(repository, countersignNotes), false);
  assert.deepEqual(await readNotes(repository, countersignNotes), new Map());
  assert.deepEqual(await readNotes(repository, countersignNotes, commits), new Map());
});

for (const format of [undefined, 'sha256'] as const) {
  test(`git shows what was written, byte for byte, and reads back${format ? ` (${format})` : ''}`, async (t) => {
    const { made, repository, commits } = await repositoryWithCommits(t, 2, format);
    const [first = '', second = ''] = commits;
    const text = '{"a":"ü 🚀"}\n# kept\n\n  spaced  \nno line end';
    await writeNote(repository, countersignNotes, first, text);
    await writeNote(repository, countersignNotes, second, 'two\n');
    assert.equal((await made.gitBytes(['notes', '--ref=countersign', 'show', first])).toString(), text);
    assert.deepEqual(
      await readNotes(repository, countersignNotes),
      new Map([
        [first, text],
        [second, 'two\n'],
      ]),
    );
    assert.deepEqual(await readNotes(repository, countersignNotes, [second]), new Map([[second, 'two\n']]));
    await made.git('fsck', '--strict');
  });
}

test('a note is replaced and taken away; its history stays', async (t) => {
  const { made, repository, commits } = await repositoryWithCommits(t, 1);
  const [commit = ''] = commits;
  for (const text of ['one\n', 'two\n', 'two\n', '']) await writeNote(repository, countersignNotes, commit, text);
  assert.deepEqual(await readNotes(repository, countersignNotes), new Map());
  assert.equal((await made.git('rev-list', '--count', countersignNotes)).trim(), '3', 'saying the same is no change');
});

test('no other ref changes, and the notes of others keep theirs', async (t) => {
  const { made, repository, commits } = await repositoryWithCommits(t, 1);
  await made.git('notes', 'add', '-m', 'of a person', 'HEAD');
  await made.git('notes', '--ref=ai', 'add', '-m', 'of a tool', 'HEAD');
  const before = await made.git('for-each-ref');
  await writeNote(repository, countersignNotes, commits[0] ?? '', 'ours\n');
  const after = await made.git('for-each-ref');
  assert.deepEqual(
    after.split('\n').filter((line) => !line.endsWith(countersignNotes)),
    before.split('\n'),
  );
});

test('git’s own notes in the same ref are read, and stay beside ours', async (t) => {
  const made = await makeRepository(t);
  await made.fastImport(manyCommits(300, 10, (index) => `Commit ${index}\n`));
  const repository = await openRepository(made.root, { environment: made.environment });
  const commits = (await made.git('rev-list', 'main')).trim().split('\n');
  // Git spreads many notes over folders.
  for (const commit of commits.slice(0, 3)) {
    await made.git('notes', '--ref=countersign', 'add', '-m', `git ${commit}`, commit);
  }
  await updateNotes(
    repository,
    countersignNotes,
    new Map(commits.slice(2).map((commit) => [commit, (old) => `${old ?? ''}ours\n`])),
  );
  const notes = await readNotes(repository, countersignNotes);
  assert.equal(notes.size, 300);
  assert.equal(notes.get(commits[0] ?? ''), `git ${commits[0]}\n`);
  assert.equal(notes.get(commits[2] ?? ''), `git ${commits[2]}\nours\n`);
  assert.equal((await made.git('notes', '--ref=countersign', 'show', commits[299] ?? '')).trim(), 'ours');
});

test('writers at the same time lose nothing', async (t) => {
  const { repository, commits } = await repositoryWithCommits(t, 1);
  const [commit = ''] = commits;
  const add = (line: string) =>
    updateNotes(repository, countersignNotes, new Map([[commit, (old) => `${old ?? ''}${line}\n`]]));
  await Promise.all(['a', 'b', 'c', 'd'].map(add));
  const text = (await readNotes(repository, countersignNotes)).get(commit) ?? '';
  assert.deepEqual(text.trim().split('\n').sort(), ['a', 'b', 'c', 'd']);
});

test('refuses what is no notes ref', async (t) => {
  const { repository, commits } = await repositoryWithCommits(t, 1);
  for (const ref of ['refs/heads/main', 'countersign', 'refs/notes/', 'refs/notes/a b', '--help']) {
    const refused = (error: unknown) => error instanceof GitError && error.kind === 'refused';
    await assert.rejects(writeNote(repository, ref, commits[0] ?? '', 'x'), refused, ref);
    await assert.rejects(readNotes(repository, ref), refused, ref);
  }
});
