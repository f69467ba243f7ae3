/** Whatever the message, and however git cleans it: the stamped values are read back by git, and the rest is as without the hooks. */
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { defaultConfig } from '../../core/config.ts';
import { openRepository } from '../../core/git/repository.ts';
import { declare } from '../../core/prefill/declarations.ts';
import { sampleMessages } from '../support/messages.ts';
import { type HookedRepository, hookedRepository } from './hook-support.ts';

const modes = ['default', 'strip', 'whitespace', 'verbatim', 'scissors'];
const comments = ['#', ';', 'auto'];

/** What an agent declared, which the hook stamps without asking. */
async function declareUse(repository: HookedRepository): Promise<void> {
  const opened = await openRepository(repository.folder, { inherit: false, environment: repository.env });
  const values = { model: ['example-1'], context: ['Wrote: “it”, # all of it; and more'] };
  await declare(opened, { config: defaultConfig }, { values }, { now: new Date(), environment: {} });
}

const stamped = /^AI-(Model: example-1|Context: Wrote: “it”, # all of it; and more|Timestamp: \S+Z)\r?$/;

/** A policy that denies nothing: this is about what is stamped. */
async function lenientRepository(): Promise<HookedRepository> {
  const repository = await hookedRepository({ config: 'policies: [own]\nhook: { ask: never }' });
  await repository.stage({});
  const { mkdirSync } = await import('node:fs');
  mkdirSync(join(repository.folder, '.countersign', 'own'));
  writeFileSync(
    join(repository.folder, '.countersign', 'own', 'none.rego'),
    'package none\n\ndeny contains "never" if false\n',
  );
  await repository.stage({});
  return repository;
}

describe('messages cleaned by git', { concurrency: 2 }, () => {
  for (const edited of [false, true]) {
    test(edited ? 'written in an editor' : 'given whole', async () => {
      const repository = await lenientRepository();
      const { seed, messages } = sampleMessages(400);
      // What declares already is not declared again. Scissors that a person writes are out, too: git puts trailers
      // above them (`git commit --trailer`), and then keeps what is below, or not, by its mode.
      const fitting = messages.filter((text) => /\S/.test(text) && !/ai-|example|^\s*# -+ >8/im.test(text));
      const folder = join(repository.folder, '..');
      let compared = 0;
      for (const [at, [mode, comment]] of modes.flatMap((mode) => comments.map((one) => [mode, one])).entries()) {
        const sample = fitting[at] ?? 'Title\n';
        // Git reads no title in blank lines that verbatim keeps, and completes an unfinished line in its own way.
        const message = mode === 'verbatim' ? `${sample.trim()}\n` : sample;
        const context = `${mode} ${comment} ${JSON.stringify(message)}, FC_SEED=${seed}`;
        writeFileSync(join(folder, 'message'), message);
        const options = ['-c', `commit.cleanup=${mode}`, '-c', `core.commentChar=${comment}`];
        const commit = ['commit', '--allow-empty', ...(edited ? ['-v'] : ['-F', '../message'])];
        const run = { editor: edited ? 'cat ../message "$1" > "$1.new"; mv "$1.new" "$1"' : undefined };
        const plain = await repository.try(['-c', 'core.hooksPath=/dev/null', ...options, ...commit], run);
        const expected = plain.code === 0 ? await repository.message() : undefined;
        if (plain.code === 0) await repository.git(['reset', '--quiet', '--soft', 'HEAD~1']);
        await declareUse(repository);
        const hooked = await repository.try([...options, ...commit], run);
        assert.equal(hooked.code, plain.code, `${context}\n${hooked.stderr}`);
        if (expected === undefined) continue;
        const found = await repository.message();
        // As CI reads it, whatever the comment character was here.
        const read = (await repository.git(['log', '-1', '--format=%(trailers:only,unfold)'])).split('\n');
        assert.equal(read.filter((line) => stamped.test(line)).length, 3, `${context}\n${found}`);
        const lines = (text: string) => text.split('\n').filter((line) => line.trim() !== '' && !stamped.test(line));
        assert.equal(found.split('\n').filter((line) => stamped.test(line)).length, 3, `${context}\n${found}`);
        assert.deepEqual(lines(found), lines(expected), context);
        compared++;
      }
      assert.ok(compared >= 8, `${compared} commits`);
    });
  }

  test('core.commentString of several characters', async (t) => {
    const repository = await lenientRepository();
    const [, major = 0, minor = 0] = /(\d+)\.(\d+)/.exec(await repository.git(['version'])) ?? [];
    if (Number(major) === 2 && Number(minor) < 45) {
      t.diagnostic('this git ignores core.commentString, and so do we');
      await declareUse(repository);
      await repository.git(['-c', 'core.commentString=//', 'commit', '--allow-empty'], {
        editor: 'printf "Title\\n\\n// text\\n" | cat - "$1" > "$1.new"; mv "$1.new" "$1"',
      });
      assert.match(await repository.message(), /^Title\n\n\/\/ text\n\nAI-Model: example-1\n/);
      return;
    }
    await declareUse(repository);
    await repository.git(['-c', 'core.commentString=⁂', 'commit', '--allow-empty'], {
      editor: 'printf "Title\\n\\n# text\\n⁂ gone\\n" | cat - "$1" > "$1.new"; mv "$1.new" "$1"',
    });
    assert.match(await repository.message(), /^Title\n\n# text\n\nAI-Model: example-1\n/);
  });
});
