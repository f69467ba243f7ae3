import assert from 'node:assert/strict';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { readWorkTreeHome } from '../../../core/disclosure/home.ts';
import { openRepository } from '../../../core/git/repository.ts';
import { declare } from '../../../core/prefill/declarations.ts';
import { gatherKnown } from '../../../core/prefill/gather.ts';
import { makeRepository } from '../../support/repository.ts';
import { openProject, project, sample, told } from './support.ts';

test('nothing suggests AI: no evidence, and only the present time is known', async (t) => {
  const { gather } = await project(t);
  assert.deepEqual(await gather({ message: 'Fix\n', now: new Date('2026-06-01T12:00:00Z') }), {
    values: [
      {
        field: 'timestamp',
        value: '2026-06-01T12:00:00Z',
        source: 'git',
        certainty: 'inferred',
        detail: 'the present time',
      },
    ],
    evidence: [],
  });
});

test('best first: recorded before inferred, then by source; a model in another spelling is said once', async (t) => {
  const { gather, repository, home, commit, write, root, git, userHome } = await project(t);
  await commit('Before\n\nAI-Model: of-before\n', { author: 'Ann <ann@example.com>' });
  await write('src/a.ts', '9\n');
  await git('add', 'src/a.ts');
  const now = new Date();
  await write('.agent-trace/traces.jsonl', await sample('agent-trace.jsonl', { root, time: now.toISOString() }));
  await declare(repository, home, { values: { model: ['claude-opus-4-5'] } }, { now, environment: {} });
  const known = await gather({
    now,
    environment: { HOME: userHome, GIT_AUTHOR_EMAIL: 'ann@example.com' },
    message:
      'Fix\n\nAI-Model: mistral-large-3\nCo-authored-by: Claude Opus 4.6 <noreply@anthropic.com>\nCo-authored-by: Claude Opus 4.5 <noreply@anthropic.com>\n',
  });
  assert.deepEqual(told(known, 'model'), [
    'model=claude-opus-4-5 declaration recorded',
    'model=mistral-large-3 message recorded',
    'model=openai/gpt-5.2 agent-trace recorded',
    'model=google/gemini-2.5-pro agent-trace recorded',
    'model=claude-opus-4.6 message inferred',
    'model=of-before previous inferred',
  ]);
});

test('the time is the latest use that is known; the message’s own stands', async (t) => {
  const { gather, repository, home } = await project(t);
  const now = new Date();
  const at = async (time: string, model: string) =>
    declare(repository, home, { values: { model: [model], timestamp: [time] } }, { now, environment: {} });
  await at('2026-01-01T00:00:00Z', 'a');
  await at('2026-03-01T02:00:00+02:00', 'b');
  await at('2026-02-01T00:00:00Z', 'c');
  assert.deepEqual(told(await gather(), 'timestamp'), ['timestamp=2026-03-01T02:00:00+02:00 declaration recorded']);
  const message = 'Fix\n\nAI-Timestamp: 2025-01-01T00:00:00Z\n';
  assert.deepEqual(told(await gather({ message }), 'timestamp'), ['timestamp=2025-01-01T00:00:00Z message recorded']);
});

test('only fields that the configuration has are known', async (t) => {
  const { gather, write, ...here } = await project(t);
  await write('.countersign/config.yaml', 'version: 1\ntrailers: { model: Assisted-Model, ticket: Ticket }\n');
  const renewed = await openProject({ write, ...here });
  const known = await renewed.gather({ message: 'Fix\n\nAssisted-Model: x\nTicket: T-1\nAI-Context: y\n' });
  assert.deepEqual(told(known), ['model=x message recorded', 'ticket=T-1 message recorded']);
});

test('a source that fails harms no other, and says what failed', async (t) => {
  const { repository, home, userHome } = await project(t);
  const logged: string[] = [];
  // A file where a folder should be, and a HEAD that leads nowhere.
  await writeFile(join(repository.gitDir, 'countersign'), 'x');
  await rm(join(repository.gitDir, 'objects'), { recursive: true });
  const known = await gatherKnown(repository, home, {
    now: new Date(),
    budgetMs: 60_000,
    log: (text) => logged.push(text),
    environment: { HOME: userHome, CLAUDECODE: '1', GIT_AUTHOR_EMAIL: 'ann@example.com' },
    message: 'Fix\n\nAI-Model: x\n',
  });
  assert.deepEqual(told(known, 'model'), ['model=x message recorded']);
  assert.equal(known.evidence.length, 1);
  assert.ok(
    logged.some((text) => text.startsWith('previous: ')),
    logged.join('\n'),
  );
});

