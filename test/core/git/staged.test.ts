import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { chmod, readFile, rm } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { amendMessage, readCommitMessage } from '../../../core/git/amend.ts';
import { cleanMessage, commentPrefixOf } from '../../../core/git/message-file.ts';
import { openRepository } from '../../../core/git/repository.ts';
import { asCommitted, readStaged } from '../../../core/git/staged.ts';
import { messages, sampleMessages } from '../../support/messages.ts';
import { makeRepository, type TestRepository } from '../../support/repository.ts';

const open = ({ root, environment }: TestRepository) => openRepository(root, { environment });

test('the first commit to be', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('a ü', '1');
  await repository.write('unstaged', '1');
  await repository.git('add', 'a ü');
  assert.deepEqual(await readStaged(await open(repository), { message: 'Title\n\nBody\n\nAI-Model: m\n' }), {
    sha: '',
    parents: [],
    parent_times: [],
    author: { name: 'Ada Example', email: 'ada@example.com', time: '2024-01-01T00:00:00Z' },
    committer: { name: 'Carl Example', email: 'carl@example.com', time: '2024-01-01T00:00:00Z' },
    subject: 'Title',
    body: 'Body\n\nAI-Model: m\n',
    trailers: [{ key: 'AI-Model', value: 'm' }],
    revert: false,
    fixup: false,
    files: [{ path: 'a ü', status: 'A' }],
    merge: false,
  });
});

test('what is staged, what all would add, what amending would make', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('a', 'first\nversion\n');
  const one = await repository.commit('One\n');
  await repository.write('b', '1');
  const two = await repository.commit('Two\n', {
    author: 'First Author <first@example.com>',
    date: '1700000000 +0100',
  });
  await repository.git('mv', 'a', 'c');
  await repository.write('b', 'changed, not staged');
  await repository.write('new', 'untracked');
  const opened = await open(repository);

  const staged = await readStaged(opened, { message: 'x' });
  assert.deepEqual(staged.files, [{ path: 'c', status: 'R', old_path: 'a' }]);
  assert.deepEqual([staged.parents, staged.parent_times], [[two], ['2023-11-14T23:13:20+01:00']]);

  const all = await readStaged(opened, { message: 'x', all: true });
  assert.deepEqual(all.files, [
    { path: 'b', status: 'M' },
    { path: 'c', status: 'R', old_path: 'a' },
  ]);

  const amended = await readStaged(opened, { message: 'x', amend: true });
  assert.deepEqual(amended.parents, [one]);
  assert.deepEqual(
    amended.files.map(({ path }) => path),
    ['b', 'c'],
  );
  assert.deepEqual(amended.author, {
    name: 'First Author',
    email: 'first@example.com',
    time: '2023-11-14T23:13:20+01:00',
  });
});

test('a touched file that did not change is no change', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('a', '1');
  await repository.commit('One\n');
  await rm(path.join(repository.root, 'a'));
  await repository.write('a', '1');
  assert.deepEqual((await readStaged(await open(repository), { message: 'x', all: true })).files, []);
});

test('amending a root, and nothing to amend', async (t) => {
  const repository = await makeRepository(t);
  const opened = await open(repository);
  await assert.rejects(readStaged(opened, { message: 'x', amend: true }), {
    kind: 'refused',
    message: /no commit to amend/,
  });
  await repository.write('a', '1');
  await repository.commit('One\n');
  const amended = await readStaged(opened, { message: 'x', amend: true });
  assert.deepEqual([amended.parents, amended.files], [[], [{ path: 'a', status: 'A' }]]);
});

