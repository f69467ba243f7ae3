/**
 * `npm run package -- [--target T]… [--out DIR]`: makes VSIXes in out/vsix, and the npm package of the command
 * (`npm`); all of them without `--target`. A platform's VSIX carries the native engine, cross-compiled;
 * `universal` and the npm package carry the WebAssembly one. What goes in is said in .vscodeignore; the bundles
 * are built for production first.
 */
import { spawnSync } from 'node:child_process';
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { createVSIX, listFiles } from '@vscode/vsce';

const root = join(import.meta.dirname, '..');
const limitMiB = 15;

/** VS Code's names of platforms, with Go's. Alpine's musl needs no other build: the engine is static. */
export const platforms: Record<string, { os: string; arch: string }> = {
  'linux-x64': { os: 'linux', arch: 'amd64' },
  'linux-arm64': { os: 'linux', arch: 'arm64' },
  'darwin-x64': { os: 'darwin', arch: 'amd64' },
  'darwin-arm64': { os: 'darwin', arch: 'arm64' },
  'win32-x64': { os: 'windows', arch: 'amd64' },
  'win32-arm64': { os: 'windows', arch: 'arm64' },
  'alpine-x64': { os: 'linux', arch: 'amd64' },
  'alpine-arm64': { os: 'linux', arch: 'arm64' },
};
const universal = 'universal';
const npmPackage = 'npm';

/** Lays out in `folder` what the VSIX for `target` holds. Throws when the project is not built. */
export function stage(target: string, folder: string, engine?: string): void {
  const names = [
    '.vscodeignore',
    'package.nls.json',
    'README.md',
    'CHANGELOG.md',
    'LICENSE',
    'l10n',
    'media',
    'syntaxes',
  ];
  const built = [
    'THIRD_PARTY_NOTICES.txt',
    'package.json',
    'cli.js',
    'cli.mjs',
    'hook.cjs',
    'server.mjs',
    'extension.cjs',
    'engine-worker.mjs',
    'chunks',
    'pack',
    'schemas',
    'kept-policies',
  ];
  for (const name of [...names, ...built.map((name) => join('dist', name))]) {
    if (existsSync(join(root, name))) cpSync(join(root, name), join(folder, name), { recursive: true });
    else if (name !== join('dist', 'chunks')) throw new Error(`${name} is missing: run npm run build`);
  }
  // Tools that unpack a VSIX have no use for what only development needs.
  const { devDependencies: _, dependencies: __, scripts: ___, allowScripts: ____, ...manifest } = readManifest();
  writeFileSync(join(folder, 'package.json'), `${JSON.stringify(manifest, null, 2)}\n`);
  mkdirSync(join(folder, 'dist', 'engine'), { recursive: true });
  if (target === universal) {
    for (const name of ['countersign-engine.wasm.br', 'countersign-engine.wasm.sha256']) {
      cpSync(join(root, 'engine', 'wasm', name), join(folder, 'dist', 'engine', name));
    }
  } else if (engine) {
    const name = platforms[target]?.os === 'windows' ? 'countersign-engine.exe' : 'countersign-engine';
    cpSync(engine, join(folder, 'dist', 'engine', name));
  }
}

/** The paths in the VSIX that {@link stage} laid out, sorted. */
export async function contents(folder: string): Promise<string[]> {
  // Without packagedDependencies it would ask npm for node_modules; everything is bundled.
  const files = await listFiles({ cwd: folder, packageManager: 0 });
  return files.map((file) => file.replaceAll('\\', '/')).sort();
}

function readManifest(): Record<string, unknown> {
  return JSON.parse(readFileSync(join(root, 'package.json'), 'utf8'));
}

function run(script: string, ...args: string[]): void {
  const { status } = spawnSync(process.execPath, [join(root, 'scripts', script), ...args], { stdio: 'inherit' });
  if (status !== 0) throw new Error(`${script} ${args.join(' ')} ended with ${status}`);
}

/** Makes the npm package of the command, with everything it needs bundled, and gives back its path. */
function makeNpmPackage(out: string): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-npm-'));
  try {
    stage(universal, folder);
    rmSync(join(folder, '.vscodeignore'));
    const args = ['pack', '--ignore-scripts', '--silent', '--pack-destination', out];
    const packed = spawnSync('npm', args, { cwd: folder, encoding: 'utf8', shell: process.platform === 'win32' });
    if (packed.status !== 0) throw new Error(`npm ${args.join(' ')}: ${packed.stderr}`);
    const packagePath = join(out, `countersign-${readManifest().version}.tgz`);
    console.log(`${packagePath}: ${(statSync(packagePath).size / 2 ** 20).toFixed(1)} MiB`);
    return packagePath;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

/** Makes one VSIX and gives back its path. Throws when it is too large to be pleasant. */
async function make(target: string, out: string): Promise<string> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-vsix-'));
  try {
    const platform = platforms[target];
    const engine = platform && join(folder, 'engine');
    if (platform && engine)
      run('build-engine.ts', 'native', '--os', platform.os, '--arch', platform.arch, '--out', engine);
    const staged = join(folder, 'extension');
    mkdirSync(staged);
    stage(target, staged, engine);
    const { version } = readManifest();
    const packagePath = join(out, `countersign-${target}-${version}.vsix`);
    await createVSIX({
      cwd: staged,
      packagePath,
      target: target === universal ? undefined : target,
      dependencies: false,
      allowMissingRepository: true,
      rewriteRelativeLinks: false,
    });
    const size = statSync(packagePath).size / 2 ** 20;
    console.log(`${packagePath}: ${size.toFixed(1)} MiB`);
    if (size >= limitMiB) throw new Error(`${packagePath} is ${size.toFixed(1)} MiB; the limit is ${limitMiB}`);
    return packagePath;
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', multiple: true },
      out: { type: 'string', default: join(root, 'out', 'vsix') },
    },
  });
  const all = [universal, ...Object.keys(platforms), npmPackage];
  const targets = values.target ?? all;
  const unknown = targets.filter((target) => !all.includes(target));
  if (unknown.length > 0) {
    console.error(`No such target: ${unknown.join(', ')}. There are: ${all.join(', ')}.`);
    process.exit(2);
  }
  const out = resolve(values.out);
  mkdirSync(out, { recursive: true });
  run('build.ts', '--production');
  for (const target of targets) {
    if (target === npmPackage) makeNpmPackage(out);
    else await make(target, out);
  }
}
