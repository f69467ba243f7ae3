import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { appendFile } from 'node:fs/promises';
import path from 'node:path';
import test from 'node:test';
import fc from 'fast-check';
import { openRepository } from '../../../core/git/repository.ts';
import { rewriteMessages } from '../../../core/git/rewrite.ts';
import { planRewrite, type RewriteConsent } from '../../../core/git/rewrite-plan.ts';
import { GitError } from '../../../core/git/run.ts';
import { makeRepository, type TestLike, type TestRepository, temporaryFolder } from '../../support/repository.ts';

const now = new Date('2026-01-31T12:00:00.500Z');
const options = { reason: 'countersign stamp', now };

async function start(t: TestLike, objectFormat?: 'sha256') {
  const made = await makeRepository(t, objectFormat ? { objectFormat } : {});
  const open = () => openRepository(made.root, { environment: made.environment });
  return { made, open };
}

/** Changes the messages of all planned targets by a suffix. */
async function suffix(made: TestRepository, targets: string[], consent: RewriteConsent = {}, more = {}) {
  const repository = await openRepository(made.root, { environment: made.environment });
  const plan = await planRewrite(repository, targets, consent);
  const messages = new Map<string, string>();
  for (const commit of plan.targets) {
    messages.set(commit, `${(await made.git('log', '-1', '--format=%B', commit)).trimEnd()}\n\nStamped: yes\n`);
  }
  return { plan, result: await rewriteMessages(repository, plan, messages, { ...options, ...more }) };
}

const refused = (says: RegExp) => (error: unknown) =>
  error instanceof GitError && error.kind === 'refused' && says.test(error.message);

for (const format of [undefined, 'sha256'] as const) {
  test(`only the messages change: trees, people, dates and merges stay${format ? ` (${format})` : ''}`, async (t) => {
    const { made } = await start(t, format);
    await made.write('a', '1');
    const base = await made.commit('Base\n');
    await made.write('a', '2');
    const one = await made.commit('One\n', { author: 'Zoë Example <zoe@example.com>', date: '1700000000 +0530' });
    await made.git('branch', 'side', base);
    await made.write('b', '1');
    const side = await made.commit('Side\n', { parents: [base] });
    await made.git('reset', '--quiet', '--soft', one);
    const merge = await made.commit('Merge\n', { parents: [one, side] });
    await made.write('c', 'ü');
    await made.commit('Last, without a line end', { committerDate: '1700009999 -0800' });
    const show = () =>
      made.git('log', '--format=%T %an %ae %ad %cn %ce %cd %p', '--date=raw', '--reverse', '--topo-order');
    const ids = /[0-9a-f]{7,64}( [0-9a-f]{7,64})*\n/g;
    const before = await show();
    const old = (await made.git('rev-parse', 'HEAD')).trim();

    const { plan, result } = await suffix(made, [`${base}..${merge}`]);
    assert.deepEqual(plan.targets.length, 3);
    assert.deepEqual(plan.rewritten.length, 4, 'the commit above gets a new id, too');
    assert.equal((await show()).replace(ids, ''), before.replace(ids, ''));
    assert.equal((await made.git('rev-parse', 'HEAD')).trim(), result.tip);
    assert.equal(
      await made.git(
        'log',
        '--format=%s%(trailers:key=Stamped,valueonly,separator=%x2C)',
        '--topo-order',
        '--reverse',
        '-1',
        'HEAD',
      ),
      'Last, without a line end\n',
    );
    const merged = (await made.git('rev-list', '--merges', 'HEAD')).trim();
    assert.equal((await made.git('log', '-1', '--format=%P', merged)).trim().split(' ').length, 2);
    for (const [was, is] of result.renamed) {
      const expected = plan.targets.includes(was) ? 'yes\n' : '\n';
      assert.equal(
        await made.git('log', '-1', '--format=%(trailers:key=Stamped,valueonly,separator=%x2C)', is),
        expected,
      );
    }
    // What git itself thinks of it.
    await made.git('fsck', '--strict');
    assert.equal(await made.git('status', '--porcelain'), '');
    assert.equal((await made.git('cat-file', 'commit', 'HEAD')).endsWith('\n\nLast, without a line end'), true);

    // And back again.
    assert.equal(result.undo, 'refs/countersign/undo/20260131T120000Z');
    assert.equal((await made.git('reflog', '-1', '--format=%gs', 'main')).trim(), 'countersign stamp');
    await made.git('reset', '--quiet', '--soft', result.undo ?? '');
    assert.equal((await made.git('rev-parse', 'HEAD')).trim(), old);
    assert.equal(await show(), before);
  });
}

