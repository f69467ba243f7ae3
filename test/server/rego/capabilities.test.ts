/** Built-ins that Regal's configuration declares: known to the compiler, to completion and to hover. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { CompletionList, Hover } from 'vscode-languageserver';
import { type Client, startClient, writeFile } from '../support.ts';

const policy = 'package p\n\na := ldap.query("x")\n';

const listed = (name: string) =>
  JSON.stringify({
    builtins: [
      {
        name,
        description: 'Asks the directory.',
        decl: { type: 'function', args: [{ type: 'string' }], result: { type: 'any' } },
      },
      {
        name: 'assign',
        infix: ':=',
        decl: { type: 'function', args: [{ type: 'any' }, { type: 'any' }], result: { type: 'boolean' } },
      },
    ],
  });

async function messages(client: Client, uri: string): Promise<string[]> {
  return (await client.pull(uri)).map(({ message }) => String(message));
}

test('an unknown built-in is one error, which says how to declare it', async (t) => {
  const client = await startClient(t, { folders: { repo: {} } });
  const uri = await client.open('repo/p.rego', `${policy}\nb := a\n\nc if b == 1\n`);
  const [found, ...others] = await client.pull(uri);
  assert.deepEqual(others, []);
  assert.match(String(found?.message), /^undefined function ldap\.query\n.*capabilities\.plus\.builtins/s);
  assert.deepEqual(found?.range, { start: { line: 2, character: 5 }, end: { line: 2, character: 15 } });
});

for (const [how, files] of Object.entries<Record<string, string>>({
  'in the configuration': {
    '.regal/config.yaml':
      'capabilities:\n  plus:\n    builtins:\n      - name: ldap.query\n        description: Asks the directory.\n        type: function\n        decl:\n          args:\n            - type: string\n        result:\n          type: object\n',
  },
  'in a file relative to the folder': {
    '.regal/config.yaml': 'capabilities:\n  from:\n    file: build/capabilities.json\n',
    'build/capabilities.json': listed('ldap.query'),
  },
  'in a file beside the configuration, of any name': {
    '.regal/config.yaml': 'capabilities:\n  from:\n    file: ours.json\n',
    '.regal/ours.json': listed('ldap.query'),
  },
})) {
  test(`a built-in is known that is declared ${how}`, async (t) => {
    const client = await startClient(t, { folders: { repo: files } });
    const uri = await client.open('repo/p.rego', policy);
    await client.until(async () => (await messages(client, uri)).length === 0);
    const at = { textDocument: { uri }, position: { line: 2, character: 11 } };
    const hover = await client.connection.sendRequest<Hover>('textDocument/hover', at);
    assert.match(JSON.stringify(hover.contents), /ldap\.query.*Asks the directory/s);
    await client.edit(uri, policy.replace('query("x")', ''));
    const completed = await client.connection.sendRequest<CompletionList>('textDocument/completion', {
      ...at,
      position: { line: 2, character: 10 },
    });
    assert.ok(
      completed.items.some(({ label }) => label.includes('query')),
      JSON.stringify(completed.items),
    );
    assert.ok(!(await client.pull(uri, 'lint')).some(({ code }) => code === 'engine'));
  });
}

test('what is taken away is unknown, and a change of the file is heeded', async (t) => {
  const config =
    'capabilities:\n  from:\n    file: capabilities.json\n  minus:\n    builtins:\n      - name: gone.now\n';
  const client = await startClient(t, {
    folders: { repo: { '.regal/config.yaml': config, 'capabilities.json': listed('gone.now') } },
  });
  const uri = await client.open('repo/p.rego', policy);
  assert.deepEqual((await messages(client, uri)).length, 1);
  const file = join(client.root, 'repo/capabilities.json');
  writeFile(file, listed('ldap.query'));
  const changed = (type: number) =>
    client.connection.sendNotification('workspace/didChangeWatchedFiles', {
      changes: [{ uri: client.uri('repo/capabilities.json'), type }],
    });
  await changed(2);
  await client.until(async () => (await messages(client, uri)).length === 0);
  await client.edit(uri, 'package p\n\na := gone.now("x")\n');
  assert.equal((await messages(client, uri)).length, 1);
  // Without the file, the engine's own count.
  rmSync(file);
  await changed(3);
  await client.edit(uri, 'package p\n\na := count("x")\n');
  await client.until(async () => (await messages(client, uri)).length === 0);
});
