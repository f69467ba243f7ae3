/** The hook asks an open window first: a real one on a real socket, answered in place of a person. */
import assert from 'node:assert/strict';
import { chmodSync } from 'node:fs';
import { describe, test } from 'node:test';
import { setTimeout } from 'node:timers/promises';
import { listenForPrompts } from '../../core/prompt-link/listen.ts';
import type { PromptAnswer, PromptRequest } from '../../core/prompt-link/messages.ts';
import { coAuthor, type HookedRepository, hookedRepository } from './hook-support.ts';

/** A window that has the repository open and answers one after the other; the prompt takes `delayMs` to show. */
async function openWindow(
  t: { after(end: () => Promise<void>): void },
  repository: HookedRepository,
  answers: (PromptAnswer | undefined)[],
  delayMs = 0,
): Promise<PromptRequest[]> {
  // Only its owner may look into the folder where windows say that they are there.
  chmodSync(repository.env.XDG_RUNTIME_DIR ?? '', 0o700);
  const asked: PromptRequest[] = [];
  const link = await listenForPrompts({
    id: 'window',
    async ask(request, taken) {
      asked.push(request);
      const answer = answers.shift();
      if (delayMs > 0) await setTimeout(delayMs);
      if (answer) taken();
      return answer;
    },
    log: () => undefined,
    environment: repository.env,
  });
  t.after(() => link.dispose());
  await link.update({ folders: [repository.folder], focused: true });
  await repository.stage({ 'file.txt': 'one\n' });
  return asked;
}

const values = {
  model: 'claude-opus-4-6',
  context: 'Wrote the file and the tests for it',
  approver: 'Bo Example <bo@example.com>',
  timestamp: `${new Date().toISOString().slice(0, 19)}Z`,
};
const agent = { CLAUDECODE: '1' };

describe('the prompt in a window', { concurrency: 2 }, () => {
  test('gets what is known, and its answer is stamped', async (t) => {
    const repository = await hookedRepository();
    const asked = await openWindow(t, repository, [{ kind: 'values', values }]);
    const ran = await repository.try(['commit', '-m', 'Add a file', '-m', coAuthor], { env: agent });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(asked.length, 1);
    assert.equal(asked[0]?.message, `Add a file\n\n${coAuthor}\n`);
    assert.ok(asked[0]?.known.some(({ field, value }) => field === 'model' && value === 'claude-opus-4.6'));
    assert.ok(asked[0]?.evidence?.some(({ source }) => source === 'environment'));
    assert.equal((await repository.trailers()).length, 5);
  });

  test('is shown what the policy denied, until it is mended', async (t) => {
    const repository = await hookedRepository();
    const asked = await openWindow(t, repository, [
      { kind: 'values', values: { ...values, approver: 'Ada Example <ada@example.com>' } },
      { kind: 'values', values },
    ]);
    const ran = await repository.try(['commit', '-m', 'Add a file'], { env: agent });
    assert.equal(ran.code, 0, ran.stderr);
    assert.deepEqual(
      asked.map(({ violations }) => violations.map(({ field }) => field)),
      [[], ['approver']],
    );
    assert.match((await repository.trailers()).join('\n'), /AI-Approver: Bo Example/);
  });

  test('cancels the commit, or says that no AI was used', async (t) => {
    const repository = await hookedRepository();
    await openWindow(t, repository, [{ kind: 'cancel' }, { kind: 'no-ai' }]);
    const cancelled = await repository.try(['commit', '-m', 'Add a file'], { env: agent });
    assert.equal(cancelled.code, 1);
    assert.match(cancelled.stderr, /cancelled, nothing was committed/);
    const byHand = await repository.try(['commit', '-m', 'Add a file'], { env: agent });
    assert.equal(byHand.code, 0, byHand.stderr);
    assert.equal(await repository.message(), 'Add a file\n');
  });

  test('may be slow to show it where nobody else could be asked', async (t) => {
    const repository = await hookedRepository();
    // Longer than a person at a terminal is kept waiting for it.
    const asked = await openWindow(t, repository, [{ kind: 'values', values }], 700);
    const ran = await repository.try(['commit', '-m', 'Add a file'], { env: agent });
    assert.equal(ran.code, 0, ran.stderr);
    assert.equal(asked.length, 1);
  });

  test('is passed over when the configuration or the environment says so', async (t) => {
    const repository = await hookedRepository({ config: 'hook: { window: false }' });
    const asked = await openWindow(t, repository, [{ kind: 'values', values }]);
    assert.equal((await repository.try(['commit', '-m', 'Add a file'], { env: agent })).code, 1);
    assert.deepEqual(asked, []);
    const other = await hookedRepository();
    const askedThere = await openWindow(t, other, [{ kind: 'values', values }]);
    const env = { ...agent, COUNTERSIGN_ASK: 'never' };
    assert.equal((await other.try(['commit', '-m', 'Add a file'], { env })).code, 1);
    assert.deepEqual(askedThere, []);
  });

  test("a person's own commit is not asked about", async (t) => {
    const repository = await hookedRepository();
    const asked = await openWindow(t, repository, [{ kind: 'cancel' }]);
    assert.equal((await repository.try(['commit', '-m', 'By hand'])).code, 0);
    assert.deepEqual(asked, []);
  });
});
