/** By the default pack the fast path decides as the engine does: on its Rego tests, and on generated commits. */
import assert from 'node:assert/strict';
import { after, test } from 'node:test';
import fc from 'fast-check';
import { inBatches, judge, prepare, release } from '../../../core/decision/decide.ts';
import { decideFast } from '../../../core/decision/decide-fast.ts';
import { makeKept } from '../../../core/decision/make-kept.ts';
import type { ChangedFile, Commit, Evidence, Exception, Input, Signature } from '../../../core/input.ts';
import { packContent, packPolicies } from '../../../core/policies/load.ts';
import type { Verdict } from '../../../core/verdict.ts';
import { evaluatePlan, readPolicyPlan } from '../../../engine/fastpath-plan.ts';
import { readPlan } from '../../../engine/plan/program.ts';
import { startEngine } from '../../../engine/start.ts';

const engine = await startEngine();
after(() => engine.dispose());
const content = await packContent();
const policies = packPolicies(content);
const seed = Number(process.env.FAST_CHECK_SEED ?? 20_262);
const runs = Number(process.env.FAST_CHECK_RUNS ?? 250);

test('every Rego test of the pack passes on the fast path, too', async (t) => {
  // Under another name, for tests are left out of plans.
  const tests = policies.testFiles.map((file) => ({ ...file, path: file.path.replace(/_test\.rego$/, '_tests.rego') }));
  await engine.call('workspace/open', { workspace: 'tests', files: [...policies.files, ...tests] });
  const { modules } = await engine.call('outline', { workspace: 'tests' });
  const names = modules.flatMap(({ package: pkg, rules }) =>
    rules.filter(({ test: isTest }) => isTest).map(({ name }) => `${pkg.replaceAll('.', '/')}/${name}`),
  );
  assert.ok(names.length > 160, `${names.length} tests`);
  const plan = await engine.call('plan', { workspace: 'tests', entrypoints: names });
  // Some use built-ins that the fast path does not have; those alone are handed back.
  const planned = readPolicyPlan(plan, readPlan(plan.plan).builtins);
  assert.ok(planned.applicable, JSON.stringify(planned));
  let undecided = 0;
  for (const name of names) {
    const result = evaluatePlan(planned.policy, [name], {});
    if (result.decided) assert.equal(result.values.get(name), true, name);
    else undecided++;
  }
  t.diagnostic(`${names.length - undecided} of ${names.length} tests decided`);
  assert.ok(undecided < names.length / 2);
});

const name = fc.constantFrom(
  ...[
    'Ann Example',
    'ann  example',
    'Bo Example',
    'Claude',
    'claude opus 4.6',
    'dependabot[bot]',
    'Ünïcode Näme',
    'aider (gpt-5)',
    '',
  ],
);
const email = fc.constantFrom(
  ...[
    'ann@example.com',
    'ANN@EXAMPLE.COM',
    'bo@example.com',
    'noreply@anthropic.com',
    '1+ann@users.noreply.github.com',
    'x',
    '',
  ],
);
const time = fc.constantFrom('2026-06-01T11:00:00Z', '2026-06-01T13:00:00+02:00', '2026-05-01T00:00:00-11:30');
const person: fc.Arbitrary<Signature> = fc.record({ name, email, time });
const fixed = {
  model: [
    ...['claude-opus-4-6', 'Claude Opus 4.6', 'anthropic/claude-opus-4-5-20251101', 'claude-opus-4-1', 'claude-3-opus'],
    ...[
      'gpt-5',
      'gpt-5.1',
      'gpt-5.6-sol',
      'gpt-4o',
      'gemini-2.5-pro-preview-05-06',
      'llama-70b',
      'ΣΑΣ-4',
      'İ',
      '',
      ' ',
    ],
  ],
  timestamp: [
    ...[
      '2026-06-01T11:00:00Z',
      '2026-06-01t11:00:00.5z',
      '2026-06-01T13:00:00+02:00',
      '2026-06-02T00:00:00Z',
      '2024-02-30T00:00:00Z',
    ],
    ...['2024-02-29T23:59:60Z', '0000-01-01T00:00:00Z', '2026-06-01', 'yesterday', ''],
  ],
  context: [
    'todo',
    'WIP',
    'a',
    '[describe]',
    '{{context}}',
    '…',
    'Wrote the parser and its tests from the issue',
    'Schrieb 😀 den Übersetzer für die Grammatik',
    '\u2028 n/a',
  ],
  approver: [
    'Bo Example <bo@example.com>',
    'bo@example.com',
    '@bo',
    'Ann Example <ANN@example.com>',
    'github-actions',
    'x[bot]',
    '"Bo" <bo@example.com>',
    'ＢＯ',
    '',
  ],
  reviewer: ['whoever'],
};
const values = (field: keyof typeof fixed) =>
  fc.array(
    fc.oneof(
      { weight: 5, arbitrary: fc.constantFrom(...fixed[field]) },
      { weight: 1, arbitrary: fc.string({ unit: 'grapheme', maxLength: 30 }) },
    ),
    {
      minLength: 1,
      maxLength: 3,
    },
  );
