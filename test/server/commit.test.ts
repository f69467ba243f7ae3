/** Commits: the form, the stamp and the decision, in real repositories. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { URI } from 'vscode-uri';
import {
  type DecideCommitResult,
  type DisclosureFormResult,
  decideCommit,
  disclosureForm,
  type StampMessageResult,
  stampMessage,
  type ValidateFieldResult,
  validateField,
} from '../../server/protocol.ts';
import { makeRepository, testEnvironment } from '../support/repository.ts';
import { type ClientOptions, startClient } from './support.ts';

const policy = `package own

deny contains {"rule": "no-monday", "field": "mood", "msg": msg, "commit": object.get(commit, "sha", "")} if {
	some commit in input.commits
	some mood in commit.disclosure.mood
	mood == "blue"
	msg := sprintf("%s in %d files", [mood, count(commit.files)])
}
`;
const config = 'version: 1\ntrailers:\n  mood: X-Mood\n  reason: X-Reason\n';

async function repositoryWithPolicy(t: TestContext) {
  const repository = await makeRepository(t);
  await repository.write('.countersign/config.yaml', config);
  await repository.write('.countersign/policies/own.rego', policy);
  await repository.commit('Begin\n');
  return { repository, uri: URI.file(repository.root).toString() };
}

async function withFolder(t: TestContext, folder: string, options: ClientOptions = {}) {
  const client = await startClient(t, options);
  const event = { added: [{ uri: URI.file(folder).toString(), name: 'repository' }], removed: [] };
  await client.connection.sendNotification('workspace/didChangeWorkspaceFolders', { event });
  return client;
}

test('the form comes from the repository, open in the workspace or not, saved or not', async (t) => {
  const { repository, uri } = await repositoryWithPolicy(t);
  const names = (form: DisclosureFormResult) => form?.fields.map(({ name, trailer }) => [name, trailer]);
  const outside = await startClient(t);
  const form = await outside.connection.sendRequest<DisclosureFormResult>(disclosureForm, { repository: uri });
  assert.deepEqual(names(form), [
    ['mood', 'X-Mood'],
    ['reason', 'X-Reason'],
  ]);
  const inside = await withFolder(t, repository.root);
  await inside.open(`${uri}/.countersign/config.yaml`, 'version: 1\ntrailers:\n  other: X-Other\n', 'yaml');
  const edited = await inside.connection.sendRequest<DisclosureFormResult>(disclosureForm, { repository: uri });
  assert.deepEqual(names(edited), [['other', 'X-Other']]);
});

test('a repository that is not under Countersign has no form, and no objections', async (t) => {
  const repository = URI.file((await makeRepository(t)).root).toString();
  const { connection } = await startClient(t);
  assert.equal(await connection.sendRequest(disclosureForm, { repository }), null);
  const params = { repository, field: 'model', value: 'anything' };
  assert.deepEqual(await connection.sendRequest<ValidateFieldResult>(validateField, params), {});
});

test('a repository set up a moment ago has its form, before any watcher told', async (t) => {
  const repository = await makeRepository(t);
  await repository.write('.countersign/policies/own.rego', policy);
  const uri = URI.file(repository.root).toString();
  const { connection } = await withFolder(t, repository.root);
  const ask = () => connection.sendRequest<DisclosureFormResult>(disclosureForm, { repository: uri });
  assert.equal(await ask(), null);
  await repository.write('.countersign/config.yaml', config);
  assert.deepEqual(
    (await ask())?.fields.map(({ name }) => name),
    ['mood', 'reason'],
  );
});

test('a message is stamped as git reads trailers, empty values left out', async (t) => {
  const { repository, uri } = await repositoryWithPolicy(t);
  const { connection } = await startClient(t);
  const message = 'Add ünïcode\n\nSigned-off-by: Ann Example <ann@example.com>\n';
  const values = { mood: 'fine', reason: ' ' };
  const stamped = await connection.sendRequest<StampMessageResult>(stampMessage, { repository: uri, message, values });
  const trailers = execFileSync('git', ['interpret-trailers', '--parse'], {
    input: stamped.message,
    encoding: 'utf8',
    env: testEnvironment(repository.root),
  });
  assert.equal(trailers, 'Signed-off-by: Ann Example <ann@example.com>\nX-Mood: fine\n');
  const wrong = { repository: uri, message, values: { size: '1' } };
  await assert.rejects(connection.sendRequest(stampMessage, wrong), /no disclosure field "size"/);
});

test('the commit that would be made is judged: its trailers, and what is staged or all', async (t) => {
  const { repository, uri } = await repositoryWithPolicy(t);
  const { connection } = await startClient(t);
  await repository.write('a.txt', 'one');
  await repository.git('add', 'a.txt');
  await repository.write('.countersign/config.yaml', `${config}# changed\n`);
  const decide = (message: string, all?: boolean) =>
    connection.sendRequest<DecideCommitResult>(decideCommit, { repository: uri, message, all });
  assert.equal((await decide('Add a\n\nX-Mood: fine\n')).result, 'allow');
  const verdict = await decide('Add a\n\nX-Mood: blue\n');
  assert.equal(verdict.result, 'deny');
  assert.deepEqual(
    verdict.commits[0]?.deny.map(({ rule, field, msg }) => [rule, field, msg]),
    [['no-monday', 'mood', 'blue in 1 files']],
  );
  assert.equal((await decide('Add a\n\nX-Mood: blue\n', true)).commits[0]?.deny[0]?.msg, 'blue in 2 files');
});

test('policies that do not compile decide nothing, and the place is told', async (t) => {
  const { repository, uri } = await repositoryWithPolicy(t);
  await repository.write('.countersign/policies/own.rego', 'package own\n\ndeny contains nothing\n');
  const { connection } = await startClient(t);
  const params = { repository: uri, message: 'Add a\n' };
  await assert.rejects(connection.sendRequest(decideCommit, params), /own\.rego:3:/);
});

test('nothing is decided in a workspace that is not trusted', async (t) => {
  const { uri } = await repositoryWithPolicy(t);
  const { connection } = await startClient(t, { trusted: false });
  await assert.rejects(connection.sendRequest(decideCommit, { repository: uri, message: 'x' }), /trusted/);
  await connection.sendNotification('countersign/trustGranted');
  const verdict = await connection.sendRequest<DecideCommitResult>(decideCommit, { repository: uri, message: 'x' });
  assert.equal(verdict.result, 'allow');
});

test('a folder that is no repository is an error in words', async (t) => {
  const client = await startClient(t, { folders: { plain: {} } });
  const params = { repository: URI.file(join(client.root, 'plain')).toString(), message: 'x' };
  await assert.rejects(client.connection.sendRequest(decideCommit, params), /repository/i);
});
