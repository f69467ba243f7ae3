/** Archives: those that OPA writes are read, and those that mean harm are refused, not mended. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { gzipSync } from 'node:zlib';
import { readArchive, safePath } from '../../../../core/policies/bundle/archive.ts';
import { archiveOf, type Entry, tarOf } from '../../../support/bundles.ts';

const read = (bytes: Uint8Array) => readArchive(bytes, 'b.tar.gz');

test('paths are taken as OPA writes them, and folders left out', async () => {
  const files = await read(
    archiveOf([
      { path: './', type: 'Directory' },
      { path: '/data.json', content: '{}' },
      { path: './policy/ü x.rego', content: 'package a' },
      { path: `long/${'n'.repeat(90)}.rego`, content: 'package b' },
    ]),
  );
  assert.deepEqual(
    files.map(({ path, bytes }) => [path, Buffer.from(bytes).toString()]),
    [
      ['data.json', '{}'],
      [`long/${'n'.repeat(90)}.rego`, 'package b'],
      ['policy/ü x.rego', 'package a'],
    ],
  );
});

const harmful: [string, Entry[], RegExp][] = [
  ['leads upwards', [{ path: '../evil.rego' }], /may lead outside/],
  ['leads upwards inside', [{ path: 'a/../../evil.rego' }], /may lead outside/],
  ['leads upwards from the root', [{ path: '/../evil.rego' }], /may lead outside/],
  ['a drive', [{ path: 'C:/evil.rego' }], /may lead outside/],
  ['backslashes', [{ path: 'a\\..\\evil.rego' }], /may lead outside/],
  ['a symbolic link', [{ path: 'a.rego', type: 'SymbolicLink', linkpath: '/etc/passwd' }], /symbolic link/],
  ['a hard link', [{ path: 'a.rego', type: 'Link', linkpath: 'data.json' }], /link to another file/],
  ['a device', [{ path: 'a.rego', type: 'CharacterDevice' }], /special file/],
  ['a pipe', [{ path: 'a.rego', type: 'FIFO' }], /special file/],
  ['a path twice', [{ path: 'a.rego' }, { path: '/a.rego' }], /"a\.rego" twice/],
  ['only folders', [{ path: 'a/', type: 'Directory' }], /no file in it/],
];

for (const [what, entries, says] of harmful) {
  test(`refused: ${what}`, async () => {
    await assert.rejects(read(archiveOf(entries)), (error: Error & { kind?: string }) => {
      assert.equal(error.kind, 'refused');
      assert.match(error.message, says);
      return true;
    });
  });
}

test('refused: what is no archive, or not all of one', async () => {
  const whole = archiveOf([{ path: 'a.rego', content: 'package a\n'.repeat(500) }]);
  const tar = tarOf([{ path: 'a.rego', content: 'package a\n'.repeat(500) }]);
  const wrongSum = Buffer.from(tar);
  wrongSum[150] = 0x37;
  for (const [bytes, says] of [
    [Buffer.from('package a'), /no gzipped archive/],
    [Buffer.alloc(0), /no gzipped archive/],
    [tar, /no gzipped archive/],
    [whole.subarray(0, whole.length - 20), /is damaged/],
    [gzipSync(tar.subarray(0, 700)), /is damaged/],
    [gzipSync(wrongSum), /is damaged/],
    [gzipSync(Buffer.from('no tar at all')), /is damaged|no file in it/],
  ] as const) {
    await assert.rejects(read(bytes), says);
  }
});

test('refused: what grows without end', async () => {
  const zeros = Buffer.alloc(257 * 1024 * 1024);
  await assert.rejects(read(gzipSync(zeros, { level: 1 })), /unpacks to more than 256 MB/);
  const big = [{ path: 'a.rego', content: Buffer.alloc(17 * 1024 * 1024, 0x20) }];
  await assert.rejects(read(archiveOf(big)), /"a\.rego", which is larger than 16 MB/);
  const many = Array.from({ length: 20_001 }, (_, at) => ({ path: `${at}.rego` }));
  await assert.rejects(read(archiveOf(many)), /more than 20000 files/);
});

test('a path within a bundle is one that all systems read alike', () => {
  for (const good of ['a.rego', '/a.rego', './a/b.rego', '.manifest', '..a/b..', 'a b'])
    assert.ok(safePath(good), good);
  for (const bad of ['', '/', '..', 'a//b', 'a/./b', 'a/', 'a\0b', 'a\nb', 'c:x']) {
    assert.equal(safePath(bad), undefined, bad);
  }
});
