import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { countersign, newRepository, type TestRepository, writeFiles } from './harness.ts';

/** No agent runs these tests, whoever runs them. */
const alone = {
  CLAUDECODE: '',
  CODEX_THREAD_ID: '',
  CODEX_SANDBOX: '',
  AI_AGENT: '',
  AGENT: '',
  CURSOR_AGENT: '',
  GEMINI_CLI: '',
  COPILOT_CLI: '',
  OPENCODE: '',
};

function underCountersign(config = 'version: 1\n'): TestRepository {
  const repository = newRepository();
  writeFiles(repository.folder, { '.countersign/config.yaml': config });
  return repository;
}

const declare = (cwd: string, args: string[], env: Record<string, string> = {}) =>
  countersign(['declare', ...args], { cwd, env: { ...alone, ...env } });

test('what is declared waits for the commit, is shown, and dropped', async () => {
  const { folder, git } = underCountersign();
  const ran = await declare(folder, ['--model', 'claude-opus-4-6', '--context', 'Wrote the tests'], {
    CLAUDECODE: '1',
    CLAUDE_CODE_SESSION_ID: 'abc',
  });
  assert.equal(ran.code, 0, ran.stderr);
  assert.equal(ran.stdout, '');
  assert.match(
    ran.stderr,
    /^Declared for the next commit: model claude-opus-4-6, context Wrote the tests, timestamp \S+Z, by claude-code$/m,
  );
  assert.equal(git(['status', '--porcelain']), '?? .countersign/');
  const shown = await declare(folder, ['--show']);
  assert.equal(shown.code, 0);
  assert.match(shown.stdout, /^\d{4}-\S+Z {2}model claude-opus-4-6, context Wrote the tests, .*by claude-code\n$/);
  const [declaration, ...more] = JSON.parse((await declare(folder, ['--show', '--format', 'json'])).stdout);
  assert.deepEqual(more, []);
  assert.equal(declaration.session, 'abc');
  assert.deepEqual(declaration.values.model, ['claude-opus-4-6']);
  const cleared = await declare(folder, ['--clear']);
  assert.equal(cleared.code, 0);
  assert.match(cleared.stderr, /1 declaration dropped/);
  const none = await declare(folder, ['--show']);
  assert.equal(none.stdout, '');
  assert.match(none.stderr, /Nothing is declared/);
});

test('files are meant from where the command runs, in whatever way they are given', async () => {
  const { folder } = underCountersign();
  mkdirSync(join(folder, 'src', 'deep ü'), { recursive: true });
  const args = ['--model', 'x', '--format', 'json', '--files', 'a b.ts', '../c.ts', join(folder, 'd.ts')];
  const ran = await declare(join(folder, 'src', 'deep ü'), args);
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(JSON.parse(ran.stdout).files, ['src/deep ü/a b.ts', 'src/c.ts', 'd.ts']);
  const elsewhere = await declare('/', ['-C', folder, '--model', 'y', '--format', 'json', '--files', 'src/e.ts']);
  assert.deepEqual(JSON.parse(elsewhere.stdout).files, ['src/e.ts']);
  const outside = await declare(folder, ['--model', 'x', '--files', '../else.ts']);
  assert.equal(outside.code, 2);
  assert.match(outside.stderr, /no path within the repository/);
});

test('several models and fields of the repository; a value that the policy will not take is declared, and said', async () => {
  const { folder } = underCountersign('version: 1\ntrailers: { model: AI-Model, ticket: Ticket }\n');
  writeFiles(folder, {
    '.countersign/data/approved-models.yaml':
      'approved_models:\n  models:\n    - name: Good\n      match: ["good-*"]\n',
  });
  const ran = await declare(folder, [
    '--model',
    'good-1',
    '--model',
    'bad-1',
    '--field',
    'ticket=T-1=2',
    '--format',
    'json',
  ]);
  assert.equal(ran.code, 0, ran.stderr);
  assert.deepEqual(JSON.parse(ran.stdout).values, { model: ['good-1', 'bad-1'], ticket: ['T-1=2'] });
  assert.match(ran.stderr, /^note: model: bad-1 is not an approved model/m);
  assert.doesNotMatch(ran.stderr, /good-1 is not/);
});

const secret = `npm_${'a1B2'.repeat(9)}`;
const refused: [name: string, args: string[], message: RegExp][] = [
  ['nothing', [], /nothing to declare/],
  ['a secret', ['--model', 'x', '--context', `with ${secret}`], /context is refused.*npm access token/],
  ['an approver', ['--model', 'x', '--field', 'approver=Ann <ann@example.com>'], /approver is not declared/],
  ['an unknown field', ['--model', 'x', '--field', 'modle=y'], /no disclosure field "modle"/],
  ['a field without a value', ['--field', 'model'], /name=value/],
  ['an empty model', ['--model', ''], /model is empty/],
  ['showing and declaring', ['--model', 'x', '--show'], /Give either values/],
  ['showing and dropping', ['--clear', '--show'], /Give either values/],
];
for (const [name, args, message] of refused) {
  test(`refused: ${name}`, async () => {
    const { folder } = underCountersign();
    const ran = await declare(folder, args);
    assert.equal(ran.code, 2, ran.stderr);
    assert.match(ran.stderr, message);
    assert.ok(!`${ran.stdout}${ran.stderr}`.includes(secret));
    assert.equal((await declare(folder, ['--show', '--format', 'json'])).stdout, '[]\n');
  });
}

test('where there is no Countersign nothing is declared, and nobody is stopped', async () => {
  const { folder } = newRepository();
  const ran = await declare(folder, ['--model', 'x']);
  assert.equal(ran.code, 0);
  assert.match(ran.stderr, /not under Countersign.*nothing is declared/);
  const nowhere = await declare('/', ['--model', 'x']);
  assert.equal(nowhere.code, 2);
});

test('a project that takes no AI is declared to all the same, and the agent is told', async () => {
  const { folder } = underCountersign('version: 1\ndisclosure: { profile: forbid }\n');
  const ran = await declare(folder, ['--model', 'x']);
  assert.equal(ran.code, 0, ran.stderr);
  assert.match(ran.stderr, /note: this project takes no contributions made with AI/);
  assert.match((await declare(folder, ['--show'])).stdout, /model x/);
});

test('hostile values do not reach the terminal as they are', async () => {
  const { folder } = underCountersign();
  const ran = await declare(folder, ['--model', 'x', '--context', 'a\nb\u202ec']);
  assert.equal(ran.code, 0, ran.stderr);
  const shown = await declare(folder, ['--show']);
  assert.ok(!shown.stdout.includes('\u202e'));
  assert.equal(shown.stdout.trim().split('\n').length, 1);
});

test('several at once are all kept', async () => {
  const { folder } = underCountersign();
  const all = await Promise.all(['a', 'b', 'c', 'd'].map((model) => declare(folder, ['--model', model])));
  assert.deepEqual(
    all.map(({ code }) => code),
    [0, 0, 0, 0],
  );
  const shown = JSON.parse((await declare(folder, ['--show', '--format', 'json'])).stdout) as unknown[];
  assert.equal(shown.length, 4);
  assert.equal(spawnSync('git', ['-C', folder, 'fsck', '--no-progress']).status, 0);
});
