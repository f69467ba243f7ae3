import assert from 'node:assert/strict';
import test from 'node:test';
import { parseTrailers } from '../../../core/trailers/parse.ts';

const cases: { name: string; message: string; trailers: [string, string][]; stray?: string[] }[] = [
  {
    name: 'the last block',
    message: 'T\n\nBody\n\nAI-Model: m\nAI-Context: c\n',
    trailers: [
      ['AI-Model', 'm'],
      ['AI-Context', 'c'],
    ],
  },
  { name: 'keys keep their case', message: 'T\n\nai-MODEL: m\n', trailers: [['ai-MODEL', 'm']] },
  {
    name: 'a folded value',
    message: 'T\n\nAI-Context: one\n  two\n\tthree\n',
    trailers: [['AI-Context', 'one two three']],
  },
  {
    name: 'CRLF',
    message: 'T\r\n\r\nAI-Model: m\r\nAI-Context: c\r\n',
    trailers: [
      ['AI-Model', 'm'],
      ['AI-Context', 'c'],
    ],
  },
  {
    name: 'one key several times',
    message: 'T\n\nA: 1\na: 2\nA: 1\n',
    trailers: [
      ['A', '1'],
      ['a', '2'],
      ['A', '1'],
    ],
  },
  { name: 'none in an empty message', message: '', trailers: [] },
  { name: 'none in the title', message: 'AI-Model: m\n', trailers: [], stray: ['AI-Model'] },
  { name: 'none without a blank line before', message: 'T\n\nProse\nAI-Model: m\n', trailers: [], stray: ['AI-Model'] },
  {
    name: 'only the last block',
    message: 'T\n\nAI-Model: m\n\nSigned-off-by: A\n',
    trailers: [['Signed-off-by', 'A']],
    stray: ['AI-Model'],
  },
  {
    name: 'none when prose ends the message',
    message: 'T\n\nAI-Model: m\n\nThat is all.\n',
    trailers: [],
    stray: ['AI-Model'],
  },
  { name: 'prose that has the form', message: 'T\n\nfix: a thing\n', trailers: [['fix', 'a thing']] },
  { name: 'HTML after the trailers', message: 'T\n\nAI-Model: m\n<!-- mark -->\n', trailers: [], stray: ['AI-Model'] },
  {
    name: 'a quarter of trailers beside a sign-off',
    message: 'T\n\nSigned-off-by: A\nAI-Model: m\nx\ny\nz\n',
    trailers: [
      ['Signed-off-by', 'A'],
      ['AI-Model', 'm'],
    ],
  },
  {
    name: 'less than a quarter',
    message: 'T\n\nSigned-off-by: A\n1\n2\n3\n4\n',
    trailers: [],
    stray: ['Signed-off-by'],
  },
  {
    name: 'comments within and after',
    message: 'T\n\nA: 1\n# note\nB: 2\n# end\n',
    trailers: [
      ['A', '1'],
      ['B', '2'],
    ],
  },
  {
    name: 'nothing below the scissors',
    message: 'T\n\nA: 1\n# ------------------------ >8 ------------------------\n\nB: 2\n',
    trailers: [['A', '1']],
  },
  { name: 'a divider is text', message: 'T\n\nA: 1\n---\nB: 2\n', trailers: [], stray: ['A', 'B'] },
  {
    name: 'indented lines are prose below prose',
    message: 'T\n\nSigned-off-by: A\nprose\n more\n more\n more\n',
    trailers: [],
    stray: ['Signed-off-by'],
  },
];

for (const { name, message, trailers, stray } of cases) {
  test(name, () => {
    const found = parseTrailers(message);
    assert.deepEqual(
      found.trailers.map(({ key, value }) => [key, value]),
      trailers,
    );
    if (stray)
      assert.deepEqual(
        found.stray.map(({ key }) => key),
        stray,
      );
  });
}

test('a divider ends a patch', () => {
  assert.deepEqual(
    parseTrailers('T\n\nA: 1\n---\nB: 2\n', { divider: true }).trailers.map(({ key }) => key),
    ['A'],
  );
});

test('another comment prefix', () => {
  const { trailers } = parseTrailers('T\n\nA: 1\n;; note\n', { commentPrefix: ';;' });
  assert.deepEqual(
    trailers.map(({ key }) => key),
    ['A'],
  );
});

test('spans are in UTF-16 units', () => {
  const message = '🚀 T\n\nAI-Context: é🚀\n  more\n';
  const [trailer] = parseTrailers(message).trailers;
  assert.ok(trailer);
  assert.equal(message.slice(trailer.span.start, trailer.span.end), 'AI-Context: é🚀\n  more');
  assert.equal(message.slice(trailer.keySpan.start, trailer.keySpan.end), 'AI-Context');
  assert.equal(message.slice(trailer.valueSpan.start, trailer.valueSpan.end), 'é🚀\n  more');
});

test('where a first block would go', () => {
  const message = 'T\n\nBody\n\n# comment\n';
  const { block } = parseTrailers(message);
  assert.deepEqual([block.start, block.end], [8, 8]);
});

test('a message of megabytes is read in one go', () => {
  const message = `T\n\n${`${' '.repeat(200_000)}x\n`.repeat(10)}\n${'k'.repeat(1_000_000)}: v${' '.repeat(1_000_000)}\n`;
  assert.equal(parseTrailers(message).trailers[0]?.value, 'v');
});
