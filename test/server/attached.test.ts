/** What is kept with an object is its own, and is seen by nobody else. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { attached } from '../../server/attached.ts';

test('each has its own value, and may have another one later', () => {
  const [lengths, names] = [attached<object, number>(), attached<object, string>()];
  const [one, other] = [{}, Object.freeze([1, 2])];
  lengths.set(one, 1);
  lengths.set(other, 2);
  names.set(other, 'two');
  lengths.set(other, 3);
  assert.deepEqual([lengths.get(one), lengths.get(other), names.get(one), names.get(other)], [1, 3, undefined, 'two']);
  assert.deepEqual([lengths.has(one), names.has(one)], [true, false]);
});

test('a value that is undefined is one', () => {
  const values = attached<object, undefined>();
  const one = {};
  values.set(one, undefined);
  assert.ok(values.has(one));
  assert.ok(!values.has({}));
});

test('neither a copy nor a reader of the object sees it', () => {
  const values = attached<object, number>();
  const one = { a: 1 };
  values.set(one, 1);
  assert.equal(values.get({ ...one }), undefined);
  assert.equal(values.get(structuredClone(one)), undefined);
  assert.deepEqual(Reflect.ownKeys(one), ['a']);
  assert.equal(JSON.stringify(one), '{"a":1}');
});
