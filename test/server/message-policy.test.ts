/** The policy's verdict on the message being typed: at its place, with the way to its rule, and as a hint. */
import assert from 'node:assert/strict';
import { join } from 'node:path';
import { test } from 'node:test';
import type { InlayHint, MarkupContent } from 'vscode-languageserver/node';
import { URI } from 'vscode-uri';
import { configuration, type MessageBench, openBench, policy, told } from './message-support.ts';

const files = { ...configuration, '.countersign/policies/own.rego': policy };
const blue = 'Fix it\n\nAI-Model: example-1\nAI-Context: it is all blue to me\n';

function hintsOf({ client, input }: MessageBench): Promise<InlayHint[] | null> {
  const range = { start: { line: 0, character: 0 }, end: { line: 99, character: 0 } };
  return client.connection.sendRequest('textDocument/inlayHint', { textDocument: { uri: input }, range });
}

test('a violation stands at its value, and leads to its rule', async (t) => {
  const bench = await openBench(t, files);
  const [found] = await bench.type(blue, (all) => all.some(({ code }) => code === 'no-monday'));
  assert.deepEqual(told(blue, [found!]), [['no-monday', 'it is all blue to me']]);
  assert.equal(found?.severity, 1);
  assert.equal(found?.message, 'it is all blue to me in 0 files');
  const uri = URI.file(join(bench.repository.root, '.countersign/policies/own.rego')).toString();
  const line = policy.split('\n').findIndex((text) => text.startsWith('deny contains'));
  assert.equal(found?.codeDescription?.href, `${uri}#L${line + 1}`);
  assert.deepEqual(found?.relatedInformation?.[0], {
    location: { uri, range: { start: { line, character: 0 }, end: { line, character: 0 } } },
    message: 'No blue Mondays',
  });
});

test('what is about the whole message stands at its title; warnings are milder', async (t) => {
  const bench = await openBench(t, files);
  const title = 'Fix what was broken by the change before the last';
  const [found] = await bench.type(`${title}\n`, (all) => all.length > 0);
  assert.deepEqual(told(`${title}\n`, [found!]), [['long-title', title]]);
  assert.equal(found?.severity, 2);
});

test('a violation moves with its value while the next verdict is out, and goes with it', async (t) => {
  const bench = await openBench(t, files);
  await bench.type(blue, (all) => all.some(({ code }) => code === 'no-monday'));
  const moved = `${blue.slice(0, 8)}Body.\n\n${blue.slice(8)}`;
  const [first] = await bench.type(moved);
  assert.deepEqual(told(moved, [first!]), [['no-monday', 'it is all blue to me']]);
  const green = blue.replace('blue', 'green');
  assert.deepEqual(told(green, await bench.type(green)), []);
});

