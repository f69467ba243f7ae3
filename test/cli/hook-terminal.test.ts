/** The form in a terminal: a real one, made by util-linux's `script`. */
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, test } from 'node:test';
import { stripVTControlCharacters } from 'node:util';
import { coAuthor, type HookedRepository, hookedRepository } from './hook-support.ts';

const skip =
  spawnSync('script', ['--version']).stdout?.toString().includes('util-linux') === true
    ? false
    : 'there is no util-linux `script` here';

const agent = { CLAUDECODE: '1' };

interface Step {
  /** What must have been written before. */
  see: string | RegExp;
  type: string;
}

/** Runs a shell command in a terminal and answers as a person does: each time when the question is there. */
function inTerminal(
  repository: HookedRepository,
  command: string,
  steps: Step[],
  env: Record<string, string>,
): Promise<{ code: number | null; screen: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(
      'script',
      ['--quiet', '--return', '--command', `stty cols 100 rows 40; ${command}`, '/dev/null'],
      {
        cwd: repository.folder,
        env: { ...repository.env, TERM: 'xterm', GIT_EDITOR: 'false', ...env },
      },
    );
    let screen = '';
    let seen = 0;
    const waiting = [...steps];
    child.stdout.setEncoding('utf8').on('data', (text) => {
      screen += text;
      for (let step = waiting[0]; step; step = waiting[0]) {
        const rest = stripVTControlCharacters(screen).slice(seen);
        const at = typeof step.see === 'string' ? rest.indexOf(step.see) : rest.search(step.see);
        if (at < 0) break;
        seen = stripVTControlCharacters(screen).length;
        child.stdin.write(step.type);
        waiting.shift();
      }
    });
    // A form that waits for something else would wait for ever.
    const end = setTimeout(() => child.kill(), 60_000);
    child.on('error', reject);
    child.on('close', (code) => {
      clearTimeout(end);
      if (waiting.length > 0) reject(new Error(`never seen: ${waiting[0]?.see}\n${screen}`));
      else resolve({ code, screen });
    });
  });
}

const enter = '\r';
const down = '\u001b[B';

