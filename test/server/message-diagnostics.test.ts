/** What is found in a message at every keystroke, without git and without the engine. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { marked } from './marks.ts';
import { configuration, openBench, told } from './message-support.ts';

/** Nothing of the workspace is run: only the fast findings are there. */
const untrusted = { trusted: false };

const good = 'Fix it\n\nBecause.\n\nAI-Model: example-1\nAI-Context: wrote the tests by hand\n';

test('what is wrong, and where', async (t) => {
  const { type } = await openBench(t, configuration, untrusted);
  const cases: [note: string, message: string, ...codes: string[]][] = [
    ['a field is missing: told at the block', 'Fix it\n\n[|AI-Model: example-1|]\n', 'missing-field'],
    ['an empty one is missing', 'Fix it\n\nAI-Model: example-1\n[|AI-Context:|]\n', 'missing-field'],
    ['a model that nobody approved', good.replace('example-1', '[|exampel-1|]'), 'value'],
    ['a value that says nothing', good.replace('wrote the tests by hand', '[|xxxxxxxxxxxxxxx|]'), 'value'],
    ['CRLF', 'Fix it\r\n\r\n[|AI-Model: example-1|]\r\n', 'missing-field'],
    ['letters of two units', 'Fix 🚀\n\nAI-Context: 🚀 twelve rockets\nAI-Model: [|🚀|]\n', 'value'],
    ['a trailer above the last block', `Fix it\n\n[|AI-Model: example-2|]\n\n${good.slice(8)}`, 'ignored-trailer'],
    ['a trailer in the title', '[|AI-Model: example-1|]\n', 'trailer-in-title'],
    ['and below the title without a blank line', 'Fix it\n[|AI-Model: example-1|]\n', 'trailer-in-title'],
    ['a careless key', `Fix it\n\n[|AI Model = example-1|]\n\nBye.\n`, 'ignored-trailer'],
    [
      'prose breaks the block',
      'Fix it\n\n[|Some prose.|]\nAI-Model: example-1\nAI-Context: wrote the tests by hand\n',
      'broken-block',
    ],
    [
      'a line that is not indented breaks the block',
      'Fix it\n\nAI-Model: example-1\nAI-Context: wrote the tests\n[|by hand|]\n',
      'broken-block',
    ],
    ['well-known keys alone', 'Fix it\n\n[|Prose.|]\nReviewed-by: Ann Example <ann@example.com>\n', 'broken-block'],
    [
      'a careless key in the block breaks it, and is told as such',
      'Fix it\n\n[|AI_Model: example-1|]\nAI-Context: wrote the tests by hand\n',
      'ignored-trailer',
    ],
    ['the same twice', good.replace('AI-Context', 'AI-Model: EXAMPLE-1\nAI-Context'), 'duplicate-trailer'],
    ['a key of another spelling', `${good}[|AI-Modle|]: example-2\n`, 'unknown-key'],
    ['a key in another case', good.replace('AI-Model', '[|ai-model|]'), 'key-case'],
  ];
  for (const [note, source, ...codes] of cases) {
    const { text, ranges } = marked(source);
    const found = await type(text, (diagnostics) => diagnostics.length > 0);
    assert.deepEqual(
      found.map(({ code }) => code),
      codes,
      note,
    );
    if (ranges.length > 0) assert.deepEqual([found[0]?.range], ranges, note);
    await type('');
  }
});

test('nothing is wrong', async (t) => {
  const { type, client, input } = await openBench(t, configuration, untrusted);
  const cases: [note: string, message: string][] = [
    ['nothing is written', ''],
    ['a plain commit', 'Fix it\n\nNote: this is prose\nover two lines\n'],
    ['a disclosure', good],
    ['beside other trailers, folded', good.replace('by hand', 'by\n hand\nSigned-off-by: A <a@example.com>')],
    ['with what cherry-pick adds', `${good}(cherry picked from commit 0123456789012345678901234567890123456789)\n`],
    ['a first line that starts as comments do in files', '#12: fix it\n\nProse.\n'],
  ];
  for (const [note, message] of cases) {
    await type('Fix it\n\nAI-Model: example-1\n', (diagnostics) => diagnostics.length === 1);
    assert.deepEqual(told(message, await type(message, (diagnostics) => diagnostics.length === 0)), [], note);
  }
  assert.equal(client.publications.at(-1)?.uri, input);
});

test('a secret is found anywhere in the message, a moment later, and not repeated in the report', async (t) => {
  const { type } = await openBench(t, configuration, untrusted);
  const secret = `ghp_${'a1B2'.repeat(9)}`;
  const text = `Fix it\n\nUse ${secret} here.\n`;
  const found = await type(text, (diagnostics) => diagnostics.length > 0);
  assert.deepEqual(told(text, found), [['secret', secret]]);
  assert.ok(!JSON.stringify(found).includes(secret));
  await type('Fix it\n\nUse it here.\n', (diagnostics) => diagnostics.length === 0);
});

test('a repository that is not under Countersign hears nothing', async (t) => {
  const { type, client, input } = await openBench(t, { 'a.txt': 'a' });
  await client.open(input, 'AI-Model: x\n', 'scminput');
  // Another document's report, asked for later, comes: then this one's would have come.
  await client.open('policy.rego', 'package p\n\nbroken if {\n');
  await client.published(client.uri('policy.rego'), (diagnostics) => diagnostics.length > 0);
  assert.deepEqual(
    client.publications.filter(({ uri }) => uri === input),
    [],
  );
  assert.ok(type);
});

test('closing a message takes its report away', async (t) => {
  const { type, client, input } = await openBench(t, configuration, untrusted);
  await type('AI-Model: x\n', (diagnostics) => diagnostics.length > 0);
  await client.connection.sendNotification('textDocument/didClose', { textDocument: { uri: input } });
  assert.deepEqual((await client.published(input, (diagnostics) => diagnostics.length === 0)).diagnostics, []);
});
