/** The parser against git itself, over thousands of nasty messages in a few processes. */

import assert from 'node:assert/strict';
import test from 'node:test';
import { readCommits } from '../../../core/git/commits.ts';
import { openRepository } from '../../../core/git/repository.ts';
import { parseTrailers } from '../../../core/trailers/parse.ts';
import { sampleMessages } from '../../support/messages.ts';
import { firstDate, makeRepository } from '../../support/repository.ts';

const count = 1500;

for (const divider of [false, true]) {
  test(`agrees with git interpret-trailers --parse${divider ? '' : ' --no-divider'}`, async (t) => {
    const repository = await makeRepository(t);
    const { seed, messages: sampled } = sampleMessages(count);
    // Git 2.39 never ends when scissors follow a divider.
    const messages = divider ? sampled.filter((message) => !/^---[\s\S]*>8/m.test(message)) : sampled;
    // Git reads all files in one process and prints their trailers without a word between: mark the ends.
    const files: string[] = [];
    await repository.write('end', 'end\n\nEnd-Of-File: yes\n');
    for (const [at, message] of messages.entries()) {
      await repository.write(`m${at}`, message);
      files.push(`m${at}`, 'end');
    }
    const args = ['interpret-trailers', '--parse', ...(divider ? [] : ['--no-divider'])];
    const printed = (await repository.gitBytes([...args, ...files])).toString().split('End-Of-File: yes\n');
    assert.equal(printed.length, messages.length + 1);
    for (const [at, message] of messages.entries()) {
      const ours = parseTrailers(message, { divider })
        .trailers.map(({ key, value }) => `${key}: ${value}\n`)
        .join('');
      assert.equal(ours, printed[at], `message ${JSON.stringify(message)}, FC_SEED=${seed}`);
    }
  });
}

test('trailers, subject and body of commits agree with git log', async (t) => {
  const repository = await makeRepository(t);
  const { seed, messages } = sampleMessages(count);
  const when = `${firstDate} +0000`;
  await repository.fastImport(
    messages
      .map(
        (message) =>
          `commit refs/heads/main\ncommitter Carl Example <carl@example.com> ${when}\ndata ${Buffer.byteLength(message)}\n${message}\n`,
      )
      .join(''),
  );
  const format = '%s%x00%b%x00%(trailers:only,unfold,separator=%x1d,key_value_separator=%x1f)%x00';
  const fields = (await repository.git('log', '--reverse', `--format=tformat:${format}`)).split('\0');
  const opened = await openRepository(repository.root);
  const head = (await repository.git('rev-parse', 'HEAD')).trim();
  let at = 0;
  for await (const batch of readCommits(opened, { head })) {
    for (const commit of batch) {
      const note = `message ${JSON.stringify(messages[at])}, FC_SEED=${seed}`;
      assert.equal(commit.subject, fields[at * 3]!.replace(/^\n/, ''), note);
      assert.equal(commit.body, fields[at * 3 + 1], note);
      const trailers = commit.trailers.map(({ key, value }) => `${key}\x1f${value}`).join('\x1d');
      assert.equal(trailers, fields[at * 3 + 2], note);
      at++;
    }
  }
  assert.equal(at, count);
});

test('spans give back what they are the spans of', () => {
  const { seed, messages } = sampleMessages(count);
  for (const message of messages) {
    const { trailers, block, stray } = parseTrailers(message);
    const note = `message ${JSON.stringify(message)}, FC_SEED=${seed}`;
    for (const { key, value, span, keySpan, valueSpan } of [...trailers, ...stray]) {
      assert.equal(message.slice(keySpan.start, keySpan.end), key, note);
      assert.equal(message.slice(valueSpan.start, valueSpan.end).replace(/\n[ \t\r\n]*/g, ' '), value, note);
      assert.ok(span.start === keySpan.start && keySpan.end <= valueSpan.start && valueSpan.end <= span.end, note);
    }
    for (const { span } of trailers) assert.ok(block.start <= span.start && span.end <= block.end, note);
    for (const { span } of stray) assert.ok(span.end <= block.start || block.start === block.end, note);
  }
});
