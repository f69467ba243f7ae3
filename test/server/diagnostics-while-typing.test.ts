/** What stays, moves and comes while somebody is typing: in the module itself, and in those that need it. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Diagnostic } from 'vscode-languageserver/node';
import { pushedClient, startClient } from './support.ts';

const codes = (found: readonly Diagnostic[]) => found.map(({ code }) => code);
const lib = 'package lib\n\nok(v) if v.size > 1\n';
const main = 'package main\n\nimport data.lib\n\na if lib.ok(input)\n\nb := nothing\n';

test("OPA's and Regal's findings stay, moved with the text, while the text cannot be read", async (t) => {
  const client = await startClient(t, { folders: { policy: { 'lib.rego': lib } }, capabilities: pushedClient });
  const uri = await client.open('policy/main.rego', main);
  const regal = (found: readonly Diagnostic[]) => found.filter(({ source }) => source === 'regal');
  await client.published(uri, (found) => codes(found).includes('rego_unsafe_var_error') && regal(found).length > 0);
  const before = client.publications.length;
  await client.edit(uri, main.replace('a if', 'c := {\n\na if'));
  await client.published(uri, (found) => codes(found).includes('rego_parse_error'));
  await client.edit(uri, main.replace('a if', 'c := {}\n\na if'));
  await client.published(uri, (found) => !codes(found).includes('rego_parse_error'));
  // The answers for the mended text are there when something new is.
  await client.edit(uri, main.replace('a if', 'c := other\n\na if'));
  await client.published(uri, (found) => codes(found).filter((code) => code === 'rego_unsafe_var_error').length === 2);
  for (const { diagnostics } of client.publications.slice(before).filter((one) => one.uri === uri)) {
    const unsafe = diagnostics.find(({ message }) => String(message).includes('nothing'));
    assert.deepEqual(unsafe?.range.start, { line: 8, character: 5 }, 'it neither flickers nor stays behind');
    assert.ok(regal(diagnostics).length > 0);
  }
});

test('syntax errors come with the change, before anything that the engine says', async (t) => {
  let reject: (reason: Error) => void = () => undefined;
  const starting = new Promise<never>((_, fail) => {
    reject = fail;
  });
  // It may not have been asked for yet.
  starting.catch(() => undefined);
  const client = await startClient(t, { capabilities: pushedClient, runtime: { startEngine: () => starting } });
  const uri = await client.open('untitled:Untitled-1', 'package p\n\na := [\n', 'rego');
  await client.published(uri, (found) => codes(found).includes('rego_parse_error'));
  await client.edit(uri, 'package p\n\na := []\n');
  await client.published(uri, (found) => found.length === 0);
  reject(new Error('no engine'));
});

for (const [kind, capabilities] of [
  ['pushed', pushedClient],
  ['pulling', undefined],
] as const) {
  test(`open modules show what an edit of another one breaks in them (${kind})`, async (t) => {
    const client = await startClient(t, {
      folders: { policy: {} },
      ...(capabilities && { capabilities }),
      // What looks at whole folders is not to be waited for.
      runtime: { sleep: (ms, signal) => (ms === 200 || ms === 800 ? new Promise(() => {}) : sleep(ms, signal)) },
    });
    await client.ready();
    const edited = await client.open('policy/lib.rego', lib);
    const user = await client.open('policy/main.rego', main.replace('nothing', '1'));
    const shown = async () =>
      capabilities ? (client.publications.findLast(({ uri }) => uri === user)?.diagnostics ?? []) : client.pull(user);
    await client.until(async () => codes(await shown()).every((code) => !String(code).startsWith('rego_')));
    const refreshes = client.refreshes;
    await client.edit(edited, lib.replace('ok(v)', 'good(v)'));
    if (!capabilities) await client.until(() => client.refreshes > refreshes);
    await client.until(async () => codes(await shown()).includes('rego_type_error'));
    await client.edit(edited, lib);
    await client.until(async () => !codes(await shown()).includes('rego_type_error'));
    // While the other one cannot be read, what it defined before still stands.
    await client.edit(edited, `${lib}\nhalf(`);
    if (!capabilities) assert.deepEqual(await client.pull(user), []);
    await client.edit(edited, `${lib}\nhalf(x) := x.y\n`);
    assert.ok(!codes(await shown()).includes('rego_type_error'));
  });
}

test('definitions in conflict point at each other', async (t) => {
  const client = await startClient(t, {
    folders: { policy: { 'b.rego': 'package p\n\ndefault a := 2\n' } },
  });
  const uri = await client.open('policy/a.rego', 'package p\n\ndefault a := 1\n');
  const [found, ...others] = await client.pull(uri);
  assert.equal(others.length, 0);
  assert.equal(found?.code, 'rego_type_error');
  assert.deepEqual(
    found.relatedInformation?.map(({ location }) => location),
    [
      {
        uri: client.uri('policy/b.rego'),
        range: { start: { line: 2, character: 8 }, end: { line: 2, character: 9 } },
      },
    ],
  );
});

test('places that are told in words lead there', async (t) => {
  const client = await startClient(t, { folders: { policy: { 'b.rego': 'package p.q\n\nr := 1\n' } } });
  const uri = await client.open('policy/a.rego', 'package p\n\nq if input.x\n\nq if input.x\n');
  const places = (found: readonly Diagnostic[]) =>
    found.flatMap(({ relatedInformation = [] }) =>
      relatedInformation.map(({ location }) => `${location.uri.split('/').at(-1)} ${location.range.start.line}`),
    );
  const duplicate = (await client.pull(uri, 'lint')).filter(({ code }) => code === 'bugs/duplicate-rule');
  assert.deepEqual(places(duplicate), ['a.rego 4']);
  const conflict = await client.pull(uri);
  assert.match(String(conflict[0]?.message), /conflicts with rule .* defined at a\.rego:3/);
  assert.deepEqual(places(conflict.slice(0, 1)), ['a.rego 2']);
});

function sleep(ms: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    const timer = setTimeout(resolve, ms);
    signal.addEventListener('abort', () => {
      clearTimeout(timer);
      reject(signal.reason);
    });
  });
}
