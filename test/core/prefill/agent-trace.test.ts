import assert from 'node:assert/strict';
import { test } from 'node:test';
import { project, sample, told } from './support.ts';

const file = '.agent-trace/traces.jsonl';

test('records of staged files since their last commit; people, other files and old records say nothing', async (t) => {
  const { root, write, git, gather, logged } = await project(t);
  for (const name of ['b', 'c', 'd']) await write(`src/${name}.ts`, '1\n');
  await git('add', 'src');
  const time = new Date().toISOString();
  await write(file, await sample('agent-trace.jsonl', { root, time }));
  const known = await gather();
  assert.deepEqual(told(known, 'model'), [
    'model=anthropic/claude-opus-4-5-20251101 agent-trace recorded',
    'model=openai/gpt-5.2 agent-trace recorded',
    'model=google/gemini-2.5-pro agent-trace recorded',
    'model=anthropic/claude-haiku-4-5 agent-trace recorded',
  ]);
  assert.deepEqual(told(known, 'timestamp'), [`timestamp=${time.replace(/\.\d+Z$/, 'Z')} agent-trace recorded`]);
  assert.deepEqual(
    known.evidence.map(({ detail, model }) => [detail, model]),
    [
      ['cursor changed src/a.ts', 'anthropic/claude-opus-4-5-20251101'],
      ['an agent changed src/a.ts', 'openai/gpt-5.2'],
      ['an agent changed src/a.ts', 'google/gemini-2.5-pro'],
      ['an agent changed src/c.ts', undefined],
      ['claude-code changed src/d.ts', 'anthropic/claude-haiku-4-5'],
    ],
  );
  assert.deepEqual(logged, [`agent-trace: a line of ${file} is left out: no JSON`]);
});

test('what was committed is not told again', async (t) => {
  const { root, write, git, commit, gather } = await project(t);
  const before = new Date(Date.now() - 60_000).toISOString();
  await write(file, await sample('agent-trace.jsonl', { root, time: before }));
  assert.equal((await gather()).evidence.length, 3);
  await commit('Commit it\n', { date: `${Math.floor(Date.now() / 1000)} +0000` });
  await write('src/a.ts', '2\n');
  await git('add', 'src/a.ts');
  assert.deepEqual((await gather()).evidence, []);
});

test('a folder or a huge line in its place harms nothing', async (t) => {
  const { write, gather, logged } = await project(t);
  await write(`${file}/inside`, 'x');
  assert.deepEqual((await gather()).evidence, []);
  const other = await project(t);
  await other.write(
    file,
    `"${'x'.repeat(1_100_000)}"\n${await sample('agent-trace.jsonl', { time: new Date().toISOString() })}`,
  );
  assert.equal((await other.gather()).evidence.length, 3);
  assert.ok(other.logged.some((text) => text.includes('longer than')));
  assert.deepEqual(logged, []);
});