test('the root, single commits and those in between', async (t) => {
  const { made } = await start(t);
  const root = await made.commit('Root\n');
  await made.commit('Two\n');
  const three = await made.commit('Three\n');
  await made.commit('Four\n');
  const { plan } = await suffix(made, [root, `${three}^!`]);
  assert.equal(plan.targets.length, 2);
  assert.equal(
    await made.git('log', '--reverse', '--format=%s %(trailers:key=Stamped,separator=%x2C)'),
    'Root Stamped: yes\nTwo \nThree Stamped: yes\nFour \n',
  );
});

test('messages in another encoding become UTF-8 with their names; those that only get new parents stay', async (t) => {
  const { made } = await start(t);
  const latin = (text: string) => Buffer.from(text, 'latin1');
  const object = (parent: string[], text: string) =>
    latin(
      `tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904\n${parent.map((id) => `parent ${id}\n`).join('')}author J\xfcrgen <j@example.com> 1700000000 +0000\ncommitter J\xfcrgen <j@example.com> 1700000000 +0000\nencoding ISO-8859-1\n\n${text}`,
    );
  const write = async (bytes: Buffer) =>
    (await made.gitBytes(['hash-object', '-t', 'commit', '-w', '--stdin'], bytes)).toString().trim();
  await made.git('read-tree', '--empty');
  await made.gitBytes(['hash-object', '-t', 'tree', '-w', '--stdin'], '');
  const first = await write(object([], 'Gr\xfc\xdfe\n'));
  const second = await write(object([first], 'M\xf6we\n'));
  await made.git('update-ref', 'HEAD', second);
  const { result } = await suffix(made, [first]);
  const one = await made.gitBytes(['cat-file', 'commit', result.renamed.get(first) ?? '']);
  assert.match(one.toString('utf8'), /^author Jürgen <j@example\.com>/m);
  assert.match(one.toString('utf8'), /\n\nGrüße\n\nStamped: yes\n$/);
  assert.doesNotMatch(one.toString('utf8'), /^encoding/m);
  const two = await made.gitBytes(['cat-file', 'commit', result.tip]);
  assert.ok(two.includes(latin('\nencoding ISO-8859-1\n\nM\xf6we\n')));
  assert.ok(two.includes(latin('author J\xfcrgen')));
});

test('a message with bytes that nothing explains is refused, and nothing has changed', async (t) => {
  const { made } = await start(t);
  const commit = await made.commit(Buffer.from('Bad \xff byte\n', 'latin1'));
  await assert.rejects(suffix(made, [commit]), refused(/would be lost/));
  assert.equal((await made.git('rev-parse', 'HEAD')).trim(), commit);
  assert.equal(await made.git('for-each-ref', 'refs/countersign'), '');
});

test('unknown headers stay; a signature goes, and is counted', async (t) => {
  const { made } = await start(t);
  const signature = 'gpgsig -----BEGIN SSH SIGNATURE-----\n abc\n -----END SSH SIGNATURE-----';
  const commit = await made.commit('Signed\n', { headers: ['custom some thing', signature] });
  await made.commit('Above\n', { headers: ['custom more', signature] });
  const { result } = await suffix(made, [commit]);
  assert.equal(result.signaturesLost, 2);
  for (const id of result.renamed.values()) {
    const text = await made.git('cat-file', 'commit', id);
    assert.match(text, /^custom (some thing|more)$/m);
    assert.doesNotMatch(text, /SSH SIGNATURE/);
  }
});

