/** The pack's rules about reviews, through the gate: what a code host says of a change, given as a file. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Verdict } from '../../core/verdict.ts';
import { type CommitOptions, countersign, newRepository, type Ran, temporaryFolder } from './harness.ts';

const repository = newRepository();
await countersign(['init', '--yes', '--no-tests', '-C', repository.folder]);
const home = join(repository.folder, '.countersign');
writeFileSync(
  join(home, 'data', 'approvers.yaml'),
  'approvers:\n  unlisted: allow\n  people:\n    - { name: Bo Example, email: bo@example.com, login: bo-example }\n  bots: []\n',
);
const config = join(home, 'config.yaml');
writeFileSync(config, `${readFileSync(config, 'utf8')}\nnotes:\n  accept: true\n`);
const base = repository.commit('Adopt\n', { files: {} });
const declared = `Parse dates

AI-Model: claude-opus-4-6
AI-Timestamp: ${new Date(Date.now() - 60_000).toISOString()}
AI-Context: Wrote the parser of dates and its tests from the grammar.
AI-Approver: Bo Example <bo@example.com>
`;
const files = { 'src/dates.ts': 'export {};\n' };

/** A change of one commit, from the base. */
function change(options: CommitOptions = {}, message = declared): string {
  repository.git(['checkout', '-q', '--force', '--detach', base]);
  return repository.commit(message, { files, time: Math.floor(Date.now() / 1000), ...options });
}

const folder = temporaryFolder();

async function judge(
  head: string,
  facts: Record<string, unknown>,
  more: Record<string, unknown> = {},
): Promise<Ran & { verdict: Verdict; rules: string[] }> {
  const file = join(folder, 'facts.json');
  writeFileSync(
    file,
    JSON.stringify({ schema: 'countersign.facts/v1', head, change: { author: 'ada-example', ...facts }, ...more }),
  );
  const args = ['gate', '-C', repository.folder, '--base', base, '--head', head, '--facts', file, '--format', 'json'];
  const ran = await countersign(args);
  assert.ok(ran.code === 0 || ran.code === 1, ran.stderr);
  const verdict: Verdict = JSON.parse(ran.stdout);
  const denied = [verdict.change, ...verdict.commits].flatMap(({ deny }) => deny.map(({ rule }) => rule));
  return { ...ran, verdict, rules: [...new Set(denied)].sort() };
}

const approval = (commit: string, fields: Record<string, unknown> = {}) => ({
  login: 'bo-example',
  kind: 'user',
  state: 'approved',
  commit,
  permission: 'write',
  ...fields,
});

test('an approval of the head by somebody else passes; by nobody, a bot, the author, of an earlier state, it is denied', async () => {
  const head = change();
  const good = await judge(head, { approvals: [approval(head)] });
  assert.deepEqual([good.code, good.rules], [0, []]);
  const cases: [object[], string[]][] = [
    [[], ['review-approval', 'review-approver']],
    [[approval(head, { kind: 'bot' })], ['review-approval']],
    [[approval(base)], ['review-approval', 'review-approver']],
    [[approval(head, { login: 'ada-example' })], ['review-approval', 'review-approver']],
    [[approval(head, { permission: 'read' })], ['review-authority']],
    [
      [approval(head), approval(head, { login: 'cy-example', state: 'changes_requested' })],
      ['review-changes-requested'],
    ],
  ];
  for (const [approvals, rules] of cases) {
    const found = await judge(head, { approvals });
    assert.deepEqual([found.code, found.rules], [1, rules], JSON.stringify(approvals));
  }
});

test('what nobody could tell is denied with what to give; without any facts the rules are silent', async () => {
  const head = change();
  const unknown = await judge(
    head,
    {},
    { unknown: [{ fact: 'change.approvals', why: 'the token may not read them' }] },
  );
  assert.deepEqual([unknown.code, unknown.rules], [1, ['facts-unknown']]);
  const [violation] = unknown.verdict.change.deny;
  assert.match(violation?.msg ?? '', /change\.approvals is not known: the token may not read them$/);
  assert.match(violation?.fix ?? '', /--facts github/);
  const silent = await countersign(['gate', '-C', repository.folder, '--base', base, '--head', head]);
  assert.equal(silent.code, 0, silent.stdout + silent.stderr);
});

