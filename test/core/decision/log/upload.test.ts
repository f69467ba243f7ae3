/** Uploading to a real server that is slow, busy, broken, or strict: nothing is lost, and nothing sent twice. */
import assert from 'node:assert/strict';
import { readFile, stat, writeFile } from 'node:fs/promises';
import type { RequestListener } from 'node:http';
import { dirname, join } from 'node:path';
import { type TestContext, test } from 'node:test';
import { gunzipSync } from 'node:zlib';
import type { DecisionRecord } from '../../../../core/decision/log/record.ts';
import { type UploadError, type UploadOptions, uploadLogs } from '../../../../core/decision/log/upload.ts';
import { uploadsName } from '../../../../core/decision/log/uploads.ts';
import { bodyOf, serve } from '../../../support/http-server.ts';
import { chained, folderFor, record, writeLog } from './support.ts';

const defaults: Omit<UploadOptions, 'to'> = { limitBytes: 32_768, timeoutMs: 10_000, giveUpMs: 10_000 };

interface Service {
  url: string;
  /** What it took, in order. */
  taken: DecisionRecord[];
  /** What it was sent, also when it did not take it: numbers of records, and bytes. */
  asked: { records: number; bytes: number; url?: string; authorization?: string }[];
}

/** A service that answers with these statuses, one after the other, then with 200. */
async function service(
  t: TestContext,
  answers: (number | [number, Record<string, string>] | 'break')[] = [],
): Promise<Service> {
  const found: Service = { url: '', taken: [], asked: [] };
  const listener: RequestListener = async (request, response) => {
    const body = await bodyOf(request);
    assert.equal(request.headers['content-encoding'], 'gzip');
    assert.equal(request.headers['content-type'], 'application/json');
    const records = JSON.parse(gunzipSync(body).toString()) as DecisionRecord[];
    const { authorization } = request.headers;
    found.asked.push({ records: records.length, bytes: body.length, url: request.url, authorization });
    const answer = answers.shift() ?? 200;
    if (answer === 'break') {
      request.socket.destroy();
      return;
    }
    const [status, headers] = typeof answer === 'number' ? [answer, {}] : answer;
    if (status === 200) found.taken.push(...records);
    response.writeHead(status, headers).end('{}');
  };
  found.url = await serve(t, listener);
  return found;
}

async function logOf(t: TestContext, count: number, size = 2000): Promise<{ file: string; records: DecisionRecord[] }> {
  const file = join(await folderFor(t), 'decisions.jsonl');
  const noise = () => Array.from({ length: size / 2 }, () => Math.floor(Math.random() * 36 ** 2).toString(36)).join('');
  const records = chained(Array.from({ length: count }, () => record({ input: { noise: noise() } as never })));
  await writeLog(file, records);
  return { file, records };
}

const ids = (records: readonly DecisionRecord[]) => records.map(({ decision_id }) => decision_id);

test('all records go, in order, in requests within the limit, and only once', async (t) => {
  const { file, records } = await logOf(t, 40);
  const to = await service(t);
  const done = await uploadLogs([file], {
    ...defaults,
    to: `${to.url}/base/`,
    partition: 'a b',
    token: 'secret',
    limitBytes: 8000,
  });
  assert.deepEqual(to.taken, records, 'as they are in the file');
  assert.deepEqual([done.sent, done.skipped], [40, 0]);
  assert.ok(to.asked.length > 1 && to.asked.length < 40);
  for (const { bytes, url, authorization } of to.asked) {
    assert.ok(bytes <= 8000, String(bytes));
    assert.equal(url, '/base/logs/a%20b');
    assert.equal(authorization, 'Bearer secret');
  }
  const state = await readFile(join(dirname(file), uploadsName), 'utf8');
  assert.doesNotMatch(state, /secret/);
  if (process.platform !== 'win32') assert.equal((await stat(join(dirname(file), uploadsName))).mode & 0o777, 0o600);

  const again = await uploadLogs([file], { ...defaults, to: `${to.url}/base/`, partition: 'a b' });
  assert.deepEqual([again.sent, again.skipped, again.requests], [0, 40, 0]);
  const longer = chained([...records.map(unchained), record()]).at(-1);
  await writeLog(file, [...records, relinked(records, longer)]);
  const more = await uploadLogs([file], { ...defaults, to: `${to.url}/base/`, partition: 'a b' });
  assert.deepEqual([more.sent, more.skipped], [1, 40]);
  const elsewhere = await uploadLogs([file], { ...defaults, to: to.url });
  assert.equal(elsewhere.sent, 41, 'another service has taken nothing yet');
});

test('a busy or broken service is asked again', async (t) => {
  const { file, records } = await logOf(t, 3);
  const to = await service(t, [503, [429, { 'retry-after': '0' }], 'break', 500]);
  const waits: string[] = [];
  const done = await uploadLogs([file], {
    ...defaults,
    to: to.url,
    waiting: (why, ms) => waits.push(`${why}, ${ms > 0}`),
  });
  assert.equal(done.requests, 5);
  assert.deepEqual(ids(to.taken), ids(records));
  assert.match(waits[0] ?? '', /answered 503, true/);
  assert.match(waits[2] ?? '', /cannot be reached/);
});

