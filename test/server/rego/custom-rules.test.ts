/** Custom rules of Regal are compiled with Regal's own modules and built-ins, and told what is wrong with them. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CompletionItem, CompletionList, Diagnostic, Hover, SignatureHelp } from 'vscode-languageserver';
import { marked } from '../marks.ts';
import { forbiddenRule, pushedClient, startClient } from '../support.ts';

const fine = forbiddenRule;
const path = '.regal/rules/custom/rule.rego';
const firstLines = (found: Diagnostic[]) => found.map(({ message }) => String(message).split('\n')[0]);

test('an open rule that uses what Regal has is right, and what it has not is told at its place', async (t) => {
  const client = await startClient(t, { folders: { w: { 'p.rego': 'package p\n' } } });
  const uri = await client.open(`w/${path}`, fine);
  for (const kind of ['syntax', 'check', 'lint'] as const) assert.deepEqual(await client.pull(uri, kind), []);
  for (const [text, message] of [
    ['x := [|ast.nope|](1)\n', 'undefined function data.regal.ast.nope'],
    ['x := [|regal.nope|](1)\n', 'undefined function regal.nope'],
    ['x if "💥" == [|regal.parse_module|](1, 2)\n', 'regal.parse_module: invalid argument(s)'],
    ['x if "💥" > [|y1|]\n', 'var y1 is unsafe'],
  ] as const) {
    for (const whole of [`${fine}\n${text}`, `\uFEFF${`${fine}\n${text}`.replaceAll('\n', '\r\n')}`]) {
      const { text: broken, ranges } = marked(whole);
      await client.edit(uri, broken);
      const found = await client.pull(uri);
      assert.deepEqual(firstLines(found), [message]);
      assert.deepEqual(found[0]?.range, ranges[0], message);
      assert.equal(found[0]?.source, 'opa');
    }
  }
  await client.edit(uri, fine);
  assert.deepEqual(await client.pull(uri), []);
  // The policies know nothing of Regal's.
  const policy = await client.open('w/q.rego', 'package q\n\nx := regal.parse_module("", "")\n');
  assert.deepEqual(firstLines(await client.pull(policy)), ['undefined function regal.parse_module']);
});

test('an unknown built-in is one error, and not to be declared', async (t) => {
  const client = await startClient(t, { folders: { w: {} } });
  const uri = await client.open(`w/${path}`, `${fine}\nx := ldap.query("x")\n\ny := count(x)\n`);
  const [found, ...others] = await client.pull(uri);
  assert.deepEqual(others, []);
  assert.match(String(found?.message), /^undefined function ldap\.query\n.*the built-ins of OPA and of Regal/s);
  assert.doesNotMatch(String(found?.message), /capabilities/);
});

test('rules that are not open are reported once, also those of the gate, and until they are mended', async (t) => {
  const broken = `${fine}\nx := ast.nope(1)\n`;
  const gate = '.countersign/policies/.regal/rules/custom/gate.rego';
  const client = await startClient(t, {
    folders: {
      w: {
        [path]: broken,
        '.regal/rules/unread.rego': 'package x\n\nx := )\n',
        [gate]: broken.replace('no-forbidden', 'nothing-else'),
        'p.rego': 'package p\n\ncamelCase := 1\n',
      },
    },
    capabilities: pushedClient,
  });
  const uri = client.uri(`w/${path}`);
  for (const one of [uri, client.uri(`w/${gate}`)]) {
    const { diagnostics } = await client.published(one, (all) => all.length > 0);
    assert.deepEqual(firstLines(diagnostics), ['undefined function data.regal.ast.nope']);
    assert.equal(diagnostics[0]?.range.start.line, 13);
  }
  const unread = await client.published(client.uri('w/.regal/rules/unread.rego'), (all) => all.length > 0);
  assert.deepEqual(
    unread.diagnostics.map(({ code }) => code),
    ['rego_parse_error'],
  );
  // The lint has run, which could not compile them either.
  await client.published(client.uri('w/p.rego'), (all) => all.some(({ source }) => source === 'regal'));
  // All that the lint says goes out before the next answer.
  const at = { textDocument: { uri: client.uri('w/p.rego') }, position: { line: 0, character: 0 } };
  await client.connection.sendRequest('textDocument/hover', at);
  for (const { uri: of, diagnostics } of client.publications) {
    if (of.includes('.regal/rules')) assert.ok(diagnostics.length <= 1, JSON.stringify(diagnostics));
  }
  await client.open(`w/${path}`, fine);
  await client.published(uri, (all) => all.length === 0);
});

test('what changes in one rule is told in those that need it', async (t) => {
  const shared = 'package custom.shared\n\nlist := [1]\n';
  const client = await startClient(t, {
    folders: { w: { '.regal/rules/shared.rego': shared } },
    capabilities: pushedClient,
  });
  const uri = await client.open(`w/${path}`, 'package custom.user\n\nx := count(data.custom.shared.list)\n');
  const other = await client.open('w/.regal/rules/shared.rego', shared);
  await client.edit(other, shared.replace('[1]', '1'));
  await client.published(uri, (all) => all.some(({ code }) => code === 'rego_type_error'));
  await client.edit(other, shared);
  await client.published(uri, (all) => all.length === 0);
});

test('a rule that may not run is read only', async (t) => {
  const client = await startClient(t, { folders: { w: {} }, trusted: false });
  const uri = await client.open(`w/${path}`, `${fine}\nx := ast.nope(1)\n`);
  assert.deepEqual(await client.pull(uri), []);
  await client.edit(uri, `${fine}\nx := )\n`);
  assert.deepEqual(await client.pull(uri), []);
  assert.equal((await client.pull(uri, 'syntax')).length, 1);
  await client.edit(uri, `${fine}\nx := ast.nope(1)\n`);
  await client.connection.sendNotification('countersign/trustGranted');
  assert.deepEqual(firstLines(await client.pull(uri)), ['undefined function data.regal.ast.nope']);
});

test('the built-ins of Regal are known in its rules, and nowhere else', async (t) => {
  const client = await startClient(t, { folders: { w: {} } });
  const text = 'package custom.x\n\nx := regal.parse_module("", "")\n\ny := regal.\n';
  const uri = await client.open(`w/${path}`, text);
  const at = { textDocument: { uri }, position: { line: 2, character: 12 } };
  const hover = await client.connection.sendRequest<Hover>('textDocument/hover', at);
  assert.match(JSON.stringify(hover.contents), /regal\.parse_module\(.*string/s);
  const completed = await client.connection.sendRequest<CompletionList>('textDocument/completion', {
    ...at,
    position: { line: 4, character: 11 },
  });
  const item = completed.items.find(({ label }) => label === 'parse_module');
  assert.ok(item, JSON.stringify(completed.items));
  const resolved = await client.connection.sendRequest<CompletionItem>('completionItem/resolve', item);
  assert.match(JSON.stringify(resolved.documentation), /regal\.parse_module/);
  const signature = await client.connection.sendRequest<SignatureHelp>('textDocument/signatureHelp', {
    ...at,
    position: { line: 2, character: 24 },
  });
  assert.match(signature.signatures[0]?.label ?? '', /^regal\.parse_module\(/);
  const policy = await client.open('w/p.rego', text.replace('custom.x', 'p'));
  const elsewhere = { textDocument: { uri: policy }, position: at.position };
  assert.equal(await client.connection.sendRequest('textDocument/hover', elsewhere), null);
});
