import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { countersign, newRepository, writeFiles } from './harness.ts';

const values = [
  '--model',
  'claude-opus-4-6',
  '--context',
  'Wrote the tests of the parser',
  '--approver',
  'Ann <ann@example.com>',
];

/** The trailers that git finds in a message. */
function trailersOf(message: string): string[] {
  const ran = spawnSync('git', ['interpret-trailers', '--parse'], { input: message, encoding: 'utf8' });
  return ran.stdout.trimEnd().split('\n');
}

test('HEAD is amended: its message gets the trailers, all else stays, and the gate is content', async () => {
  const { folder, git, commit } = newRepository();
  const base = commit('Base\n');
  commit('Add the tests\n\nText.\n\nSigned-off-by: Ada <ada@example.com>\n', { files: { 'a.txt': '1' } });
  writeFiles(folder, { 'a.txt': 'staged' });
  git(['add', '--all']);
  const author = git(['log', '-1', '--format=%an %ae %at %T']);
  const ran = await countersign(['stamp', ...values], { cwd: folder });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.stdout, '');
  assert.match(ran.stderr, /Stamped [0-9a-f]{10}, which is now [0-9a-f]{10}/);
  assert.equal(git(['log', '-1', '--format=%an %ae %at %T']), author);
  assert.equal(git(['diff', '--cached', '--name-only']), 'a.txt', 'what was staged stays staged');
  const trailers = trailersOf(git(['log', '-1', '--format=%B']));
  assert.deepEqual(
    trailers.map((line) => line.split(':')[0]),
    ['Signed-off-by', 'AI-Model', 'AI-Timestamp', 'AI-Context', 'AI-Approver'],
  );
  const gated = await countersign(['gate', '--base', base], { cwd: folder });
  assert.equal(gated.code, 0, gated.stdout);
});

test('a message file is stamped by git’s rules; comments stay, and twice is once', async () => {
  const { folder } = newRepository();
  const file = join(folder, 'message.txt');
  writeFileSync(file, 'Add\n\nText.\n\n# Please enter the commit message\n# On branch main\n');
  const args = ['stamp', ...values, '--timestamp', '2026-01-31T12:00:00Z', 'message.txt'];
  const ran = await countersign(args, { cwd: folder });
  assert.equal(ran.code, 0, ran.stderr);
  const once = readFileSync(file, 'utf8');
  assert.equal(
    once,
    'Add\n\nText.\n\nAI-Model: claude-opus-4-6\nAI-Timestamp: 2026-01-31T12:00:00Z\nAI-Context: Wrote the tests of the parser\nAI-Approver: Ann <ann@example.com>\n\n# Please enter the commit message\n# On branch main\n',
  );
  const again = await countersign(args, { cwd: folder });
  assert.equal(again.code, 0);
  assert.match(again.stderr, /has this disclosure already/);
  assert.equal(readFileSync(file, 'utf8'), once);
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.endsWith('.tmp')),
    [],
  );
});

test('CRLF, several values, replaced values and a time that is kept', async () => {
  const { folder } = newRepository();
  const file = join(folder, 'message.txt');
  const before = 'Add\r\n\r\nText.\r\n\r\nAI-Model: old\r\nAI-Timestamp: 2026-01-31T12:00:00Z\r\n';
  writeFileSync(file, before);
  const ran = await countersign(['stamp', '--model', 'one', '--model', 'two', 'message.txt'], { cwd: folder });
  assert.equal(ran.code, 0, ran.stderr);
  const message = readFileSync(file, 'utf8');
  assert.doesNotMatch(message, /(?<!\r)\n/);
  assert.deepEqual(trailersOf(message.replaceAll('\r', '')).sort(), [
    'AI-Model: one',
    'AI-Model: two',
    'AI-Timestamp: 2026-01-31T12:00:00Z',
  ]);
});

test("a repository's own trailers and fields are used", async () => {
  const { folder, git, commit } = newRepository();
  writeFiles(folder, {
    '.countersign/config.yaml': 'version: 1\ntrailers:\n  model: Assisted-Model\n  ticket: Ticket\n',
  });
  commit('Add\n');
  const ran = await countersign(['stamp', '--model', 'x', '--field', 'ticket=ABC-1=2'], { cwd: folder });
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(trailersOf(git(['log', '-1', '--format=%B'])), ['Assisted-Model: x', 'Ticket: ABC-1=2']);
  const unknown = await countersign(['stamp', '--approver', 'x'], { cwd: folder });
  assert.equal(unknown.code, 2);
  assert.match(unknown.stderr, /no disclosure field "approver".*model, ticket/);
});

const refused: [name: string, args: string[], message: RegExp][] = [
  ['nothing to add', [], /nothing to add/],
  ['an empty value', ['--model', ' '], /model is empty/],
  ['control characters', ['--model', 'a\u001b[1m'], /control character/],
  ['a field without a value', ['--field', 'model'], /name=value/],
  ['an older commit', ['--model', 'x', 'HEAD~1'], /Only the last commit can be amended.*git rebase/],
  ['no such revision or file', ['--model', 'x', 'nowhere'], /no commit "nowhere"/],
  ['a folder', ['--model', 'x', '.'], /is a folder/],
];
for (const [name, args, message] of refused) {
  test(`nothing is changed: ${name}`, async () => {
    const { folder, git, commit } = newRepository();
    const head = commit('Add\n');
    const ran = await countersign(['stamp', ...args], { cwd: folder });
    assert.equal(ran.code, 2, ran.stderr);
    assert.match(ran.stderr, message);
    assert.equal(git(['rev-parse', 'HEAD']), head);
  });
}

test('a broken configuration, and a file that is no UTF-8, are left alone', async () => {
  const { folder, git, commit } = newRepository();
  const head = commit('Add\n');
  writeFileSync(join(folder, 'latin'), Buffer.from('Gr\xfc\xdfe\n', 'latin1'));
  const latin = await countersign(['stamp', '--model', 'x', 'latin'], { cwd: folder });
  assert.equal(latin.code, 2);
  assert.match(latin.stderr, /not UTF-8/);
  writeFiles(folder, { '.countersign/config.yaml': 'version: 1\ntrailers: 5\n' });
  const ran = await countersign(['stamp', '--model', 'x'], { cwd: folder });
  assert.equal(ran.code, 2);
  assert.match(ran.stderr, /\.countersign\/config\.yaml:2:/);
  assert.equal(git(['rev-parse', 'HEAD']), head);
});
