import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { jsonLines, readHeadOf, readTail } from '../../../core/prefill/json-lines.ts';
import { temporaryFolder } from '../../support/repository.ts';

test('of any lines those that are JSON come, in order; of each other one something is said', () => {
  fc.assert(
    fc.property(
      fc.array(
        fc.oneof(
          fc.json(),
          fc.string().map((text) => text.replaceAll('\n', ' ')),
        ),
      ),
      (lines) => {
        const skipped: string[] = [];
        const found = [...jsonLines(lines.join('\n'), (why) => skipped.push(why))];
        const good = lines.filter((line) => {
          try {
            JSON.parse(line);
            return true;
          } catch {
            return false;
          }
        });
        assert.deepEqual(
          found,
          good.map((line): unknown => JSON.parse(line)),
        );
        assert.equal(skipped.length, lines.filter((line) => line.trim() !== '').length - good.length);
      },
    ),
  );
});

test('the end and the start of a file are whole lines, wherever they are cut', async (t) => {
  const file = join(await temporaryFolder(t), 'log ü.jsonl');
  const lines = Array.from({ length: 40 }, (_, at) => JSON.stringify({ at, text: 'é😀'.repeat(at % 7) }));
  const text = `${lines.join('\n')}\n`;
  await writeFile(file, text);
  for (let bytes = 1; bytes < Buffer.byteLength(text) + 10; bytes += 13) {
    const tail = (await readTail(file, bytes)) ?? '';
    assert.ok(text.endsWith(tail));
    const end = [...jsonLines(tail, assert.fail)];
    assert.deepEqual(
      end,
      lines.slice(lines.length - end.length).map((line): unknown => JSON.parse(line)),
    );
    const head = (await readHeadOf(file, bytes)) ?? '';
    assert.ok(text.startsWith(head));
    const start = [...jsonLines(head, assert.fail)];
    assert.deepEqual(
      start,
      lines.slice(0, start.length).map((line): unknown => JSON.parse(line)),
    );
  }
  assert.equal(await readTail(file, 1_000_000), text);
  assert.equal(await readTail(`${file}.not`, 10), undefined);
  assert.equal(await readTail(join(file, '..'), 10), undefined);
  assert.equal(await readHeadOf(join(file, 'below'), 10), undefined);
});

test('what is no file is not opened', { skip: process.platform === 'win32' }, async (t) => {
  const socket = join(await temporaryFolder(t), 'socket');
  const server = createServer().listen(socket);
  await once(server, 'listening');
  t.after(() => server.close());
  assert.equal(await readTail(socket, 10), undefined);
  assert.equal(await readHeadOf('/dev/zero', 10), undefined);
});
