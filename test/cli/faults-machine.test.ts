/** The machine fails: disk, streams, signals, limits, clock, environment. docs/faults.md lists these tests. */
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { chmodSync, closeSync, existsSync, openSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { assertUndecided, judgedRepository, nativeEngine, onLinux, onWindows, runBehind } from './faults.ts';
import { countersign, entry, newRepository, outsideOfCi, temporaryFolder, writeFiles } from './harness.ts';

const repository = judgedRepository();
const { folder: cwd, base, good, bad } = repository;
const gate = ['gate', '--base', base, '--head', good];
const denied = ['gate', '--base', base, '--head', bad];
const isRoot = process.getuid?.() === 0;

test('the disk is full where the decision is recorded', { skip: !onLinux }, async () => {
  const ran = await countersign([...gate, '--decision-log', '/dev/full'], { cwd });
  assertUndecided(ran, /could not be recorded.*(ENOSPC|no space)/);
});

test('the disk is full where a report goes', { skip: !onLinux }, async () => {
  const ran = await countersign([...gate, '--format', 'json=/dev/full'], { cwd });
  assertUndecided(ran, /ENOSPC/);
});

for (const stream of ['stdout', 'stderr'] as const) {
  test(`the disk is full behind ${stream}`, { skip: !onLinux }, async () => {
    const full = openSync('/dev/full', 'w');
    const args = stream === 'stdout' ? gate : [...gate, '--verbose'];
    const ran = await runBehind([], args, { cwd, [stream]: full });
    closeSync(full);
    assert.equal(ran.code, 3, ran.stderr);
    if (stream === 'stdout') assert.match(ran.stderr, /ENOSPC/);
  });
}

test('a file may not grow (ulimit -f)', { skip: !onLinux }, async () => {
  const log = join(temporaryFolder(), 'log.jsonl');
  const behind = ['/bin/sh', '-c', 'ulimit -f 0; exec "$@"', 'sh'];
  const ran = await runBehind(behind, [...gate, '--decision-log', log], { cwd });
  assert.equal(ran.stdout, '', 'nothing that could be taken for a verdict');
  assert.ok(ran.signal === 'SIGXFSZ' || ran.code === 3, `${ran.code} ${ran.signal}`);
  // A lock that was never whole is none: the next one records at once.
  const next = await countersign([...gate, '--decision-log', log], { cwd });
  assert.equal(next.code, 0, next.stderr);
});

test('a folder may not be written', { skip: onWindows }, async () => {
  const folder = temporaryFolder();
  chmodSync(folder, 0o555);
  // What the owner may not, root may: then somebody else runs it.
  chmodSync(cwd, 0o755);
  const nobody = isRoot ? { uid: 65534, gid: 65534 } : {};
  const env = { GIT_CONFIG_COUNT: '1', GIT_CONFIG_KEY_0: 'safe.directory', GIT_CONFIG_VALUE_0: '*' };
  const run = (args: string[]) => runBehind([], [...gate, ...args], { cwd, env, ...nobody });
  assert.equal((await run([])).code, 0);
  assertUndecided(await run(['--decision-log', join(folder, 'log.jsonl')]), /EACCES/);
  assertUndecided(await run(['--format', `json=${join(folder, 'report.json')}`]), /EACCES/);
});

test('a folder is a file, or is not there', async () => {
  const folder = temporaryFolder();
  writeFiles(folder, { file: '' });
  for (const place of [join(folder, 'file', 'x.json'), join(folder, 'nowhere', 'x.json')]) {
    assertUndecided(await countersign([...gate, '--decision-log', place], { cwd }), /ENOTDIR|ENOENT|folder is missing/);
    assertUndecided(await countersign([...gate, '--format', `json=${place}`], { cwd }), /ENOTDIR|ENOENT/);
  }
});

test('a reader of the output goes away', { skip: onWindows }, async () => {
  for (const [args, code] of [
    [gate, 0],
    [denied, 1],
  ] as const) {
    const ran = await new Promise<number | null>((resolve, reject) => {
      const env = { ...outsideOfCi(process.env) };
      const child = spawn(process.execPath, [entry, ...args, '-v'], { cwd, env, stdio: ['ignore', 'pipe', 'pipe'] });
      child.stdout.destroy();
      child.stderr.destroy();
      child.on('error', reject);
      child.on('close', resolve);
    });
    assert.equal(ran, code);
  }
});

const signals: [signal: NodeJS.Signals, code: number | null][] = [
  ['SIGINT', 130],
  ['SIGTERM', 143],
  ['SIGHUP', null],
  ['SIGKILL', null],
];
for (const [signal, code] of signals) {
  test(`${signal} arrives while it decides`, { skip: onWindows }, async () => {
    const endless =
      'package slow\n\ndeny contains "x" if {\n\tsome i in numbers.range(1, 100000)\n\tsome j in numbers.range(1, 100000)\n\ti * j == -1\n}\n';
    const { folder, base, good } = judgedRepository({ '.countersign/policies/slow.rego': endless });
    const child = spawn(process.execPath, [entry, 'gate', '--base', base, '--head', good, '-v'], {
      cwd: folder,
      env: { ...outsideOfCi(process.env) },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let stdout = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    const ended = new Promise<[number | null, string | null]>((resolve) => {
      child.on('close', (code, by) => resolve([code, by]));
    });
    // The engine says that it runs; the policy then never ends.
    await new Promise<void>((resolve) => child.stderr.once('data', () => setTimeout(resolve, 300)));
    child.stderr.resume();
    child.kill(signal);
    assert.deepEqual(await ended, code === null ? [null, signal] : [code, null]);
    assert.equal(stdout, '', 'nothing that could be taken for a verdict');
  });
}

test('there are too few file handles', { skip: !onLinux }, async () => {
  for (const limit of [22, 26, 32]) {
    const behind = ['/bin/sh', '-c', `ulimit -n ${limit}; exec "$@"`, 'sh'];
    const ran = await runBehind(behind, gate, { cwd });
    assert.ok(ran.code !== 0 && ran.code !== 1, `${limit}: ${ran.code}\n${ran.stderr}`);
    assert.equal(ran.stdout, '', 'nothing that could be taken for a verdict');
  }
});

test('there is no home, no temporary folder, no cache and no locale', { skip: onWindows }, async () => {
  const nowhere = '/dev/null/nowhere';
  const env = { HOME: undefined, TMPDIR: nowhere, XDG_CACHE_HOME: nowhere, LANG: 'C', LC_ALL: 'C', TERM: undefined };
  assert.equal((await runBehind([], gate, { cwd, env })).code, 0);
  for (const build of existsSync(nativeEngine) ? ['native', 'wasm'] : ['wasm']) {
    const ran = await runBehind([], denied, { cwd, env: { ...env, COUNTERSIGN_ENGINE: build } });
    assert.equal(ran.code, 1, ran.stderr);
  }
});

/** The command under another clock: Node loads a module before it that moves the time. */
async function under(now: string, args: string[], folder: string) {
  const file = join(temporaryFolder(), 'clock.mjs');
  writeFileSync(
    file,
    `const offset = Date.parse(${JSON.stringify(now)}) - Date.now();
const Real = Date;
globalThis.Date = class extends Real {
  constructor(...given) { given.length === 0 ? super(Real.now() + offset) : super(...given); }
  static now() { return Real.now() + offset; }
};
`,
  );
  const env = { NODE_OPTIONS: `--import=${new URL(`file://${encodeURI(file)}`).href}` };
  const ran = await countersign([...args, '--format', 'json'], { cwd: folder, env });
  return { ...ran, now };
}

test('the clock is wrong by years', async () => {
  const day = 24 * 3600 * 1000;
  const at = (days: number) => new Date(Date.now() + days * day).toISOString();
  const exception = `rules: [undisclosed-ai]\nreason: It had to be quick\napproved_by: Bo Example <bo@example.com>\nopened: ${at(-1)}\nexpires: ${at(10)}\n`;
  const own = newRepository();
  assert.equal((await countersign(['init', '--yes', '--no-tests'], { cwd: own.folder })).code, 0);
  const init = own.commit('Adopt the pack\n', { files: { '.countersign/exceptions/quick.yaml': exception } });
  const told = new Date(Date.now() - 3600_000).toISOString();
  const disclosed = own.commit(
    `Add a parser\n\nAI-Model: claude-opus-4-6\nAI-Timestamp: ${told}\nAI-Context: Wrote the parser and its tests from the issue\nAI-Approver: Bo Example <bo@example.com>\n`,
    { files: { 'a.ts': '1' } },
  );
  const hidden = own.commit('Add a lexer\n\nCo-authored-by: Claude <noreply@anthropic.com>\n', {
    files: { 'b.ts': '1' },
  });
  const judge = (now: string, from: string, to: string) =>
    under(now, ['gate', '--base', from, '--head', to], own.folder);
  const now = await judge(at(0), init, disclosed);
  assert.equal(now.code, 0, now.stdout + now.stderr);
  const excused = await judge(at(0), disclosed, hidden);
  assert.equal(excused.code, 0, excused.stdout + excused.stderr);
  // Behind: the disclosure's time is in the future, and the exception is not in force yet.
  const behind = await judge(at(-400), init, disclosed);
  assert.equal(behind.code, 1, behind.stdout);
  assert.match(behind.stdout, /timestamp/);
  assert.equal((await judge(at(-400), disclosed, hidden)).code, 1);
  // Ahead: the exception has expired.
  assert.equal((await judge(at(400), disclosed, hidden)).code, 1);
});
