/** Which commits git has made anew when it calls post-rewrite: what it says (githooks(5)), or what it left. */
import { readFile } from 'node:fs/promises';
import path from 'node:path';
import { recentMoves } from '../git/recent.ts';
import type { GitRepository } from '../git/repository.ts';

/** Full ids. */
export type Rewritten = [old: string, current: string];

/** Lines `OLD NEW [more]`; what is none is left out. */
export function readRewritten(lines: string): Rewritten[] {
  return [...lines.matchAll(/^([0-9a-f]{40,64}) ([0-9a-f]{40,64})(?: .*)?$/gm)].map(([, old = '', now = '']) => [
    old,
    now,
  ]);
}

/**
 * The same for a hook that is not handed what git says, as pre-commit's are: a rebase keeps the list until its hook has
 * run, and of an amended commit HEAD's reflog tells. Empty where neither does.
 *
 * @param command what git gives to the hook: `amend` or `rebase`
 */
export async function findRewritten(repository: GitRepository, command: string): Promise<Rewritten[]> {
  if (command === 'rebase') {
    // By the merge backend and by --apply: sequencer.c and builtin/am.c in git's sources (https://github.com/git/git).
    const lists = await Promise.all(
      ['rebase-merge/rewritten-list', 'rebase-apply/rewritten'].map((name) =>
        readFile(path.join(repository.gitDir, name), 'utf8').catch(() => ''),
      ),
    );
    return lists.flatMap(readRewritten);
  }
  if (command !== 'amend') return [];
  const [move] = await recentMoves(repository, { limit: 1 });
  if (move?.from === undefined || !/^(?:commit \(amend\)|rebase .*\(reword\))/.test(move.action)) return [];
  return [[move.from, move.to]];
}
