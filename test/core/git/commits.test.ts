import assert from 'node:assert/strict';
import { mkdir, rm, symlink } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import { changedFiles } from '../../../core/git/changed-files.ts';
import { type CommitRange, readCommits } from '../../../core/git/commits.ts';
import { mergeBase, openRepository, resolveRevision } from '../../../core/git/repository.ts';
import { GitError } from '../../../core/git/run.ts';
import type { Commit } from '../../../core/input.ts';
import { makeRepository, manyCommits, type TestRepository, temporaryFolder } from '../../support/repository.ts';

async function read(repository: TestRepository, range: Partial<CommitRange> = {}): Promise<Commit[]> {
  const opened = await openRepository(repository.root, { environment: repository.environment });
  const head = range.head ?? (await resolveRevision(opened, 'HEAD'));
  const commits: Commit[] = [];
  for await (const batch of readCommits(opened, { ...range, head })) commits.push(...batch);
  return commits;
}

/** What `git log` says of the same commits, by a format of NUL-separated fields. */
async function log(repository: TestRepository, ...formats: string[]): Promise<string[][]> {
  const format = formats.join('%x00');
  const out = await repository.git('log', '--topo-order', '--reverse', '-z', `--format=tformat:${format}`, 'HEAD');
  const fields = out.split('\0');
  return Array.from({ length: (fields.length - 1) / formats.length }, (_, at) =>
    fields.slice(at * formats.length, (at + 1) * formats.length),
  );
}

test('a range: facts, files, parents before children', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('kept.txt', 'a\nb\nc\nd\n');
  const base = await repository.commit('Base\n', { date: '1700000000 +0130' });
  await repository.write('src/ünï côdé 🚀.txt', 'new');
  const one = await repository.commit('Add a file\n\nWhy.\n\nAI-Model: example-1\nai-model: example-2\n', {
    author: 'Ünal Example <unal@example.com>',
    date: '1700000100 -0330',
    committerDate: '1700000200 +0000',
  });
  await repository.git('mv', 'kept.txt', 'moved to here.txt');
  const two = await repository.commit('fixup! Add a file\n');

  const commits = await read(repository, { base });
  assert.deepEqual(
    commits.map(({ sha }) => sha),
    [one, two],
  );
  assert.deepEqual(commits[0], {
    sha: one,
    parents: [base],
    parent_times: ['2023-11-14T23:43:20+01:30'],
    author: { name: 'Ünal Example', email: 'unal@example.com', time: '2023-11-14T18:45:00-03:30' },
    committer: { name: 'Carl Example', email: 'carl@example.com', time: '2023-11-14T22:16:40Z' },
    subject: 'Add a file',
    body: 'Why.\n\nAI-Model: example-1\nai-model: example-2\n',
    trailers: [
      { key: 'AI-Model', value: 'example-1' },
      { key: 'ai-model', value: 'example-2' },
    ],
    revert: false,
    fixup: false,
    files: [{ path: 'src/ünï côdé 🚀.txt', status: 'A' }],
    merge: false,
  });
  assert.deepEqual(commits[1]?.files, [{ path: 'moved to here.txt', status: 'R', old_path: 'kept.txt' }]);
  assert.equal(commits[1]?.fixup, true);
  assert.deepEqual(commits[1]?.parent_times, ['2023-11-14T22:16:40Z']);
});

test('nothing in an empty range, and a base that is no ancestor leaves out what both have', async (t) => {
  const repository = await makeRepository(t);
  const root = await repository.commit('Root\n');
  assert.deepEqual(await read(repository, { base: root }), []);
  await repository.git('switch', '--quiet', '--create', 'side');
  await repository.write('side', '1');
  const side = await repository.commit('Side\n');
  await repository.git('switch', '--quiet', 'main');
  await repository.write('main', '1');
  const main = await repository.commit('Main\n');
  assert.deepEqual(
    (await read(repository, { base: side, head: main })).map(({ sha }) => sha),
    [main],
  );
  const opened = await openRepository(repository.root);
  assert.equal(await mergeBase(opened, side, main), root);
  assert.deepEqual(await changedFiles(opened, side, main), [{ path: 'main', status: 'A' }]);
});

