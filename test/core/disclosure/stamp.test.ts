import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import test from 'node:test';
import fc from 'fast-check';
import { defaultConfig } from '../../../core/config.ts';
import { declaredBy } from '../../../core/disclosure/profiles.ts';
import { StampError, stamp } from '../../../core/disclosure/stamp.ts';
import { parseTrailers } from '../../../core/trailers/parse.ts';
import { messages, sampleMessages } from '../../support/messages.ts';
import { makeRepository } from '../../support/repository.ts';

const values = { model: 'example-1', context: 'Wrote the parser', approver: 'ada@example.com' };
const lines = 'AI-Model: example-1\nAI-Context: Wrote the parser\nAI-Approver: ada@example.com\n';
const cut = '# ------------------------ >8 ------------------------\n';

const cases: { name: string; before: string; after: string }[] = [
  { name: 'a title', before: 'Title', after: `Title\n\n${lines}` },
  { name: 'title and body', before: 'Title\n\nBody\n', after: `Title\n\nBody\n\n${lines}` },
  { name: 'other trailers', before: 'T\n\nSigned-off-by: A\n', after: `T\n\nSigned-off-by: A\n${lines}` },
  { name: 'stamped before', before: `T\n\n${lines}`, after: `T\n\n${lines}` },
  {
    name: 'another model, twice, one folded',
    before: 'T\n\nai-model: a\n  b\nX: 1\nAI-MODEL: c\n',
    after: `T\n\nX: 1\n${lines}`,
  },
  {
    name: 'a look-alike above stays',
    before: 'T\n\nAI-Model: old\n\nProse.\n',
    after: `T\n\nAI-Model: old\n\nProse.\n\n${lines}`,
  },
  { name: 'a template', before: '\n# Please enter the message\n', after: `\n\n${lines}# Please enter the message\n` },
  { name: 'nothing at all', before: '', after: `\n\n${lines}` },
  { name: 'comments at the end', before: 'T\n\nBody\n\n# c\n', after: `T\n\nBody\n\n${lines}\n# c\n` },
  { name: 'scissors', before: `T\n\n${cut}diff\n`, after: `T\n\n${lines}\n${cut}diff\n` },
  { name: 'CRLF', before: 'T\r\n\r\nX: 1\r\n', after: `T\r\n\r\nX: 1\r\n${lines.replaceAll('\n', '\r\n')}` },
  {
    name: 'odd spacing and comments in the block',
    before: 'T\n\nX  :1\n# c\nY:2\n',
    after: `T\n\nX  :1\n# c\nY:2\n${lines}`,
  },
  { name: 'white space after the block', before: 'T\n\nX: 1\n  \n', after: `T\n\nX: 1\n${lines}  \n` },
  {
    name: 'before an unfinished line that git sets aside',
    before: 'Conflicts:\n\n\t',
    after: `Conflicts:\n\n${lines}\n\t\n`,
  },
  { name: 'a title like a trailer', before: 'AI-Model: no\n', after: `AI-Model: no\n\n${lines}` },
];

for (const { name, before, after } of cases) {
  test(`stamps ${name}`, () => {
    assert.equal(stamp(before, values, defaultConfig), after);
    assert.equal(stamp(after, values, defaultConfig), after, 'a second time changes nothing');
  });
}

test('leaves fields alone that are not given, and a message without any', () => {
  assert.equal(stamp('T\n\nAI-Context: c\n', { model: 'm' }, defaultConfig), 'T\n\nAI-Context: c\nAI-Model: m\n');
  assert.equal(stamp('T', {}, defaultConfig), 'T');
});

test('stamps several values of one field', () => {
  assert.equal(stamp('T\n', { model: ['a', 'b'] }, defaultConfig), 'T\n\nAI-Model: a\nAI-Model: b\n');
});

test('no value becomes another line', () => {
  const stamped = stamp('T\n', { context: 'one\r\n\r\nAI-Approver: forged\n\n' }, defaultConfig);
  assert.equal(stamped, 'T\n\nAI-Context: one AI-Approver: forged\n');
});

