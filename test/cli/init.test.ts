import assert from 'node:assert/strict';
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join, relative, sep } from 'node:path';
import { test } from 'node:test';
import { countersign, newRepository, temporaryFolder, writeFiles } from './harness.ts';

test('init writes policies that are sound, pass their tests, and judge from then on', async () => {
  const { folder, git, commit } = newRepository();
  const ran = await countersign(['init', '--yes'], { cwd: folder });
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /wrote {3}\.countersign\/config\.yaml/);
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
  assert.match(first.stdout, /kept {4}\.countersign\/config\.yaml/);
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

/** Makes a file, and what init recorded of it, those of an earlier pack. */
function cameEarlier(folder: string, path: string, text: string): void {
  writeFiles(folder, { [`.countersign/${path}`]: text });
  const lock = join(folder, '.countersign', 'pack.lock');
  const digest = createHash('sha256').update(text).digest('hex');
  const others = readFileSync(lock, 'utf8').replace(
    new RegExp(`^[0-9a-f]{64}  ${path.replaceAll('.', '\\.')}\n`, 'm'),
    '',
  );
  writeFileSync(lock, `${others}${digest}  ${path}\n`);
}

function filesOf(folder: string): Record<string, string> {
  const home = join(folder, '.countersign');
  const paths = readdirSync(home, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  return Object.fromEntries(
    paths
      .map((entry) => join(entry.parentPath, entry.name))
      .sort()
      .map((path) => [relative(home, path).split(sep).join('/'), readFileSync(path, 'utf8')]),
  );
}

test('init brings an earlier copy up to date, and keeps what was changed or deleted', async () => {
  const { folder } = newRepository();
  const init = (...args: string[]) => countersign(['init', '--yes', ...args], { cwd: folder });
  await init();
  const fresh = filesOf(folder);
  cameEarlier(folder, 'policies/model.rego', 'package countersign.model\n\n# of an earlier pack\n');
  cameEarlier(folder, 'policies/scope.rego', 'package countersign.scope\n\n# of an earlier pack\n');
  cameEarlier(folder, 'policies/gone.rego', 'package countersign.gone\n');
  cameEarlier(folder, 'policies/gone_changed.rego', 'package countersign.gone\n');
  const own = {
    // Changed here, and in the pack since.
    'policies/scope.rego': `${fresh['policies/scope.rego']}\n# Ours.\n`,
    'policies/gone_changed.rego': 'package countersign.gone\n\n# Ours.\n',
    'data/approvers.yaml': 'approvers:\n  unlisted: allow\n  people: []\n  bots: []\n',
    'policies/own.rego': 'package own\n\nwarn contains "own" if false\n',
    // As git checks it out on Windows.
    'policies/people.rego': `${fresh['policies/people.rego']}`.replaceAll('\n', '\r\n'),
  };
  for (const [path, text] of Object.entries(own)) writeFiles(folder, { [`.countersign/${path}`]: text });
  rmSync(join(folder, '.countersign', 'policies', 'squash_test.rego'));
  const before = filesOf(folder);

  const dry = await init('--dry-run');
  assert.match(dry.stdout, /updated \.countersign\/policies\/ {2}1 file\n/);
  assert.deepEqual(filesOf(folder), before);
  const diff = await init('--diff');
  assert.match(
    diff.stdout,
    /--- a\/\.countersign\/policies\/scope\.rego.*\n\+\+\+ b\/\.countersign\/policies\/scope\.rego/,
  );
  assert.match(diff.stdout, /^-# Ours\.$/m);
  assert.deepEqual(filesOf(folder), before);

  const ran = await init();
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stdout, /removed \.countersign\/policies\/gone\.rego/);
  assert.match(ran.stdout, /kept {4}\.countersign\/policies\/gone_changed\.rego/);
  assert.match(
    ran.stdout,
    /kept {4}\.countersign\/policies\/scope\.rego {2}it was changed here, and the default one since/,
  );
  assert.match(ran.stdout, /kept {4}\.countersign\/data\/approvers\.yaml {2}it was changed here\n/);
  assert.match(ran.stdout, /left {4}\.countersign\/policies\/squash_test\.rego/);
  const expected: Record<string, string | undefined> = { ...fresh, ...own };
  delete expected['policies/squash_test.rego'];
  assert.deepEqual(filesOf(folder), expected);

  const again = await init();
  assert.match(again.stdout, /^0 files written/m);
  assert.doesNotMatch(again.stdout, /and the default one since/);
  const forced = await init('--force');
  assert.equal(forced.code, 0, forced.stderr);
  assert.deepEqual(filesOf(folder), {
    ...fresh,
    'policies/own.rego': own['policies/own.rego'],
    'policies/gone_changed.rego': own['policies/gone_changed.rego'],
    'policies/people.rego': own['policies/people.rego'],
  });
});

test('init leaves no mixture that does not compile', async () => {
  const { folder } = newRepository();
  const init = (...args: string[]) => countersign(['init', '--yes', ...args], { cwd: folder });
  await init();
  const fresh = filesOf(folder);
  // An earlier pack's people.rego had a function that is called from a file which was changed here.
  cameEarlier(folder, 'policies/people.rego', `${fresh['policies/people.rego']}\nonce(x) := x\n`);
  const changed = `${fresh['policies/scope.rego']}\ntwice := data.countersign.people.once(2)\n`;
  writeFiles(folder, { '.countersign/policies/scope.rego': changed });
  const before = filesOf(folder);
  const refused = await init();
  assert.equal(refused.code, 2, refused.stdout);
  assert.match(refused.stderr, /Nothing was written/);
  assert.match(refused.stderr, /\.countersign\/policies\/scope\.rego:\d+:\d+: error: .*once/);
  assert.deepEqual(filesOf(folder), before);
  const forced = await init('--force');
  assert.equal(forced.code, 0, forced.stderr);
  assert.deepEqual(filesOf(folder), fresh);
});