test('merges: only what they changed themselves; octopus, unrelated roots', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('a', '1\n');
  const root = await repository.commit('Root\n');
  const branches: string[] = [];
  for (const name of ['b', 'c', 'd']) {
    await repository.git('switch', '--quiet', '--create', name, root);
    await repository.write(name, name);
    branches.push(await repository.commit(`Add ${name}\n`));
  }
  // An octopus whose tree has all three, and an edit that no parent has.
  for (const name of ['b', 'c', 'd']) await repository.write(name, name);
  await repository.write('a', 'evil\n');
  const octopus = await repository.commit('Merge all\n', { parents: branches });
  const other = await repository.commit('Another root\n', { parents: [] });
  await repository.git('update-ref', 'HEAD', octopus);
  const merge = await repository.commit('Merge the other root\n', { parents: [octopus, other] });

  const commits = await read(repository);
  const by = new Map(commits.map((commit) => [commit.sha, commit]));
  assert.equal(commits.length, 7);
  assert.deepEqual(by.get(octopus)?.parents, branches);
  assert.equal(by.get(octopus)?.merge, true);
  assert.equal(by.get(octopus)?.parent_times.length, 3);
  assert.deepEqual(by.get(octopus)?.files, [{ path: 'a', status: 'M' }]);
  assert.deepEqual(by.get(merge)?.files, []);
  assert.deepEqual(by.get(root)?.files, [{ path: 'a', status: 'A' }]);
  assert.deepEqual(by.get(root)?.parent_times, []);
  assert.deepEqual(
    by.get(other)?.files.map(({ path }) => path),
    ['a', 'b', 'c', 'd'],
  );
});

test('a merge that renames what all of its parents have hides no other commit', async (t) => {
  const repository = await makeRepository(t);
  const lines = Array.from({ length: 40 }, (_, at) => `line ${at}\n`).join('');
  await repository.write('one', lines);
  await repository.write('kept', lines.toUpperCase());
  const root = await repository.commit('Root\n');
  await repository.write('a', 'a');
  const first = await repository.commit('First\n');
  await repository.git('switch', '--quiet', '--create', 'side', root);
  await repository.git('mv', 'kept', 'called otherwise');
  const second = await repository.commit('Second\n');
  await repository.write('a', 'a');
  await repository.git('mv', 'one', 'two ü');
  await repository.write('two ü', `${lines}more\n`);
  await repository.git('mv', 'called otherwise', 'third name');
  await repository.write('third name', `${lines.toUpperCase()}more\n`);
  const merge = await repository.commit('Merge\n', { parents: [first, second] });
  const next = await repository.commit('Hidden\n');
  const last = await repository.commit('Last\n');

  const commits = await read(repository);
  assert.deepEqual(
    commits.map(({ sha }) => sha).sort(),
    [root, first, second, merge, next, last].sort(),
    'each commit is there',
  );
  assert.deepEqual(commits.find(({ sha }) => sha === merge)?.files, [
    { path: 'third name', status: 'R', old_path: 'kept' },
    { path: 'third name', status: 'R', old_path: 'called otherwise' },
    { path: 'two ü', status: 'R', old_path: 'one' },
  ]);
});