test('a merge to be has all parents and only its own changes', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('both', '1\n');
  const root = await repository.commit('Root\n');
  await repository.git('switch', '--quiet', '--create', 'side');
  await repository.write('both', 'side\n');
  await repository.write('side', '1');
  const side = await repository.commit('Side\n');
  await repository.git('switch', '--quiet', 'main');
  await repository.git('reset', '--quiet', '--hard', root);
  await repository.write('both', 'main\n');
  const main = await repository.commit('Main\n');
  await repository.git('merge', '--no-commit', 'side').catch(() => {});
  await repository.write('both', 'merged\n');
  await repository.git('add', '--all');
  const merge = await readStaged(await open(repository), { message: "Merge branch 'side'\n" });
  assert.deepEqual(merge.parents, [main, side]);
  assert.equal(merge.merge, true);
  assert.deepEqual(merge.files, [{ path: 'both', status: 'M' }]);
});

test('says who lacks a name', async (t) => {
  const repository = await makeRepository(t);
  const environment = { ...repository.environment };
  for (const name of ['GIT_AUTHOR_NAME', 'GIT_AUTHOR_EMAIL']) delete environment[name];
  await repository.git('config', 'user.useConfigOnly', 'true');
  const opened = await openRepository(repository.root, { environment });
  await assert.rejects(readStaged(opened, { message: 'x' }), /user\.email|user\.name|ident/);
});

test('messages are cleaned as git stripspace cleans them', async (t) => {
  const repository = await makeRepository(t);
  await fc.assert(
    fc.asyncProperty(messages, fc.boolean(), async (message, strip) => {
      const args = ['stripspace', ...(strip ? ['--strip-comments'] : [])];
      const byGit = (await repository.gitBytes(args, message)).toString();
      assert.equal(cleanMessage(message, strip ? 'strip' : 'whitespace', '#'), byGit);
    }),
    { numRuns: 150 },
  );
});

test('a message file is what git commit makes of it, whatever the settings', async (t) => {
  const repository = await makeRepository(t);
  await repository.commit('Root\n');
  const { messages: sampled, seed } = sampleMessages(5);
  for (const cleanup of ['strip', 'whitespace', 'verbatim', 'scissors', 'default']) {
    for (const [at, message] of sampled.entries()) {
      await repository.git('config', 'commit.cleanup', cleanup);
      await repository.git('config', 'core.commentChar', at % 3 === 2 ? ';' : '#');
      await repository.write('../message', message);
      // Git tells hooks that no editor is used, and so do we hear it.
      const opened = await openRepository(repository.root, {
        environment: { ...repository.environment, GIT_EDITOR: ':' },
      });
      await repository.git('commit', '--quiet', '--allow-empty', '--allow-empty-message', '--file=../message');
      const committed = (await repository.git('cat-file', 'commit', 'HEAD')).split('\n\n').slice(1).join('\n\n');
      assert.equal(
        await asCommitted(opened, message),
        committed,
        `${cleanup} ${JSON.stringify(message)} FC_SEED=${seed}`,
      );
    }
  }
});

test('after an editor, comments and what follows the scissors go', async (t) => {
  const repository = await makeRepository(t);
  const opened = await open(repository);
  const file =
    'T\n\nAI-Model: m\n# Please enter\n# ------------------------ >8 ------------------------\n# x\ndiff --git\n';
  assert.equal(await asCommitted(opened, file), 'T\n\nAI-Model: m\n');
  const commit = await readStaged(opened, { message: file, messageFile: true });
  assert.deepEqual(commit.trailers, [{ key: 'AI-Model', value: 'm' }]);
});

test('the comment prefix', () => {
  assert.equal(commentPrefixOf(undefined, ''), '#');
  assert.equal(commentPrefixOf('', ''), '#');
  assert.equal(commentPrefixOf(';', ''), ';');
  assert.equal(commentPrefixOf('//', ''), '//');
  assert.equal(commentPrefixOf('auto', '#42 is fixed\n\n; Please enter\n; Changes\n'), ';');
  assert.equal(commentPrefixOf('auto', 'T\n\n# note\n'), '#');
  assert.equal(commentPrefixOf('auto', 'T\n'), '#');
});

