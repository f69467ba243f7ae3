/** Git fails, or the repository is not whole: no decision, never a pass. docs/faults.md lists these tests. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, cpSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, join } from 'node:path';
import { test } from 'node:test';
import { assertUndecided, judgedRepository, onWindows, writeProgram } from './faults.ts';
import { countersign, temporaryFolder } from './harness.ts';

const repository = judgedRepository();
const { folder: cwd, git, base, good, bad } = repository;
const gate = ['gate', '--base', base, '--head', good];
const realGit = (process.env.PATH ?? '')
  .split(delimiter)
  .map((folder) => join(folder, 'git'))
  .find((file) => {
    try {
      return readFileSync(file).length > 0;
    } catch {
      return false;
    }
  });

test('git is absent', async () => {
  assertUndecided(await countersign(gate, { cwd, env: { PATH: temporaryFolder() } }), /Git was not found/);
});

/** A git that is killed in the given subcommand once it has answered so many bytes. */
function dyingGit(): string {
  const folder = temporaryFolder();
  writeProgram(
    folder,
    'git',
    `#!/bin/sh
for word in "$@"; do
  if [ "$word" = "$DIES_IN" ]; then
    "${realGit}" "$@" | { head -c "$AFTER"; kill -9 $$; }
  fi
done
exec "${realGit}" "$@"
`,
  );
  return `${folder}${delimiter}${process.env.PATH}`;
}

for (const subcommand of ['rev-parse', 'config', 'ls-tree', 'rev-list', 'diff-tree', 'cat-file', 'merge-base']) {
  test(`git ${subcommand} is killed, at once and midway`, { skip: onWindows }, async () => {
    const PATH = dyingGit();
    for (const AFTER of ['0', '30']) {
      const ran = await countersign(gate, { cwd, env: { PATH, DIES_IN: subcommand, AFTER } });
      assertUndecided(ran, /[Gg]it.*ended|missing or damaged/);
    }
  });
}

/** A copy of the repository, with every object loose. */
function copied(): string {
  const folder = join(temporaryFolder(), 'copy');
  cpSync(cwd, folder, { recursive: true });
  return folder;
}

function objectFile(folder: string, id: string): string {
  return join(folder, '.git', 'objects', id.slice(0, 2), id.slice(2));
}

const parts: [name: string, id: string, code: number][] = [
  ['a commit of the range', good, 3],
  // It cannot be told from a wrong name: a mistake of the call.
  ['the base', base, 2],
  ['the tree of a commit', git(['rev-parse', `${good}^{tree}`]), 3],
  ['a policy of the base', git(['rev-parse', `${base}:.countersign/policies/main.rego`]), 3],
];
for (const [name, id, code] of parts) {
  test(`an object is missing or damaged: ${name}`, async () => {
    const [without, damaged] = [copied(), copied()];
    rmSync(objectFile(without, id), { force: true });
    chmodSync(objectFile(damaged, id), 0o644);
    writeFileSync(objectFile(damaged, id), readFileSync(objectFile(damaged, id)).subarray(0, 20));
    for (const folder of [without, damaged]) {
      const ran = await countersign(['gate', '--base', base, '--head', bad], { cwd: folder });
      assertUndecided(ran, /error: /, code);
    }
  });
}

test('a pack is damaged', async () => {
  const folder = copied();
  git(['-C', folder, 'repack', '-adq']);
  const packs = join(folder, '.git', 'objects', 'pack');
  const pack = join(packs, readdirSync(packs).find((name) => name.endsWith('.pack')) ?? '');
  chmodSync(pack, 0o644);
  const bytes = readFileSync(pack);
  bytes.fill(0, 40, bytes.length - 30);
  writeFileSync(pack, bytes);
  // Not even the base is there any more.
  assertUndecided(await countersign(gate, { cwd: folder }), /There is no commit/, 2);
});

test('a note of the range is missing', async () => {
  const folder = copied();
  git(['-C', folder, 'notes', '--ref=ai', 'add', '-m', 'src/one.txt\n  agent', good]);
  const [blob = ''] = git(['-C', folder, 'notes', '--ref=ai', 'list', good]).split(' ');
  rmSync(objectFile(folder, blob), { force: true });
  assertUndecided(await countersign(gate, { cwd: folder }), /note .*missing or damaged/);
});

test('a partial clone whose remote is gone', async () => {
  git(['config', 'uploadpack.allowFilter', 'true']);
  const clone = join(temporaryFolder(), 'clone');
  git(['clone', '--quiet', '--bare', '--filter=blob:none', `file://${cwd}`, clone]);
  git(['-C', clone, 'config', 'remote.origin.url', join(clone, 'nowhere')]);
  assertUndecided(await countersign(gate, { cwd: clone }), /error: /);
});

test('the repository is collected and packed anew meanwhile', async () => {
  const folder = copied();
  let going = true;
  const collecting = (async () => {
    while (going) {
      for (const args of [
        ['repack', '-adfq'],
        ['unpack-objects', '-q'],
      ]) {
        await new Promise((resolve) => {
          const child = spawn('git', ['-C', folder, ...args], { stdio: ['pipe', 'ignore', 'ignore'] });
          child.stdin.end();
          child.on('close', resolve);
        });
      }
    }
  })();
  try {
    for (let time = 0; time < 3; time++) {
      const ran = await countersign(['gate', '--base', base, '--head', bad], { cwd: folder });
      assert.equal(ran.code, 1, ran.stderr);
    }
  } finally {
    going = false;
    await collecting;
  }
});

test('messages, names and paths that are no UTF-8 are judged', { skip: onWindows }, async () => {
  const folder = copied();
  const message = Buffer.concat([Buffer.from('WIP '), Buffer.from([0xff, 0xfe, 0x80]), Buffer.from('\n')]);
  const tree = git(['-C', folder, 'rev-parse', `${good}^{tree}`]);
  const id = git(['-C', folder, 'commit-tree', tree, '-p', base], message);
  const ran = await countersign(['gate', '--base', base, '--head', id], {
    cwd: folder,
    env: { LANG: 'C', LC_ALL: 'C' },
  });
  assert.equal(ran.code, 1, ran.stderr);
  assert.match(ran.stdout, /unfinished/);
});

test('grafts and replacements do not change what is judged', async () => {
  const folder = copied();
  mkdirSync(join(folder, '.git', 'info'), { recursive: true });
  writeFileSync(join(folder, '.git', 'info', 'grafts'), `${bad} ${base}\n`);
  git(['-C', folder, 'replace', bad, good]);
  assert.equal((await countersign(['gate', '--base', base, '--head', bad], { cwd: folder })).code, 1);
});
