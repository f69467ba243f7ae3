/** What counts for a folder from outside of its files: read, watched, and read again when it changes. */
import assert from 'node:assert/strict';
import { rmSync } from 'node:fs';
import { join, matchesGlob, relative } from 'node:path';
import { type TestContext, test } from 'node:test';
import { URI } from 'vscode-uri';
import {
  type Client,
  type ClientOptions,
  forbiddenRule,
  pullingClient,
  pushedClient,
  startClient,
  writeFile,
} from './support.ts';

const [created, changed, deleted] = [1, 2, 3];

const off = 'rules:\n  style:\n    prefer-snake-case:\n      level: ignore\n';
const camel = '# METADATA\n# title: P\npackage p\n\ncamelCase := 1\n';
const policy = 'package p\n\na := ldap.query("x")\n';
const found = 'style/prefer-snake-case';

const listed = (name: string) =>
  JSON.stringify({
    builtins: [{ name, decl: { type: 'function', args: [{ type: 'string' }], result: { type: 'any' } } }],
  });
const naming = (file: string) => `capabilities:\n  from:\n    file: ${file}\n`;

interface Watcher {
  kind?: number;
  globPattern: string | { baseUri: string; pattern: string };
}

function watchersOf(client: Client): Watcher[] {
  return client.registrations
    .filter(({ method }) => method === 'workspace/didChangeWatchedFiles')
    .flatMap(({ options }) => (options as { watchers: Watcher[] }).watchers);
}

/** Whether the client was asked to watch a place: by a pattern for a folder, or one for all in the workspace folder. */
function watches(client: Client, path: string, type = changed): boolean {
  const file = join(client.root, path);
  const inRepo = relative(join(client.root, 'outer/repo'), file);
  return watchersOf(client).some(({ globPattern, kind = 7 }) => {
    if ((kind & (1 << (type - 1))) === 0) return false;
    // Node's own globs take no `**` for names with a dot.
    if (typeof globPattern === 'string')
      return path.startsWith('outer/repo/') && (globPattern === '**' || matchesGlob(inRepo, globPattern));
    const base = URI.parse(globPattern.baseUri).fsPath;
    return file.startsWith(join(base, '/')) && matchesGlob(relative(base, file), globPattern.pattern);
  });
}

/** Tells of a change as a client does, once it was asked to. */
async function tell(client: Client, path: string, type: number): Promise<void> {
  await client.until(() => watches(client, path, type));
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', {
    changes: [{ uri: client.uri(path), type }],
  });
}

async function write(client: Client, path: string, text: string, type = changed): Promise<void> {
  writeFile(join(client.root, path), text);
  await tell(client, path, type);
}

async function remove(client: Client, path: string): Promise<void> {
  rmSync(join(client.root, path), { recursive: true });
  await tell(client, path, deleted);
}

/** A workspace folder in another folder, which is none. */
async function start(
  t: TestContext,
  {
    files = {},
    above = {},
    ...options
  }: ClientOptions & { files?: Record<string, string>; above?: Record<string, string> },
): Promise<Client> {
  const client = await startClient(t, { ...options, folders: { 'outer/repo': files } });
  for (const [path, text] of Object.entries(above)) writeFile(join(client.root, 'outer', path), text);
  return client;
}

async function codes(client: Client, uri: string): Promise<string[]> {
  return (await client.pull(uri, 'lint')).map(({ code }) => String(code));
}

async function untilFound(client: Client, uri: string, expected: boolean): Promise<void> {
  await client.until(async () => (await codes(client, uri)).includes(found) === expected);
}

async function untilKnown(client: Client, uri: string, expected: boolean): Promise<void> {
  await client.until(async () => ((await client.pull(uri)).length === 0) === expected);
}