test('amending changes the message and the committer alone', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('a', '1');
  await repository.commit('One\n');
  await repository.write('b', '1');
  const before = await repository.commit('Two\n\nBody\n', {
    author: 'First Author <first@example.com>',
    date: '1700000000 +0100',
  });
  await repository.write('b', 'staged, to stay staged');
  await repository.write('a', 'dirty, to stay dirty');
  await repository.git('add', 'b');
  const status = await repository.git('status', '--porcelain');
  const tree = await repository.git('rev-parse', 'HEAD^{tree}');
  await repository.write('.git/hooks/pre-commit', '#!/bin/sh\nexit 1\n');
  await repository.write('.git/hooks/commit-msg', '#!/bin/sh\nexit 1\n');
  for (const hook of ['pre-commit', 'commit-msg']) await chmod(path.join(repository.root, '.git/hooks', hook), 0o755);

  const opened = await open(repository);
  const message = '# Two, with a line like a comment  \n\n\nAI-Model: m\n\n';
  const { sha, signatureLost } = await amendMessage(opened, message);
  assert.equal(signatureLost, false);
  assert.notEqual(sha, before);
  assert.equal(await repository.git('rev-parse', 'HEAD'), `${sha}\n`);
  assert.equal(await readCommitMessage(opened, sha), message);
  assert.equal(await repository.git('rev-parse', 'HEAD^{tree}'), tree);
  assert.equal(await repository.git('status', '--porcelain'), status);
  assert.equal(
    await repository.git('log', '-1', '--format=%an <%ae> %ad', '--date=raw'),
    'First Author <first@example.com> 1700000000 +0100\n',
  );
  assert.deepEqual(await amendMessage(opened, message), { sha, signatureLost: false });
});

test('amending keeps a merge a merge, a root a root, and makes the message UTF-8', async (t) => {
  const repository = await makeRepository(t);
  const root = await repository.commit(Buffer.from('Gr\xfc\xdfe\n', 'latin1'), { headers: ['encoding ISO-8859-1'] });
  const opened = await open(repository);
  assert.equal(await readCommitMessage(opened, root), 'Grüße\n');
  await repository.git('config', 'i18n.commitEncoding', 'ISO-8859-1');
  const first = await amendMessage(opened, 'Grüße 🚀\n\nAI-Model: m\n');
  assert.equal(await repository.git('log', '-1', '--format=%B%P%e', first.sha), 'Grüße 🚀\n\nAI-Model: m\n\n');
  const other = await repository.commit('Other\n', { parents: [] });
  await repository.git('update-ref', 'HEAD', first.sha);
  await repository.commit('Merge\n', { parents: [first.sha, other] });
  const merge = await amendMessage(opened, 'Merge, stamped\n');
  assert.equal(await repository.git('log', '-1', '--format=%P', merge.sha), `${first.sha} ${other}\n`);
});

test('amending says that a signature is gone', async (t) => {
  const repository = await makeRepository(t);
  await repository.commit('Signed\n', {
    headers: ['gpgsig -----BEGIN PGP SIGNATURE-----', ' -----END PGP SIGNATURE-----'],
  });
  assert.equal((await amendMessage(await open(repository), 'Signed, then stamped\n')).signatureLost, true);
});

test('amending is refused when it would not be what was asked for', async (t) => {
  const repository = await makeRepository(t);
  const opened = await open(repository);
  await assert.rejects(amendMessage(opened, 'x\n'), { kind: 'unknown-revision' });
  const one = await repository.commit('One\n');
  const two = await repository.commit('Two\n');
  await assert.rejects(amendMessage(opened, 'x\n', one), { kind: 'refused', message: /git rebase --interactive/ });
  await assert.rejects(amendMessage(opened, 'x\n', '--all'), { kind: 'unknown-revision' });
  for (const [file, what] of [
    ['MERGE_HEAD', /merge/i],
    ['CHERRY_PICK_HEAD', /cherry-pick/],
    ['rebase-merge/x', /rebase/i],
  ] as const) {
    await repository.write(`.git/${file}`, `${one}\n`);
    await assert.rejects(amendMessage(opened, 'x\n'), { kind: 'refused', message: what });
    await rm(path.join(repository.root, '.git', file.split('/')[0]!), { recursive: true });
  }
  const bare = await makeRepository(t, { bare: true });
  await assert.rejects(amendMessage(await open(bare), 'x\n'), { kind: 'refused' });
  assert.equal((await readFile(path.join(repository.root, '.git', 'refs', 'heads', 'main'), 'utf8')).trim(), two);
});

