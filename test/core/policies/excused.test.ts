import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Exception } from '../../../core/input.ts';
import { isExcused } from '../../../core/policies/excused.ts';

const whole: Exception = {
  id: 'x',
  rules: ['shape'],
  reason: 'Imported history',
  approved_by: 'Ann Example',
  opened: '2026-01-01T00:00:00Z',
  expires: '2026-02-01T00:00:00+01:00',
};
const sha = '0123456789abcdef0123456789abcdef01234567';

const cases: [what: string, change: Partial<Exception>, now: string, excused: boolean][] = [
  ['what it names is excused', {}, '2026-01-15T00:00:00Z', true],
  ['from its opening on', {}, '2026-01-01T00:00:00Z', true],
  ['not before', {}, '2025-12-31T23:59:59Z', false],
  ['until it expires, whatever the time zone', {}, '2026-01-31T22:59:59Z', true],
  ['not from then on', {}, '2026-01-31T23:00:00Z', false],
  ['not another rule', { rules: ['other'] }, '2026-01-15T00:00:00Z', false],
  ['nothing when it names no rule', { rules: [] }, '2026-01-15T00:00:00Z', false],
  ['a commit by a prefix in any case', { commits: ['0123456789ABCDEF'] }, '2026-01-15T00:00:00Z', true],
  ['not another commit', { commits: ['1123456789'] }, '2026-01-15T00:00:00Z', false],
  ['not by too short a prefix', { commits: ['012345'] }, '2026-01-15T00:00:00Z', false],
  ['nothing by an empty list of commits', { commits: [] }, '2026-01-15T00:00:00Z', false],
  ['nothing by paths', { paths: ['**'] }, '2026-01-15T00:00:00Z', false],
  ['nothing without a reason', { reason: ' ' }, '2026-01-15T00:00:00Z', false],
  ['nothing with a time that is none', { expires: 'never' }, '2026-01-15T00:00:00Z', false],
];

for (const [what, change, now, excused] of cases) {
  test(`an exception excuses ${what}`, () => {
    assert.equal(isExcused([{ ...whole, ...change }], now, 'shape', sha), excused);
  });
}

test('a commit that is being made has no id that an exception could name', () => {
  const now = '2026-01-15T00:00:00Z';
  assert.equal(isExcused([{ ...whole, commits: ['0000000'] }], now, 'shape', ''), false);
  assert.equal(isExcused([whole], now, 'shape', ''), true);
});
