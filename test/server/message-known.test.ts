/** What is known of a commit's AI use: asked for, offered, told where it is from; and the shipped pack's own words. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { Known } from '../../core/disclosure/known.ts';
import { toHome } from '../../core/policies/initialize.ts';
import { packFiles } from '../../core/policies/load.ts';
import { configuration, fixesFor, openBench, policy, told } from './message-support.ts';

const files = { ...configuration, '.countersign/policies/own.rego': policy };
const known: Known = {
  values: [
    {
      field: 'model',
      value: 'example-2',
      source: 'git-ai',
      certainty: 'recorded',
      detail: 'note of git-ai on 1a2b3c4',
    },
    {
      field: 'context',
      value: 'Left over from another commit',
      source: 'previous',
      certainty: 'inferred',
      detail: 'the last',
    },
  ],
  evidence: [{ source: 'git-ai', detail: 'a note of git-ai on 1a2b3c4' }],
};

/** The default pack, as `countersign init` writes it. */
async function pack(): Promise<Record<string, string>> {
  const home = toHome(await packFiles());
  return Object.fromEntries(
    home
      .filter(({ path }) => !path.endsWith('_test.rego'))
      .map(({ path, bytes }) => [`.countersign/${path}`, Buffer.from(bytes).toString()]),
  );
}

test('evidence without a disclosure is told, and the fix fills in what is known and nothing else', async (t) => {
  const bench = await openBench(t, files, { runtime: { gatherKnown: async () => known } });
  const text = 'Fix it\n';
  const found = await bench.type(text, (all) => all.length > 0);
  assert.deepEqual(told(text, found), [['undisclosed', 'Fix it']]);
  assert.match(String(found[0]?.message), /a note of git-ai on 1a2b3c4/);
  const [fix] = await fixesFor(bench, text, found[0]!);
  // The last disclosure of the branch is another commit's: it is offered in completion alone.
  assert.equal(fix?.after, 'Fix it\n\nAI-Model: example-2\nAI-Context: \n');
});

test('in a repository with another form, the fix is a line of that form', async (t) => {
  const kernel = { ...files, '.countersign/config.yaml': 'version: 1\ndisclosure:\n  profile: kernel\n' };
  const values = [{ ...known.values[0]!, value: 'claude-opus-4-6' }];
  const bench = await openBench(t, kernel, { runtime: { gatherKnown: async () => ({ ...known, values }) } });
  const text = 'Fix it\n';
  const found = await bench.type(text, (all) => all.some(({ code }) => code === 'undisclosed'));
  const [fix] = await fixesFor(bench, text, found[0]!);
  assert.match(fix?.after ?? '', /^Fix it\n\nAssisted-by: \S.*:claude-opus-4-6\n$/);
  const disclosed = await bench.type(fix!.after, (all) => !all.some(({ code }) => code === 'undisclosed'));
  assert.deepEqual(told(fix!.after, disclosed), []);
});

test('a missing value that is known says where it is from', async (t) => {
  const bench = await openBench(t, files, { runtime: { gatherKnown: async () => known } });
  const text = 'Fix it\n\nAI-Context: wrote the tests by hand\n';
  const first = await bench.type(text, (all) => all.length > 0);
  await bench.client.until(async () => {
    const titles = (await fixesFor(bench, text, first[0]!)).map(({ title }) => title);
    return titles.includes('Add AI-Model: example-2 (note of git-ai on 1a2b3c4)');
  });
});