test('a message that cannot be read without loss is not offered for rewriting', async (t) => {
  const repository = await makeRepository(t);
  const opened = await open(repository);
  for (const message of [Buffer.from('caf\xe9\n', 'latin1'), Buffer.from('a\0b\n')]) {
    const commit = await repository.commit(message);
    await assert.rejects(readCommitMessage(opened, commit), { kind: 'refused', message: /would be lost/ });
  }
  const fine = await repository.commit('A real \ufffd\n');
  assert.equal(await readCommitMessage(opened, fine), 'A real \ufffd\n');
});

test('amending signs anew where git is told to sign', async (t) => {
  const repository = await makeRepository(t);
  const key = path.join(path.dirname(repository.root), 'key');
  try {
    execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-f', key], { stdio: 'ignore' });
  } catch {
    t.skip('no ssh-keygen here');
    return;
  }
  await repository.git('config', 'gpg.format', 'ssh');
  await repository.git('config', 'user.signingKey', key);
  await repository.git('config', 'commit.gpgSign', 'true');
  await repository.git('commit', '--quiet', '--allow-empty', '--message=Signed');
  const opened = await open(repository);
  const { sha, signatureLost } = await amendMessage(opened, 'Signed again\n');
  assert.equal(signatureLost, false);
  assert.match(await repository.git('cat-file', 'commit', sha), /^gpgsig -----BEGIN SSH SIGNATURE-----$/m);
});

test('within a hook, what git is about to commit is seen, not the whole index', {
  skip: process.platform === 'win32',
}, async (t) => {
  const repository = await makeRepository(t);
  await repository.write('sub/one', '1');
  await repository.write('two', '1');
  await repository.commit('Base\n');
  await repository.write('sub/one', '2');
  await repository.write('two', '2');
  await repository.git('add', 'two');
  const core = new URL('../../../core/git/', import.meta.url);
  await repository.write(
    '.git/hook.mjs',
    `import { readFileSync, writeFileSync } from 'node:fs';
import { openRepository } from ${JSON.stringify(new URL('repository.ts', core).href)};
import { readStaged } from ${JSON.stringify(new URL('staged.ts', core).href)};
const message = readFileSync(process.argv[2], 'utf8');
const commit = await readStaged(await openRepository('.'), { message, messageFile: true });
writeFileSync('.git/seen.json', JSON.stringify(commit));
`,
  );
  await repository.write('.git/hooks/commit-msg', `#!/bin/sh\nexec "${process.execPath}" .git/hook.mjs "$1"\n`);
  await chmod(path.join(repository.root, '.git/hooks/commit-msg'), 0o755);
  // A commit of one path only has an index of its own, which git names to the hook.
  await repository.git(
    'commit',
    '--quiet',
    '--message=Only one\n\n# kept\n\nAI-Model: m',
    '--author=Guest <guest@example.com>',
    'sub/one',
  );
  const seen = JSON.parse(await readFile(path.join(repository.root, '.git/seen.json'), 'utf8'));
  assert.deepEqual(seen.files, [{ path: 'sub/one', status: 'M' }]);
  assert.equal(seen.subject, 'Only one');
  assert.equal(seen.body, '# kept\n\nAI-Model: m\n');
  assert.deepEqual(seen.author.name, 'Guest');
});
