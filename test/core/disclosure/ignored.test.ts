import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { defaultConfig } from '../../../core/config.ts';
import { ignoredLines } from '../../../core/disclosure/ignored.ts';
import { messages } from '../../support/messages.ts';

const found = (message: string) =>
  ignoredLines(message, defaultConfig).map(({ line, field, value }) => [line, field, value]);

test('nothing is ignored where git reads it', () => {
  assert.deepEqual(found('T\n\nAI-Model: m\nai-context : c\n'), []);
  assert.deepEqual(found('T\n\nNothing about it.\n'), []);
  assert.deepEqual(found(''), []);
});

test('why a well-written line is ignored', () => {
  const cases: [string, RegExp][] = [
    ['AI-Model: m\n', /title/],
    ['T\nAI-Model: m\n', /title/],
    ['T\n\nProse\nAI-Model: m\n', /last paragraph/],
    ['T\n\nAI-Model: m\n<!-- x -->\n', /last paragraph/],
    ['T\n\nAI-Model: m\n\nProse.\n', /last paragraph/],
    ['T\r\n\r\nAI-Model: m\r\n\r\nProse.\r\n', /last paragraph/],
  ];
  for (const [message, why] of cases) {
    const [line] = ignoredLines(message, defaultConfig);
    assert.ok(line, message);
    assert.match(line.why, why, message);
    assert.equal(message.slice(line.span.start, line.span.end), 'AI-Model: m');
    assert.deepEqual([line.field, line.key, line.value], ['model', 'AI-Model', 'm']);
    assert.equal(message.split('\n')[line.line - 1]?.trimEnd(), 'AI-Model: m');
  }
});

test('lines that are carelessly written', () => {
  for (const line of [
    'AI Model: m',
    'ai_model: m',
    '  AI-Model: m',
    '> AI-Model: m',
    '- AI-Model: m',
    'AI-Model = m',
    '**AI-Model:** m',
  ]) {
    const [ignored] = ignoredLines(`T\n\nBody\n\n${line}\n\nSigned-off-by: A\n`, defaultConfig);
    assert.equal(ignored?.value, 'm', line);
    assert.match(ignored.why, /starts with `AI-Model: `/, line);
  }
});

test('comments and what is below the scissors are nobody’s words', () => {
  assert.deepEqual(found('T\n\n# AI-Model: m\n'), []);
  assert.deepEqual(found('T\n\n# ------------------------ >8 ------------------------\nAI-Model: m\n'), []);
});

test('a line of a megabyte takes no time', () => {
  assert.deepEqual(found(`T\n\n${'- '.repeat(500_000)}\n\n${'AI '.repeat(300_000)}\n`), []);
});

test('spans lie in the message, whatever it is', () => {
  fc.assert(
    fc.property(messages, (message) => {
      for (const { span, key, line } of ignoredLines(message, defaultConfig)) {
        const text = message.slice(span.start, span.end);
        assert.ok(!text.includes('\n') && text.toLowerCase().includes(key.toLowerCase().slice(0, 2)));
        assert.equal(message.slice(0, span.start).split('\n').length, line);
      }
    }),
    { numRuns: 1000 },
  );
});
