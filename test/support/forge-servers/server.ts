/** A code host on 127.0.0.1: what its servers have in common. Faults are put in its way, and what was asked is kept. */
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A request as it came. */
export interface Asked {
  method: string;
  /** Without the query. */
  path: string;
  query: URLSearchParams;
  headers: IncomingMessage['headers'];
  body: unknown;
}

/** What a route answers; `undefined` as body sends none. */
export interface Answer {
  status?: number;
  body?: unknown;
  headers?: Record<string, string>;
}

/** Meets requests before the routes do, as long as `times` lasts. */
export interface Fault {
  /** Of `METHOD /path`. */
  on: RegExp;
  /** For ever when absent. */
  times?: number;
  answer: (response: ServerResponse, asked: Asked) => void;
}

export interface ForgeServer {
  /** `http://127.0.0.1:PORT` */
  url: string;
  asked: Asked[];
  faults: Fault[];
  close(): Promise<void>;
}

/** Starts a server; the path that routes see is without `prefix`. */
export async function startForgeServer(
  route: (asked: Asked, url: string) => Answer | undefined,
  prefix = '',
): Promise<ForgeServer> {
  const asked: Asked[] = [];
  const faults: Fault[] = [];
  let url = '';
  const server = createServer(async (request, response) => {
    const { pathname, searchParams } = new URL(request.url ?? '/', 'http://localhost');
    const text = await textOf(request);
    const path = pathname.startsWith(prefix) ? pathname.slice(prefix.length) : pathname;
    const one: Asked = {
      method: request.method ?? 'GET',
      path,
      query: searchParams,
      headers: request.headers,
      body: text === '' ? undefined : JSON.parse(text),
    };
    asked.push(one);
    const fault = faults.find(({ on, times = 1 }) => times > 0 && on.test(`${one.method} ${path}`));
    if (fault) {
      if (fault.times !== undefined) fault.times -= 1;
      fault.answer(response, one);
      return;
    }
    const answer = route(one, url) ?? { status: 404, body: { message: 'Not Found' } };
    send(response, answer);
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  url = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
  const close = () =>
    new Promise<void>((resolve) => {
      server.close(() => resolve());
      server.closeAllConnections();
    });
  return { url, asked, faults, close };
}

function send(response: ServerResponse, { status = 200, body, headers = {} }: Answer): void {
  const text = body === undefined ? '' : JSON.stringify(body);
  response.writeHead(status, { 'content-type': 'application/json; charset=utf-8', ...headers });
  response.end(text);
}

async function textOf(request: IncomingMessage): Promise<string> {
  const parts: Buffer[] = [];
  for await (const part of request) parts.push(part as Buffer);
  return Buffer.concat(parts).toString('utf8');
}

/** One page of a list, with the `Link` header that both hosts send. `most` bounds a page's size. */
export function pageOf<T>(items: readonly T[], { query, path }: Asked, url: string, most = 100) {
  const size = Math.min(Number(query.get('per_page') ?? 20), most);
  const page = Number(query.get('page') ?? 1);
  const last = Math.max(1, Math.ceil(items.length / size));
  const to = (number: number) => {
    const next = new URLSearchParams(query);
    next.set('page', String(number));
    return `<${url}${path}?${next}>`;
  };
  const links = [...(page < last ? [`${to(page + 1)}; rel="next"`] : []), `${to(last)}; rel="last"`];
  return { items: items.slice((page - 1) * size, page * size), headers: { link: links.join(', ') } };
}

/** Ready faults. */
export const faults = {
  status: (on: RegExp, status: number, times?: number, headers: Record<string, string> = {}): Fault => ({
    on,
    ...(times !== undefined && { times }),
    answer: (response) => send(response, { status, body: { message: `It is ${status}.` }, headers }),
  }),
  rateLimit: (on: RegExp, resetInSeconds: number, times?: number): Fault => ({
    on,
    ...(times !== undefined && { times }),
    answer: (response) =>
      send(response, {
        status: 403,
        body: { message: 'API rate limit exceeded for user ID 1.' },
        headers: {
          'x-ratelimit-remaining': '0',
          'x-ratelimit-reset': String(Math.floor(Date.now() / 1000) + resetInSeconds),
        },
      }),
  }),
  secondaryLimit: (on: RegExp, retryAfter: number, times?: number): Fault => ({
    on,
    ...(times !== undefined && { times }),
    answer: (response) =>
      send(response, {
        status: 429,
        body: { message: 'You have exceeded a secondary rate limit.' },
        headers: { 'retry-after': String(retryAfter) },
      }),
  }),
  hang: (on: RegExp): Fault => ({ on, answer: () => undefined }),
  /** Says that it is JSON. */
  garbage: (on: RegExp, times?: number): Fault => ({
    on,
    ...(times !== undefined && { times }),
    answer: (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      response.end('{"a": [1, ');
    },
  }),
  /** JSON of another shape than the documented one. */
  otherShape: (on: RegExp, body: unknown, status = 200): Fault => ({
    on,
    answer: (response) => send(response, { status, body }),
  }),
  html: (on: RegExp, times?: number): Fault => ({
    on,
    ...(times !== undefined && { times }),
    answer: (response) => {
      response.writeHead(200, { 'content-type': 'text/html' });
      response.end('<html>Please log in</html>');
    },
  }),
  /** Promises more than it sends. */
  truncated: (on: RegExp, times?: number): Fault => ({
    on,
    ...(times !== undefined && { times }),
    answer: (response) => {
      response.writeHead(200, { 'content-type': 'application/json', 'content-length': '1000' });
      response.write('[{"id": 1}');
      setTimeout(() => response.destroy(), 10);
    },
  }),
  huge: (on: RegExp): Fault => ({
    on,
    answer: (response) => {
      response.writeHead(200, { 'content-type': 'application/json' });
      const part = JSON.stringify('x'.repeat(1024 * 1024));
      const write = (left: number): void => {
        if (left === 0 || response.destroyed) response.end();
        else response.write(part, () => write(left - 1));
      };
      write(64);
    },
  }),
  redirect: (on: RegExp, location: string, times?: number): Fault => ({
    on,
    ...(times !== undefined && { times }),
    answer: (response) => send(response, { status: 302, headers: { location } }),
  }),
};
