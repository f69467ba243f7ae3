/**
 * Builds the policy engine from its Go source: `node scripts/build-engine.ts COMMAND`.
 *
 * - `native [--os GOOS] [--arch GOARCH] [--out FILE]`: for this machine, or another one; by default to
 *   dist/engine/countersign-engine[.exe]. Without Go it says so and succeeds when nothing more was asked for:
 *   the committed wasm engine answers then.
 * - `wasm`: dist/engine/countersign-engine.wasm.
 * - `compress`: builds the wasm and writes what is committed, to engine/wasm/. Brotli takes two minutes.
 * - `verify`: builds the wasm and compares it with what is committed, uncompressed.
 *
 * The same source and Go version give the same bytes, wherever they are built.
 */
import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { copyFileSync, existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { brotliCompressSync, brotliDecompressSync, constants } from 'node:zlib';

const root = join(import.meta.dirname, '..');
const engine = join(root, 'engine');
const wasm = join(root, 'dist', 'engine', 'countersign-engine.wasm');
const committed = join(engine, 'wasm', 'countersign-engine.wasm.br');
const checksum = join(engine, 'wasm', 'countersign-engine.wasm.sha256');
const support = join(engine, 'wasm', 'wasm_exec.js');

function fail(message: string): never {
  console.error(`engine: ${message}`);
  process.exit(1);
}

/** What `go` prints; fails with what it says. `undefined` when there is no Go. */
function go(args: string[], env: NodeJS.ProcessEnv = {}): string | undefined {
  const run = spawnSync('go', args, {
    cwd: engine,
    env: { ...process.env, ...env },
    encoding: 'utf8',
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  if (run.error) {
    if ((run.error as NodeJS.ErrnoException).code === 'ENOENT') return undefined;
    throw run.error;
  }
  if (run.status !== 0) fail(`go ${args[0]} failed`);
  return run.stdout.trim();
}

/** Builds to `output`; false when there is no Go. */
function build(output: string, env: NodeJS.ProcessEnv): boolean {
  mkdirSync(dirname(output), { recursive: true });
  const flags = ['-trimpath', '-buildvcs=false', '-ldflags=-s -w -buildid=', '-o', output];
  if (go(['build', ...flags, '.'], { GOFLAGS: '', ...env }) === undefined) return false;
  console.log(`engine: ${relative(root, output)}, ${(statSync(output).size / 2 ** 20).toFixed(1)} MB`);
  return true;
}

function buildWasm(): Buffer {
  if (!build(wasm, { GOOS: 'js', GOARCH: 'wasm', GOWASM: '' })) fail('the wasm build needs Go');
  return readFileSync(wasm);
}

const sha256 = (bytes: Uint8Array) => createHash('sha256').update(bytes).digest('hex');

/** Go's own glue for wasm; it has to be of the Go version that built. */
const supportOfGo = () => join(go(['env', 'GOROOT']) ?? '', 'lib', 'wasm', 'wasm_exec.js');

function native(args: string[]): void {
  const { values } = parseArgs({
    args,
    options: { os: { type: 'string' }, arch: { type: 'string' }, out: { type: 'string' } },
  });
  const windows = values.os === undefined ? process.platform === 'win32' : values.os === 'windows';
  const output = join(root, 'dist', 'engine', windows ? 'countersign-engine.exe' : 'countersign-engine');
  const env: NodeJS.ProcessEnv = { CGO_ENABLED: '0' };
  if (values.os !== undefined) env.GOOS = values.os;
  if (values.arch !== undefined) env.GOARCH = values.arch;
  if (build(values.out === undefined ? output : resolve(values.out), env)) return;
  if (args.length > 0) fail('building for a platform needs Go');
  console.log('engine: no Go here, so no native engine; the committed wasm engine answers, several times slower');
}

function compress(): void {
  const bytes = buildWasm();
  const packed = brotliCompressSync(bytes, {
    params: {
      [constants.BROTLI_PARAM_QUALITY]: constants.BROTLI_MAX_QUALITY,
      [constants.BROTLI_PARAM_LGWIN]: constants.BROTLI_MAX_WINDOW_BITS,
      [constants.BROTLI_PARAM_SIZE_HINT]: bytes.length,
    },
  });
  writeFileSync(committed, packed);
  writeFileSync(checksum, `${sha256(bytes)}  countersign-engine.wasm\n`);
  copyFileSync(supportOfGo(), support);
  console.log(`engine: ${relative(root, committed)}, ${(packed.length / 2 ** 20).toFixed(1)} MB`);
}

function verify(): void {
  if (!existsSync(committed)) fail(`there is no ${relative(root, committed)}`);
  const unpacked = sha256(brotliDecompressSync(readFileSync(committed)));
  if (!readFileSync(checksum, 'utf8').startsWith(`${unpacked} `)) {
    fail(`${relative(root, checksum)} is not the checksum of what ${relative(root, committed)} unpacks to`);
  }
  if (sha256(buildWasm()) !== unpacked) {
    fail('the committed wasm engine is not what its source builds; node scripts/build-engine.ts compress');
  }
  if (!readFileSync(supportOfGo()).equals(readFileSync(support))) {
    fail(`${relative(root, support)} is of another Go version than this one`);
  }
  console.log('engine: the committed wasm engine is what its source builds');
}

const [command, ...args] = process.argv.slice(2);
if (command === 'native') native(args);
else if (command === 'wasm') buildWasm();
else if (command === 'compress') compress();
else if (command === 'verify') verify();
else
  fail(
    'usage: node scripts/build-engine.ts native [--os GOOS] [--arch GOARCH] [--out FILE] | wasm | compress | verify',
  );
