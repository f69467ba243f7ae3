/** Commits that git makes of other commits, with the hooks installed: nothing is asked, lost or said twice. */
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { coAuthor, type HookedRepository, hookedRepository } from './hook-support.ts';

const start = Date.now();
const at = (hour: number) => `${new Date(start - (10 - hour) * 3_600_000).toISOString().slice(0, 19)}Z`;

/** A commit as it was made before the hooks were there. */
async function commit(repository: HookedRepository, file: string, message: string): Promise<string> {
  await repository.stage({ [file]: `${message}\n` });
  await repository.git(['commit', '--quiet', '--no-verify', '--cleanup=verbatim', '-F', '-'], { input: message });
  return repository.git(['rev-parse', 'HEAD']);
}

function message(subject: string, model: string, context: string, hour: number): string {
  return [
    subject,
    '',
    `Why: ${subject.toLowerCase()} matters.`,
    '',
    `AI-Model: ${model}`,
    `AI-Timestamp: ${at(hour)}`,
    `AI-Context: ${context}`,
    'AI-Approver: Bo Example <bo@example.com>',
    '',
  ].join('\n');
}

/** Three commits, two of them with a disclosure; the hooks do not see them. */
async function threeCommits(): Promise<HookedRepository> {
  const repository = await hookedRepository({ hooks: false });
  await commit(repository, 'a.txt', message('Add a', 'claude-opus-4-6', 'Wrote the first parser', 1));
  await commit(repository, 'b.txt', 'Add b\n\nBy hand.\n');
  await commit(repository, 'c.txt', message('Add c', 'gpt-5.2', 'Wrote the second parser', 2));
  await repository.countersign(['hook', 'install']);
  return repository;
}

/** All that a and c disclose, as one. */
const merged = [
  'AI-Model: claude-opus-4-6',
  'AI-Model: gpt-5.2',
  `AI-Timestamp: ${at(2)}`,
  'AI-Context: Wrote the first parser',
  'AI-Context: Wrote the second parser',
  'AI-Approver: Bo Example <bo@example.com>',
];

async function log(repository: HookedRepository): Promise<string[]> {
  return (await repository.git(['log', '--format=%s', '-n', '5'])).split('\n');
}