describe('the form in a terminal', { skip, concurrency: 2 }, () => {
  test('asks in plain lines, takes Enter for what it offers, and stamps the answers', async () => {
    const repository = await hookedRepository();
    await repository.stage({ 'file.txt': 'one\n' });
    const { code, screen } = await inTerminal(
      repository,
      "git commit -m 'Add a file'",
      [
        { see: 'or Enter for 1: ', type: enter },
        { see: /Model\r?\n1\. [\s\S]*or Enter for 1: /, type: enter },
        { see: 'Context: ', type: `Short${enter}` },
        { see: /at least \d+ characters[\s\S]*Context/, type: `Wrote the file and the tests for it${enter}` },
        { see: 'Approver', type: `Bo Example <bo@example.com>${enter}` },
      ],
      { ...agent, NO_COLOR: '1' },
    );
    assert.equal(code, 0, screen);
    // Nothing is drawn: a screen reader reads lines.
    // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what must not be there
    assert.doesNotMatch(screen, /\u001b\[/);
    const trailers = await repository.trailers();
    assert.equal(trailers.length, 4, screen);
    assert.match(
      trailers.join('\n'),
      /^AI-Model: \S+\nAI-Timestamp: .*\nAI-Context: Wrote the file and the tests for it\nAI-Approver: Bo/,
    );
  });

  test('is drawn, and answered with the arrow keys', async () => {
    const repository = await hookedRepository();
    await repository.stage({ 'file.txt': 'one\n' });
    const { code, screen } = await inTerminal(
      repository,
      `git commit -m 'Add a file' -m '${coAuthor}'`,
      [
        { see: 'Cancel the commit', type: enter },
        { see: 'likely', type: enter },
        { see: /◆ {2}Context/, type: `Wrote the file and the tests for it${enter}` },
        { see: /◆ {2}Approver/, type: `Bo Example <bo@example.com>${enter}` },
      ],
      {},
    );
    assert.equal(code, 0, screen);
    assert.equal((await repository.trailers()).length, 5);
  });

  test('"No AI was used" is one answer, and is believed of what only suggests it', async () => {
    const repository = await hookedRepository();
    await repository.stage({ 'file.txt': 'one\n' });
    const { code, screen } = await inTerminal(
      repository,
      "git commit -m 'By hand'",
      [{ see: 'Cancel the commit', type: `${down}${enter}` }],
      agent,
    );
    assert.equal(code, 0, screen);
    assert.equal(await repository.message(), 'By hand\n');
  });

  test('Ctrl-C and the last choice cancel the commit, and the message is kept', async () => {
    const repository = await hookedRepository();
    await repository.stage({ 'file.txt': 'one\n' });
    const head = await repository.git(['rev-parse', 'HEAD']);
    const cancelled = await inTerminal(
      repository,
      "git commit -m 'Not yet'",
      [{ see: 'or Enter for 1: ', type: `3${enter}` }],
      { ...agent, COUNTERSIGN_PLAIN: '1' },
    );
    assert.notEqual(cancelled.code, 0);
    assert.match(cancelled.screen, /cancelled, nothing was committed\. The message is kept in \.git\/COMMIT_EDITMSG/);
    const interrupted = await inTerminal(
      repository,
      "git commit -m 'Not yet'",
      [{ see: 'Cancel the commit', type: '\u0003' }],
      agent,
    );
    assert.notEqual(interrupted.code, 0);
    assert.equal(await repository.git(['rev-parse', 'HEAD']), head);
  });

  test('with hook.ask: always, a commit by hand costs one key', async () => {
    const repository = await hookedRepository({ config: 'hook: { ask: always }' });
    await repository.stage({ 'file.txt': 'one\n' });
    const { code, screen } = await inTerminal(
      repository,
      "git commit -m 'By hand'",
      [{ see: 'Cancel the commit', type: enter }],
      {},
    );
    assert.equal(code, 0, screen);
    assert.equal(await repository.message(), 'By hand\n');
  });

  test('with hook.ask: never, and without evidence, nobody is asked', async () => {
    const repository = await hookedRepository({ config: 'hook: { ask: never }' });
    await repository.stage({ 'file.txt': 'one\n' });
    const denied = await inTerminal(repository, `git commit -m 'By an agent' -m '${coAuthor}'`, [], {});
    assert.match(denied.screen, /git commit --no-verify/);
    assert.notEqual(denied.code, 0);
    assert.doesNotMatch(denied.screen, /How was this commit made/);
    const plain = await inTerminal(await freshFile(), "git commit -m 'By hand'", [], {});
    assert.equal(plain.code, 0, plain.screen);
    assert.doesNotMatch(plain.screen, /countersign/i);
  });

  test('is asked once: what was deleted in the editor afterwards is for the policy', async () => {
    const repository = await hookedRepository();
    await repository.stage({ 'file.txt': 'one\n' });
    writeFileSync(join(repository.folder, '..', 'edit.sh'), `printf 'Title\\n\\n${coAuthor}\\n' > "$1"\n`);
    const { code, screen } = await inTerminal(
      repository,
      'git commit',
      [
        { see: 'or Enter for 1: ', type: enter },
        { see: 'or Enter for 1: ', type: enter },
        { see: 'Context: ', type: `Wrote the file and the tests for it${enter}` },
        { see: 'Approver', type: `Bo Example <bo@example.com>${enter}` },
      ],
      { ...agent, TERM: 'dumb', GIT_EDITOR: 'sh ../edit.sh' },
    );
    assert.notEqual(code, 0);
    assert.equal(screen.match(/How was this commit made/g)?.length, 1, screen);
    assert.match(screen, /commit refused[\s\S]*undisclosed-ai/);
    assert.match(screen, /git commit -eF \.git\/COMMIT_EDITMSG/);
  });

  test('asks after the editor of what only the message shows, with what the policy says', async () => {
    const repository = await hookedRepository();
    await repository.stage({ 'file.txt': 'one\n' });
    writeFileSync(join(repository.folder, '..', 'edit.sh'), `printf 'Title\\n\\n${coAuthor}\\n' > "$1"\n`);
    const { code, screen } = await inTerminal(
      repository,
      'git commit',
      [
        { see: /The policy refuses this commit as it is:[\s\S]*or Enter for 1: /, type: enter },
        { see: 'or Enter for 1: ', type: enter },
        { see: 'Context: ', type: `Wrote the file and the tests for it${enter}` },
        { see: 'Approver', type: `Bo Example <bo@example.com>${enter}` },
      ],
      { COUNTERSIGN_PLAIN: '1', GIT_EDITOR: 'sh ../edit.sh' },
    );
    assert.equal(code, 0, screen);
    assert.equal((await repository.trailers()).length, 5);
  });

  test('what the policy denies of an answer is asked again, with what it says', async () => {
    const repository = await hookedRepository();
    await repository.stage({ 'file.txt': 'one\n' });
    const { code, screen } = await inTerminal(
      repository,
      "git commit -m 'Add a file'",
      [
        { see: 'or Enter for 1: ', type: enter },
        { see: 'or Enter for 1: ', type: enter },
        { see: 'Context: ', type: `Wrote the file and the tests for it${enter}` },
        // Nobody approves what is their own.
        { see: 'Approver', type: `Ada Example <ada@example.com>${enter}` },
        { see: /The policy refuses[\s\S]*mend the disclosure[\s\S]*or Enter for 1: /, type: enter },
        { see: /Model\r?\n1\. [\s\S]*or Enter for 1: /, type: enter },
        { see: /Timestamp[\s\S]*(or Enter for [^:]*: |: )/, type: enter },
        { see: /Context[\s\S]*or Enter for /, type: enter },
        { see: /Approver[\s\S]*: /, type: `2${enter}` },
        { see: 'Approver, or Enter for', type: `Bo Example <bo@example.com>${enter}` },
      ],
      { ...agent, COUNTERSIGN_PLAIN: '1' },
    );
    assert.equal(code, 0, screen);
    const trailers = (await repository.trailers()).join('\n');
    assert.match(trailers, /^AI-Approver: Bo Example <bo@example\.com>$/m);
    assert.equal(trailers.match(/^AI-/gm)?.length, 4, trailers);
  });

  async function freshFile(): Promise<HookedRepository> {
    const repository = await hookedRepository();
    await repository.stage({ 'file.txt': 'one\n' });
    return repository;
  }
});