test('the policy is told of the evidence, and what it says takes the place of the server’s words', async (t) => {
  const bench = await openBench(t, await pack(), { runtime: { gatherKnown: async () => known } });
  const text = 'Fix it\n';
  const found = await bench.type(text, (all) => all.some(({ code }) => code === 'undisclosed-ai'));
  assert.deepEqual(told(text, found), [['undisclosed-ai', 'Fix it']]);
  assert.match(String(found[0]?.codeDescription?.href), /\.countersign\/policies\/evidence\.rego#L\d+$/);
  const [fix] = await fixesFor(bench, text, found[0]!);
  assert.match(fix?.title ?? '', /^Add the disclosure: AI-Model/);
  assert.match(fix?.after ?? '', /\nAI-Model: example-2\n/);
});

test('what was said of an undisclosed commit is not said of one that discloses, before the next verdict', async (t) => {
  const bench = await openBench(t, await pack(), { runtime: { gatherKnown: async () => known } });
  await bench.type('Fix it\n', (all) => all.some(({ code }) => code === 'undisclosed-ai'));
  const text = 'Fix it\n\nAI-Model: gpt-6\n';
  const found = await bench.type(text);
  assert.deepEqual(new Set(told(text, found).map(([code]) => code)), new Set(['missing-field']));
});

test('an agent’s co-author line is no disclosure, and becomes one', async (t) => {
  const bench = await openBench(t, await pack());
  const text = 'Fix it\n\nCo-authored-by: Claude Opus 4.6 <noreply@anthropic.com>\n';
  const found = await bench.type(text, (all) => all.some(({ code }) => code === 'undisclosed-ai'));
  const other = found.find(({ code }) => code === 'other-form');
  assert.ok(other, JSON.stringify(found));
  const fixes = await fixesFor(bench, text, other);
  assert.match(fixes.map(({ after }) => after).join(), /\nAI-Model: claude-opus-4-6\n|\nAI-Model: Claude Opus 4\.6\n/);
});

test('a commit as the pack wants it passes', async (t) => {
  const bench = await openBench(t, await pack(), { runtime: { now: () => new Date('2024-01-01T01:00:00Z') } });
  await bench.type('Fix it\n\nAI-Model: claude-opus-4-6\n', (all) => all.some(({ code }) => code === 'required-field'));
  const text =
    'Fix it\n\nAI-Model: claude-opus-4-6\nAI-Timestamp: 2024-01-01T00:59:00Z\nAI-Context: Wrote the reader and its tests\nAI-Approver: Bo Example <bo@example.com>\n';
  await bench.type(text, (all) => all.length === 0);
  const params = {
    textDocument: { uri: bench.input },
    range: { start: { line: 0, character: 0 }, end: { line: 9, character: 0 } },
  };
  await bench.client.until(async () => {
    const hints = await bench.client.connection.sendRequest<{ label: string }[]>('textDocument/inlayHint', params);
    return hints[0]?.label === 'will pass';
  });
});

test('a value that the policy alone denies can be changed, too', async (t) => {
  const files = {
    ...(await pack()),
    '.countersign/data/approvers.yaml':
      'approvers:\n  people:\n    - {name: Ada Example, email: ada@example.com}\n    - {name: Bo Example, email: bo@example.com}\n  bots: []\n',
  };
  const bench = await openBench(t, files, { runtime: { now: () => new Date('2024-01-01T01:00:00Z') } });
  await bench.repository.git('config', 'user.name', 'Ada Example');
  await bench.repository.git('config', 'user.email', 'ada@example.com');
  const text =
    'Fix it\n\nAI-Model: claude-opus-4-6\nAI-Timestamp: 2024-01-01T00:59:00Z\nAI-Context: Wrote the reader and its tests\nAI-Approver: Ada Example <ada@example.com>\n';
  const found = await bench.type(text, (all) => all.some(({ code }) => code === 'approver-independent'));
  const fixes = await fixesFor(bench, text, found.find(({ code }) => code === 'approver-independent')!);
  assert.deepEqual(
    fixes.map(({ title }) => title),
    ['Change it to Bo Example <bo@example.com>'],
  );
});

test('a client that can is told to ask for the hints again', async (t) => {
  const bench = await openBench(t, files);
  let refreshed = 0;
  bench.client.connection.onRequest('workspace/inlayHint/refresh', () => {
    refreshed++;
    return null;
  });
  await bench.type('Fix what was broken by the change before the last\n', (all) => all.length > 0);
  await bench.client.until(() => refreshed > 0);
});
