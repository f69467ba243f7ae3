/** What the prompt says of a value is what the default pack says: the engine is the oracle. */
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import fc from 'fast-check';
import { disclosureFields } from '../../../core/disclosure/form.ts';
import { type Home, readHome } from '../../../core/disclosure/home.ts';
import { fieldProblem } from '../../../core/disclosure/validate-field.ts';
import { loadPack } from '../../../core/policies/load.ts';
import type { Engine } from '../../../engine/engine.ts';
import { startEngine } from '../../../engine/start.ts';

const now = new Date('2026-11-22T12:00:00Z');
const people = `approvers:
  people:
    - name: Ann Example
      email: Ann@example.com
      login: ann-example
      aliases: [ann.private@example.org, "@ann-at-home"]
    - login: "@bo"
`;

let engine: Engine;
let home: Home;

before(async () => {
  const pack = await loadPack();
  const files = pack.files.map((file) => (file.path.endsWith('/approvers.yaml') ? { ...file, text: people } : file));
  engine = await startEngine();
  await engine.call('workspace/open', { workspace: 'pack', files });
  home = readHome([
    ['config.yaml', 'version: 1\n'],
    ...files.map(({ path, text }) => [path.replace(/^pack\/(?=data)/, '').replace(/^pack/, 'policies'), text] as const),
  ]) as Home;
});
after(() => engine.dispose());

/** For each value the rules that deny it as the one value of a field. */
async function denied(field: string, values: readonly string[]): Promise<Set<string>[]> {
  const inputs = values.map((value) => ({
    schema: 'countersign.input/v1',
    phase: 'commit',
    now: now.toISOString(),
    repository: { name: 'r' },
    exceptions: [],
    commits: [
      {
        sha: '0'.repeat(40),
        parents: [],
        parent_times: [],
        author: { name: 'Cy', email: 'cy@example.com', time: now.toISOString() },
        committer: { name: 'Cy', email: 'cy@example.com', time: now.toISOString() },
        subject: 'x',
        body: '',
        trailers: [],
        disclosure: { [field]: [value] },
        files: [{ path: 'src/a.ts', status: 'M' }],
        merge: false,
        revert: false,
        fixup: false,
      },
    ],
  }));
  const query = `[rule | some deny in {data.countersign.${field}.deny}; some found in deny; rule := found.rule]`;
  const { evaluations } = await engine.call('eval', { workspace: 'pack', query, inputs });
  return evaluations.map(({ result }) => new Set(result[0]?.expressions[0]?.value as string[]));
}

/** Compares for many values whether the prompt and the pack object, the pack by any of these rules. */
async function compare(field: string, arbitrary: fc.Arbitrary<string>, rules: readonly string[]): Promise<void> {
  const values = fc.sample(arbitrary, 200).filter((value) => value.trim() !== '');
  const found = await denied(field, values);
  for (const [at, value] of values.entries()) {
    const pack = rules.some((rule) => found[at]?.has(rule));
    const ours = fieldProblem(home, field, value, now);
    assert.equal(
      ours !== undefined,
      pack,
      `${JSON.stringify(value)}: ${ours}; the pack says ${[...(found[at] ?? [])]}`,
    );
  }
}

const model = fc.oneof(
  fc
    .tuple(
      fc.constantFrom(
        'claude-opus',
        'Claude Sonnet',
        'gpt',
        'anthropic/claude-haiku',
        'gemini',
        'llama',
        'o1',
        'claude',
        'gpt-4o',
      ),
      fc.constantFrom('-', ' ', '_', '', '.'),
      fc.constantFrom(
        '',
        '4',
        '4.5',
        '4-5',
        '5.2',
        '5.1',
        '3',
        '2.5-pro',
        '4-20250514',
        '4-5-20250929',
        '70b',
        '5-mini',
        '6.1.2',
        '1106',
      ),
      fc.constantFrom('', '-preview', ' ', '/x', '*'),
    )
    .map((parts) => parts.join('')),
  fc.constantFrom(
    'gpt-5',
    'gpt-5.1-codex',
    'gpt-4.1',
    'gemini-2.5-flash',
    'claude-fable-1',
    'CLAUDE-OPUS-4.6',
    'no model',
  ),
);

test('models', () => compare('model', model, ['forbidden-model', 'approved-model', 'model-version', 'model-expired']));

const digits = (count: number) =>
  fc.string({ unit: fc.constantFrom(...'0123456789'), minLength: count, maxLength: count });
const timestamp = fc.oneof(
  fc
    .date({ min: new Date('2020-01-01'), max: new Date('2027-06-01'), noInvalidDate: true })
    .map((date) => date.toISOString()),
  fc
    .tuple(digits(2), digits(2), digits(2), fc.constantFrom('Z', 'z', '+02:00', '-05:30', '', '+25:00'))
    .map(([month, day, hour, zone]) => `2026-${month}-${day}T${hour}:00:00${zone}`),
  fc.constantFrom(
    '2026-02-29T00:00:00Z',
    '2024-02-29T00:00:00Z',
    '2026-11-22 12:00:00Z',
    '2026-11-22T12:04:59Z',
    '2026-11-22T12:06:00Z',
    '2026-01-01T23:59:60Z',
    'yesterday',
    '2026-11-22',
  ),
);