const disclosure = fc.record(
  {
    model: values('model'),
    timestamp: values('timestamp'),
    context: values('context'),
    approver: values('approver'),
    reviewer: values('reviewer'),
  },
  { requiredKeys: [] },
);
const line = fc.oneof(
  fc.constantFrom(
    ...[
      'Co-authored-by: Claude <noreply@anthropic.com>',
      '> co-authored-by : Ann Example <ann@example.com>',
      'Co-developed-by: @bo',
      'Assisted-by: Claude:opus',
    ],
    ...[
      'Generated-by: x',
      'AI-Model: lost',
      '🤖 Generated with [Claude Code](https://claude.ai/code)',
      'Made-with: Cursor',
      'aider: fix',
      'This is generated by copilot',
    ],
    ...[
      '',
      'Words.',
      'Signed-off-by: Bo Example <bo@example.com>',
      'CO-AUTHORED-BY: K \u212aelvin',
      '😀 generated with devin',
    ],
  ),
  fc.string({ unit: 'grapheme', maxLength: 40 }),
);
const path = fc.constantFrom(
  'src/a.ts',
  'docs/x.md',
  '.countersign/exceptions/a.yaml',
  'src/auth/é.ts',
  'keys/😀.pem',
  'a/migrations/1',
  'main.tf',
  'x\ny',
);
const file = fc.oneof(
  fc.record({ path, status: fc.constantFrom('A' as const, 'M' as const, 'D' as const) }),
  fc.record({ path, old_path: path, status: fc.constant('R' as const) }),
);
/** Commits that most policies let through, and commits of all that could be. */
const commit: fc.Arbitrary<Commit> = fc
  .record({
    sha: fc.constantFrom('', 'a'.repeat(40), 'abcdef1234567890abcdef1234567890abcdef12'),
    parents: fc.constantFrom([], ['b'.repeat(40)]),
    plain: fc.boolean(),
    parent_times: fc.array(fc.oneof(time, fc.constant('2026-06-20T00:00:00Z')), { maxLength: 2 }),
    author: person,
    committer: person,
    subject: line,
    lines: fc.array(line, { maxLength: 6 }),
    files: fc.array(file, { maxLength: 4 }),
    disclosure: fc.option(disclosure, { nil: undefined }),
    evidence: fc.option(fc.constant<Evidence[]>([{ source: 'environment', detail: 'CLAUDECODE' }]), { nil: undefined }),
    revert: fc.boolean(),
  })
  .map(({ lines, disclosure: declared, evidence, plain, sha, parents, revert, ...wild }): Commit => {
    const ann = { name: 'Ann Example', email: 'ann@example.com', time: '2026-06-01T11:00:00Z' };
    const good = {
      model: ['Claude Opus 4.6'],
      timestamp: ['2026-06-01T11:00:00Z'],
      context: ['Wrote the parser and its tests from the issue'],
      approver: ['Bo Example <bo@example.com>'],
    };
    const files: ChangedFile[] = [{ path: 'src/a.ts', status: 'M' }];
    const own = { author: ann, committer: ann, subject: 'Change a', files, parent_times: ['2026-06-01T10:00:00Z'] };
    const said = plain ? (declared ? good : {}) : (declared ?? {});
    return {
      ...(plain ? own : wild),
      sha,
      parents: [...parents],
      revert,
      body: plain ? 'Words.' : lines.join('\n'),
      trailers: lines.flatMap((text) => {
        const [, key, value] = /^([A-Za-z-]+): (.+)$/.exec(text) ?? [];
        return !plain && key !== undefined && value !== undefined ? [{ key, value }] : [];
      }),
      ...(Object.keys(said).length > 0 && { disclosure: said }),
      ...(evidence && !plain && { evidence }),
      merge: false,
      fixup: false,
    };
  });
