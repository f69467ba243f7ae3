import assert from 'node:assert/strict';
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { toHome, writeNew } from '../../../core/policies/initialize.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign initialize '));
after(() => rmSync(folder, { recursive: true, force: true }));

function files(...paths: string[]) {
  return paths.map((path) => ({ path, bytes: Buffer.from(`text of ${path}\n`) }));
}

test("the pack's policies go below policies/, its data and configuration stay", () => {
  assert.deepEqual(
    toHome(
      files(
        'config.yaml',
        'countersign/model/model.rego',
        'data/scope.yaml',
        'schema/d.schema.json',
        'shipped_test.rego',
      ),
    ).map(({ path }) => path),
    [
      'config.yaml',
      'policies/countersign/model/model.rego',
      'data/scope.yaml',
      'policies/schema/d.schema.json',
      'pack.lock',
    ],
  );
});

test('files are written once, and what is there is kept to the byte', async () => {
  const home = join(folder, 'a', '.countersign');
  assert.deepEqual(await writeNew(home, files('config.yaml', 'policies/x/a.rego')), [
    { path: 'config.yaml', written: true },
    { path: 'policies/x/a.rego', written: true },
  ]);
  writeFileSync(join(home, 'config.yaml'), 'mine\r\n');
  const again = await writeNew(home, files('config.yaml', 'policies/x/a.rego', 'policies/x/b.rego'));
  assert.deepEqual(
    again.map(({ written }) => written),
    [false, false, true],
  );
  assert.equal(readFileSync(join(home, 'config.yaml'), 'utf8'), 'mine\r\n');
  assert.equal(readFileSync(join(home, 'policies/x/b.rego'), 'utf8'), 'text of policies/x/b.rego\n');
  assert.deepEqual(readdirSync(join(home, 'policies', 'x')).sort(), ['a.rego', 'b.rego'], 'no drafts are left');
});

test('two at the same time write each file once between them', async () => {
  const home = join(folder, 'b', '.countersign');
  const many = files(...Array.from({ length: 30 }, (_, index) => `policies/p${index}.rego`));
  const both = await Promise.all([writeNew(home, many), writeNew(home, many)]);
  const written = both.flat().filter((result) => result.written);
  assert.equal(new Set(written.map(({ path }) => path)).size, 30);
  assert.equal(written.length, 30);
});

test('a link or a file in place of a folder is refused before anything is written', async (t) => {
  const home = join(folder, 'c', '.countersign');
  const outside = join(folder, 'outside');
  mkdirSync(home, { recursive: true });
  mkdirSync(outside);
  try {
    symlinkSync(outside, join(home, 'policies'), 'junction');
  } catch {
    t.skip('links cannot be made here');
    return;
  }
  await assert.rejects(writeNew(home, files('config.yaml', 'policies/a.rego')), /policies is no folder/);
  assert.deepEqual(readdirSync(outside), []);
  assert.deepEqual(readdirSync(home), ['policies']);
  writeFileSync(join(folder, 'file'), '');
  await assert.rejects(writeNew(join(folder, 'file'), files('config.yaml')), /file is no folder/);
});