test('messages as git log shows them: CRLF, encodings, broken bytes, NUL, none', async (t) => {
  const repository = await makeRepository(t);
  const messages: [string | Buffer, string[]?][] = [
    ['CRLF\r\n\r\nBody\r\n\r\nAI-Model: m\r\n'],
    [Buffer.from('Gr\xfc\xdfe\n\nAI-Context: caf\xe9\n', 'latin1'), ['encoding ISO-8859-1']],
    [Buffer.from('\xcf\xf0\xe8\n\nAI-Model: \xe2\n', 'latin1'), ['encoding windows-1251']],
    [Buffer.from('\x93\xfa\x96\x7b\n', 'latin1'), ['encoding Shift_JIS']],
    [Buffer.from('\x93\xfa\x96\x7b cp932\n', 'latin1'), ['encoding CP932']],
    [Buffer.from('Gr\u00fc\u00dfe, whatever the header says\n'), ['encoding US-ASCII']],
    [Buffer.from('Gr\u00fc\u00dfe, no EUC-JP\n'), ['encoding EUC-JP']],
    [''],
    ['\n\n'],
    ['no line break at the end'],
    ['\n\nAfter blank lines\non two lines\n\n\nBody\n\n\n'],
    ['Only a subject, like a trailer: yes\n'],
    ['AI-Model: subject only\n'],
    ['T\n\ntree 0123\nparent 4567\n\nencoding: x\n'],
    ['Field separators \x1e\x1f\x1d\n\nA: \x1e\x1f\x1d\n'],
    ['With \ufeff BOM\n'],
    ['\ufeffStarts with a BOM\n'],
  ];
  for (const [message, headers] of messages) await repository.commit(message, { headers });
  const ours = await read(repository);
  const gits = await log(repository, '%H', '%s', '%b', '%(trailers:only,unfold)', '%an', '%ae', '%aI', '%cI');
  assert.equal(ours.length, messages.length);
  for (const [at, [sha, subject, body, trailers, name, email, author, committer]] of gits.entries()) {
    const commit = ours[at]!;
    assert.equal(commit.sha, sha);
    assert.equal(commit.subject, subject);
    assert.equal(commit.body, body);
    assert.equal(commit.trailers.map(({ key, value }) => `${key}: ${value}\n`).join(''), trailers);
    assert.equal(commit.author.name, name);
    assert.equal(commit.author.email, email);
    assert.equal(commit.author.time, author?.replace(/\+00:00$/, 'Z'));
    assert.equal(commit.committer.time, committer?.replace(/\+00:00$/, 'Z'));
  }
});

test('bytes that no encoding explains are replaced and break nothing', async (t) => {
  const repository = await makeRepository(t);
  await repository.commit(Buffer.from('Caf\xe9 \xff\xfe\n\nAI-Model: m\xe9\n', 'latin1'));
  await repository.commit(Buffer.from('x\xff\n\nAI-Model: m\n', 'latin1'), { headers: ['encoding no-such-thing'] });
  await repository.commit(Buffer.from('before\0after\n\nAI-Model: hidden\n'));
  const [broken, unknown, cut] = await read(repository);
  assert.equal(broken?.subject, 'Caf\ufffd \ufffd\ufffd');
  assert.deepEqual(broken?.trailers, [{ key: 'AI-Model', value: 'm\ufffd' }]);
  assert.deepEqual(unknown?.trailers, [{ key: 'AI-Model', value: 'm' }]);
  // Git shows nothing after a NUL, so a disclosure there is none.
  assert.equal(cut?.subject, 'before');
  assert.deepEqual(cut?.trailers, []);
});

test('strange identities and times are read as git reads them', async (t) => {
  const repository = await makeRepository(t);
  const dates = ['0 +0000', '1700000000 -0001', '1700000000 +1400', '4102444800 +0545', '1700000000 +0000'];
  for (const date of dates) await repository.commit('x\n', { date, author: 'A <b> C <a@example.com>' });
  const ours = await read(repository);
  const gits = await log(repository, '%aI', '%cI');
  for (const [at, [author, committer]] of gits.entries()) {
    assert.equal(ours[at]?.author.time, author?.replace(/\+00:00$/, 'Z'), dates[at]);
    assert.equal(ours[at]?.committer.time, committer?.replace(/\+00:00$/, 'Z'), dates[at]);
  }
  await repository.commit('x\n', { date: '99999999999999999999 +0000', author: '<>' });
  await repository.commit('x\n', { date: 'yesterday', author: 'No address' });
  await repository.commit('x\n', { date: '1700000000 +9999' });
  const [huge, broken, zone] = (await read(repository)).slice(-3);
  assert.deepEqual(huge?.author, { name: '', email: '', time: '1970-01-01T00:00:00Z' });
  assert.deepEqual(broken?.author.time, '1970-01-01T00:00:00Z');
  assert.equal(zone?.author.time, '2023-11-14T22:13:20Z');
});

test('a signature in the header is no part of the message', async (t) => {
  const repository = await makeRepository(t);
  await repository.commit('Signed\n\nAI-Model: m\n', {
    headers: [
      'gpgsig -----BEGIN PGP SIGNATURE-----',
      ' ',
      ' AI-Model: in the signature',
      ' -----END PGP SIGNATURE-----',
    ],
  });
  const [signed] = await read(repository);
  assert.equal(signed?.subject, 'Signed');
  assert.deepEqual(signed?.trailers, [{ key: 'AI-Model', value: 'm' }]);
});