test('the tag that a merge tells of stays while it is what was merged', async (t) => {
  for (const tagged of [true, false]) {
    const { made } = await start(t);
    const base = await made.commit('Base\n');
    const side = await made.commit('Side\n', { parents: [base] });
    const main = await made.commit('Main\n', { parents: [base] });
    const tag = `mergetag object ${side}\n type commit\n tag v1\n tagger Ada Example <ada@example.com> 1700000000 +0000\n \n Version 1`;
    await made.commit('Merge\n', { parents: [main, side], headers: [tag] });
    const { result } = await suffix(made, [tagged ? main : side]);
    const text = await made.git('cat-file', 'commit', result.tip);
    assert.equal(text.includes(`\n${tag}\n`), tagged);
    assert.match(text, /\n\nMerge\n$/);
  }
});

test('signs anew what was signed, and git verifies it', async (t) => {
  const { made } = await start(t);
  const folder = await temporaryFolder(t);
  const key = path.join(folder, 'key');
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', 'ada@example.com', '-f', key]);
  const allowed = path.join(folder, 'allowed');
  await appendFile(allowed, `carl@example.com ${execFileSync('ssh-keygen', ['-y', '-f', key])}`);
  for (const [name, value] of [
    ['gpg.format', 'ssh'],
    ['user.signingKey', key],
    ['gpg.ssh.allowedSignersFile', allowed],
  ] as const) {
    await made.git('config', name, value);
  }
  await made.git('commit', '--quiet', '--allow-empty', '-S', '-m', 'Signed ü');
  const signed = (await made.git('rev-parse', 'HEAD')).trim();
  await made.commit('Plain\n');
  const before = await made.git('log', '--format=%an %ae %ad %cn %ce %cd', '--date=raw');
  const { result } = await suffix(made, [signed], {}, { sign: true });
  assert.equal(result.signaturesLost, 0);
  await made.git('verify-commit', 'HEAD~1');
  await assert.rejects(made.git('verify-commit', 'HEAD'), 'what was not signed is not');
  assert.equal(await made.git('log', '--format=%an %ae %ad %cn %ce %cd', '--date=raw'), before);
  assert.equal(await made.git('log', '-1', '--format=%B', 'HEAD~1'), 'Signed ü\n\nStamped: yes\n\n');
});

test('whoever rewrites can be the committer', async (t) => {
  const { made } = await start(t);
  const commit = await made.commit('One\n', { committer: 'Dora Example <dora@example.com>', date: '1600000000 +0000' });
  await suffix(made, [commit], {}, { committer: 'now' });
  assert.equal(
    await made.git('log', '-1', '--format=%an %at %cn %ct'),
    'Ada Example 1600000000 Carl Example 1704067200\n',
  );
});

test('refuses what was pushed or tagged, unless told', async (t) => {
  const { made } = await start(t);
  const base = await made.commit('Base\n');
  const pushed = await made.commit('Pushed\n');
  await made.git('update-ref', 'refs/remotes/origin/main', pushed);
  const mine = await made.commit('Mine\n');
  await assert.rejects(
    suffix(made, [`${base}..`]),
    refused(/on a remote or has a tag \(origin\/main\).*--note.*--force-pushed/),
  );
  await made.git('tag', 'v1', mine);
  await assert.rejects(suffix(made, [`${pushed}..`]), refused(/v1/));
  await made.git('tag', '-d', 'v1');
  assert.equal((await suffix(made, [`${pushed}..`])).result.renamed.size, 1);
  assert.equal((await suffix(made, [`${base}..`], { pushed: true })).result.renamed.size, 2);
});

