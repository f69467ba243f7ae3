/** Ways round the gate, tried. `docs/threats.md` lists them all, with the tests of each. */
import assert from 'node:assert/strict';
import { chmodSync, existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { countersign, newRepository, temporaryFolder } from './harness.ts';

const root = join(import.meta.dirname, '..', '..');

test('each test that docs/threats.md names is there', () => {
  const page = readFileSync(join(root, 'docs', 'threats.md'), 'utf8');
  const rows = page.split('\n').filter((line) => line.startsWith('| ') && !line.startsWith('| way'));
  assert.ok(rows.length > 30, `${rows.length} rows`);
  for (const row of rows) {
    const cell = row.split(' | ').at(-1) ?? '';
    const named = [...cell.matchAll(/`(test\/[^`:]+): ([^`]+)`/g)];
    assert.ok(named.length > 0, `no test: ${row}`);
    for (const [, file = '', name = ''] of named) {
      assert.ok(existsSync(join(root, file)), `${file} is not there: ${row}`);
      const text = readFileSync(join(root, file), 'utf8').replaceAll("\\'", "'");
      assert.ok(text.includes(name), `${file} has no test "${name}"`);
    }
  }
});

const disclosure = (model = 'claude-opus-4-6'): string =>
  [
    `AI-Model: ${model}`,
    `AI-Timestamp: ${new Date(Date.now() - 95_000_000).toISOString()}`,
    'AI-Context: Wrote the parser and its tests from the grammar',
    'AI-Approver: Dee Reviewer <dee@example.com>\n',
  ].join('\n');
const mark = 'Co-authored-by: Claude <noreply@anthropic.com>';

interface Json {
  result: string;
  revision: string;
  change: { deny: { rule: string; msg: string }[]; warn: { msg: string }[] };
  commits: { sha: string; deny: { rule: string }[]; warn: { rule: string; msg: string }[] }[];
}

async function gate(folder: string, args: string[], env: Record<string, string> = {}) {
  const ran = await countersign(['gate', '--format', 'json', ...args], { cwd: folder, env });
  const json = ran.stdout === '' ? undefined : (JSON.parse(ran.stdout) as Json);
  return { ...ran, rules: json?.commits.flatMap(({ deny }) => deny.map(({ rule }) => rule)) ?? [], json };
}

/** A repository that `countersign init` has set up. */
async function underPack() {
  const repository = newRepository();
  const init = await countersign(['init', '--yes', '--no-tests'], { cwd: repository.folder });
  assert.equal(init.code, 0, init.stderr);
  const base = repository.commit('Set up\n', { files: { 'a.txt': 'a' } });
  return { ...repository, base };
}

test('a change cannot approve its own model, excuse itself, name other trailers or switch rules off', async () => {
  const { folder, base, commit } = await underPack();
  commit(`With a model of my own\n\nText.\n\n${disclosure('my-model-1')}`, {
    files: {
      '.countersign/data/approved-models.yaml':
        'approved_models:\n  models:\n    - name: Mine\n      match: ["my-model-*"]\n  forbidden: []\n',
      '.countersign/exceptions/mine.yaml': `rules: [approved-model, undisclosed-ai]\nreason: I say so\napproved_by: Ada Author <ada@example.com>\nopened: 2020-01-01T00:00:00Z\nexpires: 2099-01-01T00:00:00Z\n`,
      '.countersign/config.yaml': 'version: 1\ntrailers: { model: X-Model }\n',
    },
  });
  commit(`Undisclosed\n\n${mark}\n`, {
    files: { '.countersign/policies/evidence.rego': 'package countersign.evidence\n' },
  });
  const { code, rules, json } = await gate(folder, ['--base', base]);
  assert.equal(code, 1);
  assert.equal(json?.revision, base);
  assert.ok(rules.includes('approved-model') && rules.includes('undisclosed-ai'), rules.join());
});

test('git files that a change brings do not change the verdict: attributes, mailmap, modules, ignores, owners', async () => {
  const { folder, base, commit, git } = await underPack();
  git(['config', 'diff.evil.textconv', 'touch pwned; cat']);
  git(['config', 'diff.evil.command', 'touch pwned; true']);
  const before = commit(`Fine\n\nText.\n\n${disclosure().replace('dee@', 'ada@')}`, { files: { 'src/a.ts': '1' } });
  const plain = await gate(folder, ['--base', base]);
  const bring = (name: string, text: string): string => commit(`Bring ${name}\n`, { files: { [name]: text } });
  bring('.gitattributes', '* diff=evil merge=ours -text export-ignore\n.countersign/** -diff linguist-generated\n');
  bring('.mailmap', 'Somebody Else <else@example.com> <ada@example.com>\n');
  bring('.gitmodules', '[submodule ".countersign"]\n\tpath = .countersign\n\turl = ./evil\n');
  bring('.gitignore', '.countersign\nsrc\n');
  bring('.github/CODEOWNERS', '* @ada\n');
  const { code, json } = await gate(folder, ['--base', base]);
  assert.equal(code, 1, 'the author approved it');
  const of = (found: Json | undefined) =>
    found?.commits.find(({ sha }) => sha === before)?.deny.map(({ rule }) => rule);
  assert.deepEqual(of(json), of(plain.json));
  assert.deepEqual(of(json), ['approver-independent']);
  assert.equal(json?.revision, base);
  assert.equal(existsSync(join(folder, 'pwned')), false);
});

test('a link or a submodule in the place of the policy folder is no missing policy', {
  skip: process.platform === 'win32',
}, async () => {
  for (const [mode, what] of [
    ['120000', /symbolic link/i],
    ['160000', /submodule/i],
  ] as const) {
    const { folder, git, commit } = newRepository();
    const id = mode === '160000' ? git(['rev-parse', 'HEAD']) : git(['hash-object', '-w', '--stdin'], 'elsewhere');
    git(['update-index', '--add', '--cacheinfo', `${mode},${id},.countersign`]);
    const base = commit('Base\n');
    commit('Next\n');
    const ran = await gate(folder, ['--base', base]);
    assert.deepEqual([ran.code, ran.stdout], [2, ''], ran.stderr);
    assert.match(ran.stderr, what);
  }
});

test('a tag in the name of the base is no base', async () => {
  const { folder, base, git, commit } = await underPack();
  git(['update-ref', 'refs/remotes/origin/main', base]);
  const bad = commit(`Undisclosed\n\n${mark}\n`);
  git(['tag', 'origin/main', bad]);
  const { code, stdout, stderr } = await gate(folder, ['--base', 'origin/main']);
  assert.deepEqual([code, stdout], [2, ''], stderr);
  assert.match(stderr, /could be refs\/remotes\/origin\/main or refs\/tags\/origin\/main/);
  assert.equal((await gate(folder, ['--base', 'refs/remotes/origin/main'])).code, 1);
});

test('a job with rights judges a stranger’s change as data: nothing of it is checked out or run', {
  skip: process.platform === 'win32',
}, async () => {
  const { folder: origin, base, git, commit } = await underPack();
  git(['checkout', '--quiet', '-b', 'stranger']);
  const pwned = join(temporaryFolder(), 'pwned');
  const script = `#!/bin/sh\ntouch '${pwned}'\n`;
  const names = [
    'post-checkout',
    'reference-transaction',
    'post-merge',
    'fsmonitor',
    'pre-auto-gc',
    'post-index-change',
  ];
  const hooks = Object.fromEntries(names.map((name) => [`.husky/${name}`, script]));
  const head = commit(`Undisclosed\n\n${mark}\n`, {
    files: { ...hooks, 'node_modules/.bin/git': script, git: script },
  });
  git(['checkout', '--quiet', 'main']);
  // As after `husky` in a job that has built before, and with a clone that has the target alone.
  const clone = join(temporaryFolder(), 'clone');
  git(['clone', '--quiet', '--depth=1', '--single-branch', '--branch=main', `file://${origin}`, clone]);
  const later = commit('Later\n', { files: { 'later.txt': 'x' } });
  git(['-C', clone, 'config', 'core.hooksPath', join(clone, '.husky')]);
  git(['-C', clone, 'config', 'core.fsmonitor', join(clone, '.husky', 'fsmonitor')]);
  for (const [name, text] of Object.entries(hooks)) writeProgram(join(clone, name), text);
  const event = join(temporaryFolder(), 'event.json');
  writeFileSync(event, JSON.stringify({ pull_request: { base: { ref: 'main', sha: base }, head: { sha: head } } }));
  const { code, rules, json, stderr } = await gate(clone, ['--facts', 'none'], {
    ...{ CI: 'true', GITHUB_EVENT_NAME: 'pull_request_target', GITHUB_EVENT_PATH: event },
  });
  assert.equal(code, 1, stderr);
  assert.deepEqual([rules, json?.revision], [['undisclosed-ai'], later]);
  assert.equal(existsSync(pwned), false);
  assert.equal(existsSync(join(clone, 'git')), false);
});

function writeProgram(file: string, text: string): void {
  mkdirSync(dirname(file), { recursive: true });
  writeFileSync(file, text);
  chmodSync(file, 0o755);
}

test('what a squash merge or an edited title made of the message is judged when it arrives', async () => {
  const { folder, base, git, commit } = await underPack();
  const good = [1, 2].map((n) => commit(`Step ${n}\n\nText.\n\n${disclosure()}`, { files: { [`${n}.txt`]: 'x' } }));
  assert.equal((await gate(folder, ['--base', base])).code, 0);
  const messages = good.map((sha) => git(['log', '-1', '--format=* %B', sha])).join('\n\n');
  git(['reset', '--quiet', '--soft', base]);
  const squashed = commit(`Steps (#1)\n\n${messages}\n\nThanks to all.\n`);
  const ran = await gate(folder, ['--push', base, squashed, 'refs/heads/main']);
  assert.equal(ran.code, 1);
  assert.deepEqual(ran.rules, ['undisclosed-ai']);
  const kept = commit(`Steps (#1)\n\nText.\n\n${disclosure()}`, { parents: [base] });
  assert.equal((await gate(folder, ['--push', base, kept, 'refs/heads/main'])).code, 0);
});

test('a message that keeps jobs from running is told before it is merged', async () => {
  const { folder, base, commit } = await underPack();
  const sha = commit('Tidy [skip ci]\n', { files: { 'b.txt': 'b' } });
  commit('Next\n\nskip-checks: true\n');
  const { code, stderr } = await gate(folder, ['--base', base]);
  assert.equal(code, 0);
  assert.match(stderr, new RegExp(`${sha.slice(0, 10)} and 1 more says \\[skip ci\\]`));
});

test('evidence is found at the end of a huge message, and around bytes that are none', async () => {
  const { folder, base, commit } = await underPack();
  const noise = 'Lorem ipsum dolor sit amet.\n'.repeat(40_000);
  const shas = [
    commit(`Huge\n\n${noise}\n${mark}\n`),
    commit(
      Buffer.concat([
        Buffer.from('Odd \xff\xfe\n\n\x80\n', 'latin1'),
        Buffer.from(`${mark}\n`),
        Buffer.from('\xc3\x28', 'latin1'),
      ]),
    ),
    commit(`Cut\n\n# ------------------------ >8 ------------------------\n${mark}\n`),
    commit(`Dashes\n\n---\n${mark}\n`),
    commit(Buffer.from(`Nul\n\n${mark}\n\0hidden from git, and so from everyone\n`)),
  ];
  const { code, json } = await gate(folder, ['--base', base]);
  assert.equal(code, 1);
  for (const sha of shas) {
    assert.deepEqual(
      json?.commits.find((commit) => commit.sha === sha)?.deny.map(({ rule }) => rule),
      ['undisclosed-ai'],
      sha,
    );
  }
});

test('a submodule that moves is a changed file', async () => {
  const { folder, git, commit } = newRepository();
  const policy = 'package main\n\ndeny contains file.path if some file in input.change.files\n';
  const id = git(['rev-parse', 'HEAD']);
  git(['update-index', '--add', '--cacheinfo', `160000,${id},lib`]);
  const base = commit('Base\n');
  git(['update-index', '--cacheinfo', `160000,${base},lib`]);
  commit('Bump\n');
  git(['config', 'diff.ignoreSubmodules', 'all']);
  git(['config', 'submodule.lib.ignore', 'all']);
  const folderOfPolicy = temporaryFolder();
  writeFileSync(join(folderOfPolicy, 'p.rego'), policy);
  const { code, json } = await gate(folder, ['--base', base, '--policy', folderOfPolicy]);
  assert.deepEqual([code, json?.change.deny.map(({ msg }) => msg)], [1, ['lib']]);
});
