import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marked } from './marks.ts';
import { pushedClient, startClient } from './support.ts';

test('a syntax error is reported where it is', async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  const { text } = marked('package p\n\nallow if {\n');
  const uri = await client.open('policy/p.rego', text);
  const found = await client.pull(uri);
  assert.equal(found.length, 1, JSON.stringify(found));
  assert.equal(found[0]?.source, 'opa');
});

test('push', async (t) => {
  const client = await startClient(t, {
    folders: { policy: { 'b.rego': 'package b\n\nf(x) := x\n' } },
    capabilities: pushedClient,
  });
  const { text, ranges } = marked('package p\n\nimport data.b\n\nallow if [|b.g(1)|]\n');
  const uri = await client.open('policy/p.rego', text);
  const { diagnostics } = await client.published(uri, (all) => all.length > 0);
  assert.deepEqual(
    diagnostics.map(({ range }) => range),
    ranges,
    JSON.stringify(diagnostics),
  );
});