test('a configuration above the folder counts when it appears, changes and goes', async (t) => {
  const client = await start(t, {});
  const uri = await client.open('outer/repo/p.rego', camel);
  await untilFound(client, uri, true);
  await write(client, 'outer/.regal.yaml', off, created);
  await untilFound(client, uri, false);
  await write(client, 'outer/.regal.yaml', 'rules: {}\n');
  await untilFound(client, uri, true);
  await write(client, 'outer/.regal/config.yaml', off, created);
  await untilFound(client, uri, false);
  await remove(client, 'outer/.regal');
  await untilFound(client, uri, true);
  // The closer one counts, and nobody need tell of others.
  writeFile(join(client.root, '.regal.yaml'), off);
  assert.ok((await codes(client, uri)).includes(found));
  await remove(client, 'outer/.regal.yaml');
  await untilFound(client, uri, false);
});

test('the client is told to ask again for what is open', async (t) => {
  const client = await start(t, {});
  const uri = await client.open('outer/repo/p.rego', camel);
  await untilFound(client, uri, true);
  await client.until(() => watches(client, 'outer/.regal.yaml'));
  const before = client.refreshes;
  await write(client, 'outer/.regal.yaml', off, created);
  await client.until(() => client.refreshes > before);
});

test('rules above the folder come and go with their files, and a configuration of its own ends them', async (t) => {
  const client = await start(t, { above: { '.regal/config.yaml': 'rules: {}\n' } });
  const uri = await client.open('outer/repo/p.rego', 'package p\n\nforbidden := 1\n');
  const has = (expected: boolean) =>
    client.until(async () => (await codes(client, uri)).includes('naming/no-forbidden') === expected);
  await write(client, 'outer/.regal/rules/custom/naming/no_forbidden.rego', forbiddenRule, created);
  await has(true);
  await write(client, 'outer/repo/.regal/config.yaml', 'rules: {}\n', created);
  await has(false);
  await remove(client, 'outer/repo/.regal');
  await has(true);
  await remove(client, 'outer/.regal/rules');
  await has(false);
});

for (const [where, file, path] of [
  ['in the folder, where nothing else looks after it', 'build/ours [1].json', 'outer/repo/build/ours [1].json'],
  ['beside the configuration', 'ours.json', 'outer/repo/.regal/ours.json'],
  ['above the folder', '../shared/built-ins.json', 'outer/shared/built-ins.json'],
] as const) {
  test(`a capabilities file counts when it appears, changes and goes: ${where}`, async (t) => {
    const client = await start(t, { files: { '.regal/config.yaml': naming(file) } });
    const uri = await client.open('outer/repo/p.rego', policy);
    await untilKnown(client, uri, false);
    await write(client, path, listed('ldap.query'), created);
    await untilKnown(client, uri, true);
    await write(client, path, listed('ldap.other'));
    await untilKnown(client, uri, false);
    await write(client, path, listed('ldap.query'));
    await untilKnown(client, uri, true);
    await remove(client, path);
    await untilKnown(client, uri, false);
  });
}

test('a file that the configuration above the folder names counts, also in .countersign', async (t) => {
  const client = await start(t, {
    files: { '.countersign/config.yaml': 'version: 1\n' },
    above: { '.regal.yaml': naming('ours.json') },
  });
  const uris = [
    await client.open('outer/repo/p.rego', policy),
    await client.open('outer/repo/.countersign/policies/q.rego', policy.replace('package p', 'package q')),
  ];
  await write(client, 'outer/ours.json', listed('ldap.query'), created);
  for (const uri of uris) await untilKnown(client, uri, true);
  await remove(client, 'outer/ours.json');
  for (const uri of uris) await untilKnown(client, uri, false);
});

test('the file that is named is watched as the configuration is written', async (t) => {
  const client = await start(t, { files: { '.regal/config.yaml': naming('one.json') } });
  await client.until(() => watches(client, 'outer/repo/one.json'));
  const uri = await client.open('outer/repo/p.rego', policy);
  writeFile(join(client.root, 'outer/repo/two.json'), listed('ldap.query'));
  const config = await client.open('outer/repo/.regal/config.yaml', naming('one.json'));
  await client.edit(config, naming('two.json'));
  await untilKnown(client, uri, true);
  await client.until(() => watches(client, 'outer/repo/two.json') && !watches(client, 'outer/repo/one.json'));
});