test('refuses what no trailer can hold, naming the field', () => {
  for (const value of ['', '  \n ', 'a\0b', 'a\x1b[2J', 'a\x7f', 'a\x9bb']) {
    assert.throws(
      () => stamp('T\n', { context: value }, defaultConfig),
      (error: unknown) => error instanceof StampError && error.field === 'context' && /context/.test(error.message),
      JSON.stringify(value),
    );
  }
  assert.throws(() => stamp('T\n', { modle: 'x' }, defaultConfig), /"modle".*model, timestamp, context, approver/);
  assert.throws(() => stamp('T\n', { constructor: 'x' }, defaultConfig), StampError);
});

test('refuses where git would strip the lines as comments', () => {
  const prefixed = () => stamp('T\n', { model: 'm' }, defaultConfig, { commentPrefix: 'AI' });
  assert.throws(prefixed, (error: unknown) => error instanceof StampError && /core\.commentChar/.test(error.message));
});

test('whatever the message, the disclosure is read back, stamping twice is stamping once, and nothing else changes', () => {
  const text = fc
    .string({ unit: 'grapheme', minLength: 1, maxLength: 30 })
    .filter((value) => /\S/.test(value) && !/\p{Cc}/u.test(value));
  fc.assert(
    fc.property(messages, text, (message, context) => {
      const stamped = stamp(message, { model: 'm', context }, defaultConfig);
      const { trailers } = parseTrailers(stamped);
      const read = declaredBy(trailers, defaultConfig);
      assert.deepEqual(read?.model, ['m']);
      assert.equal(read?.context?.length, 1);
      assert.equal(stamp(stamped, { model: 'm', context }, defaultConfig), stamped);
      // All lines but the disclosure's are there, in their order.
      const without = (parsed: string) =>
        parseTrailers(parsed)
          .trailers.filter(({ key }) => /^ai-(model|context)$/i.test(key))
          .reduceRight((rest, { span }) => rest.slice(0, span.start) + rest.slice(span.end), parsed)
          .split('\n')
          .map((line) => line.trimEnd())
          .filter((line) => line !== '');
      assert.deepEqual(
        without(stamped),
        without(/\n$/.test(message) ? message : message + (/^[^\n]*\r(\n|$)/.test(message) ? '\r\n' : '\n')),
      );
    }),
    { numRuns: 3000 },
  );
});

test('puts trailers where git interpret-trailers does, and git reads the same from both', async (t) => {
  const repository = await makeRepository(t);
  // What git normalises on the way (we keep it) is left out: comments and odd
  // spacing within a block, and an unfinished last line.
  const { seed, messages: sampled } = sampleMessages(3000);
  const plain = sampled.filter((message) => {
    const { trailers, block } = parseTrailers(message);
    const lines = message.slice(block.start, block.end).split('\n').slice(0, -1);
    const keys = trailers.map(({ key }) => key.toLowerCase());
    return (
      /[^\s]/.test(message.slice(0, block.end)) &&
      // Git takes one key for another when it starts alike, and replaces one of several only.
      !keys.some(
        (key, at) =>
          !/[a-z0-9]/.test(key) || 'ai-model'.startsWith(key) || key.startsWith('ai-model') || keys.indexOf(key) !== at,
      ) &&
      !message.includes('\r') &&
      message.endsWith('\n') &&
      lines.every((line) => /^[A-Za-z0-9-]+: \S(.*\S)?$/.test(line) || /^[^\s#:]+( [^\s:]+)*$/.test(line))
    );
  });
  assert.ok(plain.length > 200, `${plain.length} messages`);
  await repository.write('end', 'end\n\nEnd-Of-File: yes\n');
  const files: string[] = [];
  for (const [at, message] of plain.entries()) {
    await repository.write(`m${at}`, message);
    files.push(`m${at}`);
  }
  await repository.gitBytes([
    'interpret-trailers',
    '--in-place',
    '--no-divider',
    '--if-exists=replace',
    '--trailer',
    'AI-Model: m',
    ...files,
  ]);
  for (const [at, message] of plain.entries()) {
    const byGit = await readFile(`${repository.root}/m${at}`, 'utf8');
    assert.equal(
      stamp(message, { model: 'm' }, defaultConfig),
      byGit,
      `message ${JSON.stringify(message)}, FC_SEED=${seed}`,
    );
  }
});
