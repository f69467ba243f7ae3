/**
 * Sends decision logs as OPA does: POST /logs[/PARTITION] with a gzipped JSON array of records
 * (https://www.openpolicyagent.org/docs/management-decision-logs#decision-log-service-api; v1/plugins/logs/encoder.go).
 *
 * A record counts as sent when the service has said so, and is not sent again then; one that it may have taken without
 * our hearing of it is sent again, under the same decision_id.
 */
import { setTimeout as after } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzipSync, gzip as gzipWithCallback } from 'node:zlib';
import { askHttp, HttpError, isLoopback } from '../../http-client.ts';
import { linkOf } from './chain.ts';
import { locked } from './lock.ts';
import { readLogs } from './read.ts';
import { readUploads, type Uploads, uploadsFile } from './uploads.ts';

const gzip = promisify(gzipWithCallback);

export interface UploadOptions {
  /** The service's URL, to which `/logs` is added. */
  to: string;
  partition?: string;
  /** A bearer token; over plain HTTP it goes to this machine only. */
  token?: string;
  /** How large a request may be, compressed, unless it is of one record. */
  limitBytes: number;
  timeoutMs: number;
  /** For how long to try again while the service takes nothing. */
  giveUpMs: number;
  /** Told before each wait. */
  waiting?: (why: string, ms: number) => void;
}

export interface Uploaded {
  sent: number;
  /** They were sent before. */
  skipped: number;
  requests: number;
}

/** `refused`: it would be again; `failed`: another time it may go. What was sent until then is noted. */
export class UploadError extends Error {
  readonly kind: 'refused' | 'failed';
  constructor(kind: 'refused' | 'failed', message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'UploadError';
    this.kind = kind;
  }
}

interface Item {
  file: string;
  line: number;
  text: string;
  chain: string;
  sequence: number;
  uploads: Uploads;
}

/** Sends what was not sent yet, in order. Rejects with {@link UploadError}, and when a file cannot be read or written. */
export async function uploadLogs(files: readonly string[], options: UploadOptions): Promise<Uploaded> {
  const url = logsUrl(options);
  const states = [...new Set(files.map(uploadsFile))].sort();
  const done: Uploaded = { sent: 0, skipped: 0, requests: 0 };
  const day = 86_400_000;
  const begin = async (left: readonly string[]): Promise<void> => {
    const [state, ...rest] = left;
    if (state === undefined) return sendAll(files, url, options, done);
    await locked(state, () => begin(rest), { waitMs: 1000, staleMs: day });
  };
  await begin(states);
  return done;
}

function logsUrl({ to, partition, token }: UploadOptions): string {
  let url: URL;
  try {
    url = new URL(to);
  } catch {
    throw new UploadError('refused', `${JSON.stringify(to)} is no URL.`);
  }
  if (!/^https?:$/.test(url.protocol)) throw new UploadError('refused', 'Decision logs go to an http or https URL.');
  if (url.username || url.password) throw new UploadError('refused', 'The URL must not have a password in it.');
  if (token !== undefined && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new UploadError('refused', `The token is not sent to ${url.origin} over plain HTTP: use https.`);
  }
  const parts = ['logs', ...(partition === undefined ? [] : [partition])].map(encodeURIComponent);
  url.pathname = `${url.pathname.replace(/\/+$/, '')}/${parts.join('/')}`;
  return url.href;
}