test('nothing is watched with all that is below it but rules', async (t) => {
  const client = await start(t, {
    files: { '.regal/config.yaml': naming('../a/b.json') },
    above: { '.regal.yaml': 'rules: {}\n' },
  });
  const patterns = () =>
    watchersOf(client).flatMap(({ globPattern }) => (typeof globPattern === 'string' ? [] : [globPattern]));
  await client.until(() => watches(client, 'outer/a/b.json'));
  // What is above counts only where the folder has nothing of its own.
  assert.deepEqual(
    patterns().map(({ pattern }) => pattern),
    ['b.json', 'b.json'],
  );
  await remove(client, 'outer/repo/.regal');
  await client.until(() => watches(client, 'outer/.regal/rules/x.rego'));
  for (const { baseUri, pattern } of patterns())
    assert.ok(!/[/]|\*\*/.test(pattern) || baseUri.endsWith('/.regal/rules'), `${baseUri} ${pattern}`);
  assert.ok(!watches(client, '.regal.yaml'), 'no further up than the one that counts');
});

test('where the workspace is not trusted, no file outside of it is read or watched that it names', async (t) => {
  const client = await start(t, { files: { '.regal/config.yaml': naming('../ours.json') }, trusted: false });
  writeFile(join(client.root, 'outer/ours.json'), listed('ldap.query'));
  const uri = await client.open('outer/repo/p.rego', policy);
  await client.until(() => watchersOf(client).length > 0);
  assert.equal((await client.pull(uri)).length, 1);
  assert.ok(!watches(client, 'outer/ours.json'));
  const changes = [{ uri: client.uri('outer/ours.json'), type: changed }];
  await client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
  assert.equal((await client.pull(uri)).length, 1);
  await client.connection.sendNotification('countersign/trustGranted');
  await untilKnown(client, uri, true);
});

test('a client that watches nothing is not needed: what is opened or saved has the files read again', async (t) => {
  const client = await start(t, {
    files: { '.regal/config.yaml': naming('ours.json') },
    capabilities: pushedClient,
  });
  const uri = await client.open('outer/repo/p.rego', policy);
  await client.published(uri, (all) => all.some(({ code }) => code === 'rego_type_error'));
  writeFile(join(client.root, 'outer/repo/ours.json'), listed('ldap.query'));
  await client.connection.sendNotification('textDocument/didSave', { textDocument: { uri } });
  await client.published(uri, (all) => all.every(({ code }) => code !== 'rego_type_error'));
  assert.ok(client.registrations.every(({ method }) => method !== 'workspace/didChangeWatchedFiles'));
});

test('a client that watches by plain patterns only is asked for what is in the folder', async (t) => {
  const capabilities = {
    ...pullingClient,
    workspace: { ...pullingClient.workspace, didChangeWatchedFiles: { dynamicRegistration: true } },
  };
  const client = await start(t, { files: { '.regal/config.yaml': naming('build/ours.json') }, capabilities });
  const uri = await client.open('outer/repo/p.rego', policy);
  await untilKnown(client, uri, false);
  await write(client, 'outer/repo/build/ours.json', listed('ldap.query'), created);
  await untilKnown(client, uri, true);
  writeFile(join(client.root, 'outer/repo/build/ours.json'), listed('ldap.other'));
  await client.open('outer/repo/q.rego', 'package q\n');
  await untilKnown(client, uri, false);
  assert.ok(watchersOf(client).every(({ globPattern }) => typeof globPattern === 'string'));
});

test('without its own configuration, the one above counts for a folder at once', async (t) => {
  const capabilities = {
    ...pullingClient,
    workspace: { ...pullingClient.workspace, didChangeWatchedFiles: { dynamicRegistration: true } },
  };
  const client = await start(t, {
    files: { '.regal/config.yaml': 'rules: {}\n' },
    above: { '.regal.yaml': off },
    capabilities,
  });
  const uri = await client.open('outer/repo/p.rego', camel);
  await untilFound(client, uri, true);
  await remove(client, 'outer/repo/.regal/config.yaml');
  await untilFound(client, uri, false);
});
