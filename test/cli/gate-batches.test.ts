/** Rules about the change as a whole go by all of its commits, in whichever batch of the gate these are. */
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import type { Verdict } from '../../core/verdict.ts';
import { countersign, newRepository, temporaryFolder } from './harness.ts';

const repository = newRepository();
await countersign(['init', '--yes', '--no-tests', '-C', repository.folder]);
const home = join(repository.folder, '.countersign');
writeFileSync(
  join(home, 'data', 'approvers.yaml'),
  'approvers:\n  unlisted: allow\n  people:\n    - { name: Bo Example, email: bo@example.com, login: bo-example }\n    - { name: Cy Example, email: cy@example.com, login: cy-example }\n  bots: []\n',
);
const base = repository.commit('Adopt\n', { files: {} });
const folder = temporaryFolder();

const now = Math.floor(Date.now() / 1000);
const declared = `Parse dates

AI-Model: claude-opus-4-6
AI-Timestamp: ${new Date((now - 60) * 1000).toISOString()}
AI-Context: Wrote the parser of dates and its tests from the grammar.
AI-Approver: Cy Example <cy@example.com>

`;

/** A commit as `git fast-import` takes it. */
function imported(branch: string, message: string, { name = 'Ada', file = '' }, from = ''): string {
  const who = `${name} Example <${name.toLowerCase()}@example.com> ${now} +0000`;
  const parent = from && `from ${from}\n`;
  const change = file && `M 100644 inline ${file}\ndata 2\n1\n\n`;
  return `commit refs/heads/${branch}\nauthor ${who}\ncommitter ${who}\ndata ${Buffer.byteLength(message)}\n${message}\n${parent}${change}\n`;
}

/** 1,001 commits: a batch of 1,000 plain ones but for the first, and one alone. Resolves to the head. */
function long(branch: string, special: 'first' | 'last' | 'none', message = declared, name = 'Bo'): string {
  const own = (from = '') => imported(branch, message, { name, file: 'src/dates.ts' }, from);
  const plain = Array.from({ length: special === 'none' ? 1001 : 1000 }, (_, at) =>
    imported(branch, `Tidy ${at}\n`, {}, at === 0 && special !== 'first' ? base : ''),
  ).join('');
  const stream = special === 'first' ? own(base) + plain : plain + (special === 'last' ? own() : '');
  repository.git(['fast-import', '--quiet', '--force'], stream);
  return repository.git(['rev-parse', branch]);
}

async function judge(head: string, change: object): Promise<{ code: number | null; told: string[] }> {
  const file = join(folder, 'facts.json');
  const facts = { author: 'ada-example', ...change };
  writeFileSync(file, JSON.stringify({ schema: 'countersign.facts/v1', head, change: facts }));
  const args = ['gate', '-C', repository.folder, '--base', base, '--head', head, '--facts', file, '--format', 'json'];
  const ran = await countersign(args);
  assert.ok(ran.code === 0 || ran.code === 1, ran.stderr);
  const verdict: Verdict = JSON.parse(ran.stdout);
  assert.equal(verdict.commits.length, 1001);
  const found = [verdict.change, ...verdict.commits].flatMap(({ deny, warn }) => [...deny, ...warn]);
  return { code: ran.code, told: found.map(({ rule, msg }) => `${rule}: ${msg}`) };
}

const approvedBy = (head: string, login: string) => ({
  approvals: [{ login, kind: 'user', state: 'approved', commit: head, permission: 'write' }],
});

for (const where of ['first', 'last'] as const) {
  test(`a change whose ${where} commit declares AI use`, async () => {
    const head = long(where, where);
    const label = { labels: ['ai-generated'] };
    const by = async (login: string) => judge(head, { ...label, ...approvedBy(head, login) });
    assert.deepEqual(await by('cy-example'), { code: 0, told: [] });
    const maker = await by('bo-example');
    assert.equal(maker.code, 1);
    assert.ok(maker.told.some((one) => one.startsWith('review-approval: ') && one.includes('(made commits of it)')));
    assert.ok(!maker.told.some((one) => one.startsWith('undisclosed-change')), maker.told.join('\n'));

    const squash = { squash_message: 'Parse dates\n', ...approvedBy(head, 'cy-example') };
    const squashed = await judge(head, squash);
    assert.deepEqual([squashed.code, squashed.told.length], [1, 1], squashed.told.join('\n'));
    assert.match(squashed.told[0] ?? '', /^squash-undisclosed: /);
  });
}

test('a long change without any disclosure is undisclosed, once', async () => {
  const head = long('none', 'none');
  const { code, told } = await judge(head, { labels: ['ai-generated'] });
  assert.deepEqual([code, told.length], [1, 1], told.join('\n'));
  assert.match(told[0] ?? '', /^undisclosed-change: .*ai-generated/);
  assert.deepEqual(await judge(head, { labels: [] }), { code: 0, told: [] });
});

test('the record of the last batch has what it was told, and decides again as it did', async () => {
  const head = long('recorded', 'first');
  const log = join(folder, 'decisions.jsonl');
  const args = ['gate', '-C', repository.folder, '--base', base, '--head', head, '--decision-log', log];
  const ran = await countersign(args);
  const records = readFileSync(log, 'utf8')
    .trim()
    .split('\n')
    .map((line) => JSON.parse(line));
  assert.equal(records.length, 2, ran.stderr);
  assert.equal(records[0].input.earlier, undefined);
  const { earlier } = records[1].input;
  assert.deepEqual([earlier.commits, earlier.makers.length, earlier.paths], [1000, 2, []]);
  assert.deepEqual(
    earlier.makers.map(({ commits, ai, disclosed, paths }: (typeof earlier.makers)[0]) => [
      commits,
      ai,
      disclosed,
      paths,
    ]),
    [
      [1, true, true, ['src/dates.ts']],
      [999, false, false, []],
    ],
  );
  const again = await countersign(['decision', 'replay', '-C', repository.folder, log]);
  assert.equal(again.code, 0, again.stdout + again.stderr);
});
