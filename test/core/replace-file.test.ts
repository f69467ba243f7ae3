import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import {
  chmodSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { writeWholeFile } from '../../core/replace-file.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign whole ü '));
after(() => rmSync(folder, { recursive: true, force: true }));
const posix = process.platform !== 'win32';

test('a file is made, and then replaced with its permissions, and nothing else is left', async () => {
  const file = join(folder, 'a b.json');
  await writeWholeFile(file, 'one');
  assert.equal(readFileSync(file, 'utf8'), 'one');
  chmodSync(file, 0o600);
  await writeWholeFile(file, 'two');
  assert.equal(readFileSync(file, 'utf8'), 'two');
  if (posix) assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(folder), ['a b.json']);
});

test("a link's target is replaced, not the link", { skip: !posix }, async () => {
  const [target, link] = [join(folder, 'target'), join(folder, 'link')];
  writeFileSync(target, 'one');
  symlinkSync(target, link);
  await writeWholeFile(link, 'two');
  assert.equal(readFileSync(target, 'utf8'), 'two');
});

test('a device or pipe is written to', { skip: !posix }, () => {
  const source = JSON.stringify(new URL('../../core/replace-file.ts', import.meta.url).href);
  const script = `const { writeWholeFile } = await import(${source}); await writeWholeFile('/dev/stdout', 'said');`;
  // The shell's pipe: one that can be opened by its name.
  const line = '"$0" --input-type=module -e "$1" | cat';
  const ran = spawnSync('sh', ['-c', line, process.execPath, script], { encoding: 'utf8' });
  assert.equal(ran.stdout, 'said', ran.stderr);
});

test('without its folder it is refused', async () => {
  await assert.rejects(writeWholeFile(join(folder, 'no', 'such'), 'x'), { code: 'ENOENT' });
  assert.ok(!readdirSync(folder).some((name) => name.endsWith('.tmp')));
});
