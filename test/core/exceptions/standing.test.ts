/** What an exception owes, as the command says it and as the policies decide it: the same. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { stringify } from 'yaml';
import { decide } from '../../../core/decision/decide.ts';
import { standingOf } from '../../../core/exceptions/state.ts';
import { termsOf } from '../../../core/exceptions/terms.ts';
import type { Exception, Input } from '../../../core/input.ts';
import { loadPack } from '../../../core/policies/load.ts';
import { startEngine } from '../../../engine/start.ts';

const now = '2026-06-01T12:00:00Z';

const scope = {
  tiers: [
    { name: 'low', required: [], follow_up_hours: 96, follow_up_grace_hours: 30 },
    { name: 'standard', required: [] },
    { name: 'high', required: [], follow_up_hours: 12.5, follow_up_grace_hours: 10.25 },
  ],
  default: 'standard',
  rules: [
    { tier: 'low', repositories: ['team/other'] },
    { tier: 'high', paths: ['**/auth/**', '*.lock'], repositories: ['app'] },
    { tier: 'low', paths: ['docs/**', 'a.b?c/(x)/**'] },
  ],
};

const hour = 3_600_000;
const past = fc
  .oneof(
    fc.integer({ min: -5, max: 130 }).map((hours) => hours * hour),
    fc.integer({ min: 0, max: 130 * hour }),
  )
  .map((ago) => new Date(Date.parse(now) - ago).toISOString().replace(/\.\d+Z/, 'Z'));
const glob = fc.constantFrom(
  '**',
  '**/*',
  '*',
  'docs/**',
  'docs/a.md',
  'src/auth/**',
  'auth/x',
  'yarn.lock',
  'sub/yarn.lock',
  'src/**',
  'a.b1c/(x)/y',
  'a.b🙂c/(x)/y',
  'a.b/c/(x)/y',
  'a.b?c/(x)/**',
);
const note = { at: now, note: 'Done.' };
const anyException: fc.Arbitrary<Exception> = fc
  .record(
    {
      opened: past,
      paths: fc.array(glob, { minLength: 1, maxLength: 3 }),
      follow_ups: fc.constantFrom(undefined, undefined, [note]),
      closed: fc.constantFrom(undefined, undefined, note),
    },
    { requiredKeys: ['opened'] },
  )
  .map(({ follow_ups, closed, ...fields }) => ({
    id: 'x',
    rules: ['r'],
    reason: 'For a test.',
    approved_by: 'Bo Example <bo@example.com>',
    expires: '2026-12-01T00:00:00Z',
    ...fields,
    ...(follow_ups && { follow_ups: [...follow_ups] }),
    ...(closed && { closed }),
  }));

const engine = await startEngine();
after(() => engine.dispose());

test('the policies warn of and deny exactly what the command lists as overdue', async () => {
  const pack = await loadPack();
  const files = pack.files.map((file) =>
    file.path.endsWith('scope.yaml') ? { ...file, text: stringify({ scope }) } : file,
  );
  const exceptions = fc.sample(anyException, 600).map((one, at) => ({ ...one, id: `e${at}` }));
  const seen = new Set<string>();
  for (const repository of [
    { name: 'app' },
    { owner: 'team', name: 'other' },
    { host: 'example.com', name: 'third' },
  ]) {
    const input: Input = {
      schema: 'countersign.input/v1',
      phase: 'change',
      now,
      repository,
      change: { base: 'a'.repeat(40), head: 'b'.repeat(40), files: [] },
      commits: [],
      exceptions: exceptions.map((one) => JSON.parse(JSON.stringify(one)) as Exception),
    };
    const { verdict } = await decide(engine, { ...pack, files }, input);
    const idsOf = (level: 'deny' | 'warn'): string[] =>
      verdict.change[level]
        .filter(({ rule }) => rule === 'follow-up-overdue')
        .map(({ path = '' }) => path.replace(/^.*\/|\.yaml$/g, ''))
        .sort();
    const expected = (state: string): string[] =>
      exceptions
        .filter((one) => standingOf(one, termsOf(one, scope, repository), new Date(now)).followUp === state)
        .map(({ id }) => id)
        .sort();
    assert.deepEqual(idsOf('deny'), expected('denied'));
    assert.deepEqual(idsOf('warn'), expected('overdue'));
    for (const state of ['denied', 'overdue', 'due', 'done']) if (expected(state).length > 5) seen.add(state);
  }
  assert.deepEqual([...seen].sort(), ['denied', 'done', 'due', 'overdue'], 'the cases are not all alike');
});

const base: Exception = {
  id: 'x',
  rules: ['r'],
  reason: 'For a test.',
  approved_by: 'Bo Example <bo@example.com>',
  opened: '2026-06-01T00:00:00Z',
  expires: '2026-06-10T00:00:00Z',
};

test('the state goes by the clock until someone closes it', () => {
  const at = (time: string, fields: Partial<Exception> = {}) =>
    standingOf({ ...base, ...fields }, { due: 48, grace: 24 }, new Date(time)).state;
  assert.equal(at('2026-05-31T23:59:59Z'), 'pending');
  assert.equal(at('2026-06-01T00:00:00Z'), 'active');
  assert.equal(at('2026-06-09T23:59:59Z'), 'active');
  assert.equal(at('2026-06-10T00:00:00Z'), 'expired');
  assert.equal(at('2026-06-20T00:00:00Z', { closed: note }), 'closed');
});

test('a follow-up is due within 48 hours unless a tier says otherwise', () => {
  const standing = standingOf(base, termsOf(base, undefined, { name: 'app' }), new Date('2026-06-02T00:00:00Z'));
  assert.deepEqual(
    [standing.followUp, standing.due, standing.denied],
    ['due', '2026-06-03T00:00:00Z', '2026-06-04T00:00:00Z'],
  );
});
