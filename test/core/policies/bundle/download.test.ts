/** Bundles over HTTP: ETags, credentials, redirects, limits, and servers that misbehave. */
import assert from 'node:assert/strict';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { download } from '../../../../core/policies/bundle/download.ts';
import { serve } from '../../../support/http-server.ts';
import { temporaryFolder } from '../../../support/repository.ts';

const bundle = Buffer.from('as good as a bundle');

test('what is kept is used when the server says that it still holds, and only then', async (t) => {
  let etag = '"one"';
  let down = false;
  const seen: (string | undefined)[] = [];
  const url = await serve(t, ({ headers }, response) => {
    seen.push(headers['if-none-match']);
    if (down) return response.writeHead(500).end();
    if (headers['if-none-match'] === etag) return response.writeHead(304).end();
    return response.writeHead(200, { etag }).end(`${bundle}${etag}`);
  });
  const cache = join(await temporaryFolder(t), 'not', 'there yet');
  const get = async () => Buffer.from(await download(`${url}/b.tar.gz`, { environment: {}, cache })).toString();
  assert.equal(await get(), `${bundle}"one"`);
  assert.equal(await get(), `${bundle}"one"`);
  etag = '"two"';
  assert.equal(await get(), `${bundle}"two"`);
  assert.deepEqual(seen, [undefined, '"one"', '"one"']);

  // What somebody changed there is not what the ETag is of.
  const [file = ''] = await readdir(cache);
  await writeFile(join(cache, file), (await readFile(join(cache, file), 'utf8')).replace('good', 'evil'));
  assert.equal(await get(), `${bundle}"two"`);
  assert.equal(seen.at(-1), undefined);

  down = true;
  await assert.rejects(get(), { kind: 'unavailable', message: /answered with 500/ });
});

test('the credential of the environment goes to the server, and not to where that leads', async (t) => {
  const seen: string[] = [];
  const note = ({ headers, url = '' }: IncomingMessage): void => {
    seen.push(`${url} ${headers.authorization ?? '-'}`);
  };
  const elsewhere = await serve(t, (request, response) => {
    note(request);
    response.end(bundle);
  });
  const url = await serve(t, (request, response: ServerResponse) => {
    note(request);
    if (request.url === '/there') return response.end(bundle);
    const location = request.url === '/away' ? `${elsewhere}/storage` : '/there';
    return response.writeHead(302, { location }).end();
  });
  const token = { COUNTERSIGN_BUNDLE_TOKEN: 'tok' };
  const basic = { COUNTERSIGN_BUNDLE_USER: 'ann', COUNTERSIGN_BUNDLE_PASSWORD: 'pass' };
  await download(`${url}/here`, { environment: token });
  await download(`${url}/away`, { environment: basic });
  assert.deepEqual(seen, ['/here Bearer tok', '/there Bearer tok', '/away Basic YW5uOnBhc3M=', '/storage -']);
  await assert.rejects(
    download('http://policies.example.com/b.tar.gz', { environment: token }),
    /not sent to http:\/\/policies\.example\.com over plain HTTP/,
  );
});

test('servers that are busy are asked again; others are not', async (t) => {
  let asked = 0;
  let status = 503;
  const url = await serve(t, (_request, response) => {
    asked++;
    if (asked < 3) response.writeHead(status).end();
    else response.end(bundle);
  });
  assert.deepEqual(Buffer.from(await download(url, { environment: {} })), bundle);
  assert.equal(asked, 3);
  for (const [code, says] of [
    [404, /There is no bundle at .* \(404\)/],
    [401, /without a credential that may read it \(401\): set COUNTERSIGN_BUNDLE_TOKEN/],
    [500, /answered with 500/],
    [204, /answered with 204/],
  ] as const) {
    asked = 0;
    status = code;
    await assert.rejects(download(url, { environment: {} }), { kind: 'unavailable', message: says });
    assert.equal(asked, 1);
  }
});

test('what never ends, or never comes, is given up', async (t) => {
  const url = await serve(t, ({ url: path }, response) => {
    if (path === '/silent') return;
    if (path === '/round') return void response.writeHead(302, { location: '/round' }).end();
    if (path === '/down') return void response.writeHead(302, { location: 'ftp://example.com/' }).end();
    if (path === '/cut') {
      response.writeHead(200, { 'content-length': '1000' }).write('some');
      return void setTimeout(() => response.destroy(), 20);
    }
    const chunk = Buffer.alloc(4 * 1024 * 1024);
    const more = (): void => {
      while (!response.destroyed && response.write(chunk));
      response.once('drain', more);
    };
    more();
  });
  const get = (path: string) => download(url + path, { environment: {}, timeoutMs: 3000 });
  await assert.rejects(get('/endless'), /is larger than 64 MB/);
  await assert.rejects(get('/silent'), /did not answer within 3 s/);
  await assert.rejects(get('/round'), /redirects more than 5 times/);
  await assert.rejects(get('/down'), /redirects to where HTTPS does not lead/);
  await assert.rejects(get('/cut'), { kind: 'unavailable', message: /cannot be reached|did not answer/ });
  await assert.rejects(download('http://127.0.0.1:9/b', { environment: {} }), /cannot be reached/);
});
