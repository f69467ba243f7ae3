import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marked } from './marks.ts';
import { forbiddenRule, pushedClient, startClient } from './support.ts';

const unformatted = 'package p\n\nallow := true {\n';
const codes = (found: { code?: unknown }[]) => found.map(({ code }) => String(code)).sort();

test("Regal's findings have their place, their rule and its page", async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  const { text, ranges } = marked('# METADATA\n# title: P\npackage p\n\n[|camelCase|] := 1\n');
  const found = await client.pull(await client.open('policy/p.rego', text), 'lint');
  const naming = found.find(({ code }) => code === 'style/prefer-snake-case');
  assert.ok(naming, JSON.stringify(found));
  assert.deepEqual(naming.range, ranges[0]);
  assert.equal(naming.source, 'regal');
  assert.match(naming.codeDescription?.href ?? '', /^https:\/\/.*prefer-snake-case/);
});

test('a module with a syntax error has no findings, and the syntax report says why', async (t) => {
  const client = await startClient(t, { folders: { policy: {} } });
  const uri = await client.open('policy/p.rego', unformatted);
  assert.deepEqual(await client.pull(uri, 'lint'), []);
  assert.equal((await client.pull(uri, 'syntax')).length, 1);
});

const camel = '# METADATA\n# title: P\npackage p\n\ncamelCase := 1\n';

test("a folder's Regal configuration is honoured, and so is a change to it", async (t) => {
  const off = 'rules:\n  style:\n    prefer-snake-case:\n      level: ignore\n';
  const client = await startClient(t, { folders: { policy: { '.regal/config.yaml': off } } });
  const uri = await client.open('policy/p.rego', camel);
  assert.ok(!codes(await client.pull(uri, 'lint')).includes('style/prefer-snake-case'));
  await client.open('policy/.regal/config.yaml', 'rules: {}\n', 'yaml');
  assert.ok(codes(await client.pull(uri, 'lint')).includes('style/prefer-snake-case'));
});

test('a .regal.yaml counts, also for the .countersign folder beside it', async (t) => {
  const off = 'rules:\n  style:\n    prefer-snake-case:\n      level: ignore\n';
  const client = await startClient(t, {
    folders: { repo: { '.regal.yaml': off, '.countersign/config.yaml': 'version: 1\n' } },
  });
  for (const path of ['repo/p.rego', 'repo/.countersign/policies/q.rego']) {
    const found = codes(await client.pull(await client.open(path, camel), 'lint'));
    assert.ok(!found.includes('style/prefer-snake-case'), `${path}: ${found}`);
  }
});

test("the policies' own Regal configuration counts before the folder's; findings are warnings", async (t) => {
  const off = 'rules:\n  style:\n    prefer-snake-case:\n      level: ignore\n';
  const files = { '.regal.yaml': 'rules: {}\n', '.countersign/policies/.regal/config.yaml': off };
  const client = await startClient(t, { folders: { repo: files } });
  const policy = await client.pull(await client.open('repo/.countersign/policies/q.rego', camel), 'lint');
  assert.ok(!codes(policy).includes('style/prefer-snake-case'), codes(policy).join());
  const other = await client.pull(await client.open('repo/p.rego', camel), 'lint');
  assert.equal(other.find(({ code }) => code === 'style/prefer-snake-case')?.severity, 2);
});

test('custom rules run in trusted workspaces only', async (t) => {
  const folders = {
    policy: { '.regal/config.yaml': 'rules: {}\n', '.regal/rules/custom/no_forbidden.rego': forbiddenRule },
  };
  const text = 'package p\n\nforbidden := 1\n';
  await t.test('trusted', async (t) => {
    const client = await startClient(t, { folders });
    const found = codes(await client.pull(await client.open('policy/p.rego', text), 'lint'));
    assert.ok(found.includes('naming/no-forbidden'), String(found));
  });
  await t.test('not trusted, then trusted', async (t) => {
    const client = await startClient(t, { folders, trusted: false });
    const uri = await client.open('policy/p.rego', text);
    assert.ok(!codes(await client.pull(uri, 'lint')).includes('naming/no-forbidden'));
    await client.connection.sendNotification('countersign/trustGranted');
    assert.ok(codes(await client.pull(uri, 'lint')).includes('naming/no-forbidden'));
  });
});

test('linting can be switched off', async (t) => {
  const client = await startClient(t, { folders: { policy: {} }, settings: { lint: { enable: false } } });
  await client.ready();
  assert.deepEqual(await client.pull(await client.open('policy/p.rego', camel), 'lint'), []);
});

test('what is wrong with the configuration is said in its file', async (t) => {
  const config = 'rules:\n  style:\n    no-such-rule:\n      level: error\n';
  const client = await startClient(t, {
    folders: { policy: { '.regal/config.yaml': config, 'p.rego': camel } },
    capabilities: pushedClient,
  });
  const { diagnostics } = await client.published(client.uri('policy/.regal/config.yaml'), (found) =>
    codes(found).includes('lint_config_error'),
  );
  assert.deepEqual(diagnostics[0]?.range.start, { line: 2, character: 4 });
});