const exception: fc.Arbitrary<Exception> = fc.record(
  {
    id: fc.constantFrom('one', 'zwei-é'),
    rules: fc.constantFrom(
      ['undisclosed-ai'],
      ['required-field', 'approved-model', 'forbidden-path', 'disclosure-schema'],
      ['x'],
    ),
    commits: fc.constantFrom(['abcdef1'], ['ABCDEF12'], ['xyz'], []),
    paths: fc.constantFrom(['**/*.pem'], ['src/**', 'docs/?.md'], []),
    reason: fc.constantFrom('needed', ' '),
    approved_by: fc.constant('Bo Example'),
    opened: fc.constantFrom('2026-05-01T00:00:00Z', '2026-07-01', 'soon'),
    expires: fc.constantFrom('2026-12-01T00:00:00Z', '2026-05-02', '2026-06-01T12:00:00Z'),
  },
  { requiredKeys: ['id', 'rules', 'reason', 'approved_by', 'opened', 'expires'] },
) as fc.Arbitrary<Exception>;
const input: fc.Arbitrary<Input> = fc.record({
  schema: fc.constant('countersign.input/v1' as const),
  phase: fc.constant('commit' as const),
  now: fc.constant('2026-06-01T12:00:00Z'),
  repository: fc.constantFrom({ name: 'app' }, { host: 'example.com', owner: 'a/b', name: 'app' }),
  disclosure_profile: fc.constantFrom(...(['countersign', 'countersign', 'countersign', 'forbid'] as const)),
  commits: fc.array(commit, { minLength: 1, maxLength: 2 }),
  exceptions: fc.array(exception, { maxLength: 2 }),
});

const shown = ({ decision_id: _, ...verdict }: Verdict) => verdict;

test('generated commits', async (t) => {
  const prepared = await prepare(engine, policies);
  const kept = JSON.parse(JSON.stringify(await makeKept(prepared, content)));
  assert.equal(kept.fast.kind, 'plan');
  let [decided, denied] = [0, 0];
  for (const [at, one] of fc.sample(input, { numRuns: runs, seed }).entries()) {
    const fast = await decideFast(kept, one);
    if (!('verdict' in fast)) continue;
    decided++;
    const { verdict, notes } = await judge(prepared, one, inBatches(one.commits));
    assert.deepEqual(shown(fast.verdict), shown(verdict), `input ${at}, seed ${seed}: ${JSON.stringify(one)}`);
    assert.deepEqual(fast.notes, notes);
    if (verdict.result === 'deny') denied++;
  }
  await release(prepared);
  t.diagnostic(`${decided} of ${runs} decided, ${denied} of them denied`);
  assert.ok(decided > runs * 0.9, `only ${decided} of ${runs} decided`);
  assert.ok(denied > runs * 0.3 && denied < decided * 0.9, `${denied} denied`);
});
