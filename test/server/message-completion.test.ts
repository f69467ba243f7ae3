/** Completion and hover in messages. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { CompletionItem, Hover, MarkupContent, TextEdit } from 'vscode-languageserver/node';
import { nodeRuntime } from '../../server/node.ts';
import { marked } from './marks.ts';
import { configuration, type MessageBench, openBench, policy } from './message-support.ts';
import { applied } from './support.ts';

const files = {
  ...configuration,
  '.countersign/policies/own.rego': policy,
  '.countersign/data/approvers.yaml':
    'approvers:\n  people:\n    - name: Ann Example\n      email: ann@example.com\n    - name: Bo Example\n      login: bo\n',
};

async function completed(bench: MessageBench, source: string) {
  const { text, cursors } = marked(source);
  await bench.client.connection.sendNotification('textDocument/didClose', { textDocument: { uri: bench.input } });
  await bench.client.open(bench.input, text, 'scminput');
  const params = { textDocument: { uri: bench.input }, position: cursors[0]! };
  const items =
    (await bench.client.connection.sendRequest<CompletionItem[] | null>('textDocument/completion', params)) ?? [];
  items.sort((a, b) => ((a.sortText ?? a.label) < (b.sortText ?? b.label) ? -1 : 1));
  return {
    labels: items.map(({ label }) => label),
    items,
    choose(label: string) {
      const item = items.find((one) => one.label === label);
      assert.ok(item, `${label} is not among ${items.map((one) => one.label).join(', ')}`);
      return applied(text, [item.textEdit as TextEdit]);
    },
  };
}

test('keys come where trailers belong: the configured ones first', async (t) => {
  const bench = await openBench(t, files, { trusted: false });
  const { labels, choose } = await completed(bench, 'Fix it\n\nAI-Model: example-1\n<|>\n');
  assert.deepEqual(labels.slice(0, 3), ['AI-Timestamp', 'AI-Context', 'AI-Approver']);
  assert.ok(labels.includes('Signed-off-by') && labels.includes('Co-authored-by'));
  assert.equal(choose('AI-Context'), 'Fix it\n\nAI-Model: example-1\nAI-Context: \n');
  const begun = await completed(bench, 'Fix it\n\nAI-Model: example-1\nai-c<|>ont: x\n');
  assert.equal(begun.choose('AI-Context'), 'Fix it\n\nAI-Model: example-1\nAI-Context: x\n');
});

test('below prose a key gets the blank line that it needs', async (t) => {
  const bench = await openBench(t, files, { trusted: false });
  assert.equal((await completed(bench, 'Fix it\n\nProse.\n<|>')).choose('AI-Model'), 'Fix it\n\nProse.\n\nAI-Model: ');
  assert.equal(
    (await completed(bench, 'Fix it\r\n\r\nProse.\r\n\r\n<|>')).choose('AI-Model'),
    'Fix it\r\n\r\nProse.\r\n\r\nAI-Model: ',
  );
});

test('the whole disclosure is offered at once', async (t) => {
  const bench = await openBench(t, files, { trusted: false });
  const { labels, choose } = await completed(bench, 'Fix it\n\n<|>');
  assert.equal(labels[0], 'AI disclosure');
  assert.equal(choose('AI disclosure'), 'Fix it\n\nAI-Model: \nAI-Context: ');
});

// biome-ignore-start lint/suspicious/noTemplateCurlyInString: snippets are written so
test('with snippets, the fields are places to jump to, and what others wrote is no snippet', async (t) => {
  const known = {
    field: 'context',
    value: 'Cost ${1:5} \\ }',
    source: 'declaration',
    certainty: 'recorded',
    detail: 'x',
  } as const;
  const capabilities = {
    workspace: { workspaceFolders: true },
    textDocument: { completion: { completionItem: { snippetSupport: true } } },
  };
  const runtime = { gatherKnown: async () => ({ values: [known], evidence: [] }) };
  const bench = await openBench(t, files, { capabilities, runtime });
  await bench.client.until(async () => {
    const { items } = await completed(bench, 'Fix it\n\n<|>');
    await new Promise((resolve) => setTimeout(resolve, 300));
    const asked = { textDocument: { uri: bench.input }, position: { line: 2, character: 0 } };
    const later = await bench.client.connection.sendRequest<CompletionItem[]>('textDocument/completion', asked);
    const whole = later.find(({ label }) => label === 'AI disclosure')?.textEdit as TextEdit | undefined;
    return items.length > 0 && whole?.newText === 'AI-Model: ${1:}\nAI-Context: ${2:Cost \\${1:5\\} \\\\ \\}}';
  });
});

// biome-ignore-end lint/suspicious/noTemplateCurlyInString: as above
test('no keys in the title, in prose, in comments, or where no message is', async (t) => {
  const bench = await openBench(t, files, { trusted: false });
  for (const source of ['<|>', 'Fi<|>', 'Fix it\n\nSome pro<|>se', 'Fix it\n\n# com<|>ment', '\n<|>\nFix it\n']) {
    assert.deepEqual((await completed(bench, source)).labels, [], source);
  }
});

test('values: approved models, the time, approvers', async (t) => {
  const runtime = { now: () => new Date('2026-03-01T12:00:00Z') };
  const bench = await openBench(t, files, { trusted: false, runtime });
  const models = await completed(bench, 'Fix it\n\nAI-Model: ex<|>\n');
  assert.deepEqual(models.labels, ['example-1', 'example-2']);
  assert.equal(models.choose('example-2'), 'Fix it\n\nAI-Model: example-2\n');
  assert.equal(
    (await completed(bench, 'Fix it\n\nai-model:<|>old\n')).choose('example-2'),
    'Fix it\n\nai-model: example-2\n',
  );
  assert.deepEqual((await completed(bench, 'Fix it\n\nAI-Timestamp: <|>')).labels, ['2026-03-01T12:00:00Z']);
  assert.deepEqual((await completed(bench, 'Fix it\n\nAI-Approver: <|>')).labels, [
    'Ann Example <ann@example.com>',
    '@bo',
  ]);
  assert.deepEqual((await completed(bench, 'Fix it\n\nAI-Context: <|>')).labels, []);
});

test('where another project’s form is the repository’s own, its lines are offered', async (t) => {
  const config = 'version: 1\ndisclosure:\n  profile: kernel\n';
  const data = 'approved_models:\n  models:\n    - {name: Opus, match: [claude-opus-4-6]}\n  forbidden: []\n';
  const kernel = { ...files, '.countersign/config.yaml': config, '.countersign/data/approved-models.yaml': data };
  const bench = await openBench(t, kernel, { trusted: false });
  const keys = await completed(bench, 'Fix it\n\n<|>');
  assert.match(keys.labels[0] ?? '', /^Assisted-by: \S.*:claude-opus-4-6$/);
  assert.equal(keys.choose(keys.labels[0]!), `Fix it\n\n${keys.labels[0]}`);
  const values = await completed(bench, 'Fix it\n\nAssisted-by: <|>');
  assert.deepEqual(values.labels, [keys.labels[0]!.replace('Assisted-by: ', '')]);
});

test('where AI is refused, nobody is led to declare it', async (t) => {
  const forbid = { ...files, '.countersign/config.yaml': 'version: 1\ndisclosure:\n  profile: forbid\n' };
  const bench = await openBench(t, forbid, { trusted: false });
  const { labels } = await completed(bench, 'Fix it\n\n<|>');
  assert.deepEqual(
    labels.filter((label) => label.startsWith('AI')),
    [],
  );
  assert.ok(labels.includes('Signed-off-by'));
});

test('people come from the history, too, where git may be asked', async (t) => {
  const bench = await openBench(t, { ...files, '.countersign/data/approvers.yaml': 'approvers:\n  people: []\n' });
  await bench.repository.write('b.txt', 'b');
  await bench.repository.commit('Add b\n', { author: 'Cy Example <cy@example.com>' });
  const { labels } = await completed(bench, 'Fix it\n\nCo-authored-by: <|>');
  assert.ok(labels.includes('Cy Example <cy@example.com>'), labels.join());
});

test('when they cannot be read, the listed approvers are there all the same', async (t) => {
  const git = await nodeRuntime.messageGit();
  const failing = { ...git, people: () => Promise.reject(new Error('no history today')) };
  const bench = await openBench(t, files, { runtime: { messageGit: async () => failing } });
  const { labels } = await completed(bench, 'Fix it\n\nAI-Approver: <|>');
  assert.deepEqual(labels, ['Ann Example <ann@example.com>', '@bo']);
  assert.match(bench.client.logged.join(), /no history today/);
});

async function hovered(bench: MessageBench, source: string): Promise<string | undefined> {
  const { text, cursors } = marked(source);
  await bench.client.connection.sendNotification('textDocument/didClose', { textDocument: { uri: bench.input } });
  await bench.client.open(bench.input, text, 'scminput');
  const params = { textDocument: { uri: bench.input }, position: cursors[0]! };
  const hover = await bench.client.connection.sendRequest<Hover | null>('textDocument/hover', params);
  return (hover?.contents as MarkupContent | undefined)?.value;
}

test('a hover tells what a trailer means, which models are approved, and which rules judge', async (t) => {
  const bench = await openBench(t, files);
  const model = await hovered(bench, 'Fix it\n\nAI-M<|>odel: example-1\n');
  assert.match(model ?? '', /`AI-Model`, required/);
  assert.match(model ?? '', /Approved models:\n\n- Example/);
  const context = await hovered(bench, 'Fix it\n\nAI-Context: al<|>l blue now\n');
  assert.match(
    context ?? '',
    /Judged by:\n\n- \[no\\-monday\]\(file:.*own\.rego#L\d+\): No blue Mondays\. Blue is for Sundays/,
  );
  assert.match((await hovered(bench, 'Fix it\n\nSigned-off-by: A<|>\n')) ?? '', /origin of the work/);
  assert.equal(await hovered(bench, 'Fix<|> it\n\nAI-Model: example-1\n'), undefined);
});
