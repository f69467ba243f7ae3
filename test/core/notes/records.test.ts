import assert from 'node:assert/strict';
import test from 'node:test';
import fc from 'fast-check';
import {
  type DisclosureRecord,
  mergeNotes,
  parseNote,
  recordsOf,
  withoutRecords,
  withRecord,
} from '../../../core/notes/records.ts';

const record: DisclosureRecord = {
  type: 'disclosure',
  version: 1,
  disclosure: { model: ['example-1'] },
  by: { name: 'Ada Example', email: 'ada@example.com' },
  at: '2026-01-31T12:00:00Z',
};
const foreign = '{"type":"other","version":1}\n{"type":"disclosure","version":2,"disclosure":7}\nfree text\n';

test('a record is written as one line and read back', () => {
  const text = withRecord(undefined, record);
  assert.equal(text.split('\n').length, 2);
  assert.deepEqual(recordsOf(text, 'disclosure'), [record]);
  assert.deepEqual(recordsOf(text, 'countersignature'), []);
  assert.equal(withRecord(text, record), text, 'once is enough');
});

test('lines of others stay as they are', () => {
  const text = withRecord(foreign, record);
  assert.ok(text.startsWith(foreign));
  assert.equal(
    withoutRecords(text, () => true),
    foreign,
  );
  assert.equal(
    withoutRecords(withRecord(undefined, record), ({ type }) => type === 'disclosure'),
    '',
  );
});

test('what is no record is none', () => {
  const bad = [
    'null',
    '[]',
    '7',
    '"disclosure"',
    '{',
    JSON.stringify({ ...record, version: '1' }),
    JSON.stringify({ ...record, disclosure: { model: 'example-1' } }),
    JSON.stringify({ ...record, disclosure: { model: [1] } }),
    JSON.stringify({ ...record, disclosure: undefined }),
    JSON.stringify({ ...record, by: null }),
    JSON.stringify({ ...record, at: 7 }),
    JSON.stringify({ type: 'countersignature', version: 1 }),
    JSON.stringify({ type: 'countersignature', version: 1, envelope: [] }),
  ];
  for (const line of bad) assert.equal(parseNote(line)[0]?.record, undefined, line);
  assert.equal(parseNote(JSON.stringify(record))[0]?.record?.type, 'disclosure');
});

test('notes of commits that become one keep each line once', () => {
  const one = withRecord(foreign, record);
  assert.equal(mergeNotes([one, foreign, one]), one);
  assert.equal(mergeNotes([]), '');
});

test('no text makes reading fail, and what is written is read back whatever is in it', () => {
  const value = fc.string({ unit: 'binary' });
  fc.assert(
    fc.property(value, value, (text, model) => {
      const written = withRecord(text, { ...record, disclosure: { model: [model] } });
      assert.deepEqual(recordsOf(written, 'disclosure').at(-1)?.disclosure, { model: [model] });
      assert.equal(withRecord(written, { ...record, disclosure: { model: [model] } }), written);
    }),
    { numRuns: 1000 },
  );
});
