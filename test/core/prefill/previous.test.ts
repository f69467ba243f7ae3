import assert from 'node:assert/strict';
import { test } from 'node:test';
import { project, told } from './support.ts';

const ann = { author: 'Ann Example <Ann@example.com>' };
const disclosed = (model: string) =>
  `Work\n\nAI-Model: ${model}\nAI-Timestamp: 2026-01-01T00:00:00Z\nAI-Context: Wrote it\nAI-Approver: Bo <bo@example.com>\n`;

test('the author’s last disclosure on this branch is offered, but for what is that commit’s alone', async (t) => {
  const { commit, gather, userHome } = await project(t);
  await commit(disclosed('older'), ann);
  const shown = await commit(disclosed('gpt-5.2'), ann);
  await commit(disclosed('another-persons'), { author: 'Bo Example <bo@example.com>' });
  await commit('Without AI\n', ann);
  const environment = { HOME: userHome, GIT_AUTHOR_EMAIL: 'ann@example.com' };
  const known = await gather({ environment });
  assert.deepEqual(
    told(known).filter((text) => !text.includes(' git ')),
    ['model=gpt-5.2 previous inferred', 'approver=Bo <bo@example.com> previous inferred'],
  );
  assert.deepEqual(known.evidence, []);
  assert.equal(known.values[0]?.detail, `the last disclosure on this branch (${shown.slice(0, 10)})`);
  // An amended commit is not the last one.
  assert.deepEqual(told(await gather({ environment, replaces: [shown] }), 'model'), ['model=older previous inferred']);
});

test('who the author is, git says where the environment does not; without either nothing is offered', async (t) => {
  const { commit, gather, git } = await project(t);
  await commit(disclosed('gpt-5.2'), ann);
  assert.deepEqual(told(await gather(), 'model'), []);
  await git('config', 'user.email', 'ann@example.com');
  assert.deepEqual(told(await gather(), 'model'), ['model=gpt-5.2 previous inferred']);
});

test('only first parents, and not for ever', async (t) => {
  const { commit, gather, git, userHome } = await project(t);
  const base = (await git('rev-parse', 'HEAD')).trim();
  const side = await commit(disclosed('side'), ann);
  await git('reset', '--quiet', '--soft', base);
  const main = await commit('Main\n', ann);
  await commit('Merge\n', { ...ann, parents: [main, side] });
  const environment = { HOME: userHome, GIT_AUTHOR_EMAIL: 'ann@example.com' };
  assert.deepEqual(told(await gather({ environment }), 'model'), []);
  await commit(disclosed('gpt-5.2'), ann);
  for (let at = 0; at < 49; at++) await commit('More\n', ann);
  assert.equal(told(await gather({ environment }), 'model').length, 1);
  await commit('One more\n', ann);
  assert.deepEqual(told(await gather({ environment }), 'model'), []);
});
