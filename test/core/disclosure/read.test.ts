import assert from 'node:assert/strict';
import test from 'node:test';
import { defaultConfig } from '../../../core/config.ts';
import { declaredBy } from '../../../core/disclosure/profiles.ts';
import { withDisclosure } from '../../../core/disclosure/read.ts';
import type { Commit } from '../../../core/input.ts';
import { parseTrailers } from '../../../core/trailers/parse.ts';

test('fields by their trailers, whatever the case, with every value in order', () => {
  const trailers = [
    { key: 'AI-Model', value: 'a' },
    { key: 'Signed-off-by', value: 'A' },
    { key: 'ai-model', value: 'b' },
    { key: 'AI-CONTEXT', value: '' },
  ];
  assert.deepEqual(declaredBy(trailers, defaultConfig), { model: ['a', 'b'], context: [''] });
  assert.deepEqual(declaredBy(trailers, { trailers: { signed: 'Signed-Off-By' } }), { signed: ['A'] });
});

test('no disclosure without one of the keys', () => {
  assert.equal(declaredBy([], defaultConfig), undefined);
  assert.equal(declaredBy([{ key: 'AI-Models', value: 'x' }], defaultConfig), undefined);
  const commit = { trailers: [{ key: 'fix', value: 'x' }] } as Commit;
  assert.equal('disclosure' in withDisclosure(commit, defaultConfig), false);
});

test('a value folded in a CRLF message has no carriage return', () => {
  const { trailers } = parseTrailers('T\r\n\r\nAI-Context: one\r\n two\r\n\tthree\r\n');
  assert.deepEqual(declaredBy(trailers, defaultConfig), { context: ['one two three'] });
});
