import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readdirSync, readFileSync, rmSync, utimesSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { locked } from '../../../../core/decision/log/lock.ts';

const folder = mkdtempSync(join(tmpdir(), 'countersign lock '));
after(() => rmSync(folder, { recursive: true, force: true }));
const module = new URL('../../../../core/decision/log/lock.ts', import.meta.url).href;

/** A process that runs a text in which `locked` and `file` are known. */
function other(file: string, text: string): ChildProcess {
  const source = `import { locked } from ${JSON.stringify(module)}; const file = ${JSON.stringify(file)};\n${text}`;
  return spawn(process.execPath, ['--input-type=module', '-e', source], { stdio: ['ignore', 'pipe', 'inherit'] });
}

async function killed(child: ChildProcess): Promise<void> {
  const gone = once(child, 'exit');
  child.kill('SIGKILL');
  await gone;
}

/** Too short for any lock to be too old. */
const soon = { waitMs: 5000 };

test('the lock of a process that was killed is taken at once', async () => {
  const file = join(folder, 'killed');
  const holder = other(
    file,
    "await locked(file, () => new Promise(() => { console.log('held'); setInterval(() => {}, 1000); }));",
  );
  await once(holder.stdout ?? holder, 'data');
  await assert.rejects(
    locked(file, async () => 1, { waitMs: 50 }),
    /another process holds it/,
  );
  await killed(holder);
  assert.ok(existsSync(`${file}.lock`));
  assert.equal(await locked(file, async () => 1, soon), 1);
  assert.ok(!existsSync(`${file}.lock`));
});

test('one that is killed at any moment leaves no lock that says nothing of it', async () => {
  const file = join(folder, 'any moment');
  for (let round = 0; round < 12; round++) {
    const busy = other(file, "console.log('here'); for (;;) await locked(file, async () => {});");
    await once(busy.stdout ?? busy, 'data');
    await pause(Math.random() * 20);
    await killed(busy);
    if (existsSync(`${file}.lock`)) assert.match(readFileSync(`${file}.lock`, 'utf8'), new RegExp(`^${busy.pid} `));
    assert.equal(await locked(file, async () => 1, soon), 1);
  }
});

test('a lock of another machine, or one that names nobody, is waited for until it is too old', async () => {
  const file = join(folder, 'elsewhere');
  const lock = `${file}.lock`;
  for (const [text, tooOldMs] of [
    ['1 another.example/boot/pid 1 id\n', 120_000],
    ['', 10_000],
  ] as const) {
    writeFileSync(lock, text);
    await assert.rejects(
      locked(file, async () => 1, { waitMs: 50 }),
      /another process holds it/,
    );
    const then = new Date(Date.now() - tooOldMs - 1000);
    utimesSync(lock, then, then);
    assert.equal(await locked(file, async () => 1, soon), 1);
  }
  assert.deepEqual(
    readdirSync(folder).filter((name) => name.startsWith('elsewhere')),
    [],
  );
});

test('a process that has the number of one that is gone does not hold its lock', {
  skip: process.platform !== 'linux',
}, async () => {
  const file = join(folder, 'number');
  const text = await locked(file, async () => readFileSync(`${file}.lock`, 'utf8'));
  writeFileSync(`${file}.lock`, text);
  await assert.rejects(
    locked(file, async () => 1, { waitMs: 50 }),
    /another process holds it/,
  );
  const [pid, place, start, id] = text.split(' ');
  writeFileSync(`${file}.lock`, [pid, place, Number(start) - 1, id].join(' '));
  assert.equal(await locked(file, async () => 1, soon), 1);
});

test('work that fails leaves no lock', async () => {
  const file = join(folder, 'failing');
  const failing = locked(file, async () => {
    throw new Error('as it is');
  });
  await assert.rejects(failing, /as it is/);
  assert.ok(!existsSync(`${file}.lock`));
});
