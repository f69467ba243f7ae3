/** What was declared is used up by the commit that was made of it, and by none that git gave up in the end. */
import assert from 'node:assert/strict';
import { chmodSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { type HookedRepository, hookedRepository } from './hook-support.ts';

const agent = { CLAUDECODE: '1' };
const approver = ['--trailer', 'AI-Approver: Bo Example <bo@example.com>'];

/** A repository in which an agent has declared what it did, with a file staged. */
async function declared(...more: string[]): Promise<HookedRepository> {
  const repository = await hookedRepository();
  await repository.stage({ 'file.txt': 'one\n' });
  const args = ['declare', '--model', 'claude-opus-4-6', '--context', 'Wrote the file and the tests for it', ...more];
  const ran = await repository.countersign(args, agent);
  assert.equal(ran.code, 0, ran.stderr);
  return repository;
}

const waits = async (repository: HookedRepository): Promise<string[][]> => {
  const { stdout } = await repository.countersign(['declare', '--show', '--format', 'json']);
  const declarations = JSON.parse(stdout) as { files?: string[] }[];
  return declarations.map(({ files = ['all'] }) => files);
};

const commit = (repository: HookedRepository, subject: string, ...more: string[]) =>
  repository.try(['commit', '-m', subject, ...approver, ...more], { env: agent });

/** Makes a program of shell lines beside the work tree. */
function program(repository: HookedRepository, name: string, lines: string): string {
  const file = join(repository.folder, '..', name);
  writeFileSync(file, `#!/bin/sh\n${lines}\n`);
  chmodSync(file, 0o755);
  return file;
}

const stamped = /AI-Model: claude-opus-4-6\n(.*\n)*AI-Context: Wrote the file and the tests for it\n/;

describe('declarations', { concurrency: 2 }, () => {
  test('wait on when git cannot sign the commit, and are in the next one', async () => {
    const repository = await declared();
    await repository.git(['config', 'gpg.program', program(repository, 'no-gpg', 'exit 2')]);
    const failed = await commit(repository, 'Add a file', '-S');
    assert.match(failed.stderr, /failed to sign|gpg failed/);
    assert.equal((await repository.git(['rev-list', '--count', 'HEAD'])).trim(), '1');
    assert.deepEqual(await waits(repository), [['all']]);
    // Elsewhere meanwhile: HEAD has moved, but no commit was made of it.
    await repository.git(['checkout', '--quiet', '-b', 'topic']);
    assert.deepEqual(await waits(repository), [['all']]);
    const made = await commit(repository, 'Add a file');
    assert.equal(made.code, 0, made.stderr);
    assert.match(await repository.message(), stamped);
    assert.deepEqual(await waits(repository), []);
  });

  test('wait on when a hook that comes later refuses the commit', async () => {
    const repository = await declared();
    const hook = join(repository.folder, '.git', 'hooks', 'reference-transaction');
    writeFileSync(
      hook,
      '#!/bin/sh\ncase "$1" in prepared) grep -Eq " (HEAD|refs/heads/main)$" && exit 1 ;; esac\nexit 0\n',
    );
    chmodSync(hook, 0o755);
    assert.notEqual((await commit(repository, 'Add a file')).code, 0);
    assert.deepEqual(await waits(repository), [['all']]);
    writeFileSync(hook, '#!/bin/sh\nexit 0\n');
    assert.equal((await commit(repository, 'Add a file')).code, 0);
    assert.match(await repository.message(), stamped);
  });

  test('are used up by a commit after which a hook fails: it was made', async () => {
    const repository = await declared();
    const hook = join(repository.folder, '.git', 'hooks', 'post-commit');
    writeFileSync(hook, '#!/bin/sh\nexit 1\n');
    chmodSync(hook, 0o755);
    await commit(repository, 'Add a file');
    assert.equal(await repository.git(['log', '-1', '--format=%s']), 'Add a file');
    assert.deepEqual(await waits(repository), []);
  });

  test('of several files: those that the commit has are used up once it is made, the others wait', async () => {
    const repository = await declared('--files', 'file.txt', 'other.txt');
    await repository.git(['config', 'gpg.program', program(repository, 'no-gpg', 'exit 2')]);
    assert.notEqual((await commit(repository, 'Add a file', '-S')).code, 0);
    assert.deepEqual(await waits(repository), [['file.txt', 'other.txt']]);
    assert.equal((await commit(repository, 'Add a file')).code, 0);
    assert.deepEqual(await waits(repository), [['other.txt']]);
  });

  test('an amended commit uses them up, too, once it is made', async () => {
    const repository = await declared();
    // By hand, before anything was declared; without the hooks, which would take it for the agent's.
    await repository.git(['-c', 'core.hooksPath=/dev/null', 'commit', '--quiet', '-m', 'By hand']);
    await repository.git(['config', 'gpg.program', program(repository, 'no-gpg', 'exit 2')]);
    assert.notEqual((await commit(repository, 'Start again', '--amend', '-S')).code, 0);
    assert.deepEqual(await waits(repository), [['all']]);
    assert.equal((await commit(repository, 'Start again', '--amend')).code, 0);
    assert.match(await repository.message(), stamped);
    assert.deepEqual(await waits(repository), []);
  });

  test('the first commit of a repository, and one whose git keeps no reflog', async () => {
    const repository = await declared();
    await repository.git(['config', 'gpg.program', program(repository, 'no-gpg', 'exit 2')]);
    await repository.git(['config', 'core.logAllRefUpdates', 'false']);
    await repository.git(['reflog', 'expire', '--expire=now', '--all']);
    await repository.git(['checkout', '--quiet', '--orphan', 'fresh']);
    await repository.git(['rm', '--quiet', '-r', '--cached', '.countersign']);
    assert.notEqual((await commit(repository, 'First', '-S')).code, 0);
    assert.deepEqual(await waits(repository), [['all']]);
    assert.equal((await commit(repository, 'First')).code, 0);
    assert.match(await repository.message(), stamped);
    assert.deepEqual(await waits(repository), []);
  });
});