test('what takes too long is left out and said; what is at hand is not', {
  skip: process.platform === 'win32',
}, async (t) => {
  const { repository, home, userHome } = await project(t);
  const slow = join(userHome, 'bin');
  await mkdir(slow);
  const script = `#!/bin/sh\nPATH=\${PATH#*:}\ncase " $* " in *" log "*) sleep 4;; esac\nexec git "$@"\n`;
  await writeFile(join(slow, 'git'), script, { mode: 0o755 });
  const PATH = `${slow}:${repository.environment.PATH}`;
  await declare(repository, home, { values: { model: ['x'] } }, { now: new Date(), environment: {} });
  const logged: string[] = [];
  const known = await gatherKnown({ ...repository, environment: { ...repository.environment, PATH } }, home, {
    environment: { GIT_AUTHOR_EMAIL: 'ann@example.com' },
    message: 'Fix\n\nAI-Model: y\n',
    now: new Date(),
    budgetMs: 100,
    log: (text) => logged.push(text),
  });
  assert.deepEqual(told(known, 'model'), ['model=x declaration recorded', 'model=y message recorded']);
  assert.ok(logged.includes('previous: took too long and is left out'), logged.join('\n'));
});

test('a cancelled gathering rejects with the reason', async (t) => {
  const { gather } = await project(t);
  await assert.rejects(gather({ signal: AbortSignal.abort(new Error('not now')) }), /not now/);
});

test('before the first commit, in a folder with spaces, and with an index of its own', async (t) => {
  const repo = await makeRepository(t);
  await repo.write('.countersign/config.yaml', 'version: 1\n');
  await repo.write('src/a.ts', '1\n');
  await repo.git('add', 'src/a.ts');
  const fresh = await openProject(repo);
  const text = await sample('git-ai-checkpoints.jsonl');
  await repo.write('.git/ai/working_logs/initial/checkpoints.jsonl', text);
  assert.deepEqual(told(await fresh.gather(), 'model'), ['model=claude-opus-4-6 git-ai recorded']);
  // `git commit FILE` gives hooks another index.
  const index = join(repo.root, '.git', 'other index');
  const environment = { ...repo.environment, GIT_INDEX_FILE: index, GIT_DIR: join(repo.root, '.git') };
  const repository = await openRepository(repo.root, { environment, inherit: true });
  const home = await readWorkTreeHome(repo.root);
  assert.ok(home);
  const known = await gatherKnown(repository, home, { environment: {}, now: new Date(), budgetMs: 60_000 });
  assert.deepEqual(known.evidence, [], 'nothing is staged there');
});

test('with `all`, changes that are not staged count', async (t) => {
  const { gather, write, root, commit } = await project(t);
  await commit('All\n', { date: `${Math.floor(Date.now() / 1000) - 1000} +0000` });
  await write('src/a.ts', '2\n');
  await write('.agent-trace/traces.jsonl', await sample('agent-trace.jsonl', { root, time: new Date().toISOString() }));
  assert.deepEqual((await gather()).evidence, []);
  assert.equal((await gather({ all: true })).evidence.length, 3);
});

test('what was done after a commit was made is not about it', async (t) => {
  const { gather, root, write, commit, repository, home } = await project(t);
  const made = await commit('A\n', { date: `${Math.floor(Date.now() / 1000) - 1000} +0000` });
  const later = new Date();
  await write('.agent-trace/traces.jsonl', await sample('agent-trace.jsonl', { root, time: later.toISOString() }));
  await declare(repository, home, { values: { model: ['x'] } }, { now: later, environment: {} });
  assert.deepEqual((await gather({ made })).evidence, []);
  const before = new Date(later.getTime() - 1_100_000);
  await write('.agent-trace/traces.jsonl', await sample('agent-trace.jsonl', { root, time: before.toISOString() }));
  assert.equal((await gather({ made })).evidence.length, 3);
});

test('a commit that is made already: its files, its message and its note, not what is staged now', async (t) => {
  const { gather, write, git, gitBytes, root, commit, repository, home } = await project(t);
  await write('src/b.ts', '1\n');
  await git('reset', '--quiet', 'src/a.ts');
  await write('.git/info/exclude', 'a.ts\n');
  const made = await commit('B\n\nAI-Model: x\n', { date: `${Math.floor(Date.now() / 1000)} +0000` });
  await gitBytes(['notes', '--ref=ai', 'add', '-F', '-', made], await sample('git-ai-legacy.note'));
  const now = new Date();
  const about = async (model: string, files: string[]) =>
    declare(repository, home, { values: { model: [model] }, files }, { now, environment: {} });
  await about('of-b', ['src/b.ts']);
  await about('of-a', ['src/a.ts']);
  await git('add', '--force', 'src/a.ts');
  await write('.agent-trace/traces.jsonl', await sample('agent-trace.jsonl', { root, time: now.toISOString() }));
  assert.deepEqual(told(await gather({ made }), 'model'), [
    'model=of-b declaration recorded',
    'model=x message recorded',
    'model=claude-4.5-opus git-ai recorded',
    'model=gpt-5.2 git-ai recorded',
  ]);
  assert.equal(told(await gather(), 'model')[0], 'model=of-a declaration recorded');
  const root1 = await commit('Alone\n', { parents: [], date: `${Math.floor(Date.now() / 1000)} +0000` });
  assert.equal(told(await gather({ made: root1 }), 'model').length > 0, true, 'a first commit');
});