test('refuses with changes that are not committed, unless told; they stay', async (t) => {
  const { made } = await start(t);
  await made.write('a', '1');
  await made.commit('One\n');
  await made.write('a', '2');
  await made.write('untracked', 'x');
  await assert.rejects(suffix(made, ['HEAD^!']), refused(/not committed.*--allow-dirty[\s\S]* M a/));
  await suffix(made, ['HEAD^!'], { dirty: true });
  assert.equal(await made.git('status', '--porcelain'), ' M a\n?? untracked\n');
});

test('refuses during an operation, what is on no branch, what is no range, and nothing', async (t) => {
  const { made } = await start(t);
  const one = await made.commit('One\n');
  await made.commit('Two\n');
  const stranger = await made.commit('Elsewhere\n', { parents: [] });
  await made.git('reset', '--quiet', '--soft', 'HEAD@{1}');
  await assert.rejects(suffix(made, [stranger]), refused(/not all of these commits are on the branch/));
  await assert.rejects(suffix(made, ['HEAD..HEAD']), refused(/no commit in HEAD\.\.HEAD/));
  await assert.rejects(suffix(made, [`${one}...HEAD`]), /is no range/);
  await assert.rejects(suffix(made, ['nowhere..HEAD']), /no commit "nowhere"/);
  await assert.rejects(suffix(made, ['--all..HEAD']), /no range|no commit/);
  await appendFile(path.join(made.root, '.git', 'MERGE_HEAD'), `${one}\n`);
  await assert.rejects(suffix(made, ['HEAD^!']), refused(/A merge is under way/));
});

test('another branch by its name, a detached HEAD, and who keeps the old commits', async (t) => {
  const { made } = await start(t);
  const base = await made.commit('Base\n');
  const topic = await made.commit('Topic\n');
  await made.git('branch', 'topic');
  await made.git('branch', 'other');
  await made.git('worktree', 'add', '--quiet', '--detach', path.join(await temporaryFolder(t), 'tree'), topic);
  await made.git('reset', '--quiet', '--hard', base);
  const { plan } = await suffix(made, [`${base}..topic`]);
  assert.equal(plan.ref, 'refs/heads/topic');
  assert.deepEqual(plan.left.map((text) => text.replace(/ \/.*/, '')).sort(), ['branch other', 'work tree']);
  assert.notEqual((await made.git('rev-parse', 'topic')).trim(), topic);
  assert.equal((await made.git('rev-parse', 'HEAD')).trim(), base);

  await made.git('checkout', '--quiet', '--detach', 'topic');
  const detached = await suffix(made, ['HEAD^!']);
  assert.equal(detached.plan.ref, 'HEAD');
  assert.deepEqual(detached.plan.left, ['branch topic']);
  assert.equal((await made.git('rev-parse', 'HEAD')).trim(), detached.result.tip);
  assert.notEqual(detached.result.undo, undefined);
});

test('when the branch has moved meanwhile, nothing changes', async (t) => {
  const { made, open } = await start(t);
  const one = await made.commit('One\n');
  const repository = await open();
  const plan = await planRewrite(repository, ['HEAD^!']);
  const two = await made.commit('Two\n');
  await assert.rejects(rewriteMessages(repository, plan, new Map([[one, 'Changed\n']]), options), /could not be moved/);
  assert.equal((await made.git('rev-parse', 'HEAD')).trim(), two);
  assert.equal(await made.git('for-each-ref', 'refs/countersign'), '');
});

test('the same messages change nothing', async (t) => {
  const { made, open } = await start(t);
  const one = await made.commit('One\n');
  const repository = await open();
  const result = await rewriteMessages(
    repository,
    await planRewrite(repository, ['HEAD^!']),
    new Map([[one, 'One\n']]),
    options,
  );
  assert.deepEqual(result, { tip: one, renamed: new Map(), signaturesLost: 0 });
});

