/** Bundles by HTTP: with the ETag of what was got before, so that it is sent again only when it changed. */
import { createHash } from 'node:crypto';
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { askHttp, HttpError, placeOf } from '../../http-client.ts';
import { maxArchiveSize } from './archive.ts';
import { BundleError } from './error.ts';

/** What a download may need; from the environment, see {@link credentialOf}. */
export interface DownloadOptions {
  /** For all of it; default 120,000. */
  timeoutMs?: number;
  environment: NodeJS.ProcessEnv;
  /** Where archives are kept with their ETags; nothing is kept when absent. */
  cache?: string;
}

export const downloadTimeoutMs = 120_000;

/**
 * The archive at a URL. Rejects with {@link BundleError}: what is kept is used only when the server
 * says that it is still right, never because there is no answer.
 */
export async function download(url: string, options: DownloadOptions): Promise<Uint8Array> {
  const kept = options.cache === undefined ? undefined : await readKept(options.cache, url);
  const answer = await askHttp(url, {
    headers: {
      accept: 'application/gzip, application/octet-stream, application/vnd.openpolicyagent.bundles',
      'accept-encoding': 'identity',
      // What OPA says of itself: whole bundles, no deltas.
      prefer: 'modes=snapshot',
      ...(kept && { 'if-none-match': kept.etag }),
    },
    authorization: credentialOf(options.environment),
    maxBytes: maxArchiveSize,
    timeoutMs: options.timeoutMs ?? downloadTimeoutMs,
  }).catch(unavailable);
  if (answer.status === 304 && kept) return kept.bytes;
  if (answer.status !== 200) throw new BundleError('unavailable', refusal(url, answer.status));
  const { etag } = answer.headers;
  if (options.cache !== undefined && etag) await keep(options.cache, url, etag, answer.body);
  return answer.body;
}

/** `Authorization` from COUNTERSIGN_BUNDLE_TOKEN, or COUNTERSIGN_BUNDLE_USER and _PASSWORD. */
export function credentialOf(environment: NodeJS.ProcessEnv): string | undefined {
  const { COUNTERSIGN_BUNDLE_TOKEN: token, COUNTERSIGN_BUNDLE_USER: user } = environment;
  if (token) return `Bearer ${token}`;
  if (!user) return undefined;
  const { COUNTERSIGN_BUNDLE_PASSWORD: password = '' } = environment;
  return `Basic ${Buffer.from(`${user}:${password}`).toString('base64')}`;
}

/** What a status means for whoever wants the bundle. */
export function refusal(url: string, status: number): string {
  const place = placeOf(url);
  if (status === 401 || status === 403) {
    return `${place} does not give the bundle without a credential that may read it (${status}): set COUNTERSIGN_BUNDLE_TOKEN, or COUNTERSIGN_BUNDLE_USER and COUNTERSIGN_BUNDLE_PASSWORD.`;
  }
  return status === 404 ? `There is no bundle at ${place} (404).` : `${place} answered with ${status}.`;
}

export function unavailable(error: unknown): never {
  if (error instanceof HttpError) throw new BundleError('unavailable', error.message, error);
  throw error;
}

interface Kept {
  etag: string;
  bytes: Uint8Array;
}

/** One file each, so that an archive never stands beside the ETag of another: a line of JSON, then the archive. */
function fileOf(cache: string, url: string): string {
  return join(cache, `${createHash('sha256').update(url).digest('hex')}.bundle`);
}

async function readKept(cache: string, url: string): Promise<Kept | undefined> {
  const content = await readFile(fileOf(cache, url)).catch(() => undefined);
  const end = content?.indexOf('\n') ?? -1;
  if (!content || end < 0) return undefined;
  try {
    const { etag, sha256 } = JSON.parse(content.subarray(0, end).toString()) as { etag?: unknown; sha256?: unknown };
    const bytes = content.subarray(end + 1);
    if (typeof etag !== 'string' || sha256 !== createHash('sha256').update(bytes).digest('hex')) return undefined;
    return { etag, bytes };
  } catch {
    return undefined;
  }
}

/** What cannot be kept is got anew the next time. */
async function keep(cache: string, url: string, etag: string, bytes: Uint8Array): Promise<void> {
  const file = fileOf(cache, url);
  const draft = `${file}.${process.pid}`;
  const head = JSON.stringify({ etag, sha256: createHash('sha256').update(bytes).digest('hex') });
  try {
    await mkdir(cache, { recursive: true, mode: 0o700 });
    await writeFile(draft, Buffer.concat([Buffer.from(`${head}\n`), bytes]), { mode: 0o600, flag: 'wx' });
    await rename(draft, file);
  } catch {
    await rm(draft, { force: true }).catch(() => undefined);
  }
}
