import assert from 'node:assert/strict';
import { rename } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import fc from 'fast-check';
import { gitAiEvidence, parseGitAiNote } from '../../../core/prefill/git-ai.ts';
import { openProject, project, sample, told } from './support.ts';

test('a note of sessions: who wrote how many lines of what; people and sessions without lines are left out', async () => {
  assert.deepEqual(parseGitAiNote(await sample('git-ai-sessions.note')), [
    { tool: 'cursor', model: 'claude-sonnet-4-5-20250929', lines: 23, files: ['src/parser.ts'] },
    { tool: 'codex', lines: 5, files: ['src/two words.ts'] },
  ]);
  assert.deepEqual(gitAiEvidence(await sample('git-ai-sessions.note')), [
    { source: 'git-ai', detail: 'cursor wrote 23 lines in src/parser.ts', model: 'claude-sonnet-4-5-20250929' },
    { source: 'git-ai', detail: 'codex wrote 5 lines in src/two words.ts' },
  ]);
});

test('a note of the older form; CRLF; what is no such note has no sessions', async () => {
  const note = await sample('git-ai-legacy.note');
  const sessions = [
    { tool: 'cursor', model: 'claude-4.5-opus', lines: 16, files: ['src/main.ts'] },
    { tool: 'copilot', model: 'gpt-5.2', lines: 1, files: ['src/main.ts'] },
  ];
  assert.deepEqual(parseGitAiNote(note), sessions);
  assert.deepEqual(parseGitAiNote(note.replaceAll('\n', '\r\n')), sessions);
  for (const other of [
    '',
    '---',
    'text\n---\nno JSON',
    note.replace('authorship/3', 'authorship/4'),
    '---\n[]',
    '{}',
  ]) {
    assert.deepEqual(parseGitAiNote(other), [], other);
  }
});

test('no note makes reading fail', async () => {
  const lines = fc.constantFrom(
    'a.ts',
    '  s_x::t_y 1-2',
    '  h_ 3',
    '---',
    '{"schema_version":"authorship/3.0.0"}',
    '  __proto__ 1',
    '  constructor 9-1',
  );
  const metadata = fc
    .json()
    .map((text) => `{"schema_version":"authorship/3.0.0","sessions":${text},"prompts":${text}}`);
  fc.assert(
    fc.property(fc.array(lines), fc.oneof(metadata, fc.string()), (all, end) => {
      for (const { lines: count } of parseGitAiNote([...all, '---', end].join('\n'))) assert.ok(count >= 0);
    }),
  );
});

test('the notes of commits that the new one takes the place of are read, others not', async (t) => {
  const { repository, git, gitBytes, gather, commit } = await project(t);
  const head = await commit('Second\n');
  await gitBytes(['notes', '--ref=ai', 'add', '-F', '-', head], await sample('git-ai-legacy.note'));
  assert.deepEqual(told(await gather(), 'model'), []);
  const known = await gather({ replaces: [head] });
  assert.deepEqual(told(known, 'model'), ['model=claude-4.5-opus git-ai recorded', 'model=gpt-5.2 git-ai recorded']);
  assert.equal(known.values.find(({ field }) => field === 'model')?.detail, `note of git-ai on ${head.slice(0, 10)}`);
  assert.equal(
    known.evidence[0]?.detail,
    `cursor wrote 16 lines in src/main.ts (note of git-ai on ${head.slice(0, 10)})`,
  );
  // Squashed, git itself says which commits there were.
  await git('checkout', '--quiet', '-b', 'other', 'HEAD~1');
  await git('merge', '--squash', '--quiet', 'main');
  assert.ok(repository.gitDir);
  assert.deepEqual(told(await gather(), 'model'), [
    'model=claude-4.5-opus git-ai recorded',
    'model=gpt-5.2 git-ai recorded',
  ]);
});

test("git-ai's working log tells of staged files; damaged lines and other versions are left out", async (t) => {
  const { repository, gather, git, write, logged } = await project(t);
  const head = (await git('rev-parse', 'HEAD')).trim();
  const folder = `.git/ai/working_logs/${head}`;
  await write(`${folder}/checkpoints.jsonl`, await sample('git-ai-checkpoints.jsonl'));
  await write(`${folder}/INITIAL`, await sample('git-ai-initial.json'));
  const known = await gather();
  assert.deepEqual(told(known), [
    'model=claude-opus-4-6 git-ai recorded',
    'model=gpt-5.1-codex git-ai recorded',
    'timestamp=2024-01-01T00:00:00Z git-ai recorded',
  ]);
  assert.deepEqual(
    known.evidence.map(({ detail }) => detail),
    ['claude changed src/a.ts', 'codex changed src/a.ts'],
  );
  assert.deepEqual(logged, ['git-ai: a line of the working log is left out: no JSON']);
  // Of another base nothing is taken.
  await rename(
    join(repository.gitDir, 'ai', 'working_logs', head),
    join(repository.gitDir, 'ai', 'working_logs', `old-${head}`),
  );
  assert.deepEqual((await gather()).evidence, []);
});

test("a linked work tree has its own working log; the main one's is not taken for it", async (t) => {
  const main = await project(t);
  const head = (await main.git('rev-parse', 'HEAD')).trim();
  const linked = join(main.userHome, 'linked tree');
  await main.git('worktree', 'add', '--quiet', '-b', 'side', linked);
  const log = await sample('git-ai-checkpoints.jsonl');
  await main.write(`.git/ai/working_logs/${head}/checkpoints.jsonl`, log);
  const side = await openProject({ ...main, root: linked });
  await main.write('../linked tree/src/a.ts', '1\n');
  await main.git('-C', linked, 'add', 'src/a.ts');
  assert.deepEqual((await side.gather()).evidence, []);
  await main.write(`.git/ai/worktrees/linked tree/working_logs/${head}/checkpoints.jsonl`, log);
  const name = side.repository.gitDir.split(/[\\/]/).at(-1);
  await main.write(`.git/ai/worktrees/${name}/working_logs/${head}/checkpoints.jsonl`, log);
  assert.deepEqual(told(await side.gather(), 'model'), ['model=claude-opus-4-6 git-ai recorded']);
});
