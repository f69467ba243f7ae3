/** Masking, by cases after OPA's own (v1/plugins/logs/mask_test.go); test/conformance compares with OPA itself. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MaskError, masked, readMaskRules } from '../../../../core/decision/log/mask.ts';
import type { DecisionRecord } from '../../../../core/decision/log/record.ts';
import { record } from './support.ts';

const apply = (input: unknown, ...rules: unknown[]) => {
  const { erased, masked: set, ...rest } = masked({ ...record(), input } as DecisionRecord, readMaskRules(rules));
  return { input: rest.input as unknown, ...(erased && { erased }), ...(set && { masked: set }) };
};

test('values are taken out and set, and the record says which', () => {
  assert.deepEqual(apply({ a: { b: 1, c: 2 } }, '/input/a/b'), { input: { a: { c: 2 } }, erased: ['/input/a/b'] });
  assert.deepEqual(apply({ a: [1, 2, 3] }, { op: 'remove', path: '/input/a/1' }), {
    input: { a: [1, 3] },
    erased: ['/input/a/1'],
  });
  assert.deepEqual(apply({ a: 1 }, { op: 'upsert', path: '/input/b/c', value: [1] }), {
    input: { a: 1, b: { c: [1] } },
    masked: ['/input/b/c'],
  });
  assert.deepEqual(apply({ a: [{ b: 1 }] }, { op: 'upsert', path: '/input/a/0/b' }), {
    input: { a: [{ b: null }] },
    masked: ['/input/a/0/b'],
  });
  assert.deepEqual(apply({ a: 1 }, '/input'), { input: undefined, erased: ['/input'] });
  assert.deepEqual(apply({ a: 1 }, { op: 'upsert', path: '/input', value: 'x' }), { input: 'x', masked: ['/input'] });
});

test('a rule for what is not there does nothing and is not told of', () => {
  for (const path of ['/input/b', '/input/a/b', '/input/l/7', '/input/l/x', '/input/b/c/d', '/result/x']) {
    assert.deepEqual(apply({ a: 1, l: [1] }, path), { input: { a: 1, l: [1] } }, path);
  }
  for (const path of ['/input/a/b', '/input/l/1', '/input/l/-1']) {
    assert.deepEqual(apply({ a: 1, l: [1] }, { op: 'upsert', path, value: 2 }), { input: { a: 1, l: [1] } }, path);
  }
  assert.deepEqual(apply([1, 2], '/input/0'), { input: [1, 2] }, 'as with OPA');
});

test('the record that is given stays as it is, and no name reaches beyond it', () => {
  const whole = record({ input: { a: { b: 1 } } as never });
  const done = masked(whole, readMaskRules(['/input/a/b', { op: 'upsert', path: '/input/__proto__/x', value: 1 }]));
  assert.deepEqual(whole.input, { a: { b: 1 } });
  assert.equal(JSON.stringify(done.input), '{"a":{},"__proto__":{"x":1}}');
  assert.equal(({} as Record<string, unknown>).x, undefined);
  assert.deepEqual(masked(whole, readMaskRules(['/input/constructor'])).erased, undefined);
});

test('what is no mask rule is an error, so that nothing is kept that should not be', () => {
  const wrong = [
    'input/a',
    '',
    '/labels',
    '/input/%zz',
    7,
    { op: 'replace', path: '/input' },
    { path: '/input/a' },
    { op: 'remove' },
    { op: 7, path: '/input' },
  ];
  for (const rule of wrong) assert.throws(() => readMaskRules([rule]), MaskError, JSON.stringify(rule));
  for (const value of [null, true, { a: 1 }]) assert.throws(() => readMaskRules(value), MaskError);
});
