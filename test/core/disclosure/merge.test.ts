import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import { mergeDisclosures } from '../../../core/disclosure/merge.ts';
import type { Disclosure } from '../../../core/input.ts';

test('people and models are united in order, the latest time stays', () => {
  const first = {
    model: ['example-1'],
    timestamp: ['2026-01-31T12:00:00Z'],
    context: ['Wrote the parser'],
    approver: ['Ada Example <ada@example.com>'],
    ticket: ['A-1'],
  };
  const second = {
    model: ['Example-1', 'example-2'],
    timestamp: ['2026-01-31T12:30:00+01:00'],
    context: ['Wrote its tests'],
    approver: ['ada example <ADA@example.com>', 'Bo Example <bo@example.com>'],
  };
  assert.deepEqual(mergeDisclosures([first, second]), {
    model: ['example-1', 'example-2'],
    timestamp: ['2026-01-31T12:00:00Z'],
    context: ['Wrote the parser', 'Wrote its tests'],
    approver: ['Ada Example <ada@example.com>', 'Bo Example <bo@example.com>'],
    ticket: ['A-1'],
  });
});

test('values that say nothing are left out, and a text that is no time gives way to one', () => {
  assert.deepEqual(mergeDisclosures([]), {});
  assert.deepEqual(mergeDisclosures([{ model: ['', '  '], context: ['c '] }]), { context: ['c'] });
  assert.deepEqual(mergeDisclosures([{ timestamp: ['yesterday', 'soon'] }]), { timestamp: ['yesterday', 'soon'] });
  assert.deepEqual(mergeDisclosures([{ timestamp: ['yesterday'] }, { timestamp: ['2026-01-31T12:00:00Z'] }]), {
    timestamp: ['2026-01-31T12:00:00Z'],
  });
  const same = [{ timestamp: ['2026-01-31T13:00:00+01:00'] }, { timestamp: ['2026-01-31T12:00:00Z'] }];
  assert.deepEqual(mergeDisclosures(same), mergeDisclosures(same.toReversed()));
});

test('the lists are not changed', () => {
  const disclosure = Object.freeze({ model: Object.freeze(['a']) as string[] });
  mergeDisclosures([disclosure, { model: ['b'] }]);
  assert.deepEqual(disclosure, { model: ['a'] });
});

const value = fc.oneof(
  fc.constantFrom('a', 'A', ' a ', 'b', 'B', 'é', 'É', '', ' '),
  fc.constantFrom('2026-01-31T12:00:00Z', '2026-01-31T13:00:00+01:00', '2025-12-31T23:59:59.5z', 'no time'),
  fc.string({ maxLength: 5 }),
);
const field = fc.constantFrom('model', 'timestamp', 'context', 'approver', 'ticket', 'constructor');
const disclosure: fc.Arbitrary<Disclosure> = fc.dictionary(field, fc.array(value, { maxLength: 4 }), {
  noNullPrototype: true,
});

/** What order and spelling leave. */
function content(given: Disclosure): Record<string, string[]> {
  const entries = Object.entries(given).map(([name, values]) => [
    name,
    values.map((text) => text.toLowerCase()).sort(),
  ]);
  return Object.fromEntries(entries.sort(([a], [b]) => (String(a) < String(b) ? -1 : 1)));
}

test('merging again changes nothing; order and parts do not matter', () => {
  fc.assert(
    fc.property(disclosure, disclosure, disclosure, (a, b, c) => {
      const all = mergeDisclosures([a, b, c]);
      assert.deepEqual(mergeDisclosures([all]), all);
      assert.deepEqual(mergeDisclosures([all, all]), all);
      assert.deepEqual(mergeDisclosures([mergeDisclosures([a, b]), c]), all);
      assert.deepEqual(mergeDisclosures([a, mergeDisclosures([b, c])]), all);
      assert.deepEqual(content(mergeDisclosures([c, a, b])), content(all));
    }),
    { numRuns: 2000 },
  );
});
