import assert from 'node:assert/strict';
import { test } from 'node:test';
import { countersign, newRepository, writeFiles } from './harness.ts';

const agent = 'Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>';
const good = [
  'AI-Model: claude-opus-4-6',
  'AI-Timestamp: TIME',
  'AI-Context: Wrote the tests of the parser',
  'AI-Approver: Bo Example <bo@example.com>',
].join('\n');

const declared = () => good.replace('TIME', `${new Date(Date.now() - 90_000_000).toISOString().slice(0, 19)}Z`);

test('says what shows AI use, what is denied and what mends it, wherever the commit is', async () => {
  const { folder, git, commit } = newRepository();
  const pushed = commit(`Pushed\n\n${agent}\n`, { files: { a: '1' } });
  git(['update-ref', 'refs/remotes/origin/main', pushed]);
  const older = commit(`Older\n\n${agent}\n`, { files: { a: '2' } });
  commit(`Plain\n`, { files: { a: '3' } });
  commit(`Disclosed\n\n${declared()}\n`, { files: { a: '4' } });
  commit('Last\n\nGenerated-by: gpt-5.2\n', { files: { a: '5' } });
  const ran = await countersign(['doctor', '--verbose'], { cwd: folder });
  assert.equal(ran.code, 1, ran.stderr);
  assert.match(ran.stdout, /countersign doctor HEAD~5\.\.HEAD: 5 commits, judged by the built-in pack/);
  assert.match(
    ran.stdout,
    /Pushed \[AI\] \(pushed\)[\s\S]*countersign stamp --note --model claude-opus-4\.6 .* [0-9a-f]{12}\n.*notes\.accept/,
  );
  assert.match(
    ran.stdout,
    new RegExp(
      `Older \\[AI\\] \\(not pushed\\)[\\s\\S]*--context "WHAT THE MODEL DID" .* ${older.slice(0, 12)}~\\.\\.${older.slice(0, 12)}\\n`,
    ),
  );
  assert.match(ran.stdout, /✓ [0-9a-f]{10} Plain \(not pushed\)\n\n/);
  assert.match(ran.stdout, /✓ [0-9a-f]{10} Disclosed \[AI\] .*\n {4}declares: model claude-opus-4-6; timestamp/);
  assert.match(
    ran.stdout,
    /Last \[AI\] \(last commit, not pushed\)[\s\S]*countersign stamp --model gpt-5\.2 --context [^\n]*>"\n/,
  );
  assert.match(ran.stdout, /Denied: 3 commits would be denied\. 4 commits with AI use\./);
  assert.doesNotMatch(ran.stdout, /git rebase/);
});

test('the same as JSON, of what the upstream has not, with what git-ai noted', async () => {
  const { folder, git, commit } = newRepository();
  git(['update-ref', 'refs/remotes/origin/main', git(['rev-parse', 'HEAD'])]);
  git(['config', 'remote.origin.url', 'https://example.com/x/y.git']);
  git(['config', 'remote.origin.fetch', '+refs/heads/*:refs/remotes/origin/*']);
  git(['config', 'branch.main.remote', 'origin']);
  git(['config', 'branch.main.merge', 'refs/heads/main']);
  const sha = commit('Noted\n', { files: { a: '1' } });
  const note = `a\n  s_0123456789abcd::t_0123456789abcd 1-1\n---\n${JSON.stringify({
    schema_version: 'authorship/3.0.0',
    base_commit_sha: sha,
    prompts: {},
    sessions: { s_0123456789abcd: { agent_id: { tool: 'claude', id: 'x', model: 'claude-opus-4-6' } } },
  })}\n`;
  git(['notes', '--ref=ai', 'add', '-F', '-', sha], note);
  const ran = await countersign(['doctor', '--format', 'json'], { cwd: folder });
  assert.equal(ran.code, 1, ran.stderr);
  const { result, commits } = JSON.parse(ran.stdout);
  assert.equal(result, 'deny');
  assert.equal(commits.length, 1);
  const [{ sha: shown, shows, deny, place, remedy }] = commits;
  assert.equal(shown, sha);
  assert.deepEqual([shows[0].source, shows[0].model], ['git-ai', 'claude-opus-4-6']);
  assert.equal(deny[0].rule, 'undisclosed-ai');
  assert.equal(place, 'head');
  assert.equal(remedy.how, 'amend');
  assert.match(remedy.command, /--model claude-opus-4-6/);
});

test('--fix moves what git does not read, and says how to undo it; nothing is made up', async () => {
  const { folder, git, commit } = newRepository();
  const base = git(['rev-parse', 'HEAD']);
  commit(`Squashed\n\n${declared()}\n\nAnd more.\n`, { files: { a: '1' } });
  commit(`Agent’s\n\n${agent}\n`, { files: { a: '2' } });
  const old = git(['rev-parse', 'HEAD']);
  const ran = await countersign(['doctor', '--fix', `${base}..HEAD`], { cwd: folder });
  assert.equal(ran.code, 1, 'the other one is denied still');
  assert.match(
    ran.stderr,
    /Moved disclosures into the last paragraph of 1 of the commits of main\. Undo it with: git reset --soft refs/,
  );
  assert.match(ran.stdout, /Denied: 1 commit would be denied\. 2 commits with AI use\./);
  assert.match(git(['log', '-1', '--format=%(trailers:key=AI-Model)', 'HEAD~1']), /claude-opus-4-6/);
  assert.equal(git(['log', '-1', '--format=%B']), `Agent’s\n\n${agent}`);
  git((/Undo it with: git (.*)/.exec(ran.stderr)?.[1] ?? '').split(' '));
  assert.equal(git(['rev-parse', 'HEAD']), old);
});

test('where AI is forbidden, the advice is to take the commit out; a clean history passes', async () => {
  const { folder, commit } = newRepository();
  const init = await countersign(['init', '--yes'], { cwd: folder });
  assert.equal(init.code, 0, init.stderr);
  writeFiles(folder, { '.countersign/config.yaml': 'version: 1\ndisclosure: { profile: forbid }\n' });
  commit('Set up\n', { files: { x: '1' } });
  const clean = await countersign(['doctor', 'HEAD'], { cwd: folder });
  assert.equal(clean.code, 0, clean.stdout);
  assert.match(clean.stdout, /Allowed: 0 commits would be denied/);
  commit(`Agent’s\n\n${agent}\n`, { files: { x: '2' } });
  const ran = await countersign(['doctor', 'HEAD'], { cwd: folder });
  assert.equal(ran.code, 1, ran.stderr);
  assert.match(ran.stdout, /ai-forbidden, \.countersign\/policies\/forbid\.rego/);
  assert.match(ran.stdout, /take the commit out/);
  assert.doesNotMatch(ran.stdout, /countersign stamp/);
});

test('what is no revision is a usage error', async () => {
  const { folder } = newRepository();
  for (const target of ['nowhere..HEAD', 'HEAD...HEAD', '--all']) {
    const ran = await countersign(['doctor', target], { cwd: folder });
    assert.equal(ran.code, 2, target);
  }
});
