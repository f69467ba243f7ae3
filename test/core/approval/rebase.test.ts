/** What becomes of a countersignature when real git rewrites its commit. */
import assert from 'node:assert/strict';
import path from 'node:path';
import { type TestContext, test } from 'node:test';
import { checkCountersignatures } from '../../../core/approval/countersignatures.ts';
import { readEntries } from '../../../core/approval/entries.ts';
import type { ApprovalStatement } from '../../../core/approval/statement.ts';
import type { Trust } from '../../../core/approval/trust.ts';
import { countersignNotes, readNotes, writeNote } from '../../../core/git/notes.ts';
import { makeRepository } from '../../support/repository.ts';
import { allowed, commitOf, opened, sealed, sshKey, sshSigner, statementOf, trustIn } from './support.ts';

const now = new Date('2024-07-01T00:00:00Z');

async function approved(t: TestContext, fields: Partial<ApprovalStatement> = {}, tail = '') {
  const made = await makeRepository(t);
  await made.git('config', 'commit.gpgSign', 'false');
  await made.write('main.py', `${Array.from({ length: 30 }, (_, at) => `line ${at}`).join('\n')}\n`);
  await made.commit('Base\n');
  await made.git('checkout', '--quiet', '-b', 'topic');
  await made.write('new.py', `def f():\n    if a:\n        b()\n${tail}`);
  const id = await made.commit('Add f\n\nWhy.\n\nAI-Model: example-1\n');
  const repository = await opened(made);
  const tree = (await made.git('rev-parse', `${id}^{tree}`)).trim();
  const key = sshKey(path.dirname(made.root), 'bo');
  const statement = await statementOf(repository, await commitOf(repository, id), tree, fields);
  const envelope = await sealed(repository, statement, sshSigner(key));
  await writeNote(
    repository,
    countersignNotes,
    id,
    `${JSON.stringify({ type: 'countersignature', version: 1, envelope })}\n`,
  );
  const trust = trustIn(allowed('bo@example.com', key));
  return {
    made,
    id,
    async check(revision = 'HEAD', more: Partial<Trust> = {}) {
      const commit = await commitOf(repository, (await made.git('rev-parse', revision)).trim());
      const entries = readEntries(await readNotes(repository, countersignNotes));
      const found = await checkCountersignatures(repository, [commit], entries, { ...trust, ...more }, { now });
      return found.get(commit.sha)!.map(({ status, detail, approved_commit }) => ({ status, detail, approved_commit }));
    },
    /** Moves the topic onto a base that has one more commit. */
    async rebase(...options: string[]) {
      await made.git('checkout', '--quiet', 'main');
      await made.write('main.py', 'other\n');
      await made.commit('Move on\n');
      await made.git('-c', 'rebase.backend=merge', ...options, 'rebase', '--quiet', 'main', 'topic');
    },
  };
}

test('rebased: another id, the same patch and disclosure; found though the note stayed behind', async (t) => {
  const { made, id, check, rebase } = await approved(t);
  assert.deepEqual((await check())[0]?.status, 'valid');
  await rebase();
  assert.notEqual((await made.git('rev-parse', 'HEAD')).trim(), id);
  const [found, ...more] = await check();
  assert.deepEqual(more, []);
  assert.equal(found?.status, 'rebased', found?.detail);
  assert.equal(found?.approved_commit, id);
  assert.deepEqual(await check('main'), []);
});

test('the same when git carries the note along, and when the old commit is gone', async (t) => {
  const { made, id, check, rebase } = await approved(t);
  await rebase('-c', 'notes.rewriteRef=refs/notes/countersign');
  const head = (await made.git('rev-parse', 'HEAD')).trim();
  assert.match(await made.git('notes', '--ref=countersign', 'list'), new RegExp(head), 'git has carried it');
  assert.deepEqual(
    (await check()).map(({ status }) => status),
    ['rebased'],
    'once, though two notes hold it',
  );
  await made.git('reflog', 'expire', '--expire=now', '--all');
  await made.git('gc', '--quiet', '--prune=now');
  await assert.rejects(made.git('cat-file', '-e', id));
  assert.equal((await check())[0]?.status, 'rebased');
});

test('a new message with the same disclosure is a rebase; another disclosure is none', async (t) => {
  const { made, check } = await approved(t);
  await made.git('commit', '--quiet', '--amend', '-m', 'Add f, and say why\n\nAI-Model: example-1');
  assert.equal((await check())[0]?.status, 'rebased');
  await made.git('commit', '--quiet', '--amend', '-m', 'Add f\n\nAI-Model: example-2');
  assert.deepEqual(await check(), [], 'nothing speaks of it');
});

test('another change, and one that only moves white space, is stale where git carried the note', async (t) => {
  const { made, check } = await approved(t);
  const carry = ['-c', 'notes.rewriteRef=refs/notes/countersign'];
  await made.write('new.py', 'def f():\n    if a:\n        pass\n    b()\n');
  await made.git(...carry, 'commit', '--quiet', '--all', '--amend', '--no-edit');
  const [changed] = await check();
  assert.equal(changed?.status, 'stale');
  assert.match(changed?.detail ?? '', /whose change is another/);
  // To git the same patch, to Python another program.
  await made.write('new.py', 'def f():\n    if a:\n    b()\n');
  await made.git(...carry, 'commit', '--quiet', '--all', '--amend', '--no-edit');
  const [indented] = await check();
  assert.equal(indented?.status, 'stale');
  assert.match(indented?.detail ?? '', /white space differs/);
});

test('a patch from another repository is none of this one; where that is not known it may be', async (t) => {
  const repository = { host: 'example.com', owner: 'team', name: 'app' };
  const { check, rebase } = await approved(t, { repository });
  assert.equal(
    (await check('HEAD', { repository: { host: 'example.com', owner: 'fork', name: 'app' } }))[0]?.status,
    'valid',
  );
  await rebase();
  assert.equal((await check('HEAD', { repository }))[0]?.status, 'rebased');
  assert.equal((await check('HEAD', { repository: { name: 'folder' } }))[0]?.status, 'rebased');
  const [other] = await check('HEAD', { repository: { host: 'example.com', owner: 'fork', name: 'app' } });
  assert.equal(other?.status, 'stale');
  assert.match(other?.detail ?? '', /in another repository/);
});

test('a cherry-pick is as a rebase, and a squash is not', async (t) => {
  const { made, id, check } = await approved(t);
  await made.git('checkout', '--quiet', 'main');
  await made.git('cherry-pick', id);
  assert.equal((await check())[0]?.status, 'rebased');
  await made.write('more.py', 'x\n');
  await made.commit('More\n');
  await made.git('reset', '--quiet', '--soft', 'HEAD~2');
  await made.git('commit', '--quiet', '-m', 'Both\n\nAI-Model: example-1');
  assert.deepEqual(await check(), []);
});