test('the hint says what will become of the commit', async (t) => {
  const bench = await openBench(t, files);
  const labels = async () => (await hintsOf(bench))?.map(({ label }) => label);
  await bench.type(blue, (all) => all.some(({ code }) => code === 'no-monday'));
  const [denied] = (await hintsOf(bench)) ?? [];
  assert.equal(denied?.label, 'will be denied: no-monday');
  assert.deepEqual(denied?.position, { line: 0, character: 'Fix it'.length });
  const tooltip = (denied?.tooltip as MarkupContent | undefined)?.value ?? '';
  assert.match(tooltip, /\[no-monday\]\(file:.*own\.rego#L\d+\): it is all blue/);
  assert.match(tooltip, /revision: `sha256:[0-9a-f]{12}`/);
  await bench.type(blue.replace('blue', 'green'));
  assert.deepEqual(await labels(), ['checking…']);
  await bench.client.until(async () => (await labels())?.[0] === 'will pass');
  await bench.type('Fix what was broken by the change before the last\n', (all) => all.length > 0);
  assert.deepEqual(await labels(), ['will pass, with warnings: long-title']);
  await bench.client.edit(bench.input, '\n');
  assert.deepEqual(await labels(), []);
});

test('the policy overrules what the server supposes of another scope tier', async (t) => {
  const lenient = `package own

deny contains {"rule": "required-field", "field": "model", "msg": "no model", "commit": commit.sha} if {
	some commit in input.commits
	commit.disclosure
	not commit.disclosure.model
}
`;
  const bench = await openBench(t, { ...configuration, '.countersign/policies/own.rego': lenient });
  const text = 'Fix it\n\nAI-Approver: Ann Example <ann@example.com>\n';
  const at = 'AI-Approver: Ann Example <ann@example.com>';
  assert.deepEqual(told(text, await bench.type(text, (all) => all.length === 2)), [
    ['missing-field', at],
    ['missing-field', at],
  ]);
  // The policy misses the model, and not the context.
  const judged = await bench.client.published(bench.input, (all) => all.some(({ code }) => code === 'required-field'));
  assert.deepEqual(told(text, judged.diagnostics), [['required-field', at]]);
  // Nor does the server any more, before the next verdict.
  const longer = text.replace('Fix it\n', 'Fix it\n\nBody.\n');
  assert.deepEqual(told(longer, await bench.type(longer)), [['required-field', at]]);
});

test('a change of the policies changes the verdict', async (t) => {
  const bench = await openBench(t, files);
  await bench.type(blue, (all) => all.some(({ code }) => code === 'no-monday'));
  const path = join(bench.repository.root, '.countersign/policies/own.rego');
  await bench.repository.write('.countersign/policies/own.rego', policy.replace('"blue")', '"red")'));
  bench.client.publications.length = 0;
  const changes = [{ uri: URI.file(path).toString(), type: 2 }];
  await bench.client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
  await bench.client.published(bench.input, (all) => all.length === 0);
});

test('what is staged changes the verdict', async (t) => {
  const bench = await openBench(t, files);
  await bench.type(blue, (all) => all.some(({ message }) => String(message).endsWith('in 0 files')));
  await bench.repository.write('a.txt', 'a');
  await bench.repository.git('add', 'a.txt');
  const changes = [{ uri: URI.file(join(bench.repository.root, '.git/index')).toString(), type: 2 }];
  await bench.client.connection.sendNotification('workspace/didChangeWatchedFiles', { changes });
  await bench.client.published(bench.input, (all) => all.some(({ message }) => String(message).endsWith('in 1 files')));
});

test('policies that cannot decide are told, and never pass', async (t) => {
  const bench = await openBench(t, {
    ...configuration,
    '.countersign/policies/own.rego': 'package own\n\ndeny contains x\n',
  });
  const [found] = await bench.type('Fix it\n', (all) => all.length > 0);
  assert.equal(found?.code, 'undecided');
  assert.match(String(found?.message), /own\.rego:3/);
  assert.deepEqual(
    (await hintsOf(bench))?.map(({ label }) => label),
    ['not decided'],
  );
});

test('nothing is decided, nor git asked, in a workspace that is not trusted, until it is', async (t) => {
  let asked = 0;
  const gatherKnown = async () => {
    asked++;
    return { values: [], evidence: [] };
  };
  // Without pauses: what is done after them is done at once.
  const runtime = { gatherKnown, sleep: async (_: number, signal: AbortSignal) => signal.throwIfAborted() };
  const bench = await openBench(t, files, { trusted: false, runtime });
  const secret = `Fix it\n\nghp_${'a1B2'.repeat(9)}\n`;
  await bench.type(secret, (all) => all.some(({ code }) => code === 'secret'));
  await bench.type(blue, (all) => all.length === 0);
  assert.deepEqual(await hintsOf(bench), []);
  assert.equal(asked, 0);
  await bench.client.connection.sendNotification('countersign/trustGranted');
  await bench.client.published(bench.input, (all) => all.some(({ code }) => code === 'no-monday'));
  assert.ok(asked > 0);
});
