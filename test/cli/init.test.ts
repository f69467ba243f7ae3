import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { countersign, newRepository, temporaryFolder, writeFiles } from './harness.ts';

test('init writes policies that are sound, pass their tests, and judge from then on', async () => {
  const { folder, git, commit } = newRepository();
  const ran = await countersign(['init', '--yes'], { cwd: folder });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /wrote {2}\.countersign\/config\.yaml/);
  for (const path of ['config.yaml', 'data/approved-models.yaml', 'policies/schema/disclosure.schema.json']) {
    assert.ok(existsSync(join(folder, '.countersign', path)), path);
  }
  const checked = await countersign(['check', '--no-lint', '--strict'], { cwd: folder });
  assert.equal(checked.code, 0, checked.stdout);
  const tested = await countersign(['test'], { cwd: folder });
  assert.equal(tested.code, 0, tested.stdout);

  git(['add', '--all']);
  const base = commit('Put the repository under Countersign\n');
  commit('By hand\n');
  const gated = await countersign(['gate', '--base', base, '--format', 'json'], { cwd: folder });
  assert.equal(gated.code, 0, gated.stderr);
  assert.equal(JSON.parse(gated.stdout).revision, base);
  assert.equal(gated.stderr, '');
});

test('init keeps what is there, and twice is once', async () => {
  const { folder } = newRepository();
  writeFiles(folder, { '.countersign/config.yaml': 'version: 1\r\n# mine\r\n' });
  const first = await countersign(['init', '--yes'], { cwd: folder });
  assert.match(first.stdout, /kept {3}\.countersign\/config\.yaml/);
  assert.match(first.stdout, /, 1 kept as they were/);
  assert.equal(readFileSync(join(folder, '.countersign', 'config.yaml'), 'utf8'), 'version: 1\r\n# mine\r\n');
  const second = await countersign(['init', '--yes'], { cwd: folder });
  assert.equal(second.code, 0);
  assert.match(second.stdout, /^0 files written/m);
});

test('init writes at the top of the repository, wherever it is called, and without tests when asked', async () => {
  const { folder } = newRepository();
  writeFiles(folder, { 'a/b/file': '' });
  const ran = await countersign(['init', '--yes', '--no-tests'], { cwd: join(folder, 'a', 'b') });
  assert.equal(ran.code, 0, ran.stderr);
  const files = readdirSync(join(folder, '.countersign'), { recursive: true }).map(String);
  assert.ok(files.includes('config.yaml'));
  assert.deepEqual(
    files.filter((path) => /_test\./.test(path)),
    [],
  );
});

test('init asks only where someone can answer, and needs a repository', async () => {
  const { folder } = newRepository();
  const asked = await countersign(['init'], { cwd: folder });
  assert.equal(asked.code, 2);
  assert.match(asked.stderr, /countersign init --yes/);
  assert.ok(!existsSync(join(folder, '.countersign')));
  const outside = temporaryFolder();
  const nowhere = await countersign(['init', '--yes'], { cwd: outside });
  assert.equal(nowhere.code, 2, nowhere.stderr);
  assert.match(nowhere.stderr, /in no Git repository/);
  assert.deepEqual(readdirSync(outside), []);
});
