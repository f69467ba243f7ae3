/** Changes the messages of commits that exist, and takes their notes along. */

import { amendMessage, readCommitMessage } from '../git/amend.ts';
import { parseCommitObject } from '../git/commit-object.ts';
import { copyConfiguredNotes } from '../git/notes.ts';
import { openObjectReader } from '../git/object-reader.ts';
import { type GitRepository, resolveRevision } from '../git/repository.ts';
import { type RewriteResult, rewriteMessages } from '../git/rewrite.ts';
import { planRewrite, type RewriteConsent, type RewritePlan, unpushedAmong } from '../git/rewrite-plan.ts';
import { GitError } from '../git/run.ts';
import { carryNotes } from '../notes/carry.ts';

/** A commit whose message may change. */
export interface CommitToStamp {
  sha: string;
  message: string;
  /** RFC 3339: when it was written, before which its model was used. */
  authored: string;
  merge: boolean;
}

/** The new message, or the old one to leave the commit alone. */
export type ChangeMessage = (commit: CommitToStamp) => string | Promise<string>;

export interface RestampOptions extends RewriteConsent {
  now: Date;
  committer?: 'keep' | 'now';
  sign?: boolean;
  /** Plan and make messages, and write nothing. */
  dryRun?: boolean;
}

export interface Restamped {
  plan: RewritePlan;
  /** The commits (old ids) whose message is another now. */
  stamped: string[];
  /** Absent in a dry run. */
  result?: RewriteResult;
  /** What went wrong after the branch had moved, in words: the notes of some ref did not come along. */
  warnings: string[];
}

/**
 * Changes the messages of the commits that `targets` (revisions and ranges) name, see {@link planRewrite}
 * for what is refused.
 *
 * Errors: `GitError`, and what `change` throws; nothing has changed then.
 */
export async function restampCommits(
  repository: GitRepository,
  targets: readonly string[],
  change: ChangeMessage,
  options: RestampOptions,
): Promise<Restamped> {
  const plan = await planRewrite(repository, targets, options);
  const messages = new Map<string, string>();
  for (const commit of await readCommitsToStamp(repository, plan.targets)) {
    const message = await change(commit);
    if (message !== commit.message) messages.set(commit.sha, message);
  }
  const stamped = [...messages.keys()];
  if (options.dryRun) return { plan, stamped, warnings: [] };
  const result = await rewriteMessages(repository, plan, messages, { ...options, reason: 'countersign stamp' });
  return { plan, stamped, result, warnings: await takeNotesAlong(repository, [...result.renamed], 'rebase') };
}

/** Changes HEAD's message by `git commit --amend`, see {@link amendMessage}; `pushed`: the old commit is on a remote, or tagged. */
export async function restampHead(repository: GitRepository, revision: string, change: ChangeMessage) {
  const sha = await resolveRevision(repository, revision);
  // It refuses what amending would lose.
  await readCommitMessage(repository, sha);
  const [commit] = await readCommitsToStamp(repository, [sha]);
  if (!commit) throw new GitError('failed', `Commit ${sha} is missing or damaged. See: git fsck`);
  const pushed = !(await unpushedAmong(repository, [sha])).has(sha);
  const amended = await amendMessage(repository, await change(commit), revision);
  // Git itself takes the notes of the configured refs along.
  const warnings = await takeNotesAlong(repository, [[sha, amended.sha]]);
  return { before: sha, pushed: pushed && amended.sha !== sha, ...amended, warnings };
}

/** Reads commits (full ids) in one process. */
export async function readCommitsToStamp(
  repository: GitRepository,
  commits: readonly string[],
): Promise<CommitToStamp[]> {
  const reader = openObjectReader(repository);
  try {
    reader.ask([...commits]);
    const read: CommitToStamp[] = [];
    for (const sha of commits) {
      const object = await reader.next();
      if (object?.type !== 'commit') throw new GitError('failed', `Commit ${sha} is missing or damaged. See: git fsck`);
      const { message, author, parents } = parseCommitObject(object.bytes);
      read.push({ sha, message, authored: author.time, merge: parents.length > 1 });
    }
    return read;
  } finally {
    await reader.close();
  }
}

/** The commits have their new ids already: a note that does not come along is told, and no failure. */
async function takeNotesAlong(
  repository: GitRepository,
  renamed: readonly (readonly [old: string, current: string])[],
  command?: 'rebase',
): Promise<string[]> {
  const warnings: string[] = [];
  const steps: (() => Promise<unknown>)[] = [
    ...(command ? [() => copyConfiguredNotes(repository, renamed, command)] : []),
    () => carryNotes(repository, renamed),
  ];
  for (const step of steps) {
    try {
      await step();
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      warnings.push(`Notes of the old commits could not be taken along: ${error.message}`);
    }
  }
  return warnings;
}
