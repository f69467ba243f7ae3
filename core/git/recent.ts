/** The newest commits, as a list to choose from. */
import type { GitRepository } from './repository.ts';
import { GitError, git } from './run.ts';

export interface CommitHead {
  /** Full id. */
  sha: string;
  subject: string;
  /** The author's name. */
  author: string;
  /** When it was committed, RFC 3339. */
  time: string;
}

/** The newest commits of HEAD, newest first; none before the first commit. */
export async function lastCommitHeads(repository: GitRepository, { limit }: { limit: number }): Promise<CommitHead[]> {
  const format = '%H%x00%s%x00%an%x00%cI%x00';
  const args = [
    'log',
    `--max-count=${Math.max(0, Math.floor(limit))}`,
    '--no-show-signature',
    `--format=${format}`,
    'HEAD',
    '--',
  ];
  const text = await git(repository, args).catch((error: unknown) => {
    if (error instanceof GitError && /bad revision|unknown revision/.test(error.message)) return '';
    throw error;
  });
  const fields = text.split('\0');
  const commits: CommitHead[] = [];
  for (let at = 0; at + 3 < fields.length; at += 4) {
    const [sha = '', subject = '', author = '', time = ''] = fields.slice(at, at + 4);
    commits.push({ sha: sha.trim(), subject, author, time });
  }
  return commits;
}

/** One entry of HEAD's reflog. */
export interface Move {
  /** Full ids; `from` is absent for the oldest entry that was read. */
  to: string;
  from?: string;
  /** How: `commit: …`, `commit (amend): …`, `rebase (pick): …`, `checkout: …`. */
  action: string;
  /** Seconds since the epoch. */
  at: number;
}

/** What moved HEAD of late, the latest first; empty without a reflog. */
export async function recentMoves(repository: GitRepository, { limit }: { limit: number }): Promise<Move[]> {
  const format = '--format=%H%x00%gd%x00%gs%x00';
  const args = ['log', '--walk-reflogs', `--max-count=${limit + 1}`, '--date=unix', '--no-show-signature', format];
  const text = await git(repository, [...args, 'HEAD', '--']).catch((error: unknown) => {
    // No commit yet, or no reflog.
    if (error instanceof GitError && error.exitCode === 128) return '';
    throw error;
  });
  const fields = text.split('\0');
  const moves: Move[] = [];
  for (let at = 0; at + 2 < fields.length; at += 3) {
    const [to = '', when = '', action = ''] = fields.slice(at, at + 3);
    moves.push({ to: to.trim(), action, at: Number(/@\{(\d+)/.exec(when)?.[1] ?? Number.NaN) });
  }
  for (const [at, move] of moves.entries()) {
    const before = moves[at + 1];
    if (before) move.from = before.to;
  }
  return moves;
}

/** What moved HEAD last, by its reflog: to which commit, and how (`commit: …`, `rebase (finish): …`). Undefined without a reflog. */
export async function lastMove(repository: GitRepository): Promise<{ sha: string; action: string } | undefined> {
  const text = await git(repository, ['log', '--walk-reflogs', '--max-count=1', '--format=%H%x00%gs', 'HEAD', '--']);
  const [sha = '', action = ''] = text.replace(/\r?\n$/, '').split('\0');
  return sha === '' ? undefined : { sha, action };
}
