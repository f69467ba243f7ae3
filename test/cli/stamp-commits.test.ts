/** `countersign stamp` on commits that exist: ranges, notes, and other forms than ours. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
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

test('a range is stamped, with the time of each commit; merges are left alone, and it can be undone', async () => {
  const { folder, git, commit } = newRepository();
  const base = git(['rev-parse', 'HEAD']);
  commit('One\n', { files: { a: '1' } });
  const one = git(['rev-parse', 'HEAD']);
  commit('Two\n\nSigned-off-by: Ada <ada@example.com>\n', { files: { a: '2' } });
  commit('Merge\n', { parents: [git(['rev-parse', 'HEAD']), one] });
  const before = git(['log', '--format=%T %ct %s']);
  const old = git(['rev-parse', 'HEAD']);
  git(['branch', 'other', one]);

  const dry = await countersign(['stamp', '--dry-run', ...values, `${base}..`], { cwd: folder });
  assert.match(dry.stderr, /Would stamp 2 commits of main, and 1 other would get new ids/);
  assert.equal(git(['rev-parse', 'HEAD']), old);

  const ran = await countersign(['stamp', ...values, `${base}..`], { cwd: folder });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /Stamped 2 commits of main; 3 commits have new ids/);
  assert.match(ran.stderr, /The old commits are still in: branch other/);
  assert.equal(git(['log', '--format=%T %ct %s']), before);
  const shown = git([
    'log',
    '--no-merges',
    '--format=%aI|%(trailers:key=AI-Timestamp,valueonly,separator=%x2C)',
    `${base}..`,
  ]);
  for (const line of shown.split('\n')) {
    const [authored = '', stamped = ''] = line.split('|');
    assert.equal(Date.parse(stamped), Date.parse(authored), line);
  }
  assert.equal(git(['log', '--merges', '--format=%(trailers)']), '');
  const gated = await countersign(['gate', '--base', base], { cwd: folder });
  assert.equal(gated.code, 0, gated.stdout);

  const undo = /Undo it with: git (.*)/.exec(ran.stderr)?.[1] ?? '';
  git(undo.split(' '));
  assert.equal(git(['rev-parse', 'HEAD']), old);
  assert.equal(git(['status', '--porcelain']), '');
});

test('several single commits; notes of the old ones go along', async () => {
  const { folder, git, commit } = newRepository();
  const one = commit('One\n');
  commit('Two\n');
  const three = commit('Three\n');
  git(['notes', '--ref=countersign', 'add', '-m', '{"type":"other"}', three]);
  const ran = await countersign(['stamp', '--model', 'm-1', one, three], { cwd: folder });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /Stamped 2 commits of main; 3 commits have new ids/);
  assert.equal(
    git(['log', '--format=%s:%(trailers:key=AI-Model,valueonly,separator=%x2C)', '-3']),
    'Three:m-1\nTwo:\nOne:m-1',
  );
  assert.equal(git(['notes', '--ref=countersign', 'show', 'HEAD']), '{"type":"other"}');
  const again = await countersign(['stamp', '--model', 'm-1', '--timestamp', '2026-01-31T12:00:00Z', 'HEAD^!'], {
    cwd: folder,
  });
  assert.match(again.stderr, /Stamped 1 commit of main: /);
});

test('what was pushed is refused, and gets a note that the gate reads where policy allows', async () => {
  const { folder, git, commit } = newRepository();
  const init = await countersign(['init', '--yes'], { cwd: folder });
  assert.equal(init.code, 0, init.stderr);
  writeFiles(folder, { '.countersign/config.yaml': 'version: 1\nnotes: { accept: true }\n' });
  const base = commit('Set up\n', { files: { x: '1' } });
  const pushed = commit('Add\n\nCo-Authored-By: Claude <noreply@anthropic.com>\n', { files: { a: '1' } });
  git(['update-ref', 'refs/remotes/origin/main', pushed]);
  const refused = await countersign(['stamp', ...values, `${base}..`], { cwd: folder });
  assert.equal(refused.code, 2);
  assert.match(refused.stderr, /on a remote or has a tag.*--note/);

  const denied = await countersign(['gate', '--base', base], { cwd: folder });
  assert.equal(denied.code, 1, denied.stderr);
  assert.match(denied.stdout, /AI use without a disclosure/);
  assert.match(denied.stderr, /git fetch origin refs\/notes\/countersign:refs\/notes\/countersign/);

  const env = { GIT_COMMITTER_NAME: 'Zoë Example', GIT_COMMITTER_EMAIL: 'zoe@example.com' };
  const noted = await countersign(['stamp', '--note', ...values, pushed], { cwd: folder, env });
  assert.equal(noted.code, 0, noted.stderr);
  assert.match(noted.stderr, /Noted 1 commit in refs\/notes\/countersign\. Push it with: git push origin/);
  assert.equal(git(['rev-parse', 'HEAD']), pushed);
  const record = JSON.parse(git(['notes', '--ref=countersign', 'show', pushed]));
  assert.equal(record.type, 'disclosure');
  assert.deepEqual(record.disclosure.model, ['claude-opus-4-6']);
  assert.deepEqual(record.by, { name: 'Zoë Example', email: 'zoe@example.com' });
  const gated = await countersign(['gate', '--base', base], { cwd: folder });
  assert.equal(gated.code, 0, gated.stdout);

  const again = await countersign(['stamp', '--note', ...values, pushed], { cwd: folder });
  assert.match(again.stderr, /has this disclosure already/);
  const amended = await countersign(['stamp', ...values], { cwd: folder });
  assert.match(amended.stderr, /is on a remote, or has a tag/);
});

test('a note counts for nothing where the base does not accept it, and that is said', async () => {
  const { folder, git, commit } = newRepository();
  const base = git(['rev-parse', 'HEAD']);
  commit('Add\n\nGenerated-by: example-1\n', { files: { a: '1' } });
  const noted = await countersign(['stamp', '--note', ...values, 'HEAD'], { cwd: folder });
  assert.match(noted.stderr, /takes no disclosure from notes/);
  const gated = await countersign(['gate', '--base', base], { cwd: folder });
  assert.equal(gated.code, 1);
  assert.doesNotMatch(gated.stderr, /git fetch/);
});

test('another form for once, or translated in place, saying what is lost', async () => {
  const { folder, git, commit } = newRepository();
  commit('Add\n\nSigned-off-by: Ada <ada@example.com>\n');
  const kernel = ['stamp', '--profile', 'kernel', '--model', 'claude-opus-4-6', '--tool', 'sparse'];
  const ran = await countersign([...kernel, '--timestamp', '2026-01-31T12:00:00Z'], { cwd: folder });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(
    git(['log', '-1', '--format=%(trailers:only)']).trim(),
    'Assisted-by: Claude:claude-opus-4-6 sparse\nAI-Timestamp: 2026-01-31T12:00:00Z\nSigned-off-by: Ada <ada@example.com>',
  );
  writeFileSync(join(folder, 'message'), git(['log', '-1', '--format=%B']));
  const file = await countersign(['stamp', '--translate', 'co-authored-by', 'message'], { cwd: folder });
  assert.equal(file.code, 0, file.stderr);
  assert.match(file.stderr, /no place for:\n {2}AI-Timestamp: 2026-01-31T12:00:00Z/);
  const range = await countersign(['stamp', '--translate', 'countersign', '--from', 'kernel', 'HEAD^!'], {
    cwd: folder,
  });
  assert.equal(range.code, 0, range.stderr);
  assert.match(range.stderr, /no place for:\n {2}tools: sparse/);
  assert.match(git(['log', '-1', '--format=%B']), /AI-Model: claude-opus-4-6/);
  const none = await countersign(['stamp', '--translate', 'countersign', 'HEAD'], { cwd: folder });
  assert.match(none.stderr, /has nothing to translate/);
});

const secret = `ghp_${'0123456789abcdefghij'.repeat(2).slice(0, 36)}`;
const refused: [name: string, config: string, args: string[], says: RegExp][] = [
  [
    'a project that forbids AI',
    'disclosure: { profile: forbid }',
    ['--model', 'x'],
    /takes no contributions made with AI/,
  ],
  [
    'the same with another profile',
    'disclosure: { profile: forbid }',
    ['--profile', 'kernel', '--model', 'x-1'],
    /takes no/,
  ],
  ['a secret', '', ['--context', `Called it with ${secret}`], /context cannot be stamped/],
  ['a secret for a note', '', ['--note', '--context', `Called it with ${secret}`], /context cannot be stamped/],
  ['translating a note', '', ['--note', '--translate', 'kernel'], /no form/],
  ['values and a translation', '', ['--model', 'x', '--translate', 'kernel'], /without it/],
  ['--from alone', '', ['--from', 'kernel', '--model', 'x'], /goes with --translate/],
  ['--sign for HEAD', '', ['--sign', '--model', 'x'], /are for ranges/],
  ['an empty range', '', ['--model', 'x', 'HEAD..HEAD'], /no commit in/],
  ['an unknown field in a note', '', ['--note', '--field', 'x=y'], /no disclosure field "x"/],
];
for (const [name, config, args, says] of refused) {
  test(`refused, and nothing is written: ${name}`, async () => {
    const { folder, git } = newRepository();
    writeFiles(folder, { '.countersign/config.yaml': `version: 1\n${config}\n` });
    const refs = git(['for-each-ref']);
    const ran = await countersign(['stamp', ...args], { cwd: folder });
    assert.equal(ran.code, 2, ran.stderr);
    assert.match(ran.stderr, says);
    assert.ok(!ran.stderr.includes(secret));
    assert.equal(git(['for-each-ref']), refs);
  });
}