test('what judges is changed with the approval of its owners only', async () => {
  const head = change({ files: { '.countersign/data/placeholders.yaml': 'placeholders: {words: []}\n' } }, 'Ease\n');
  const writer = await judge(head, { approvals: [approval(head)] });
  assert.deepEqual(writer.rules, ['policy-owner']);
  const owner = await judge(head, { approvals: [approval(head, { permission: 'maintain' })] });
  assert.deepEqual([owner.code, owner.rules], [0, []]);
});

test('the squash message to be is judged as a commit is', async () => {
  const head = change();
  const facts = { approvals: [approval(head)], squash_message: 'Parse dates (#7)\n\nAll of it.\n' };
  const strict = await judge(head, facts);
  assert.deepEqual([strict.code, strict.rules], [1, ['squash-undisclosed']]);
  const mild = await judge(head, { ...facts, merge_methods: ['merge', 'squash'] });
  assert.equal(mild.code, 0);
  assert.deepEqual(
    mild.verdict.change.warn.map(({ rule }) => rule),
    ['squash-undisclosed'],
  );
  const carried = await judge(head, { ...facts, squash_message: declared });
  assert.deepEqual([carried.code, carried.rules], [0, []]);
  const wrong = await judge(head, { ...facts, squash_message: declared.replace('claude-opus-4-6', 'claude-2') });
  assert.deepEqual(wrong.rules, ['forbidden-model']);
  assert.match(wrong.verdict.change.deny[0]?.msg ?? '', /^the squash message: /);
});

test('AI use that only the change shows; a person’s change needs no review', async () => {
  const head = change({}, 'Parse dates\n');
  const plain = await judge(head, { approvals: [], title: 'Parse dates', body: 'By hand.' });
  assert.deepEqual([plain.code, plain.rules], [0, []]);
  const marked = await judge(head, { approvals: [], body: '🤖 Generated with [Claude Code](https://claude.com)' });
  assert.deepEqual([marked.code, marked.rules], [1, ['undisclosed-change']]);
});

test('an emergency on record is let through with warnings', async () => {
  const opened = new Date(Date.now() - 60_000).toISOString();
  const expires = new Date(Date.now() + 86_400_000).toISOString();
  const why = `reason: Down since noon\napproved_by: Bo Example <bo@example.com>\n`;
  const text = `rules: [review-approval]\npaths: ["src/**"]\n${why}opened: ${opened}\nexpires: ${expires}\n`;
  const record = { '.countersign/exceptions/emergency-outage.yaml': text };
  repository.git(['checkout', '-q', '--force', '--detach', base]);
  repository.commit('Record the emergency\n', { files: record, time: Math.floor(Date.now() / 1000) });
  const head = repository.commit(declared, { files, time: Math.floor(Date.now() / 1000) });
  const facts = { approvals: [], labels: ['emergency'] };
  const found = await judge(head, facts);
  assert.deepEqual([found.code, found.rules], [0, []], found.stdout);
  const warned = found.verdict.change.warn.map(({ rule }) => rule);
  assert.ok(warned.includes('emergency') && warned.includes('review-approval'), warned.join(' '));
  const unlabelled = await judge(head, { ...facts, labels: [] });
  assert.deepEqual(unlabelled.rules, ['policy-owner', 'review-approval', 'review-approver']);
});

test('a disclosure from a note is said to be one, in text and JSON', async () => {
  const head = change({}, 'Parse dates\n');
  const stamp = ['stamp', '-C', repository.folder, '--note', '--model', 'claude-opus-4-6'];
  const context = 'Wrote the parser of dates and its tests from the grammar.';
  const noted = await countersign([...stamp, '--context', context, '--approver', 'Bo Example <bo@example.com>', head]);
  assert.equal(noted.code, 0, noted.stderr);
  const { verdict } = await judge(head, { approvals: [approval(head)] });
  assert.equal(verdict.commits[0]?.disclosure_source, 'note');
  const text = await countersign(['gate', '-C', repository.folder, '--base', base, '--head', head, '--verbose']);
  assert.match(text.stdout, /\[AI\] \(disclosed in a note\)/);
});