test('the service says how long to wait', async (t) => {
  const { file } = await logOf(t, 1);
  const soon = new Date(Date.now() + 2500).toUTCString();
  const to = await service(t, [
    [429, { 'retry-after': '1' }],
    [503, { 'retry-after': soon }],
  ]);
  const waits: number[] = [];
  await uploadLogs([file], { ...defaults, to: to.url, waiting: (_, ms) => waits.push(ms) });
  assert.ok((waits[0] ?? 0) >= 1000, 'at least a second');
  assert.equal(waits.length, 2);
  await assert.rejects(
    uploadLogs([(await logOf(t, 1)).file], {
      ...defaults,
      to: (await service(t, [[503, { 'retry-after': '3600' }]])).url,
    }),
    (error: UploadError) => error.kind === 'failed',
    'an hour is more than it may take',
  );
});

test('when it is given up nothing is lost, and the next time goes on where it ended', async (t) => {
  const { file, records } = await logOf(t, 20);
  const to = await service(t, [200, 200, ...Array<number>(50).fill(503)]);
  const options = { ...defaults, limitBytes: 8000, giveUpMs: 300 };
  await assert.rejects(uploadLogs([file], { ...options, to: to.url }), (error: UploadError) => {
    assert.equal(error.kind, 'failed');
    assert.match(error.message, /Nothing is lost/);
    return true;
  });
  const before = to.taken.length;
  assert.ok(before > 0 && before < 20);
  const listening = await service(t);
  // The same service, at another port: what it took is kept by its URL.
  const state = join(dirname(file), uploadsName);
  await writeFile(state, (await readFile(state, 'utf8')).replaceAll(to.url, listening.url));
  const done = await uploadLogs([file], { ...options, to: listening.url });
  assert.deepEqual([done.sent, done.skipped], [20 - before, before]);
  assert.deepEqual(ids([...to.taken, ...listening.taken]), ids(records));
});

test('what is too large for the service is sent in smaller parts', async (t) => {
  const { file, records } = await logOf(t, 8);
  const to = await service(t, [413, 413]);
  await uploadLogs([file], { ...defaults, limitBytes: 1_000_000, to: to.url });
  assert.deepEqual(
    to.asked.map((one) => one.records),
    [8, 4, 2, 2, 4],
  );
  assert.deepEqual(ids(to.taken), ids(records));
  const one = await logOf(t, 1);
  await assert.rejects(
    uploadLogs([one.file], { ...defaults, to: (await service(t, [413])).url }),
    (error: UploadError) => error.kind === 'refused' && error.message.includes(`${one.file}:1`),
  );
  const large = await logOf(t, 2, 50_000);
  const taking = await service(t);
  await uploadLogs([large.file], { ...defaults, limitBytes: 1000, to: taking.url });
  assert.equal(taking.taken.length, 2, 'a record is never left out for its size');
});

test('what would be refused again is not asked again', async (t) => {
  const { file } = await logOf(t, 1);
  for (const status of [400, 401, 403, 404, 301]) {
    const to = await service(t, [[status, { location: 'http://127.0.0.1:1/' }]]);
    await assert.rejects(uploadLogs([file], { ...defaults, to: to.url, token: 'secret' }), (error: UploadError) => {
      assert.equal(error.kind, 'refused');
      assert.match(error.message, new RegExp(String(status)));
      assert.doesNotMatch(error.message, /secret/);
      return true;
    });
    assert.equal(to.asked.length, 1);
  }
  for (const to of ['no url', 'ftp://example.com', 'https://user:pass@example.com', 'http://example.com']) {
    await assert.rejects(
      uploadLogs([file], { ...defaults, to, token: 'secret' }),
      (error: UploadError) => error.kind === 'refused' && !error.message.includes('secret'),
      to,
    );
  }
  await writeLog(file, [record()]);
  await assert.rejects(
    uploadLogs([file], { ...defaults, to: (await service(t)).url }),
    /:1: the record is in no chain/,
  );
  await writeLog(file, chained([record()]));
  await writeFile(join(dirname(file), uploadsName), 'x');
  await assert.rejects(
    uploadLogs([file], { ...defaults, to: (await service(t)).url }),
    /Delete it to upload all again/,
  );
});

test('files in any order, and two uploads at a time, send each record once', async (t) => {
  const { file, records } = await logOf(t, 10);
  const second = join(dirname(file), 'later.jsonl');
  await writeLog(file, records.slice(0, 6));
  await writeLog(second, records.slice(6));
  const to = await service(t);
  await uploadLogs([second], { ...defaults, to: to.url });
  const outcomes = await Promise.allSettled([
    uploadLogs([file, second], { ...defaults, to: to.url }),
    uploadLogs([second, file], { ...defaults, to: to.url }),
  ]);
  assert.deepEqual(
    outcomes.map(({ status }) => status),
    ['fulfilled', 'fulfilled'],
  );
  assert.deepEqual(ids(to.taken).sort(), ids(records).sort());
});

function unchained({ custom: _, ...rest }: DecisionRecord): DecisionRecord {
  return rest;
}

/** The record as the next of these. */
function relinked(before: readonly DecisionRecord[], one: DecisionRecord | undefined): DecisionRecord {
  const last = before.at(-1)?.custom?.countersign?.chain;
  assert.ok(one && last);
  const chain = { ...(one.custom?.countersign?.chain ?? last), id: last.id, sequence: last.sequence + 1 };
  return { ...one, custom: { countersign: { chain } } };
}
