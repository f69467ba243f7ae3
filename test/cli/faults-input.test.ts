/** What is judged is huge, or what is configured is wrong. docs/faults.md lists these tests. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertUndecided, judgedRepository } from './faults.ts';
import { countersign, temporaryFolder, writeFiles } from './harness.ts';

const repository = judgedRepository();
const { folder: cwd, git, base } = repository;

/** A commit upon the base whose message and files a stream for `git fast-import` gives. */
function imported(branch: string, message: Buffer, changes = ''): string {
  const head = `commit refs/heads/${branch}\ncommitter Ada <ada@example.com> 1790000000 +0000\ndata ${message.length}\n`;
  const tail = `\nfrom ${base}\n${changes}\n`;
  git(['fast-import', '--quiet'], Buffer.concat([Buffer.from(head), message, Buffer.from(tail)]));
  return branch;
}

/** The gate denies it for its subject: what else it has did not keep it from being read. */
async function assertDenied(head: string): Promise<void> {
  const ran = await countersign(['gate', '--base', base, '--head', head], { cwd });
  assert.equal(ran.code, 1, ran.stderr);
  assert.match(ran.stdout, /unfinished/);
}

test('a message of 100 MB', async () => {
  await assertDenied(imported('lines', Buffer.from(`WIP long\n\n${`${'x'.repeat(99)}\n`.repeat(1_000_000)}`)));
});

test('a message with a million trailers', async () => {
  const trailers = Array.from({ length: 1_000_000 }, (_, at) => `Key-${at}: value\n`).join('');
  await assertDenied(imported('trailers', Buffer.from(`WIP many\n\n${trailers}`)));
});

test('a commit of 200,000 files', async () => {
  const blob = git(['hash-object', '-w', '--stdin'], 'x');
  const lines = Array.from({ length: 200_000 }, (_, at) => `M 100644 ${blob} d${at % 100}/e${at % 997}/f${at}\n`);
  await assertDenied(imported('files', Buffer.from('WIP files\n'), lines.join('')));
});

const deep = '['.repeat(200_000) + ']'.repeat(200_000);
const nested: [name: string, files: Record<string, string>][] = [
  ['JSON', { '.countersign/data/deep.json': `{"a": ${deep}}` }],
  ['YAML', { '.countersign/data/deep.yaml': `a: ${deep}\n` }],
  ['an exception', { '.countersign/exceptions/deep.yaml': `rules: ${deep}\n` }],
  ['the configuration', { '.countersign/config.yaml': `version: ${deep}\n` }],
  ['a JSON Schema', { '.countersign/policies/deep.schema.json': `{"allOf": ${deep}}` }],
  ['Rego', { '.countersign/policies/deep.rego': `package deep\n\na := ${deep}\n` }],
];
for (const [name, files] of nested) {
  test(`nested 200,000 deep: ${name}`, async () => {
    const { folder, base, good } = judgedRepository(files);
    const ran = await countersign(['gate', '--base', base, '--head', good], { cwd: folder });
    assert.ok(ran.code === 2 || ran.code === 3, `${ran.code}: ${ran.stderr}${ran.stdout}`);
    assert.equal(ran.stdout, '', 'nothing that could be taken for a verdict');
    assert.match(ran.stderr, /deep|config\.yaml/);
    assert.doesNotMatch(ran.stderr, /\n {4}at /, 'no stack');
  });
}

test('YAML that expands without end', async () => {
  const lines = ['a0: &a0 [x, x, x, x, x, x, x, x, x]'];
  for (let at = 1; at < 12; at++) {
    lines.push(`a${at}: &a${at} [${Array.from({ length: 9 }, () => `*a${at - 1}`).join(', ')}]`);
  }
  const { folder, base, good } = judgedRepository({ '.countersign/data/bomb.yaml': `${lines.join('\n')}\n` });
  const ran = await countersign(['gate', '--base', base, '--head', good], { cwd: folder });
  assert.ok(ran.code === 2 || ran.code === 3, `${ran.code}: ${ran.stderr}`);
  assert.equal(ran.stdout, '');
  assert.match(ran.stderr, /bomb\.yaml/);
});

test('facts of a code host from a file that is none, deep or missing', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { 'garbage.json': '{"schema": ', 'deep.json': deep, 'other.json': '{"schema": "other/v1"}' });
  for (const name of ['garbage.json', 'deep.json', 'other.json', 'missing.json']) {
    const ran = await countersign(['gate', '--base', base, '--head', 'HEAD~1', '--facts', join(folder, name)], { cwd });
    assertUndecided(ran, new RegExp(name.replace('.', '\\.')), 2);
  }
});
