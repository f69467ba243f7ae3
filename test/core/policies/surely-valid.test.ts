/** What is surely valid is valid by Ajv, whatever the schema. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { Ajv2020 } from 'ajv/dist/2020.js';
import fc from 'fast-check';
import { packFiles } from '../../../core/policies/load.ts';
import { surelyValid } from '../../../core/policies/surely-valid.ts';

const key = fc.constantFrom('model', 'context', 'a', '__proto__', 'constructor');
const word = fc.constantFrom('', 'a', 'ab', 'é', '😀😀', '1', 'AI');
const scalar = fc.oneof(word, fc.integer({ min: -2, max: 4 }), fc.boolean(), fc.constant(null), fc.constant(0.5));
const value = fc.letrec((tie) => ({
  any: fc.oneof(
    { maxDepth: 2 },
    scalar,
    fc.array(tie('any'), { maxLength: 3 }),
    fc.dictionary(key, tie('any'), { maxKeys: 3 }),
  ),
})).any;
const schema = fc.letrec<{ any: unknown; object: unknown }>((tie) => ({
  any: fc.oneof({ maxDepth: 2 }, fc.boolean(), tie('object')),
  object: fc.record(
    {
      type: fc.constantFrom('string', 'array', 'object', 'boolean', 'number', 'integer', ['string', 'null']),
      title: fc.constant('A title'),
      properties: fc.dictionary(key, tie('any'), { maxKeys: 2 }),
      required: fc.uniqueArray(key, { maxLength: 2 }),
      additionalProperties: tie('any'),
      items: tie('any'),
      minItems: fc.nat(2),
      maxItems: fc.nat(3),
      uniqueItems: fc.boolean(),
      minLength: fc.nat(2),
      maxLength: fc.nat(3),
      pattern: fc.constantFrom('^a', '^.$', '\\p{L}', '[^\\u0000-\\u001f]*'),
      enum: fc.uniqueArray(scalar, { minLength: 1, maxLength: 3, comparator: 'SameValueZero' }),
      const: scalar,
      not: tie('any'),
      minimum: fc.integer({ min: -1, max: 2 }),
    },
    { requiredKeys: [] },
  ),
})).any;

test('generated schemas and values', (t) => {
  let sure = 0;
  fc.assert(
    fc.property(schema, value, (one, other) => {
      if (!surelyValid(one, other)) return;
      sure++;
      const ajv = new Ajv2020({ strict: false, logger: false });
      assert.equal(ajv.validate(one as object, other), true);
    }),
    { numRuns: 3000 },
  );
  t.diagnostic(`${sure} sure`);
  assert.ok(sure > 200);
});

test('the disclosures of the pack are sure when they are valid', async () => {
  const file = (await packFiles()).find(({ path }) => path.endsWith('disclosure.schema.json'));
  const pack = JSON.parse(Buffer.from(file?.bytes ?? []).toString('utf8'));
  const good = {
    model: ['claude-opus-4-6'],
    timestamp: ['2026-06-01T11:00:00Z'],
    context: ['Wrote it.'],
    approver: ['@bo'],
    own: ['x'],
  };
  assert.equal(surelyValid(pack, good), true);
  for (const bad of [
    { model: ['<x>'] },
    { model: ['a', 'a'] },
    { approver: ['Dee'] },
    { context: ['a\u0007'] },
    { own: [1] },
    { model: 'x' },
  ]) {
    assert.equal(surelyValid(pack, bad), false);
  }
});
