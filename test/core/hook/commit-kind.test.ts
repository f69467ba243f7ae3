import assert from 'node:assert/strict';
import test from 'node:test';
import { commitKind, type HookFacts } from '../../../core/hook/commit-kind.ts';
import { foldedCommits, lastStep, squashedCommits } from '../../../core/hook/under-way.ts';

const one = '1'.repeat(40);
const two = '2'.repeat(40);
const facts = (given: Partial<HookFacts>): HookFacts => ({
  source: 'message',
  underWay: { merging: false },
  file: 'COMMIT_EDITMSG',
  edited: false,
  ...given,
});

test('a commit that someone makes is new, whatever its message comes from', () => {
  for (const source of ['', 'message', 'template', 'merge', 'commit'] as const) {
    assert.deepEqual(commitKind(facts({ source, revision: 'topic' }), 'Title\n'), { kind: 'new' });
  }
});

test('--amend takes the place of HEAD, in a rebase that stopped, too', () => {
  const amend = { source: 'commit', revision: 'HEAD' } as const;
  assert.deepEqual(commitKind(facts(amend), 'T\n'), { kind: 'amend' });
  const stopped = { merging: false, rebase: { folding: [], step: { command: 'edit', commit: one } } };
  assert.deepEqual(commitKind(facts({ ...amend, underWay: stopped }), 'T\n', 'T\n'), { kind: 'amend' });
  const reworded = { merging: false, rebase: { folding: [], step: { command: 'reword', commit: one } } };
  assert.deepEqual(commitKind(facts({ ...amend, underWay: reworded }), 'T\n', 'T\n'), { kind: 'again', of: one });
});

test('what git picks is made again; what a person writes beside it is new', () => {
  const underWay = { merging: false, picking: one };
  assert.deepEqual(commitKind(facts({ underWay }), 'T\n\nBody\n', 'T\n\n\nBody \n'), { kind: 'again', of: one });
  const marked = `T\n\nX: 1\n(cherry picked from commit ${one})\n`;
  assert.deepEqual(commitKind(facts({ underWay }), marked, 'T\n\nX: 1\n'), { kind: 'again', of: one });
  assert.deepEqual(commitKind(facts({ underWay }), 'Another\n', 'T\n'), { kind: 'new' });
});

test('a merge that git concludes is its own; one that a person concludes is new', () => {
  const underWay = { merging: true };
  assert.deepEqual(commitKind(facts({ source: 'merge', underWay, file: 'MERGE_MSG' }), 'Merge\n'), { kind: 'again' });
  assert.deepEqual(commitKind(facts({ source: 'merge', underWay }), 'Merge\n'), { kind: 'new' });
});

test('squashes and fixups fold commits, oldest first', () => {
  const underWay = { merging: false, rebase: { folding: [one, two] } };
  assert.deepEqual(commitKind(facts({ underWay }), 'T\n'), { kind: 'folded', of: [one, two], intoHead: true });
  const squashed = `Squashed commit of the following:\n\ncommit ${two}\nAuthor: A\n\n    T\n\ncommit ${one}\n`;
  assert.deepEqual(commitKind(facts({ underWay: { merging: false, squashed } }), 'T\n'), {
    kind: 'folded',
    of: [one, two],
    intoHead: false,
  });
});

test("git's own files are read", () => {
  assert.deepEqual(foldedCommits(`fixup ${one}\nsquash ${two}`), [one, two]);
  assert.deepEqual(foldedCommits('nonsense\n'), []);
  assert.deepEqual(lastStep(`pick ${one} # First\nreword ${two} Second\n`), { command: 'reword', commit: two });
  assert.deepEqual(lastStep(`p ${one.slice(0, 7)} First\n`), { command: 'pick', commit: one.slice(0, 7) });
  assert.deepEqual(lastStep(`merge -C ${one} topic # Merge\n`), { command: 'merge', commit: one });
  for (const none of ['', 'exec make test\n', 'break\n', 'label onto\n']) assert.equal(lastStep(none), undefined, none);
  assert.deepEqual(squashedCommits(`    commit ${one}\ncommit ${two}\n`), [two]);
});
