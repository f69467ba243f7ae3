/**
 * `npm run build`: bundles what runs (dist/), and builds the native engine where Go is installed.
 * Without Go the build goes on: the committed wasm engine answers then.
 */
import { spawnSync } from 'node:child_process';
import { chmodSync, cpSync, existsSync, mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { type BuildOptions, build, type Plugin } from 'esbuild';
import { bundleNotices } from './notices.ts';

const root = join(import.meta.dirname, '..');
const dist = join(root, 'dist');
const production = process.argv.includes('--production');

const shared: BuildOptions = {
  absWorkingDir: root,
  bundle: true,
  platform: 'node',
  target: 'node20',
  // ES modules first: the UMD main of some libraries hides its requires from the bundler.
  mainFields: ['module', 'main'],
  outdir: 'dist',
  minify: production,
  sourcemap: production ? false : 'linked',
  logLevel: 'warning',
  legalComments: 'none',
  metafile: true,
};

/** Bundled CommonJS dependencies call `require`, which an ES module lacks. */
const requireShim =
  "import { createRequire as __createRequire } from 'node:module'; const require = __createRequire(import.meta.url);";

/**
 * Each commit waits for what the hooks run: one CommonJS file, whose compiled form Node keeps. That takes
 * a fifth of the wait away (p50 124 ms against 150 from forty chunks).
 */
const hookApart: Plugin = {
  name: 'hook-apart',
  setup({ onLoad }) {
    // Not imported: Node reads a CommonJS file that is imported twice.
    const contents = `import { createRequire } from 'node:module';
      createRequire(import.meta.url)('../hook.cjs');`;
    onLoad({ filter: /[\\/]cli[\\/]hook[\\/]main\.ts$/ }, () => ({ contents, loader: 'js' }));
  },
};

/**
 * Modules of Node that a commit seldom needs and that take milliseconds to load, loaded when something of them is
 * used.
 */
const lateBuiltins: Plugin = {
  name: 'late-builtins',
  setup({ onResolve, onLoad }) {
    const late = /^node:(crypto|net|tty|readline|readline\/promises|timers\/promises|v8|zlib|worker_threads)$/;
    onResolve({ filter: late }, ({ path, namespace }) =>
      namespace === 'late' ? { path, external: true } : { path, namespace: 'late' },
    );
    onLoad({ filter: /.*/, namespace: 'late' }, async ({ path }) => {
      const names = Object.keys(await import(path)).filter((name) => /^[a-z]\w*$/i.test(name) && name !== 'default');
      const getters = names.map((name) => `get ${name}() { return require('${path}').${name}; },`);
      return { contents: `module.exports = {\n${getters.join('\n')}\n};` };
    });
  },
};

/** What the door opens is built beside it. */
function doorsTo(built: Record<string, string>): Plugin {
  return {
    name: 'doors',
    setup({ onResolve }) {
      onResolve({ filter: /^\./ }, ({ kind, path }) =>
        kind === 'entry-point' ? undefined : { path: built[path], external: true },
      );
    },
  };
}

/** Only these are ours to delete; dist/engine and dist/peers keep what is slow to make. */
const scripts = ['cli.js', 'cli.mjs', 'hook.cjs', 'server.mjs', 'engine-worker.mjs', 'extension.cjs'];
const ours = ['chunks', 'pack', 'schemas', ...scripts];
for (const name of ours) rmSync(join(dist, name), { recursive: true, force: true });
mkdirSync(join(dist, 'engine'), { recursive: true });

const bundles = await Promise.all([
  build({
    ...shared,
    entryPoints: { cli: 'cli/main.ts' },
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    banner: { js: requireShim },
    plugins: [hookApart],
  }),
  build({
    ...shared,
    entryPoints: { cli: 'cli/door.cts' },
    format: 'cjs',
    banner: { js: '#!/usr/bin/env node' },
    plugins: [doorsTo({ './main.ts': './cli.mjs', './hook/main.ts': './hook.cjs' })],
    minify: true,
    sourcemap: false,
  }),
  build({
    ...shared,
    entryPoints: { hook: 'cli/hook/main.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    plugins: [lateBuiltins],
    // Less to read at each commit.
    minify: true,
    banner: { js: "const __moduleUrl = require('node:url').pathToFileURL(__filename).href;" },
    define: { 'import.meta.url': '__moduleUrl' },
  }),
  build({
    ...shared,
    entryPoints: { server: 'server/node.ts', 'engine-worker': 'engine/worker.ts' },
    format: 'esm',
    splitting: true,
    chunkNames: 'chunks/[name]-[hash]',
    outExtension: { '.js': '.mjs' },
    banner: { js: requireShim },
  }),
  build({
    ...shared,
    entryPoints: { extension: 'client/extension.ts' },
    format: 'cjs',
    outExtension: { '.js': '.cjs' },
    external: ['vscode'],
  }),
]);
chmodSync(join(dist, 'cli.js'), 0o755);
// The project's .js files are ES modules; the door is none.
writeFileSync(join(dist, 'package.json'), '{ "type": "commonjs" }\n');
const inputs = bundles.flatMap(({ metafile }) => Object.keys(metafile?.inputs ?? {}));
writeFileSync(join(dist, 'THIRD_PARTY_NOTICES.txt'), bundleNotices(inputs));

cpSync(join(root, 'policies'), join(dist, 'pack'), { recursive: true });
// Editors open them: what a field of the input is, is said there.
for (const schema of ['core/schemas/input.schema.json', 'server/rego/embedded/review.schema.json']) {
  cpSync(join(root, schema), join(dist, 'schemas', basename(schema)));
}
const wasm = join(root, 'engine', 'wasm');
if (existsSync(wasm)) cpSync(wasm, join(dist, 'engine'), { recursive: true });

const engine = spawnSync(process.execPath, [join(root, 'scripts', 'build-engine.ts'), 'native'], { stdio: 'inherit' });
if (engine.status !== 0) process.exit(engine.status ?? 1);

// With it a repository's first commit is decided as fast as the next ones.
const kept = spawnSync(process.execPath, [join(root, 'scripts', 'keep-policies.ts')], { stdio: 'inherit' });
if (kept.status !== 0) process.exit(kept.status ?? 1);
