/**
 * HTTP as what decides has to use it: with a limit to everything, through the proxies that the
 * environment names, and without giving a credential to anybody but whom it is for.
 */
import { setTimeout as wait } from 'node:timers/promises';
// Not by import(): bundled, that has no names but `default`. Whoever needs no network does not load this file.
import { type Dispatcher, EnvHttpProxyAgent, request as requestOnce } from 'undici';

export interface HttpRequest {
  /** `GET` when absent. */
  method?: 'GET' | 'POST';
  headers?: Record<string, string>;
  body?: string | Uint8Array;
  /** The value of `Authorization`; it goes to the URL's own origin, and over plain HTTP only to this machine. */
  authorization?: string;
  /** Longer answers are an error. */
  maxBytes: number;
  /** For all of it, attempts and redirects together. */
  timeoutMs: number;
  /** How often it is tried when the other side cannot be reached or is too busy; default 4. */
  attempts?: number;
  /** PEM. */
  tls?: TlsFiles;
  signal?: AbortSignal;
}

/** PEM texts. */
export interface TlsFiles {
  ca?: string;
  cert?: string;
  key?: string;
}

export interface HttpAnswer {
  status: number;
  /** By name in lower case; several of one name are joined by commas. */
  headers: Record<string, string>;
  body: Uint8Array;
  /** Where the answer came from in the end. */
  url: string;
}

/** There was no answer, or one that is beyond a limit. The message names the host, and no credential. */
export class HttpError extends Error {
  constructor(message: string, cause?: unknown) {
    super(message, { cause });
    this.name = 'HttpError';
  }
}

/** The other side is busy, or something between us and it: another time it may answer. */
const passing = new Set([408, 429, 502, 503, 504]);
const redirects = new Set([301, 302, 303, 307, 308]);
const maxRedirects = 5;
/** A `Retry-After` beyond this is not waited for. */
const longestWait = 30_000;

/**
 * Asks, again when that may help. Answers of any status resolve, but those that only time can mend
 * have been asked for `attempts` times by then. Rejects with {@link HttpError}, or with the signal's reason.
 */
export async function askHttp(url: string, request: HttpRequest): Promise<HttpAnswer> {
  const { attempts = 4, signal } = request;
  const deadline = AbortSignal.timeout(request.timeoutMs);
  const either = signal ? AbortSignal.any([signal, deadline]) : deadline;
  const dispatcher = await dispatcherFor(request.tls);
  const place = placeOf(url);
  try {
    for (let attempt = 1; ; attempt++) {
      const last = attempt >= attempts;
      let delay = 250 * 2 ** (attempt - 1) * (0.75 + Math.random() / 2);
      try {
        const answer = await follow(url, request, dispatcher, either);
        const asked = retryAfter(answer.headers['retry-after']);
        if (!passing.has(answer.status) || last || asked > longestWait) return answer;
        delay = Math.max(delay, asked);
      } catch (error) {
        if (error instanceof HttpError || either.aborted || last) throw error;
      }
      await wait(delay, undefined, { signal: either });
    }
  } catch (error) {
    signal?.throwIfAborted();
    if (error instanceof HttpError) throw error;
    if (deadline.aborted) throw new HttpError(`${place} did not answer within ${request.timeoutMs / 1000} s.`, error);
    throw new HttpError(`${place} cannot be reached: ${reasonOf(error)}`, error);
  } finally {
    await dispatcher.destroy();
  }
}

/** Whether a host is this machine. */
export function isLoopback(hostname: string): boolean {
  return /^(localhost|127(\.\d{1,3}){3}|\[::1\]|::1)$/i.test(hostname);
}

async function dispatcherFor(tls: TlsFiles | undefined): Promise<Dispatcher> {
  return new EnvHttpProxyAgent({ ...(tls && { connect: tls, requestTls: tls }) });
}

async function follow(
  start: string,
  request: HttpRequest,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  let url = new URL(start);
  const { origin } = url;
  for (let hop = 0; ; hop++) {
    const answer = await once(url, request, url.origin === origin, dispatcher, signal);
    const { location } = answer.headers;
    if (request.method === 'POST' || !redirects.has(answer.status) || location === undefined) return answer;
    if (hop >= maxRedirects) throw new HttpError(`${placeOf(start)} redirects more than ${maxRedirects} times.`);
    const next = URL.canParse(location, url.href) ? new URL(location, url) : undefined;
    if (next?.protocol !== 'https:' && !(next?.protocol === 'http:' && url.protocol === 'http:')) {
      throw new HttpError(`${placeOf(start)} redirects to where HTTPS does not lead.`);
    }
    url = next;
  }
}

async function once(
  url: URL,
  { method = 'GET', headers, body, authorization, maxBytes }: HttpRequest,
  sameOrigin: boolean,
  dispatcher: Dispatcher,
  signal: AbortSignal,
): Promise<HttpAnswer> {
  if (authorization !== undefined && url.protocol === 'http:' && !isLoopback(url.hostname)) {
    throw new HttpError(`A credential is not sent to ${url.origin} over plain HTTP: use https.`);
  }
  const response = await requestOnce(url, {
    method,
    dispatcher,
    signal,
    body: body ?? null,
    headers: {
      'user-agent': 'countersign',
      ...headers,
      ...(authorization !== undefined && sameOrigin && { authorization }),
    },
  });
  const chunks: Buffer[] = [];
  let size = 0;
  for await (const chunk of response.body as AsyncIterable<Buffer>) {
    size += chunk.length;
    if (size > maxBytes) throw new HttpError(`What ${placeOf(url.href)} sends is larger than ${inWords(maxBytes)}.`);
    chunks.push(chunk);
  }
  const named = Object.entries(response.headers).map(([name, value]) => [name, [value].flat().join(', ')] as const);
  return {
    status: response.statusCode,
    headers: Object.fromEntries(named),
    body: Buffer.concat(chunks),
    url: url.href,
  };
}

/** A URL without what could be secret in it: no user, no query. */
export function placeOf(url: string): string {
  const { origin, pathname } = new URL(url);
  return origin + pathname;
}

/** Milliseconds. */
function retryAfter(value: string | undefined): number {
  if (value === undefined) return 0;
  const seconds = Number(value);
  const delay = Number.isFinite(seconds) ? seconds * 1000 : Date.parse(value) - Date.now();
  return Number.isFinite(delay) ? Math.max(0, delay) : 0;
}

function reasonOf(error: unknown): string {
  if (error instanceof AggregateError && error.errors.length > 0) return reasonOf(error.errors[0]);
  if (!(error instanceof Error)) return String(error);
  return error.message || (error as NodeJS.ErrnoException).code || error.name;
}

function inWords(bytes: number): string {
  return bytes >= 1024 * 1024 ? `${Math.floor(bytes / 1024 / 1024)} MB` : `${bytes} bytes`;
}