test('timestamps', () => compare('timestamp', timestamp, ['timestamp-format', 'timestamp-future']));

const context = fc.oneof(
  fc
    .array(fc.constantFrom('todo', 'TBD', 'n/a', 'fix', '…', '--', '(wip)', 'wrote', 'the', 'parser', 'ü👩‍💻'), {
      maxLength: 8,
    })
    .map((words) => words.join(' ')),
  fc.constantFrom(
    'work in progress',
    'xxxxxxxxxxxxxxxxxxxxxxxx',
    'Wrote the parser from its grammar.',
    'abababababababababababab',
  ),
);

test('contexts', () => compare('context', context, ['context-placeholder', 'context-short']));

const approver = fc.constantFrom(
  'Ann Example <ann@example.com>',
  'ann@example.com',
  'ANN@EXAMPLE.COM',
  '@ann-example',
  '@Bo',
  '@ann-at-home',
  'Someone <ann.private@example.org>',
  'Ann Example <other@example.com>',
  'Di Example <di@example.com>',
  'di@example.com',
  '@di',
);

test('approvers', () => compare('approver', approver, ['approver-known']));

test('the form has the fields of the configuration, described by the schema, filled from the data', () => {
  const fields = disclosureFields(home, now);
  assert.deepEqual(
    fields.map(({ name, trailer, title, required, closed }) => [name, trailer, title, required, closed]),
    [
      ['model', 'AI-Model', 'Model', true, false],
      ['timestamp', 'AI-Timestamp', 'Timestamp', true, false],
      ['context', 'AI-Context', 'Context', true, false],
      ['approver', 'AI-Approver', 'Approver', true, false],
    ],
  );
  assert.equal(fields[1]?.prefill, '2026-11-22T12:00:00Z');
  assert.deepEqual(fields[3]?.suggestions, [
    { value: 'Ann Example <Ann@example.com>' },
    { value: '@bo', detail: undefined },
  ]);
  assert.match(fields[0]?.description ?? '', /model/);
});

test('every value that the form offers is a good one', () => {
  const fields = disclosureFields(home, now);
  assert.ok((fields[0]?.suggestions.length ?? 0) >= 3, JSON.stringify(fields[0]?.suggestions));
  for (const { name, suggestions, prefill } of fields) {
    for (const value of [...suggestions.map((suggestion) => suggestion.value), ...(prefill ? [prefill] : [])]) {
      assert.equal(fieldProblem(home, name, value, now), undefined, `${name}: ${value}`);
    }
  }
});

test('an expired model is neither offered nor taken', () => {
  const later = new Date('2028-01-01T00:00:00Z');
  const offered = disclosureFields(home, later)[0]?.suggestions.map(({ value }) => value) ?? [];
  assert.ok(!offered.includes('gpt-5'));
  assert.match(fieldProblem(home, 'model', 'gpt-5', later) ?? '', /ended on/);
});

test('an unknown field is refused by name', () => {
  assert.match(fieldProblem(home, 'mood', 'good', now) ?? '', /no field mood/);
});

test('a schema of one’s own is honoured: choices, patterns, further fields', () => {
  const schema = {
    $schema: 'https://json-schema.org/draft/2020-12/schema',
    'x-countersign': { each: 'commits[].disclosure', rule: 'own', level: 'deny' },
    type: 'object',
    required: ['share'],
    properties: {
      share: { title: 'AI share', type: 'array', items: { enum: ['none', 'some', 'most'] } },
      ticket: { type: 'array', items: { type: 'string', pattern: '^[A-Z]+-[0-9]+$' } },
    },
  };
  const own = readHome([
    ['config.yaml', 'version: 1\ntrailers:\n  share: AI-Share\n  ticket: Ticket\n'],
    ['policies/own.schema.json', JSON.stringify(schema)],
  ]) as Home;
  const [share, ticket] = disclosureFields(own, now);
  assert.deepEqual([share?.closed, share?.required, share?.title], [true, true, 'AI share']);
  assert.deepEqual(
    share?.suggestions.map(({ value }) => value),
    ['none', 'some', 'most'],
  );
  assert.deepEqual([ticket?.closed, ticket?.required, ticket?.title], [false, false, 'Ticket']);
  assert.equal(fieldProblem(own, 'share', 'some', now), undefined);
  assert.match(fieldProblem(own, 'share', 'all', now) ?? '', /none/);
  assert.match(fieldProblem(own, 'ticket', 'seven', now) ?? '', /pattern/);
});