test('reverts and commits to be squashed are told apart', async (t) => {
  const repository = await makeRepository(t);
  const kinds: [string, boolean, boolean][] = [
    ['Revert "Add x"\n\nThis reverts commit 0123456789012345678901234567890123456789.\n', true, false],
    ['Undo x\n\nThis reverts commit 0123456.\n', true, false],
    ['Revert "Add x"\n', true, false],
    ['Revert to tabs\n', false, false],
    ['fixup! Add x\n', false, true],
    ['squash! Add x\n', false, true],
    ['amend! Add x\n', false, true],
    ['fixup: Add x\n', false, false],
  ];
  for (const [message] of kinds) await repository.commit(message);
  const commits = await read(repository);
  assert.deepEqual(
    commits.map(({ revert, fixup }) => [revert, fixup]),
    kinds.map(([, revert, fixup]) => [revert, fixup]),
  );
});

test('paths with spaces, quotes, line breaks and bytes that are no UTF-8', {
  skip: process.platform === 'win32',
}, async (t) => {
  const repository = await makeRepository(t);
  await repository.write('a "quoted"\nname\t.txt', 'x');
  await repository.write('0123456789abcdef0123456789abcdef01234567', 'x');
  await repository.commit('Odd names\n');
  const blob = (await repository.gitBytes(['hash-object', '-w', '--stdin'], 'y')).toString().trim();
  await repository.gitBytes(['update-index', '-z', '--index-info'], Buffer.from(`100644 ${blob}\tcaf\xe9\0`, 'latin1'));
  const tree = (await repository.git('write-tree')).trim();
  const head = (await repository.git('commit-tree', '-p', 'HEAD', '-m', 'latin1', tree)).trim();
  const commits = await read(repository, { head });
  assert.deepEqual(
    commits[0]?.files.map(({ path }) => path),
    ['0123456789abcdef0123456789abcdef01234567', 'a "quoted"\nname\t.txt'],
  );
  assert.deepEqual(commits[1]?.files, [{ path: 'caf\ufffd', status: 'A' }]);
});

test('all kinds of change', { skip: process.platform === 'win32' }, async (t) => {
  const repository = await makeRepository(t);
  await repository.write('modified', '1');
  await repository.write('deleted', '2');
  await repository.write('typed', '3');
  const base = await repository.commit('Base\n');
  await repository.write('modified', 'x');
  await rm(path.join(repository.root, 'deleted'));
  await rm(path.join(repository.root, 'typed'));
  await symlink('modified', path.join(repository.root, 'typed'));
  await repository.write('added', 'y');
  const head = await repository.commit('All\n');
  const expected = [
    { path: 'added', status: 'A' },
    { path: 'deleted', status: 'D' },
    { path: 'modified', status: 'M' },
    { path: 'typed', status: 'T' },
  ];
  assert.deepEqual((await read(repository, { base }))[0]?.files, expected);
  assert.deepEqual(await changedFiles(await openRepository(repository.root), base, head), expected);
});

test('SHA-256 repositories', async (t) => {
  const repository = await makeRepository(t, { objectFormat: 'sha256' });
  await repository.write('a', '1');
  const base = await repository.commit('One\n');
  await repository.write('b', '1');
  const head = await repository.commit('Two\n\nAI-Model: m\n');
  assert.equal(head.length, 64);
  const [commit] = await read(repository, { base });
  assert.equal(commit?.sha, head);
  assert.deepEqual(commit?.files, [{ path: 'b', status: 'A' }]);
});

test('replacements and grafts do not change what is judged', async (t) => {
  const repository = await makeRepository(t);
  const one = await repository.commit('One\n');
  const two = await repository.commit('Two\n');
  const fake = await repository.commit('Fake\n\nAI-Model: m\n', { parents: [] });
  await repository.git('update-ref', 'HEAD', two);
  await repository.git('replace', two, fake);
  await repository.write('.git/info/grafts', `${two}\n`);
  const commits = await read(repository);
  assert.deepEqual(
    commits.map(({ sha, subject }) => [sha, subject]),
    [
      [one, 'One'],
      [two, 'Two'],
    ],
  );
});

