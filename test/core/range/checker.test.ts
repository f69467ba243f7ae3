import assert from 'node:assert/strict';
import { symlink } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { openRepository } from '../../../core/git/repository.ts';
import type { ChangedFile } from '../../../core/input.ts';
import { checkerPlace } from '../../../core/range/checker.ts';
import { makeRepository, temporaryFolder } from '../../support/repository.ts';

test('a program out of the change that it judges is known, and whether the change has a hand in it', async (t) => {
  const repository = await makeRepository(t);
  const lock = (countersign: string, other: string): string =>
    `{\n  "node_modules/countersign": {\n    "version": "${countersign}",\n    "resolved": "x"\n  },\n\n\n\n  "node_modules/other": {\n    "version": "${other}"\n  }\n}\n`;
  await repository.write('package-lock.json', lock('1.0.0', '1'));
  const base = await repository.commit('Base\n');
  await repository.write('package-lock.json', lock('1.0.0', '2'));
  const bump = await repository.commit('Bump another\n');
  await repository.write('package-lock.json', lock('1.0.1', '2'));
  const swap = await repository.commit('Bump the judge\n');
  const opened = await openRepository(repository.root);
  await repository.write('node_modules/countersign/dist/cli.js', '');
  const inside = path.join(repository.root, 'node_modules', 'countersign', 'dist', 'cli.js');
  const place = (program: string, head: string, ...files: string[]) =>
    checkerPlace(opened, program, {
      base,
      head,
      files: files.map((file): ChangedFile => ({ path: file, status: 'M' })),
    });

  assert.deepEqual(await place(import.meta.filename, swap, 'package-lock.json'), {}, 'elsewhere');
  const { note, changed } = await place(inside, bump, 'package-lock.json', 'src/a.ts');
  assert.match(note ?? '', /part of the work tree.*node_modules\/countersign\/dist\/cli\.js/);
  assert.equal(changed, undefined, "another package's version is no matter");
  assert.equal((await place(inside, swap, 'package-lock.json')).changed, 'package-lock.json');
  assert.equal((await place(inside, bump, '.npmrc')).changed, '.npmrc');
  assert.equal(
    (await place(inside, bump, 'node_modules/countersign/dist/x.js')).changed,
    'node_modules/countersign/dist/x.js',
  );
  const link = path.join(await temporaryFolder(t), 'countersign');
  await symlink(inside, link);
  assert.match((await place(link, bump)).note ?? '', /part of the work tree/, 'links are followed');
});
