/** Which build answers, where it is found, and what a damaged or missing one gives. */
import assert from 'node:assert/strict';
import {
  copyFileSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  utimesSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, before, describe, test } from 'node:test';
import { pathToFileURL } from 'node:url';
import { engineFromEnvironment, locateEngine } from '../../engine/locate.ts';
import { errorCodes } from '../../engine/protocol.ts';
import { startEngine } from '../../engine/start.ts';
import { loadEngineModule } from '../../engine/wasm-module.ts';
import { builds, engineError, startRecorded } from './builds.ts';

const nativeSkip = builds[0]?.skip;

/** Runs with `COUNTERSIGN_ENGINE` set. */
async function withEnvironment<T>(value: string, run: () => Promise<T>): Promise<T> {
  process.env.COUNTERSIGN_ENGINE = value;
  try {
    return await run();
  } finally {
    delete process.env.COUNTERSIGN_ENGINE;
  }
}

describe('choosing a build', () => {
  let folder: string;
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign engine ü '));
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  test('beside a bundle, the files lie in engine/ and the worker next to it', () => {
    const beside = locateEngine(pathToFileURL(join(folder, 'cli.js')).href);
    assert.ok(beside.native.startsWith(join(folder, 'engine', 'countersign-engine')));
    assert.equal(beside.wasm, join(folder, 'engine', 'countersign-engine.wasm.br'));
    assert.equal(beside.worker, join(folder, 'engine-worker.mjs'));
    // The bundler may put this module into a chunk.
    assert.deepEqual(locateEngine(pathToFileURL(join(folder, 'chunks', 'start-ABC.js')).href), beside);
  });

  test('the environment names a build or a path', () => {
    assert.deepEqual(engineFromEnvironment(undefined), {});
    assert.deepEqual(engineFromEnvironment('auto'), {});
    assert.deepEqual(engineFromEnvironment('wasm'), { build: 'wasm' });
    assert.deepEqual(engineFromEnvironment('/opt/engine'), { build: 'native', path: '/opt/engine' });
  });

  test('auto takes the native engine where there is one, and says so', { skip: nativeSkip }, async () => {
    const { engine, log } = await startRecorded({});
    await engine.dispose();
    assert.equal(engine.build, 'native');
    assert.ok(log.includes(`engine: native, ${locateEngine().native}`), log.join('\n'));
  });

  test('the environment asks for wasm, and the log says why', async () => {
    const { engine, log } = await withEnvironment('wasm', () => startRecorded({}));
    await engine.dispose();
    assert.equal(engine.build, 'wasm');
    assert.ok(
      log.some((line) => /^engine: wasm, .*\(asked for\)/.test(line)),
      log.join('\n'),
    );
  });

  test('an engine that was asked for by path is not replaced by another', async () => {
    const nowhere = join(folder, 'nowhere');
    const start = withEnvironment(nowhere, () => startEngine());
    await assert.rejects(start, engineError(errorCodes.unavailable, /nowhere/));
  });

  test('a program that is no engine is refused', { skip: process.platform === 'win32' }, async () => {
    const start = withEnvironment('/bin/cat', () => startEngine());
    await assert.rejects(start, engineError(errorCodes.unavailable, /native/));
    const ended = withEnvironment('/bin/true', () => startEngine());
    await assert.rejects(ended, engineError(errorCodes.unavailable, /exited with code 0/));
  });

  test('a native engine in a folder with spaces and other letters runs', { skip: nativeSkip }, async () => {
    const program = join(folder, 'engine é', process.platform === 'win32' ? 'e.exe' : 'e');
    mkdirSync(join(folder, 'engine é'));
    copyFileSync(locateEngine().native, program);
    const engine = await withEnvironment(program, () => startEngine());
    await engine.dispose();
    assert.equal(engine.build, 'native');
  });
});

describe('the wasm artifact', () => {
  const { wasm } = locateEngine();
  let folder: string;
  let log: string[];
  before(() => {
    folder = mkdtempSync(join(tmpdir(), 'countersign-artifact-'));
    log = [];
  });
  after(() => rmSync(folder, { recursive: true, force: true }));

  /** A copy of the artifact, changed. */
  function artifact(name: string, change: (packed: Buffer, checksum: string) => [Buffer, string]): string {
    const [packed, checksum] = change(readFileSync(wasm), readFileSync(wasm.replace('.br', '.sha256'), 'utf8'));
    writeFileSync(join(folder, `${name}.wasm.br`), packed);
    writeFileSync(join(folder, `${name}.wasm.sha256`), checksum);
    return join(folder, `${name}.wasm.br`);
  }

  const load = (file: string, cache = join(folder, 'cache')) => loadEngineModule(file, (line) => log.push(line), cache);

  test('one whose checksum is another is refused', async () => {
    const file = artifact('other', (packed) => [packed, `${'0'.repeat(64)}  countersign-engine.wasm\n`]);
    await assert.rejects(load(file), /other\.wasm\.br is damaged: .* SHA-256 0000/);
  });

  test('one that does not unpack is refused', async () => {
    const file = artifact('cut', (packed, checksum) => [packed.subarray(0, packed.length / 2), checksum]);
    await assert.rejects(load(file), /cut\.wasm\.br is damaged/);
  });

  test('one without a checksum is refused', async () => {
    const file = artifact('none', (packed) => [packed, 'nothing\n']);
    await assert.rejects(load(file), /none\.wasm\.sha256 does not start with a SHA-256/);
  });

  test('what was unpacked is kept, and made anew when it is damaged', async () => {
    const cache = join(folder, 'kept');
    await load(wasm, cache);
    const [name] = readdirSync(cache);
    assert.match(name ?? '', /^[0-9a-f]{64}\.wasm$/);
    const kept = join(cache, name!);
    const good = readFileSync(kept);
    writeFileSync(kept, good.subarray(0, 1000));
    log = [];
    await load(wasm, cache);
    assert.ok(
      log.some((line) => /damaged/.test(line)),
      log.join('\n'),
    );
    assert.ok(readFileSync(kept).equals(good));
    assert.deepEqual(readdirSync(cache), [name]);
  });

  test('engines of other versions are forgotten after a month', async () => {
    const cache = join(folder, 'old');
    mkdirSync(cache);
    const [old, recent, foreign] = [`${'a'.repeat(64)}.wasm`, `${'b'.repeat(64)}.wasm`, 'notes.txt'];
    for (const name of [old, recent, foreign]) {
      writeFileSync(join(cache, name), '');
    }
    const past = Date.now() / 1000 - 40 * 24 * 3600;
    utimesSync(join(cache, old), past, past);
    utimesSync(join(cache, foreign), past, past);
    await load(wasm, cache);
    const left = readdirSync(cache);
    assert.deepEqual([left.includes(old), left.includes(recent), left.includes(foreign)], [false, true, true]);
  });

  test('a cache that cannot be written is done without', async () => {
    const file = join(folder, 'a file');
    writeFileSync(file, '');
    log = [];
    await load(wasm, join(file, 'cache'));
    assert.ok(
      log.some((line) => /not kept/.test(line)),
      log.join('\n'),
    );
  });
});
