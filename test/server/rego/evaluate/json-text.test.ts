import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { cut, indented, inOneLine } from '../../../../server/rego/evaluate/json-text.ts';

test('JSON is laid out as JavaScript lays it out', () => {
  fc.assert(
    fc.property(fc.json(), (text) => {
      const json = JSON.stringify(JSON.parse(text));
      assert.equal(indented(json), JSON.stringify(JSON.parse(text), undefined, 2));
      assert.deepEqual(JSON.parse(inOneLine(json, Number.MAX_SAFE_INTEGER)), JSON.parse(text));
    }),
  );
});

test('numbers stay as they are written, and long strings are no matter', () => {
  assert.equal(indented('[12345678901234567890123,1.50]'), '[\n  12345678901234567890123,\n  1.50\n]');
  const long = JSON.stringify('\\"x😀'.repeat(500_000));
  assert.equal(indented(`{"a":${long}}`), `{\n  "a": ${long}\n}`);
});

test('a text is cut between characters', () => {
  assert.equal(cut('abc', 3), 'abc');
  assert.equal(cut('abcd', 3), 'ab…');
  assert.equal(cut('a😀b', 3), 'a…');
  assert.equal(inOneLine('{"a":[1,2],"b":{}}', 100), '{"a": [1, 2], "b": {}}');
  assert.equal(inOneLine('{"a":[1,2],"b":{}}', 8), '{"a": […');
});
