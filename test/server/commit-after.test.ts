/** Commits that are made already: reviewed, disclosed afterwards, approved; and what agents declare. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { type TestContext, test } from 'node:test';
import { URI } from 'vscode-uri';
import {
  type ApproveResult,
  approve,
  commitMade,
  type DeclareUseResult,
  type DiscloseCommitResult,
  type DisclosureFormResult,
  declareUse,
  discloseCommit,
  disclosureForm,
  type PrepareApprovalResult,
  prepareApproval,
  type RecentCommitsResult,
  type ReviewCommitResult,
  recentCommits,
  reviewCommit,
} from '../../server/protocol.ts';
import { makeRepository, testEnvironment } from '../support/repository.ts';
import { startClient } from './support.ts';

const coAuthor = 'Co-authored-by: Claude <noreply@anthropic.com>';

/** A repository whose own configuration names who commits, for the server has the machine's environment. */
async function setUp(t: TestContext, config = 'version: 1\n') {
  const repository = await makeRepository(t);
  await repository.git('config', 'user.name', 'Ada Example');
  await repository.git('config', 'user.email', 'ada@example.com');
  await repository.git('config', 'commit.gpgSign', 'false');
  await repository.write('.countersign/config.yaml', config);
  await repository.commit('Begin\n');
  const { connection } = await startClient(t);
  const uri = URI.file(repository.root).toString();
  const head = async () => (await repository.git('rev-parse', 'HEAD')).trim();
  /** Commits as a person does now. */
  async function commit(message: string, ...args: string[]) {
    const env = { ...testEnvironment(repository.root), GIT_COMMITTER_EMAIL: 'ada@example.com' };
    const now = `${Math.floor(Date.now() / 1000)} +0000`;
    execFileSync('git', ['commit', '-q', '--allow-empty', '-m', message, ...args], {
      cwd: repository.root,
      env: { ...env, GIT_AUTHOR_DATE: now, GIT_COMMITTER_DATE: now },
    });
    return { commit: await head() };
  }
  const ask = <R>(method: string, params: object = {}) =>
    connection.sendRequest<R>(method, { repository: uri, ...params });
  return { repository, uri, ask, commit, head };
}

test('a commit that shows AI use and discloses none is found, and amended', async (t) => {
  const { repository, ask, commit, head } = await setUp(t);
  const made = await commit(`Add a\n\n${coAuthor}`);
  const found = await ask<ReviewCommitResult>(reviewCommit, made);
  assert.equal(found?.subject, 'Add a');
  assert.equal(found?.mend, 'amend');
  assert.ok((found?.evidence.length ?? 0) > 0);
  assert.ok(found?.fields.some(({ name }) => name === 'model'));
  const values = { model: ['claude-opus-4-6'], context: 'Wrote a', approver: '' };
  const { commit: amended } = await ask<DiscloseCommitResult>(discloseCommit, { ...made, values, mend: 'amend' });
  assert.equal(amended, await head());
  assert.notEqual(amended, made.commit);
  assert.equal(
    await repository.git('log', '-1', '--format=%(trailers:only)'),
    `${coAuthor}\nAI-Model: claude-opus-4-6\nAI-Context: Wrote a\n\n`,
  );
  assert.equal(await ask(reviewCommit, { commit: amended }), null);
});

test('a pushed commit gets a note, and its id stays', async (t) => {
  const { repository, ask, commit, head } = await setUp(t);
  const made = await commit(`Add a\n\n${coAuthor}`);
  await repository.git('update-ref', 'refs/remotes/origin/main', 'HEAD');
  const found = await ask<ReviewCommitResult>(reviewCommit, made);
  assert.equal(found?.mend, 'note');
  const values = { model: 'claude-opus-4-6', context: 'Wrote a' };
  const noted = await ask<DiscloseCommitResult>(discloseCommit, { ...made, values, mend: 'note' });
  assert.deepEqual(noted, { commit: made.commit, signatureLost: false });
  assert.equal(await head(), made.commit);
  const note = JSON.parse(await repository.git('notes', '--ref=countersign', 'show', 'HEAD'));
  assert.deepEqual(note.disclosure, { model: ['claude-opus-4-6'], context: ['Wrote a'] });
  assert.equal(note.by.email, 'ada@example.com');
  assert.equal(await ask(reviewCommit, made), null);
  const unknown = { ...made, values: { size: '1' }, mend: 'note' };
  await assert.rejects(ask(discloseCommit, unknown), /no disclosure field "size"/);
});

test('a plain commit, one with a disclosure, an old, a foreign, a replayed one is left alone', async (t) => {
  const { repository, ask, commit, head } = await setUp(t);
  const nothing = async (made: { commit: string }, why: string) =>
    assert.equal(await ask(reviewCommit, made), null, why);
  await nothing(await commit('By hand'), 'plain');
  await nothing(await commit(`Disclosed\n\n${coAuthor}\nAI-Model: claude-opus-4-6`), 'disclosed');
  await nothing({ commit: await repository.commit(`Old\n\n${coAuthor}\n`) }, 'from 2024');
  const mine = await commit(`Mine\n\n${coAuthor}`);
  assert.ok(await ask(reviewCommit, mine));
  await repository.git('checkout', '-q', '--detach');
  await nothing(mine, 'checked out');
  await repository.git('checkout', '-q', '-');
  const replayed = async () => {
    await repository.git('-c', 'user.email=ada@example.com', 'rebase', '-q', '--force-rebase', 'HEAD~1');
    return { commit: await head() };
  };
  await nothing(await replayed(), 'replayed');
  const amended = await commit(`Mine still\n\n${coAuthor}`, '--amend');
  assert.ok(await ask(reviewCommit, amended), 'in its place');
  await repository.git('config', 'user.email', 'bo@example.com');
  await nothing(amended, 'someone else’s');
  const quiet = await setUp(t, 'version: 1\nhook:\n  ask: never\n');
  assert.equal(await quiet.ask(reviewCommit, await quiet.commit(`Mine\n\n${coAuthor}`)), null, 'ask: never');
});