describe('commits of commits', { concurrency: 2 }, () => {
  test('a rebase that makes commits again changes no message, also with agents around', async () => {
    const repository = await threeCommits();
    const before = await Promise.all(['HEAD~2', 'HEAD~1', 'HEAD'].map((one) => repository.message(one)));
    const ran = await repository.try(['rebase', '--no-ff', '--quiet', 'HEAD~3'], { env: { CLAUDECODE: '1' } });
    assert.equal(ran.code, 0, ran.stderr);
    assert.doesNotMatch(ran.stderr, /countersign/);
    assert.deepEqual(await Promise.all(['HEAD~2', 'HEAD~1', 'HEAD'].map((one) => repository.message(one))), before);
  });

  test('a squash keeps what each commit disclosed, and says it once, at the end', async () => {
    const repository = await threeCommits();
    const ran = await repository.try(['rebase', '-i', 'HEAD~3'], {
      list: 'sed "2,3s/^pick/squash/" "$1" > "$1.new"; mv "$1.new" "$1"',
      editor: 'true',
    });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(await log(repository), ['Add a', 'Start']);
    assert.deepEqual(await repository.trailers(), merged);
    const text = await repository.message();
    assert.equal(text.match(/^AI-/gm)?.length, merged.length, text);
    for (const kept of ['Why: add a matters.', 'Add b', 'By hand.', 'Add c', 'Why: add c matters.']) {
      assert.ok(text.includes(`\n${kept}\n`), `${kept} in ${text}`);
    }
  });

  test('a fixup keeps what it disclosed, though its message goes', async () => {
    const repository = await threeCommits();
    const ran = await repository.try(['rebase', '-i', 'HEAD~3'], {
      list: 'sed "2,3s/^pick/fixup/" "$1" > "$1.new"; mv "$1.new" "$1"',
    });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(await repository.trailers(), merged);
    assert.match(await repository.message(), /^Add a\n\nWhy: add a matters\.\n\nAI-Model/);
  });

  test('fixup -C, and a squash of which the person writes the message anew', async () => {
    const repository = await threeCommits();
    await repository.git(['rebase', '-i', 'HEAD~3'], {
      list: 'sed "2s/^pick/fixup/; 3s/^pick/fixup -C/" "$1" > "$1.new"; mv "$1.new" "$1"',
    });
    assert.match(await repository.message(), /^Add c\n\nWhy: add c matters\.\n\nAI-/);
    assert.deepEqual([...(await repository.trailers())].sort(), [...merged].sort());
  });

  test('rebase --autosquash with fixup! and squash! commits', async () => {
    const repository = await hookedRepository({ hooks: false });
    await commit(repository, 'a.txt', 'Add a\n');
    await commit(repository, 'b.txt', 'Add b\n');
    await commit(repository, 'a2.txt', message('fixup! Add a', 'claude-opus-4-6', 'Wrote the first parser', 1));
    await commit(repository, 'a3.txt', message('squash! Add a', 'gpt-5.2', 'Wrote the second parser', 2));
    await repository.countersign(['hook', 'install']);
    await repository.git(['rebase', '-i', '--autosquash', 'HEAD~4'], { list: 'true', editor: 'true' });
    assert.deepEqual(await log(repository), ['Add b', 'Add a', 'Start']);
    assert.deepEqual(await repository.trailers('HEAD~1'), merged);
    assert.deepEqual(await repository.trailers('HEAD'), []);
  });

  test('reword and edit in a rebase', async () => {
    const repository = await threeCommits();
    await repository.git(['rebase', '-i', 'HEAD~3'], {
      list: 'sed "1s/^pick/reword/; 3s/^pick/edit/" "$1" > "$1.new"; mv "$1.new" "$1"',
      editor: 'sed "1s/.*/Add an a/" "$1" > "$1.new"; mv "$1.new" "$1"',
    });
    const first = message('Add a', 'claude-opus-4-6', 'Wrote the first parser', 1);
    assert.equal(await repository.message('HEAD~2'), first.replace('Add a', 'Add an a'));
    await repository.stage({ 'c.txt': 'edited\n' });
    await repository.git(['commit', '--amend', '--no-edit']);
    await repository.git(['rebase', '--continue']);
    const last = message('Add c', 'gpt-5.2', 'Wrote the second parser', 2);
    assert.equal(await repository.message(), last);
  });

  test('git merge --squash takes over what the branch disclosed', async () => {
    const repository = await threeCommits();
    await repository.git(['branch', 'topic']);
    await repository.git(['reset', '--quiet', '--hard', 'HEAD~3']);
    await repository.git(['merge', '--squash', 'topic']);
    await repository.git(['commit', '-m', 'All of the topic']);
    assert.equal(await repository.message(), `All of the topic\n\n${merged.join('\n')}\n`);
    await repository.git(['reset', '--quiet', '--hard', 'HEAD~1']);
    await repository.git(['merge', '--squash', 'topic']);
    await repository.git(['commit'], { editor: 'sed "1s/.*/Squashed/" "$1" > "$1.new"; mv "$1.new" "$1"' });
    assert.deepEqual(await repository.trailers(), merged);
    assert.match(await repository.message(), /^Squashed\n\ncommit [0-9a-f]{40}\n/);
  });

  test('cherry-pick, -x and with a conflict', async () => {
    const repository = await threeCommits();
    await repository.git(['branch', 'topic']);
    await repository.git(['checkout', '--quiet', '-b', 'other', 'HEAD~3']);
    await repository.git(['cherry-pick', 'topic~2'], { env: { CLAUDECODE: '1' } });
    const first = message('Add a', 'claude-opus-4-6', 'Wrote the first parser', 1);
    assert.equal(await repository.message(), first);
    await repository.git(['cherry-pick', '-x', 'topic']);
    const origin = await repository.git(['rev-parse', 'topic']);
    assert.equal(
      await repository.message(),
      `${message('Add c', 'gpt-5.2', 'Wrote the second parser', 2)}(cherry picked from commit ${origin})\n`,
    );
    assert.equal((await repository.trailers()).length, 4);
    await repository.stage({ 'b.txt': 'In the way\n' });
    await repository.git(['commit', '--quiet', '-m', 'In the way']);
    assert.notEqual((await repository.try(['cherry-pick', 'topic~1'])).code, 0);
    await repository.stage({ 'b.txt': 'Resolved\n' });
    await repository.git(['commit'], { editor: 'true' });
    assert.equal(await repository.message(), 'Add b\n\nBy hand.\n');
    assert.ok(!existsSync(join(repository.folder, '.git', 'CHERRY_PICK_HEAD')));
  });

  test('merges, clean and with a conflict, and a revert', async () => {
    const repository = await threeCommits();
    await repository.git(['checkout', '--quiet', '-b', 'other', 'HEAD~2']);
    await repository.stage({ 'd.txt': 'd\n' });
    await repository.git(['commit', '--quiet', '-m', 'Add d']);
    const clean = await repository.try(['merge', '--no-edit', 'main'], { env: { CLAUDECODE: '1' } });
    assert.equal(clean.code, 0, clean.stderr);
    assert.equal(await repository.message(), "Merge branch 'main' into other\n");
    await repository.git(['reset', '--quiet', '--hard', 'HEAD~1']);
    await repository.stage({ 'b.txt': 'In the way\n' });
    await repository.git(['commit', '--quiet', '-m', 'In the way']);
    assert.notEqual((await repository.try(['merge', 'main'])).code, 0);
    await repository.stage({ 'b.txt': 'Resolved\n' });
    const concluded = await repository.try(['commit'], { editor: 'true' });
    assert.equal(concluded.code, 0, concluded.stderr);
    assert.equal(await repository.message(), "Merge branch 'main' into other\n");
    assert.equal((await repository.git(['log', '-1', '--format=%P'])).split(' ').length, 2);
    const reverted = await repository.git(['rev-parse', 'main']);
    await repository.git(['revert', '--no-edit', 'main']);
    assert.equal(await repository.message(), `Revert "Add c"\n\nThis reverts commit ${reverted}.\n`);
  });

  test('a refused merge is concluded by git commit', async () => {
    const repository = await threeCommits();
    await repository.git(['checkout', '--quiet', '-b', 'other', 'HEAD~1']);
    await repository.stage({ 'd.txt': 'd\n' });
    await repository.git(['commit', '--quiet', '-m', 'Add d']);
    const refused = await repository.try(['merge', 'main', '-m', 'Merge', '-m', coAuthor]);
    assert.notEqual(refused.code, 0);
    assert.match(refused.stderr, /kept in \.git\/MERGE_MSG/);
    assert.match(refused.stderr, /git commit --no-edit --trailer "AI-Model: claude-opus-4\.6"/);
    await repository.git([
      ...['commit', '--no-edit', '--trailer', 'AI-Model: claude-opus-4-6'],
      ...[
        '--trailer',
        'AI-Context: Resolved the conflicts of it',
        '--trailer',
        'AI-Approver: Bo Example <bo@example.com>',
      ],
    ]);
    assert.equal((await repository.trailers()).length, 5);
  });
});
