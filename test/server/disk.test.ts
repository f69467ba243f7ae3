/** Reading folders: held against git's own idea of what is ignored. */
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { type TestContext, test } from 'node:test';
import fc from 'fast-check';
import { URI } from 'vscode-uri';
import { scanFolder } from '../../server/disk.ts';
import { makeRepository, testEnvironment } from '../support/repository.ts';

const never = new AbortController().signal;

async function scan(folder: string, log: (line: string) => void = () => {}) {
  return scanFolder(URI.file(folder).toString(), '', log, never);
}

async function repositoryWith(t: TestContext, files: Record<string, string>) {
  const repository = await makeRepository(t);
  for (const [path, text] of Object.entries(files)) await repository.write(path, text);
  return repository;
}

/** The Rego files that git would show: known or untracked, and not ignored. */
function shownByGit(folder: string): string[] {
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard', '--', '*.rego'];
  const output = execFileSync('git', args, { cwd: folder, encoding: 'utf8', env: testEnvironment(folder) });
  return output.split('\0').filter(Boolean).sort();
}

test('what a folder holds for us is read, in order, with its text', async (t) => {
  const files = {
    'b.rego': 'package b\n',
    'a/a.rego': '\uFEFFpackage a\n',
    'package.json': '{}',
    '.countersign/config.yaml': 'version: 1\n',
    'node_modules/x/x.rego': 'package x\n',
  };
  const found = await scan((await repositoryWith(t, files)).root);
  assert.deepEqual(found.files, [
    { path: '.countersign/config.yaml', text: 'version: 1\n' },
    { path: 'a/a.rego', text: 'package a\n' },
    { path: 'b.rego', text: 'package b\n' },
  ]);
});

test('a folder that is not there is an error', async () => {
  await assert.rejects(scan('/no/such/folder'), { code: 'ENOENT' });
});

test("Regal's configuration is found above the folder, with its rules", async (t) => {
  const { root } = await repositoryWith(t, {
    '.regal/config.yaml': 'rules: {}\n',
    '.regal/rules/custom/x.rego': 'package custom.regal.rules.x\n',
    'inner/a.rego': 'package a\n',
  });
  const { inherited } = await scan(join(root, 'inner'));
  assert.deepEqual(
    inherited.map(({ uri }) => uri),
    ['.regal/config.yaml', '.regal/rules/custom/x.rego'].map((path) => URI.file(join(root, path)).toString()),
  );
  assert.deepEqual((await scan(root)).inherited, [], 'a folder’s own is among its files');
});

const pattern = fc.constantFrom(
  'build',
  'build/',
  '/a',
  '*.rego',
  '!keep.rego',
  'a/**',
  '**/b',
  '!a/',
  'a/*.rego',
  '!/b',
  '# x',
  '\\!x',
  'b/a/',
  'b/*',
  'x.rego ',
  '\\#x',
);

test('what git ignores is left out', async (t) => {
  const paths = ['', 'a/', 'b/', 'a/b/', 'b/a/', 'build/', 'a/build/', 'a [1]/', 'a [1]/b/'].flatMap((at) => [
    `${at}x.rego`,
    `${at}keep.rego`,
  ]);
  const files = Object.fromEntries(paths.map((path) => [path, 'package x\n']));
  const repository = await repositoryWith(t, files);
  const patterns = fc.array(pattern, { maxLength: 4 });
  // Once an inner file takes back what an outer one says of a folder: its files follow the folder.
  const known: [string[], string[]] = [['build/', '!/b', '**/b'], ['!/b']];
  for (const [top, inner] of [known, ...fc.sample(fc.tuple(patterns, patterns), 40)]) {
    await repository.write('.gitignore', `${top.join('\n')}\n`);
    for (const at of ['a', 'a [1]']) await repository.write(`${at}/.gitignore`, `${inner.join('\n')}\n`);
    const found = await scan(repository.root);
    const ours = found.files.map(({ path }) => path).filter((path) => path.endsWith('.rego'));
    assert.deepEqual(ours.sort(), shownByGit(repository.root), JSON.stringify({ top, inner }));
    for (const path of paths)
      assert.equal(!found.ignored(path), ours.includes(path), `${path} ${JSON.stringify({ top, inner })}`);
  }
});