test('what an agent declares is in the form, and is used up by the commit', async (t) => {
  const { repository, ask, commit } = await setUp(t);
  const input = { model: 'claude-opus-4-6', context: 'Wrote a', tool: 'my-agent', files: ['a.txt'] };
  const declared = await ask<DeclareUseResult>(declareUse, { input });
  assert.deepEqual(declared.values.model, ['claude-opus-4-6']);
  await ask(declareUse, { input: { ...input, model: 'gpt-5.2' } });
  await repository.write('a.txt', 'one');
  await repository.git('add', 'a.txt');
  const form = () => ask<DisclosureFormResult>(disclosureForm, { gather: true });
  const known = (await form())?.known.filter(({ field }) => field === 'model');
  assert.deepEqual(
    known?.map(({ value, source, certainty }) => [value, source, certainty]),
    [
      ['claude-opus-4-6', 'declaration', 'recorded'],
      ['gpt-5.2', 'declaration', 'recorded'],
    ],
  );
  const made = await commit('Add a');
  // No hook has asked: the declaration still tells of the commit.
  const found = await ask<ReviewCommitResult>(reviewCommit, made);
  assert.match(found?.evidence[0]?.detail ?? '', /my-agent/);
  await ask(commitMade, { asked: new Date(0).toISOString() });
  assert.ok(await ask(reviewCommit, made), 'declared after the form was asked for');
  await ask(commitMade, { asked: new Date().toISOString() });
  assert.equal(await ask(reviewCommit, made), null);
  assert.deepEqual((await form())?.evidence, []);
  await assert.rejects(
    ask(declareUse, { input: { model: 'm', fields: { approver: 'Ann' } } }),
    /approver is not declared/,
  );
});

test('an approval is prepared, shown and signed, once', async (t) => {
  const { repository, ask, commit } = await setUp(t);
  const key = `${repository.root} key`;
  execFileSync('ssh-keygen', ['-q', '-t', 'ed25519', '-N', '', '-C', '', '-f', key]);
  t.after(() => execFileSync('rm', ['-f', key, `${key}.pub`]));
  await repository.git('config', 'gpg.format', 'ssh');
  await repository.git('config', 'user.signingKey', `${key}.pub`);
  const publicKey = execFileSync('ssh-keygen', ['-y', '-f', key], { encoding: 'utf8' });
  await repository.write('.countersign/allowed-signers', `bo@example.com ${publicKey}`);
  await repository.write('.countersign/policies/own.rego', 'package own\n\ndeny contains "no" if input.nothing\n');
  await repository.commit('Say who may sign\n');
  await repository.write('a.txt', 'one\n');
  await repository.git('add', 'a.txt');
  await commit('Add a\n\nAI-Model: claude-opus-4-6');
  const recent = await ask<RecentCommitsResult>(recentCommits, { limit: 2 });
  assert.deepEqual(
    recent.map(({ subject, author }) => [subject, author]),
    [
      ['Add a', 'Ada Example'],
      ['Say who may sign', 'Ada Example'],
    ],
  );
  const [newest = assert.fail()] = recent;
  const own = await ask<PrepareApprovalResult>(prepareApproval, { commit: newest.sha });
  assert.ok(own.problems.length > 0, 'nobody approves their own work');
  await assert.rejects(ask(approve, { id: own.id, despite: false }));

  await repository.git('config', 'user.name', 'Bo Example');
  await repository.git('config', 'user.email', 'bo@example.com');
  const shown = await ask<PrepareApprovalResult>(prepareApproval, { commit: newest.sha });
  assert.deepEqual(shown.problems, []);
  assert.equal(shown.approver, 'Bo Example <bo@example.com>');
  assert.equal(shown.verdict.result, 'allow');
  assert.deepEqual(shown.commit.disclosure, { model: ['claude-opus-4-6'] });
  assert.deepEqual(shown.files, [{ path: 'a.txt', status: 'A', added: 1, deleted: 0 }]);
  const signed = await ask<ApproveResult>(approve, { id: shown.id, despite: false });
  assert.equal(signed.ref, 'refs/notes/countersign');
  assert.match(await repository.git('notes', '--ref=countersign', 'show', newest.sha), /"type":"countersignature"/);
  // Signed once: what was shown is not signed again behind anyone's back.
  await assert.rejects(ask(approve, { id: shown.id, despite: false }), /once more/);
});

test('in Restricted Mode none of it is done', async (t) => {
  const { uri } = await setUp(t);
  const { connection } = await startClient(t, { trusted: false });
  for (const method of [
    declareUse,
    commitMade,
    reviewCommit,
    discloseCommit,
    recentCommits,
    prepareApproval,
    approve,
  ]) {
    await assert.rejects(
      connection.sendRequest(method, { repository: uri, commit: 'HEAD', values: {}, input: {} }),
      /trusted/,
      method,
    );
  }
});
