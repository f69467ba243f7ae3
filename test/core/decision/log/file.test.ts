/** The log as a file: many writers, rotation, interrupted and impossible writing. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { appendFile, readdir, readFile, rename, rm, stat, symlink, truncate, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { appendRecord } from '../../../../core/decision/log/file.ts';
import { verifyLogs } from '../../../../core/decision/log/verify.ts';
import { folderFor, record } from './support.ts';

const messagesOf = ({ findings }: { findings: { line: number; message: string }[] }) =>
  findings.map(({ line, message }) => `${line}: ${message}`);

test('records of processes that write at the same time are one chain', async (t) => {
  const file = join(await folderFor(t), 'decisions.jsonl');
  const module = (name: string) =>
    JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../../../core/decision/log', name)).href);
  const script = `
    const { appendRecord } = await import(${module('file.ts')});
    for (let at = 0; at < 15; at++) {
      await appendRecord(process.argv[1], { labels: {}, decision_id: process.pid + '-' + at, path: 'x',
        timestamp: '2026-01-02T03:04:05Z', input: { text: 'x'.repeat(Math.random() * 200000) } });
    }`;
  const run = () =>
    new Promise<void>((resolve, reject) => {
      const child = spawn(process.execPath, ['--input-type=module', '-e', script, file], {
        stdio: ['ignore', 'inherit', 'pipe'],
      });
      let said = '';
      child.stderr.on('data', (text) => {
        said += text;
      });
      child.on('close', (code) => (code === 0 ? resolve() : reject(new Error(said))));
    });
  await Promise.all([run(), run(), run(), run()]);
  const verified = await verifyLogs([file]);
  assert.deepEqual(verified.findings, []);
  assert.equal(verified.records, 60);
  assert.deepEqual(
    verified.heads.map(({ sequence }) => sequence),
    [60],
  );
  assert.deepEqual((await readdir(join(file, '..'))).sort(), ['decisions.jsonl', 'decisions.jsonl.head']);
  if (process.platform !== 'win32') assert.equal((await stat(file)).mode & 0o777, 0o600);
});

test('writers that are killed at any moment leave a log that goes on, whole', async (t) => {
  const file = join(await folderFor(t), 'decisions.jsonl');
  const module = pathToFileURL(join(import.meta.dirname, '../../../../core/decision/log/file.ts')).href;
  const script = `
    const { appendRecord } = await import(${JSON.stringify(module)});
    for (let at = 0; ; at++) {
      await appendRecord(process.argv[1], { labels: {}, decision_id: 'x', path: 'x',
        timestamp: '2026-01-02T03:04:05Z', input: 'x'.repeat(3_000_000) });
      if (at === 0) process.stdout.write('begun');
    }`;
  for (let round = 0; round < 8; round++) {
    const child = spawn(process.execPath, ['--input-type=module', '-e', script, file], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    const closed = new Promise((resolve) => child.on('close', resolve));
    await new Promise((resolve) => child.stdout.once('data', resolve));
    await new Promise((resolve) => setTimeout(resolve, Math.random() * 60));
    child.kill('SIGKILL');
    await closed;
  }
  await appendRecord(file, record());
  const verified = await verifyLogs([file]);
  assert.deepEqual(verified.findings, []);
  assert.ok(verified.records > 8);
});

test('a record whose writing was interrupted is put aside, and the next one says so', async (t) => {
  const file = join(await folderFor(t), 'decisions.jsonl');
  await appendRecord(file, record());
  const whole = (await stat(file)).size;
  await appendRecord(file, record());
  const { size } = await stat(file);
  await truncate(file, size - 40);
  assert.deepEqual(messagesOf(await verifyLogs([file])), [
    '2: the record breaks off: its writing was interrupted',
    `2: record 2 is missing at the end: ${file}.head tells of 2 records`,
  ]);
  await rm(`${file}.head`);
  await appendRecord(file, record());
  const verified = await verifyLogs([file]);
  assert.deepEqual(verified.findings, []);
  assert.match(verified.notes[0]?.message ?? '', new RegExp(`before record 2, ${size - 40 - whole} bytes`));
  assert.equal((await stat(`${file}.torn`)).size, size - 40 - whole);

  const text = await readFile(file, 'utf8');
  await writeFile(file, text.trimEnd());
  await appendRecord(file, record());
  assert.deepEqual((await verifyLogs([file])).findings, [], 'a whole record without the end of its line stays');
});

test('what is cut off or taken out stays visible when the log goes on', async (t) => {
  const file = join(await folderFor(t), 'decisions.jsonl');
  for (let at = 0; at < 3; at++) await appendRecord(file, record());
  const lines = (await readFile(file, 'utf8')).split('\n');
  await writeFile(file, `${lines[0]}\n`);
  await appendRecord(file, record());
  assert.deepEqual(messagesOf(await verifyLogs([file])), ['2: records 2 to 3 are missing before this one']);
});

test('a log that is moved away goes on in the next file, by itself or by others', async (t) => {
  const folder = await folderFor(t);
  const file = join(folder, 'decisions.jsonl');
  await appendRecord(file, record());
  await rename(file, join(folder, 'decisions.jsonl.1'));
  const maxBytes = 1.5 * (await stat(join(folder, 'decisions.jsonl.1'))).size;
  for (let at = 0; at < 3; at++) await appendRecord(file, record(), { maxBytes });
  await appendRecord(file, record(), { maxBytes: 1 });
  const rotated = (await readdir(folder)).filter((name) => /^decisions\.\d+\.jsonl$/.test(name)).sort();
  assert.deepEqual(rotated, ['decisions.000000003.jsonl', 'decisions.000000004.jsonl']);
  const files = ['decisions.jsonl.1', ...rotated, 'decisions.jsonl'].map((name) => join(folder, name));
  const verified = await verifyLogs(files);
  assert.deepEqual(verified.findings, []);
  assert.equal(verified.records, 5);
  const [first, , last] = files;
  assert.match(
    messagesOf(await verifyLogs(files.slice(1)))[0] ?? '',
    /^1: record 1 is missing before this one; .*--from sha256:/,
  );
  assert.match(messagesOf(await verifyLogs([first ?? '', last ?? ''])).join(), /records 2 to 3 are missing/);
  const digest = JSON.parse((await readFile(first ?? '', 'utf8')).trim()).custom.countersign.chain.digest;
  assert.deepEqual((await verifyLogs(files.slice(1), { from: digest })).findings, []);
});

test('what is no log is not written to, and what cannot be written is refused', async (t) => {
  const folder = await folderFor(t);
  const other = join(folder, 'package.json');
  await writeFile(other, '{\n  "name": "x"\n}\n');
  await assert.rejects(appendRecord(other, record()), /is no decision log/);
  await writeFile(other, 'echo one');
  await assert.rejects(appendRecord(other, record()), /is no decision log/);
  assert.equal(await readFile(other, 'utf8'), 'echo one');
  await assert.rejects(appendRecord(folder, record()), /is a folder/);
  await assert.rejects(appendRecord(join(folder, 'no', 'such'), record()), /its folder is missing/);
  const file = join(folder, 'decisions.jsonl');
  await appendRecord(file, record());
  await writeFile(`${file}.head`, '{}');
  await assert.rejects(appendRecord(file, record()), /does not say where a chain stands/);
});

test('a log behind a link is one log', { skip: process.platform === 'win32' }, async (t) => {
  const folder = await folderFor(t);
  const file = join(folder, 'decisions.jsonl');
  await appendRecord(file, record());
  await symlink(file, join(folder, 'other'));
  await appendRecord(join(folder, 'other'), record());
  assert.deepEqual((await verifyLogs([file])).heads[0]?.sequence, 2);
});

test('a disk that is full leaves the log as it was', { skip: !existsSync('/dev/full') }, async (t) => {
  await assert.rejects(appendRecord('/dev/full', record()), /ENOSPC/);
  const file = join(await folderFor(t), 'decisions.jsonl');
  await appendRecord(file, record());
  const before = await readFile(file, 'utf8');
  // A limit on the size of files fails the write in its middle, as a full disk does.
  const script = `
    process.on('SIGXFSZ', () => undefined);
    const { appendRecord } = await import(${JSON.stringify(pathToFileURL(join(import.meta.dirname, '../../../../core/decision/log/file.ts')).href)});
    await appendRecord(process.argv[1], { labels: {}, decision_id: 'x', path: 'x', timestamp: '2026-01-02T03:04:05Z', input: 'x'.repeat(100000) })
      .then(() => process.exit(0), (error) => { console.error(error.code); process.exit(7); });`;
  const code = await new Promise((resolve) => {
    const child = spawn('bash', [
      '-c',
      'ulimit -f 8; exec "$@"',
      'bash',
      process.execPath,
      '--input-type=module',
      '-e',
      script,
      file,
    ]);
    child.on('close', resolve);
  });
  assert.equal(code, 7);
  assert.equal(await readFile(file, 'utf8'), before);
  await appendFile(file, '');
  await appendRecord(file, record());
  assert.deepEqual((await verifyLogs([file])).findings, []);
});
