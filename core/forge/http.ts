/**
 * HTTP as code hosts are spoken to: through the proxy that the environment names, to one origin alone,
 * with bounds on time and size, and with nothing but whole JSON taken for an answer.
 */
import { Agent, EnvHttpProxyAgent, type RequestInit, Response, fetch as undiciFetch } from 'undici';

export interface TransportOptions {
  /** Where the API is; nothing is sent elsewhere, as the token would be sent along. */
  baseUrl: string;
  environment: NodeJS.ProcessEnv;
  /** For one request with its answer, in milliseconds; default 15,000. */
  requestTimeoutMs?: number;
  /** Ends everything. */
  signal?: AbortSignal;
}

/** What Octokit takes as `request.fetch`. */
export type Fetch = (url: string, init?: RequestInit) => Promise<Response>;

/** Larger answers are refused. No page of a hundred entries is near it. */
const maxBytes = 32 * 1024 * 1024;
const maxRedirects = 5;

/**
 * A `fetch` for one code host. It rejects with an Error whose message says what happened, when the host
 * cannot be reached, takes too long, redirects to another origin, or sends something that is no JSON.
 * Answers come read in full.
 */
export function forgeFetch({ baseUrl, environment, requestTimeoutMs = 15_000, signal }: TransportOptions): Fetch {
  const { origin, host } = new URL(baseUrl);
  const dispatcher = dispatcherOf(environment);
  return async (asked, init = {}) => {
    let url = new URL(asked);
    for (let redirects = 0; ; redirects += 1) {
      if (url.origin !== origin) throw new Error(`${host} leads to ${url.host}, where no token is sent`);
      const timeout = AbortSignal.timeout(requestTimeoutMs);
      const signals = [timeout, signal, init.signal].filter((one) => one instanceof AbortSignal);
      try {
        const ready = { ...init, dispatcher, redirect: 'manual' as const, signal: AbortSignal.any(signals) };
        const response = await undiciFetch(url, ready);
        const next = redirectOf(response, url, init.method);
        if (next !== undefined) {
          await response.body?.cancel();
          if (redirects >= maxRedirects) throw new Error(`${host} redirects without end`);
          url = next;
          continue;
        }
        return await readWhole(response, host);
      } catch (error) {
        signal?.throwIfAborted();
        if (timeout.aborted) throw new Error(`${host} did not answer within ${requestTimeoutMs / 1000} s`);
        throw explained(error, host);
      }
    }
  };
}

/** The proxy of HTTPS_PROXY, HTTP_PROXY and NO_PROXY, in either case. */
function dispatcherOf(environment: NodeJS.ProcessEnv): Agent | EnvHttpProxyAgent {
  const of = (name: string): string | undefined => environment[name.toLowerCase()] || environment[name] || undefined;
  const [httpProxy, httpsProxy, noProxy] = [of('HTTP_PROXY'), of('HTTPS_PROXY'), of('NO_PROXY')];
  if (httpProxy === undefined && httpsProxy === undefined) return new Agent();
  // What is not given it would take from the environment of the process.
  return new EnvHttpProxyAgent({ httpProxy: httpProxy ?? '', httpsProxy: httpsProxy ?? '', noProxy: noProxy ?? '' });
}

/** Where a read is sent on to; a write is never repeated elsewhere. */
function redirectOf(response: Response, from: URL, method = 'GET'): URL | undefined {
  if (![301, 302, 303, 307, 308].includes(response.status)) return undefined;
  const location = response.headers.get('location');
  if (location === null || !['GET', 'HEAD'].includes(method)) {
    throw new Error(`${from.host} redirects ${method} ${from.pathname} to ${location ?? 'nowhere'}`);
  }
  return new URL(location, from);
}

async function readWhole(response: Response, host: string): Promise<Response> {
  const { status, headers, url } = response;
  const bytes = await readBytes(response, host);
  if (status >= 200 && status < 300 && bytes.length > 0) {
    const type = headers.get('content-type') ?? '';
    if (!/^application\/(?:[\w.-]+\+)?json\b/i.test(type)) {
      throw new Error(`${host} answered with ${JSON.stringify(type.slice(0, 80))} in place of JSON`);
    }
    try {
      JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(bytes));
    } catch {
      throw new Error(`${host} answered with JSON that is broken`);
    }
  }
  const body = [204, 205, 304].includes(status) || bytes.length === 0 ? null : bytes;
  const plain = new Response(body, { status, headers: [...headers].filter(([name]) => name !== 'content-encoding') });
  Object.defineProperty(plain, 'url', { value: url });
  return plain;
}

async function readBytes(response: Response, host: string): Promise<Uint8Array> {
  if (response.body === null) return new Uint8Array();
  const parts: Uint8Array[] = [];
  let length = 0;
  for await (const part of response.body as AsyncIterable<Uint8Array>) {
    length += part.length;
    if (length > maxBytes) throw new Error(`${host} answered with more than ${maxBytes / 1024 / 1024} MB`);
    parts.push(part);
  }
  return Buffer.concat(parts);
}

/** `fetch failed` says nothing: its cause does. */
function explained(error: unknown, host: string): Error {
  if (!(error instanceof Error)) return new Error(String(error));
  const cause = error.cause instanceof Error ? error.cause : undefined;
  if (error.name !== 'TypeError' || cause === undefined) return error;
  // Of several addresses, each of which failed.
  const reason = cause.message || ('code' in cause && String(cause.code)) || cause.name;
  return new Error(`${host} cannot be reached: ${reason}`, { cause });
}
