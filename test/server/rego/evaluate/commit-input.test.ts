/** What policies judge of a commit, as an input: the same that `countersign input` prints. */
import assert from 'node:assert/strict';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { URI } from 'vscode-uri';
import { type EvaluateResult, type EvaluationInput, evaluate } from '../../../../server/protocol.ts';
import { countersign, newRepository, temporaryFolder } from '../../../cli/harness.ts';
import { startClient } from '../../support.ts';

/** Outside of CI: what its variables say would be judged. */
const env = Object.fromEntries(
  Object.keys(process.env)
    .filter((name) => /^(CI|GITHUB_|GITLAB_|CI_|TF_BUILD|BUILD_|SYSTEM_|JENKINS_|CHANGE_)/.test(name))
    .map((name) => [name, '']),
);

/** A commit that would be made now has the time of the question. */
function timeless(document: object): unknown {
  return JSON.parse(JSON.stringify(document, (key, value) => (key === 'time' ? '' : value)));
}

test('the input of a commit and of what is staged', async (t) => {
  const { folder, commit, git } = newRepository();
  commit('Add the policy\n', { files: { 'policies/a.rego': 'package a\n\nwhole := input\n' } });
  commit('Add a\n\nAI-Model: example-1\nAI-Approver: Bo <bo@example.com>\n', { files: { 'a b.txt': 'é\n' } });
  writeFileSync(join(folder, 'staged.txt'), '1\n');
  git(['add', 'staged.txt']);
  const client = await startClient(t);
  const uri = URI.file(join(folder, 'policies', 'a.rego')).toString();
  await client.open(uri, 'package a\n\nwhole := input\n');
  const ask = (input: EvaluationInput, at = uri): Promise<EvaluateResult> =>
    client.connection.sendRequest(evaluate, { uri: at, target: { kind: 'package' }, input });
  const inputOf = ({ value = '{}' }: EvaluateResult) => ({ ...JSON.parse(value).whole, now: '' });
  const printed = async (...args: string[]) => {
    const { code, stdout, stderr } = await countersign(['input', ...args], { cwd: folder, env });
    assert.equal(code, 0, stderr);
    return { ...JSON.parse(stdout), now: '' };
  };

  await t.test('is what the command prints', async () => {
    const last = await ask({ from: 'commit' });
    assert.equal(last.outcome, 'value', last.short);
    assert.equal(last.input?.name, 'the last commit');
    const document = inputOf(last);
    assert.equal(document.commits[0].disclosure.model[0], 'example-1');
    assert.deepEqual(document, await printed('--base', 'HEAD~1'));
    assert.deepEqual(inputOf(await ask({ from: 'commit', commit: 'HEAD~1' })).commits[0].subject, 'Add the policy');
    const staged = await ask({ from: 'staged' });
    assert.equal(staged.input?.name, 'what is staged');
    assert.deepEqual(timeless(inputOf(staged)), timeless(await printed('--staged')));
  });

  await t.test('of the first commit has no base', async () => {
    const first = git(['rev-list', '--max-parents=0', 'HEAD']).trim();
    const document = inputOf(await ask({ from: 'commit', commit: first }));
    assert.equal(document.commits.length, 1);
    assert.match(document.change.base, /^0+$/);
  });

  await t.test('is said not to be there', async () => {
    const none = await ask({ from: 'commit', commit: 'nowhere' });
    assert.equal(none.outcome, 'error');
    assert.match(none.short, /input of commit nowhere cannot be put together: there is no commit "nowhere"/);
    const loose = join(temporaryFolder(), 'loose');
    mkdirSync(loose);
    const outside = await client.open(URI.file(join(loose, 'b.rego')).toString(), 'package b\n');
    assert.match((await ask({ from: 'commit' }, outside)).short, /cannot be put together: /);
    const untitled = await client.open('untitled:Untitled-1', 'package c\n');
    assert.match((await ask({ from: 'staged' }, untitled)).short, /it is not on disk/);
  });
});