test('whatever the history, its shape and all but the messages of the targets stay', async (t) => {
  const { made, open } = await start(t);
  await made.commit('Start\n');
  const repository = await open();
  // Each commit has the one before it as parent, or none, and perhaps an older one beside it.
  const history = fc.array(
    fc.record({ root: fc.nat(9), merge: fc.option(fc.nat(99)), file: fc.nat(3), target: fc.boolean() }),
    { minLength: 2, maxLength: 9 },
  );
  let run = 0;
  await fc.assert(
    fc.asyncProperty(history, async (entries) => {
      const parts = entries.flatMap(({ root, merge, file }, at) => {
        const other = merge === null || at < 2 ? undefined : (merge % (at - 1)) + 1;
        const ref = `refs/heads/h${run}`;
        return [
          // Without it a commit that names no parent would go on from the branch.
          `reset ${ref}\n\ncommit ${ref}\nmark :${at + 1}\n`,
          `author Ada Example <ada@example.com> ${1_700_000_000 + at} +0100\n`,
          `committer Carl Example <carl@example.com> ${1_700_000_500 - at} -0230\n`,
          `data ${`C${at}`.length}\nC${at}\n`,
          at > 0 && root > 0 ? `from :${at}\n` : '',
          at > 0 && root > 0 && other !== undefined ? `merge :${other}\n` : '',
          `M 100644 inline f${file}\ndata ${`${run}.${at}`.length}\n${run}.${at}\n`,
        ];
      });
      await made.fastImport(parts.join(''));
      await made.git('symbolic-ref', 'HEAD', `refs/heads/h${run++}`);
      await made.git('reset', '--quiet', '--hard');
      const facts = async () =>
        (await made.git('log', '--topo-order', '--format=%H %P|%T %an %ad %cn %cd %s', '--date=raw'))
          .trim()
          .split('\n')
          .map((line) => line.split('|') as [string, string]);
      const before = await facts();
      const ids = before.map(([all]) => all.split(' ')[0] ?? '');
      const targets = ids.filter((_, at) => entries[at]?.target);
      if (targets.length === 0) return;
      const plan = await planRewrite(repository, targets);
      const messages = new Map(targets.map((id) => [id, `Stamped ${id}\n`]));
      const { renamed } = await rewriteMessages(repository, plan, messages, options);
      const after = new Map((await facts()).map(([all, rest]) => [all.split(' ')[0] ?? '', [all, rest] as const]));
      assert.equal(after.size, before.length);
      for (const [all, rest] of before) {
        const [id = '', ...parents] = all.split(' ');
        const now = (old: string) => renamed.get(old) ?? old;
        const message = messages.get(id)?.trim();
        const expected = message === undefined ? rest : rest.replace(/ C\d+$/, ` ${message}`);
        assert.deepEqual(after.get(now(id)), [[id, ...parents].map(now).join(' '), expected]);
      }
    }),
    { numRuns: 10 },
  );
  await made.git('fsck', '--strict');
});

test('many commits, each with a message larger than a pack’s smallest sizes', async (t) => {
  const { made, open } = await start(t);
  const base = await made.commit('Base\n');
  for (const length of [0, 1, 15, 16, 200, 2047, 2048, 70_000]) await made.commit(`S\n\n${'x'.repeat(length)}\n`);
  const repository = await open();
  const plan = await planRewrite(repository, [`${base}..`]);
  const messages = new Map(plan.targets.map((commit, at) => [commit, `N${at}\n\n${'y'.repeat(at * 9_000)}`]));
  await rewriteMessages(repository, plan, messages, options);
  await made.git('fsck', '--strict');
  assert.equal(
    (await made.git('log', '--format=%s', '--reverse')).split('\n').join(' '),
    'Base N0 N1 N2 N3 N4 N5 N6 N7 ',
  );
});
