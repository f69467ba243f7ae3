/** The directions of docs/design.md ("Who may call whom") are lint rules; these tests show that they bite. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { test } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const biome = join(root, 'node_modules', '@biomejs', 'biome', 'bin', 'biome');

const wrong: [path: string, from: string][] = [
  ['engine/x.ts', '../core/input.ts'],
  ['engine/x.ts', 'vscode'],
  ['core/x.ts', '../server/protocol.ts'],
  ['core/x.ts', 'simple-git'],
  ['core/x.ts', 'node:child_process'],
  ['core/decision/x.ts', '@open-policy-agent/opa-wasm'],
  ['core/decision/x.ts', '../../cli/main.ts'],
  ['core/git/x.ts', '../../engine/start.ts'],
  ['core/git/x.ts', 'vscode'],
  ['server/x.ts', '../client/extension.ts'],
  ['server/rego/x.ts', '../../cli/main.ts'],
  ['server/x.ts', 'vscode'],
  ['cli/x.ts', '../server/server.ts'],
  ['cli/x.ts', '../client/extension.ts'],
  ['client/x.ts', '../core/input.ts'],
  ['client/commit/x.ts', '../../engine/start.ts'],
  ['client/commit/x.ts', '../../server/server.ts'],
];

const right: [path: string, from: string][] = [
  ['engine/x.ts', './protocol.ts'],
  ['engine/x.ts', '@open-policy-agent/opa-wasm'],
  ['core/decision/x.ts', '../../engine/engine.ts'],
  ['core/git/x.ts', 'simple-git'],
  ['core/git/x.ts', 'node:child_process'],
  ['core/git/x.ts', '../input.ts'],
  ['server/rego/x.ts', '../../core/config.ts'],
  ['server/x.ts', '../engine/start.ts'],
  ['cli/x.ts', '../core/input.ts'],
  ['cli/x.ts', '../server/node.ts'],
  ['client/commit/x.ts', '../../server/protocol.ts'],
  ['client/commit/x.ts', 'vscode'],
];

/** Lints one file per case by the project's own rules, and gives back those in which an import was refused. */
function refusedAmong(cases: [path: string, from: string][]): Set<string> {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), 'directions-')));
  try {
    const config = JSON.parse(readFileSync(join(root, 'biome.json'), 'utf8'));
    writeFileSync(join(folder, 'biome.json'), JSON.stringify({ ...config, vcs: { enabled: false } }));
    for (const [index, [path, from]] of cases.entries()) {
      const file = join(folder, path.replace('x.ts', `x${index}.ts`));
      mkdirSync(dirname(file), { recursive: true });
      writeFileSync(file, `export * as x from '${from}';\n`);
    }
    const args = [biome, 'lint', '--only=style/noRestrictedImports', '--reporter=github', '--max-diagnostics=none'];
    const run = spawnSync(process.execPath, args, { cwd: folder, encoding: 'utf8' });
    const files = [...run.stdout.matchAll(/noRestrictedImports,file=([^,]+),/g)].map(([, file]) => file ?? '');
    return new Set(files.map((file) => relative(folder, file).replaceAll('\\', '/')));
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

const cases = [...wrong, ...right];
const refused = refusedAmong(cases);
for (const [index, [path, from]] of cases.entries()) {
  const allowed = index >= wrong.length;
  test(`${path} ${allowed ? 'may' : 'may not'} import ${from}`, () => {
    assert.equal(refused.has(path.replace('x.ts', `x${index}.ts`)), !allowed);
  });
}
