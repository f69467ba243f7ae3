/** Whether the commit was made that the hooks let pass: by HEAD's reflog, or, where there is none, by HEAD itself. */
import { readHead } from '../git/pending.ts';
import { type Move, recentMoves } from '../git/recent.ts';
import type { GitRepository } from '../git/repository.ts';

/** Where HEAD was when a commit was about to be made. */
export interface HeadMark {
  /** Full id; absent before the first commit. */
  head?: string;
  /** The last entry of HEAD's reflog then; absent without one. Its time is no help: git takes it before it calls the hooks. */
  move?: string;
}

/** As many moves of HEAD as a long rebase makes. */
const limit = 1000;

/** Moves that make a commit of what HEAD was; others go elsewhere. */
const makesCommit = /^(?:commit\b|(?:cherry-pick|revert)\b|merge .*: (?!Fast-forward)|rebase \((?!start|finish|abort))/;

/** What HEAD is now. */
export async function markHead(repository: GitRepository): Promise<HeadMark> {
  const [last] = await recentMoves(repository, { limit: 1 });
  if (last) return { head: last.to, move: markOf(last) };
  const head = await readHead(repository);
  return head ? { head: head.id } : {};
}

/** Reads what happened to HEAD, and tells of each mark whether a commit was made since. */
export async function commitMadeSince(repository: GitRepository): Promise<(mark: HeadMark) => boolean> {
  const [moves, head] = await Promise.all([recentMoves(repository, { limit }), readHead(repository)]);
  return ({ head: before, move }) => {
    if (before === undefined && moves.length > 0) return /^commit \(initial\)/.test(moves[0]?.action ?? '');
    if (moves.length === 0 || move === undefined) return head?.id !== before;
    const known = moves.findIndex((one) => one.to === before && markOf(one) === move);
    const since = known < 0 ? moves : moves.slice(0, known);
    return since.some(({ from, action }) => from === before && makesCommit.test(action));
  };
}

function markOf({ at, action }: Move): string {
  return `${at} ${action}`;
}
