/** How code hosts are spoken to: proxies, and where a token may go. */
import assert from 'node:assert/strict';
import { createServer } from 'node:http';
import { type AddressInfo, connect } from 'node:net';
import { after, test } from 'node:test';
import { forgeFetch } from '../../../core/forge/http.ts';
import { startForgeServer } from '../../support/forge-servers/server.ts';

const server = await startForgeServer(() => ({ body: { hello: 'there' } }));
/** A proxy that tunnels, and says what to. */
const tunnelled: string[] = [];
const proxy = createServer();
proxy.on('connect', (request, socket) => {
  tunnelled.push(request.url ?? '');
  const [host, port] = (request.url ?? '').split(':');
  const upstream = connect(Number(port), host, () => {
    socket.write('HTTP/1.1 200 Connection Established\r\n\r\n');
    upstream.pipe(socket);
    socket.pipe(upstream);
  });
  upstream.on('error', () => socket.destroy());
  socket.on('error', () => upstream.destroy());
});
await new Promise<void>((resolve) => proxy.listen(0, '127.0.0.1', resolve));
const proxyUrl = `http://127.0.0.1:${(proxy.address() as AddressInfo).port}`;
after(async () => {
  await server.close();
  proxy.closeAllConnections();
  proxy.close();
});

test('goes through the proxy that the environment names, in either case, and not for NO_PROXY', async () => {
  const ask = async (environment: Record<string, string>): Promise<number> => {
    tunnelled.length = 0;
    const response = await forgeFetch({ baseUrl: server.url, environment })(`${server.url}/x`);
    assert.deepEqual(await response.json(), { hello: 'there' });
    return tunnelled.length;
  };
  assert.equal(await ask({}), 0);
  assert.equal(await ask({ HTTP_PROXY: proxyUrl }), 1);
  assert.equal(tunnelled[0], new URL(server.url).host);
  assert.equal(await ask({ http_proxy: proxyUrl, HTTP_PROXY: 'http://127.0.0.1:9' }), 1);
  assert.equal(await ask({ HTTP_PROXY: proxyUrl, NO_PROXY: 'example.com,127.0.0.1' }), 0);
  // Of another scheme.
  assert.equal(await ask({ HTTPS_PROXY: proxyUrl }), 0);
});

test('a proxy that is not there is said to be so', async () => {
  const fetch = forgeFetch({ baseUrl: server.url, environment: { HTTP_PROXY: 'http://127.0.0.1:9' } });
  await assert.rejects(fetch(`${server.url}/x`), /cannot be reached: .*(ECONNREFUSED|refused)/);
});

test('sends nothing, and no token, to another origin: not asked for, not by a redirect', async () => {
  const other = await startForgeServer(() => ({ body: {} }));
  after(() => other.close());
  const headers = { 'private-token': 'good', authorization: 'token good' };
  const fetch = forgeFetch({ baseUrl: server.url, environment: {} });
  await assert.rejects(fetch(`${other.url}/x`, { headers }), /no token is sent/);
  server.faults.push({
    on: /moved/,
    answer: (response) => response.writeHead(302, { location: `${other.url}/y` }).end(),
  });
  await assert.rejects(fetch(`${server.url}/moved`, { headers }), /no token is sent/);
  await assert.rejects(fetch(`${server.url}/moved`, { method: 'POST', headers }), /redirects POST/);
  assert.deepEqual(other.asked, []);
});

test('an empty answer is one, an error page of HTML keeps its status', async () => {
  const fetch = forgeFetch({ baseUrl: server.url, environment: {} });
  server.faults.push({ on: /empty/, answer: (response) => response.writeHead(204).end() });
  assert.equal((await fetch(`${server.url}/empty`)).status, 204);
  server.faults.push({
    on: /broken/,
    answer: (response) => response.writeHead(502, { 'content-type': 'text/html' }).end('<h1>Bad gateway</h1>'),
  });
  const broken = await fetch(`${server.url}/broken`);
  assert.deepEqual([broken.status, await broken.text()], [502, '<h1>Bad gateway</h1>']);
});

test('bytes that are no UTF-8 are no JSON', async () => {
  server.faults.push({
    on: /latin/,
    answer: (response) =>
      response.writeHead(200, { 'content-type': 'application/json' }).end(Buffer.from('"é"', 'latin1')),
  });
  await assert.rejects(forgeFetch({ baseUrl: server.url, environment: {} })(`${server.url}/latin`), /broken/);
});
