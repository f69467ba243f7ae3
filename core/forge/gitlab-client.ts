/** A client of GitLab's REST API: gitlab.com and self-hosted. */
import { setTimeout as delay } from 'node:timers/promises';
import { Gitlab } from '@gitbeaker/rest';
import { type ClientOptions, defaultWaitMs } from './client-options.ts';
import { type Fetch, forgeFetch } from './http.ts';

export type GitlabClient = InstanceType<typeof Gitlab>;

/** A status that is no success; `forgeErrorOf` reads it. */
class StatusError extends Error {
  readonly status: number;
  readonly response: { status: number; headers: Record<string, string> };
  constructor(status: number, headers: Record<string, string>, message: string) {
    super(message);
    this.name = 'StatusError';
    this.status = status;
    this.response = { status, headers };
  }
}

/**
 * A Gitbeaker client, over our own HTTP: its own would follow redirects with the token, retry without
 * regard to time, and take no proxy on every Node. Its lists are whole: it follows the pages.
 * Reads are tried again when the host fails, writes when a rate limit kept them from being made.
 */
export function gitlabClient(options: ClientOptions): GitlabClient {
  const { apiUrl, token, tokenKind = 'access' } = options;
  const host = apiUrl.replace(/\/api\/v4\/?$/, '');
  const auth = token === undefined ? {} : tokenKind === 'job' ? { jobToken: token } : { token };
  const requesterFn: NonNullable<ConstructorParameters<typeof Gitlab>[0]['requesterFn']> = ({ url, authHeaders }) => {
    const fetch = forgeFetch({ ...options, baseUrl: apiUrl });
    const until = Date.now() + (options.waitMs ?? defaultWaitMs);
    const base = Math.min(1000, (options.waitMs ?? defaultWaitMs) / 30);
    const send = async (method: string, endpoint: string, asked: Asked = {}) => {
      const target = new URL(endpoint, url.endsWith('/') ? url : `${url}/`);
      for (const [key, value] of Object.entries(asked.searchParams ?? {})) {
        if (value !== undefined && value !== null) target.searchParams.set(snakeCase(key), String(value));
      }
      const headers: Record<string, string> = { accept: 'application/json', 'user-agent': 'countersign' };
      for (const [name, value] of Object.entries(authHeaders)) headers[name] = await value();
      const body = method === 'GET' || asked.body === undefined ? undefined : JSON.stringify(snakeKeys(asked.body));
      if (body !== undefined) headers['content-type'] = 'application/json';
      return patiently(() => once(fetch, target.href, { method, headers, body }), { method, until, base, ...options });
    };
    // What a caller expects of an answer, the caller has to check.
    const verb = (method: string) => (endpoint: string, asked?: object) =>
      send(method, endpoint, asked as Asked) as Promise<never>;
    return { get: verb('GET'), post: verb('POST'), put: verb('PUT'), patch: verb('PATCH'), delete: verb('DELETE') };
  };
  return new Gitlab({ host, ...auth, requesterFn, queryTimeout: null });
}

interface Asked {
  searchParams?: Record<string, unknown>;
  body?: Record<string, unknown>;
}

async function once(fetch: Fetch, url: string, init: NonNullable<Parameters<Fetch>[1]>) {
  const response = await fetch(url, init);
  const text = await response.text();
  const headers = Object.fromEntries(response.headers);
  if (!response.ok) throw new StatusError(response.status, headers, messageOf(text) || `HTTP ${response.status}`);
  return { body: text === '' ? null : (JSON.parse(text) as unknown), headers, status: response.status };
}

/** GitLab says `message` or `error`: a text, or an object of texts. */
function messageOf(text: string): string {
  try {
    const said = JSON.parse(text) as { message?: unknown; error?: unknown };
    const message = said.message ?? said.error ?? '';
    return typeof message === 'string' ? message : JSON.stringify(message);
  } catch {
    return text.slice(0, 300);
  }
}

interface Patience {
  method: string;
  /** Milliseconds since the epoch. */
  until: number;
  base: number;
  signal?: AbortSignal;
}

const tries = 4;

async function patiently<T>(attempt: () => Promise<T>, { method, until, base, signal }: Patience): Promise<T> {
  for (let tried = 1; ; tried += 1) {
    try {
      return await attempt();
    } catch (error) {
      const status = error instanceof StatusError ? error.status : undefined;
      const limited = status === 429;
      const failed = status === undefined || status >= 500;
      const asked = limited && error instanceof StatusError ? retryAfterMs(error.response.headers) : undefined;
      const wait = asked ?? tried ** 2 * base;
      const again = limited || (failed && method === 'GET');
      if (!again || signal?.aborted || tried >= tries || Date.now() + wait >= until) throw error;
      await delay(wait, undefined, { signal });
    }
  }
}

/** `Retry-After` in seconds or as a date; `RateLimit-Reset` as seconds since the epoch. */
function retryAfterMs(headers: Record<string, string>): number | undefined {
  const after = headers['retry-after'];
  if (after !== undefined) {
    const ms = /^\d+$/.test(after) ? Number(after) * 1000 : Date.parse(after) - Date.now();
    if (Number.isFinite(ms)) return Math.max(0, ms);
  }
  const reset = Number(headers['ratelimit-reset']);
  return Number.isFinite(reset) && reset > 0 ? Math.max(0, reset * 1000 - Date.now()) : undefined;
}

function snakeKeys(body: Record<string, unknown>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(body).map(([key, value]) => [snakeCase(key), value]));
}

function snakeCase(name: string): string {
  return name.replace(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`);
}
