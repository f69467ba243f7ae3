/** What is in a VSIX, of the project as it is built (`npm test` builds it first). */
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, describe, test } from 'node:test';
import { contents, platforms, stage } from '../../scripts/package.ts';

const folders: string[] = [];
after(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});
function folder(): string {
  const made = mkdtempSync(join(tmpdir(), 'vsix-test-'));
  folders.push(made);
  return made;
}

const needed = [
  'CHANGELOG.md',
  'LICENSE',
  'README.md',
  'dist/THIRD_PARTY_NOTICES.txt',
  'dist/cli.js',
  'dist/cli.mjs',
  'dist/engine-worker.mjs',
  'dist/extension.cjs',
  'dist/hook.cjs',
  'dist/pack/config.yaml',
  'dist/package.json',
  'dist/schemas/input.schema.json',
  'dist/schemas/review.schema.json',
  'dist/server.mjs',
  'l10n/bundle.l10n.json',
  'media/icon.png',
  'package.json',
  'package.nls.json',
  'syntaxes/rego.tmLanguage.json',
];
const allowed = [
  ...[/^(CHANGELOG\.md|LICENSE|README\.md|package(\.nls)?\.json)$/, /^l10n\/[\w.]+\.json$/],
  ...[/^media\/(icon\.png|walkthrough\/\w+\.svg)$/, /^syntaxes\/[\w.-]+\.json$/],
  ...[
    /^dist\/(THIRD_PARTY_NOTICES\.txt|package\.json|cli\.m?js|hook\.cjs|server\.mjs|extension\.cjs|engine-worker\.mjs)$/,
    /^dist\/(chunks|pack|schemas|engine|kept-policies)\//,
  ],
];

describe('a VSIX', () => {
  test('holds what runs and what is read, and nothing else', async () => {
    const staged = folder();
    stage('universal', staged);
    // What must stay out even if it gets in the way.
    writeFileSync(join(staged, 'dist', 'extension.cjs.map'), '{}');
    writeFileSync(join(staged, 'notes.txt'), '');
    const files = await contents(staged);
    assert.deepEqual(
      needed.filter((file) => !files.includes(file)),
      [],
    );
    assert.deepEqual(
      files.filter((file) => !allowed.some((pattern) => pattern.test(file)) || file.endsWith('.map')),
      [],
    );
  });

  test('has the WebAssembly engine where it is universal, else the platform’s own', async () => {
    const universal = folder();
    stage('universal', universal);
    const engines = async (staged: string) =>
      (await contents(staged)).filter((file) => file.startsWith('dist/engine/'));
    assert.deepEqual(await engines(universal), [
      'dist/engine/countersign-engine.wasm.br',
      'dist/engine/countersign-engine.wasm.sha256',
    ]);
    const engine = join(folder(), 'built');
    writeFileSync(engine, 'native');
    for (const target of Object.keys(platforms)) {
      const staged = folder();
      stage(target, staged, engine);
      const name = target.startsWith('win32') ? 'countersign-engine.exe' : 'countersign-engine';
      assert.deepEqual(await engines(staged), [`dist/engine/${name}`], target);
    }
  });

  test('carries a manifest without what only development needs', () => {
    const staged = folder();
    stage('universal', staged);
    const manifest = JSON.parse(readFileSync(join(staged, 'package.json'), 'utf8'));
    for (const name of ['devDependencies', 'dependencies', 'scripts']) assert.equal(manifest[name], undefined, name);
    assert.equal(manifest.main, './dist/extension.cjs');
  });
});