test('a shallow clone is refused when its end lies in the range, and only then', async (t) => {
  const origin = await makeRepository(t);
  const ids: string[] = [];
  for (let at = 0; at < 6; at++) {
    await origin.write('file', String(at));
    ids.push(await origin.commit(`Commit ${at}\n`));
  }
  await origin.git('branch', 'side', ids[2]!);
  const folder = path.join(await temporaryFolder(t), 'clone');
  await mkdir(folder);
  await origin.git('clone', '--quiet', '--depth=3', '--no-single-branch', `file://${origin.root}`, folder);
  const clone = { ...origin, root: folder };

  const inside = await read(clone, { base: ids[4], head: ids[5] });
  assert.deepEqual(
    inside.map(({ sha }) => sha),
    [ids[5]],
  );
  for (const range of [{ head: ids[5]! }, { base: ids[2], head: ids[5]! }]) {
    await assert.rejects(read(clone, range), (error: unknown) => {
      assert.ok(error instanceof GitError);
      assert.equal(error.kind, 'shallow');
      assert.match(error.message, /Cannot decide.*git fetch --unshallow.*fetch-depth: 0/);
      return true;
    });
  }
  await assert.rejects(changedFiles(await openRepository(folder), ids[2]!, ids[5]!), { kind: 'shallow' });
  await assert.rejects(resolveRevision(await openRepository(folder), '1'.repeat(40)), /shallow/);
});

test('a base whose history is cut is refused, for what it has could be taken for new', async (t) => {
  const origin = await makeRepository(t);
  const shared = await origin.commit('Shared\n');
  const main = await origin.commit('Main\n');
  await origin.git('switch', '--quiet', '--create', 'side', shared);
  await origin.commit('Side 1\n');
  const side = await origin.commit('Side 2\n');
  const folder = path.join(await temporaryFolder(t), 'clone');
  await mkdir(folder);
  await origin.git('clone', '--quiet', '--depth=1', '--branch=side', `file://${origin.root}`, folder);
  const clone = { ...origin, root: folder };
  await origin.git('-C', folder, 'fetch', '--quiet', 'origin', 'main');
  assert.equal((await read(clone, { head: main })).length, 2, 'all of main is there');
  await assert.rejects(read(clone, { base: side, head: main }), { kind: 'shallow' });
});

test('reading stops when it is cancelled or no longer wanted', async (t) => {
  const repository = await makeRepository(t);
  await repository.fastImport(manyCommits(2000, 1, (at) => `Change ${at}\n`));
  const opened = await openRepository(repository.root);
  const head = await resolveRevision(opened, 'HEAD');
  const controller = new AbortController();
  await assert.rejects(
    async () => {
      for await (const batch of readCommits(opened, { head, batch: 10, signal: controller.signal })) {
        assert.ok(batch.length > 0);
        controller.abort();
      }
    },
    { kind: 'aborted' },
  );
  await assert.rejects(
    async () => {
      for await (const _ of readCommits(opened, { head, signal: AbortSignal.abort() })) assert.fail('nothing is read');
    },
    { kind: 'aborted' },
  );
  for await (const batch of readCommits(opened, { head, batch: 3 })) {
    assert.equal(batch.length, 3);
    break;
  }
});

test('100,000 commits stream through bounded memory', async (t) => {
  const repository = await makeRepository(t);
  const count = 100_000;
  await repository.fastImport(
    manyCommits(count, 10, (at) => `Change ${at}\n\nBecause of ${at}.\n\nAI-Model: example-${at}\n`),
  );
  const opened = await openRepository(repository.root);
  const head = await resolveRevision(opened, 'main');
  let seen = 0;
  let most = 0;
  for await (const batch of readCommits(opened, { head, batch: 500 })) {
    for (const commit of batch) {
      assert.equal(commit.subject, `Change ${seen}`);
      assert.equal(commit.trailers[0]?.value, `example-${seen}`);
      assert.equal(commit.files.length, seen % 10 === 0 ? 1 : 0);
      seen++;
    }
    most = Math.max(most, process.memoryUsage().rss);
  }
  assert.equal(seen, count);
  assert.ok(most < 700 * 1024 * 1024, `${Math.round(most / 1024 / 1024)} MB`);
});