async function sendAll(files: readonly string[], url: string, options: UploadOptions, done: Uploaded): Promise<void> {
  const folders = new Map<string, Uploads>();
  let chunk: Item[] = [];
  let size = 2;
  const flush = async (): Promise<void> => {
    if (chunk.length > 0) await send(chunk, url, options, done);
    chunk = [];
    size = 2;
  };
  for await (const one of readLogs(files)) {
    const { file, line } = one;
    const fail = (what: string): never => {
      throw new UploadError('refused', `${file}:${line}: ${what}. See: countersign decision verify`);
    };
    if ('problem' in one) return fail(one.problem);
    const link = linkOf(one.record) ?? fail('the record is in no chain, so that nobody could say whether it was sent');
    const state = uploadsFile(file);
    const uploads = folders.get(state) ?? (await readUploads(state, url));
    folders.set(state, uploads);
    if (uploads.has(link.id, link.sequence)) {
      done.skipped++;
      continue;
    }
    // Together they compress better than each alone, so that this is an upper bound, all but a few bytes.
    const own = gzipSync(one.text, { level: 1 }).length;
    if (chunk.length > 0 && size + own > options.limitBytes) await flush();
    chunk.push({ file, line, text: one.text, chain: link.id, sequence: link.sequence, uploads });
    size += own;
  }
  await flush();
}

/** Sends these records in one request, or in several when they are too much for the service. */
async function send(chunk: readonly Item[], url: string, options: UploadOptions, done: Uploaded): Promise<void> {
  const body = await gzip(`[${chunk.map(({ text }) => text).join()}]`);
  const status = chunk.length > 1 && body.length > options.limitBytes ? 413 : await post(body, url, options, done);
  if (status === 413 && chunk.length > 1) {
    const half = Math.ceil(chunk.length / 2);
    await send(chunk.slice(0, half), url, options, done);
    return send(chunk.slice(half), url, options, done);
  }
  const [{ file, line } = { file: '', line: 0 }] = chunk;
  if (status === 413) {
    throw new UploadError(
      'refused',
      `${file}:${line}: the record is too large for the service (${body.length} bytes).`,
    );
  }
  const byState = new Map<Uploads, Item[]>();
  for (const item of chunk) byState.set(item.uploads, [...(byState.get(item.uploads) ?? []), item]);
  for (const [uploads, items] of byState) await uploads.add(items);
  done.sent += chunk.length;
}

/** Resolves to a status of success, or 413; waits and tries again where that may help. */
async function post(body: Uint8Array, url: string, options: UploadOptions, done: Uploaded): Promise<number> {
  const { token, timeoutMs, giveUpMs } = options;
  const until = Date.now() + giveUpMs;
  for (let attempt = 0; ; attempt++) {
    let why: string;
    let asked = 0;
    try {
      done.requests++;
      const answer = await askHttp(url, {
        method: 'POST',
        body,
        headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
        ...(token !== undefined && { authorization: `Bearer ${token}` }),
        maxBytes: 1 << 20,
        timeoutMs,
        attempts: 1,
      });
      const { status, headers } = answer;
      if ((status >= 200 && status < 300) || status === 413) return status;
      why = `the service answered ${status}`;
      if (status !== 408 && status !== 429 && status < 500)
        throw new UploadError('refused', `${refusal(status)} (${url}).`);
      asked = retryAfter(headers['retry-after']);
    } catch (error) {
      if (!(error instanceof HttpError)) throw error;
      why = error.message;
    }
    const delay = Math.max(backOff(attempt), asked);
    if (Date.now() + delay > until) {
      throw new UploadError('failed', `The decision log could not be sent: ${why}. Nothing is lost: call it again.`);
    }
    options.waiting?.(why, delay);
    await after(delay);
  }
}

function refusal(status: number): string {
  if (status === 401 || status === 403) return `The service wants another token: it answered ${status}`;
  if (status >= 300 && status < 400)
    return `The service is elsewhere: it answered ${status}, and records are not sent on`;
  return `The service refused the decision log: it answered ${status}`;
}

/** As OPA's util.DefaultBackoff: 0.1 s, 1.6 times as much each time, up to 30 s, a fifth more or less. */
function backOff(attempt: number): number {
  return Math.min(100 * 1.6 ** attempt, 30_000) * (0.8 + Math.random() * 0.4);
}

/** Milliseconds. */
function retryAfter(value: string | undefined): number {
  if (value === undefined) return 0;
  const seconds = Number(value);
  const delay = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(delay) ? Math.max(0, delay) : 0;
}
