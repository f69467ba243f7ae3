/** Notes follow commits that are amended and rebased, by the post-rewrite hook. */
import assert from 'node:assert/strict';
import { chmodSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { describe, test } from 'node:test';
import { entry } from './harness.ts';
import { type HookedRepository, hookedRepository } from './hook-support.ts';

const values = [
  '--model',
  'claude-opus-4-6',
  '--context',
  'Wrote the parser and its tests',
  '--approver',
  'Bo Example <bo@example.com>',
];

/** Three commits by hand; what `noted` names (counted from HEAD) has a disclosure in its note. */
async function withNotes(noted: number[], earlier?: string): Promise<HookedRepository> {
  const repository = await hookedRepository({ hooks: false });
  for (const name of ['a', 'b', 'c']) {
    await repository.stage({ [name]: `${name}\n` });
    await repository.git(['commit', '--quiet', '-m', `Add ${name}`]);
  }
  if (earlier !== undefined) {
    const file = join(repository.folder, '.git', 'hooks', 'post-rewrite');
    writeFileSync(file, earlier);
    chmodSync(file, 0o755);
  }
  const installed = await repository.countersign(['hook', 'install']);
  assert.equal(installed.code, 0, installed.stderr);
  for (const back of noted) {
    const ran = await repository.countersign([
      'stamp',
      `HEAD~${back}`,
      '--note',
      ...values,
      '--context',
      `Commit ${back}`,
    ]);
    assert.equal(ran.code, 0, ran.stderr);
  }
  return repository;
}

/** The contexts that the note of a commit discloses. */
async function contexts(repository: HookedRepository, revision: string): Promise<string[]> {
  const { stdout } = await repository.try(['notes', '--ref=countersign', 'show', revision]);
  return stdout
    .split('\n')
    .filter(Boolean)
    .flatMap((line) => (JSON.parse(line) as { disclosure: { context: string[] } }).disclosure.context)
    .filter((text) => text.startsWith('Commit'));
}

describe('post-rewrite', { concurrency: 2 }, () => {
  test('an amended commit keeps its note', async () => {
    const repository = await withNotes([0]);
    const before = await repository.git(['rev-parse', 'HEAD']);
    const ran = await repository.try(['commit', '--amend', '--quiet', '-m', 'Add c, better']);
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(ran.stderr, '');
    assert.deepEqual(await contexts(repository, 'HEAD'), ['Commit 0']);
    // The reflog may still lead back there.
    assert.deepEqual(await contexts(repository, before), ['Commit 0']);
  });

  test('a rebase takes notes along, and squash and fixup put them together', async () => {
    const repository = await withNotes([0, 1]);
    await repository.git(['rebase', '-i', 'HEAD~3'], {
      list: 'sed "3s/^pick/fixup/" "$1" > "$1.new"; mv "$1.new" "$1"',
    });
    assert.deepEqual((await contexts(repository, 'HEAD')).sort(), ['Commit 0', 'Commit 1']);
    assert.deepEqual(await contexts(repository, 'HEAD~1'), []);
    await repository.git(['rebase', '-i', 'HEAD~2'], {
      list: 'sed "2s/^pick/squash/" "$1" > "$1.new"; mv "$1.new" "$1"',
      editor: 'true',
    });
    assert.equal(await repository.git(['rev-list', '--count', 'HEAD']), '2');
    assert.deepEqual((await contexts(repository, 'HEAD')).sort(), ['Commit 0', 'Commit 1']);
  });

  test('where git carries them itself, they are there once', async () => {
    const repository = await withNotes([0]);
    await repository.git(['config', 'notes.rewriteRef', 'refs/notes/countersign']);
    await repository.git(['commit', '--amend', '--quiet', '-m', 'Add c, better']);
    assert.deepEqual(await contexts(repository, 'HEAD'), ['Commit 0']);
  });

  test('a hook that was there gets what git says of the commits, too, and is kept', async () => {
    const earlier = '#!/bin/sh\ncat > "$(git rev-parse --git-dir)/told"\nexit 1\n';
    const repository = await withNotes([0], earlier);
    const hooks = join(repository.folder, '.git', 'hooks');
    assert.equal(readFileSync(join(hooks, 'post-rewrite.before-countersign'), 'utf8'), earlier);
    const before = await repository.git(['rev-parse', 'HEAD']);
    await repository.git(['commit', '--amend', '--quiet', '-m', 'Add c, better']);
    const told = readFileSync(join(repository.folder, '.git', 'told'), 'utf8');
    assert.equal(told.trim(), `${before} ${await repository.git(['rev-parse', 'HEAD'])}`);
    assert.deepEqual(await contexts(repository, 'HEAD'), ['Commit 0']);
    assert.equal((await repository.countersign(['hook', 'uninstall'])).code, 0);
    assert.equal(readFileSync(join(hooks, 'post-rewrite'), 'utf8'), earlier);
  });

  test('a hook that is not handed what git says finds out by itself, as under pre-commit', async () => {
    const repository = await withNotes([0, 1]);
    const hook = join(repository.folder, '.git', 'hooks', 'post-rewrite');
    const quoted = (text: string) => `'${text.replaceAll("'", `'\\''`)}'`;
    const run = `${quoted(process.execPath)} ${quoted(resolve(entry))} hook run post-rewrite`;
    writeFileSync(hook, `#!/bin/sh\nPRE_COMMIT_REWRITE_COMMAND=$1 exec ${run} </dev/null\n`);
    await repository.git(['commit', '--amend', '--quiet', '-m', 'Add c, better']);
    assert.deepEqual(await contexts(repository, 'HEAD'), ['Commit 0']);
    // The first is reworded, which git tells of by itself, the last is folded into the one before.
    await repository.git(['rebase', '-i', 'HEAD~3'], {
      list: 'sed "1s/^pick/reword/; 3s/^pick/fixup/" "$1" > "$1.new"; mv "$1.new" "$1"',
      editor: 'echo "Add a, better" > "$1"',
    });
    assert.deepEqual((await contexts(repository, 'HEAD')).sort(), ['Commit 0', 'Commit 1']);
    assert.deepEqual(await contexts(repository, 'HEAD~1'), []);
    await repository.git(['checkout', '--quiet', '-b', 'other', 'HEAD~2']);
    await repository.stage({ other: 'x\n' });
    await repository.git(['commit', '--quiet', '--no-verify', '-m', 'Other']);
    await repository.git(['rebase', '--quiet', '--apply', 'HEAD', 'main']);
    assert.deepEqual((await contexts(repository, 'main')).sort(), ['Commit 0', 'Commit 1']);
    assert.equal(await repository.git(['rev-parse', 'main~2']), await repository.git(['rev-parse', 'other']));
    // Nothing was made anew: a commit that follows is not taken for the one before.
    await repository.stage({ more: 'x\n' });
    await repository.git(['commit', '--quiet', '--no-verify', '-m', 'More']);
    assert.equal((await repository.try(['hook', 'run', 'post-rewrite', '--', 'amend'])).code, 0);
    assert.deepEqual(await contexts(repository, 'HEAD'), []);
  });

  test('without notes nothing is started, and a program that is gone costs nobody a commit', async () => {
    const repository = await withNotes([]);
    const file = join(repository.folder, '.git', 'hooks', 'post-rewrite');
    const marker = join(repository.folder, '.git', 'started');
    const program = join(repository.folder, '..', 'no-node');
    writeFileSync(program, `#!/bin/sh\n: > '${marker}'\nexit 127\n`);
    chmodSync(program, 0o755);
    writeFileSync(file, readFileSync(file, 'utf8').replace(/^node=.*$/m, `node='${program}'`));
    const amend = (subject: string) => repository.try(['commit', '--amend', '--no-verify', '--quiet', '-m', subject]);
    assert.equal((await amend('Once')).stderr, '');
    assert.throws(() => readFileSync(marker));
    await repository.git(['notes', '--ref=countersign', 'add', '-m', '{}']);
    const ran = await amend('Twice');
    assert.equal(ran.code, 0);
    readFileSync(marker);
    assert.match(ran.stderr, /stay with the old ones.*\n.*notes\.rewriteRef refs\/notes\/countersign/);
  });
});
