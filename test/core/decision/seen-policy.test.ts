/** A policy folder is known by its files' times and sizes, and every change of it is seen. */
import assert from 'node:assert/strict';
import {
  appendFileSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  renameSync,
  rmSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { readSeen, stampOf, writeSeen } from '../../../core/decision/seen-policy.ts';

const root = mkdtempSync(join(tmpdir(), 'countersign seen ü '));
after(() => rmSync(root, { recursive: true, force: true }));
const kept = { revision: 'r' };

/** A folder with a file, and what is kept of it; seen when its last change is `settled`. */
async function place(name: string, settled = true) {
  const gitDir = join(root, name, '.git');
  const folder = join(root, name, '.countersign');
  mkdirSync(join(folder, 'policies'), { recursive: true });
  mkdirSync(gitDir);
  const file = join(folder, 'policies', 'a.rego');
  writeFileSync(file, 'package a');
  const keptFile = join(gitDir, 'kept.json');
  writeFileSync(keptFile, `digest\n${JSON.stringify(kept)}`);
  const stamp = stampOf(folder);
  assert.ok(stamp);
  await writeSeen({ gitDir }, folder, settled ? { ...stamp, newest: 0 } : stamp, keptFile);
  return { gitDir, folder, file, keptFile, seen: () => readSeen({ gitDir }, folder) };
}

test('a folder that nobody changed is known', async () => {
  const { seen, folder, gitDir } = await place('same');
  assert.deepEqual(seen(), kept);
  assert.deepEqual(seen(), kept);
  // Another work tree's.
  assert.equal(readSeen({ gitDir }, `${folder}2`), undefined);
});

test('what was changed just now is not taken for known: its times may not show the next change', async () => {
  const { seen } = await place('fresh', false);
  assert.equal(seen(), undefined);
});

const changes: Record<string, (at: Awaited<ReturnType<typeof place>>) => void> = {
  'a text of the same length with its time set back': ({ file }) => {
    const { atime, mtime } = lstatSync(file);
    writeFileSync(file, 'package b');
    utimesSync(file, atime, mtime);
  },
  'a longer text': ({ file }) => appendFileSync(file, '\n'),
  'another file in its place': ({ file }) => {
    writeFileSync(`${file}.new`, 'package a');
    renameSync(`${file}.new`, file);
  },
  'a file more': ({ folder }) => writeFileSync(join(folder, 'config.yaml'), 'version: 1\n'),
  'a file less': ({ file }) => rmSync(file),
  'another name': ({ file }) => renameSync(file, `${file}.off`),
  'a link in its place': ({ file }) => {
    renameSync(file, `${file}.off`);
    symlinkSync(`${file}.off`, file);
  },
  'no folder': ({ folder }) => rmSync(folder, { recursive: true }),
  'a link in the place of the folder': ({ folder }) => {
    renameSync(folder, `${folder}.off`);
    symlinkSync(`${folder}.off`, folder);
  },
  'what is kept, changed': ({ keptFile }) => writeFileSync(keptFile, readFileSync(keptFile, 'utf8').replace('r', 's')),
  'what is kept, gone': ({ keptFile }) => rmSync(keptFile),
  'the record, cut off': ({ gitDir }) => {
    const record = join(gitDir, 'countersign', 'policy-seen.json');
    writeFileSync(record, readFileSync(record, 'utf8').slice(0, -5));
  },
};
for (const [name, change] of Object.entries(changes)) {
  test(`is not known any more: ${name}`, { skip: process.platform === 'win32' && name.includes('link') }, async () => {
    const at = await place(name);
    assert.deepEqual(at.seen(), kept);
    // Older kernels tell times by a few milliseconds.
    await setTimeout(20);
    change(at);
    assert.equal(at.seen(), undefined);
  });
}
