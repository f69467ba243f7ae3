/** Gives HEAD another message, and nothing else. */

import { existsSync } from 'node:fs';
import path from 'node:path';
import { parseCommitObject } from './commit-object.ts';
import { openObjectReader } from './object-reader.ts';
import { type GitRepository, resolveRevision } from './repository.ts';
import { GitError, gitBytes } from './run.ts';

export interface AmendResult {
  /** HEAD's new id; the old one when the message was the same. */
  sha: string;
  /** It was signed before and is no longer: git signs anew only when `commit.gpgSign` says so. */
  signatureLost: boolean;
}

/** What is under way in a repository while one of these is in its git folder. */
const underWay: [string, string][] = [
  ['MERGE_HEAD', 'A merge'],
  ['rebase-merge', 'A rebase'],
  ['rebase-apply', 'A rebase'],
  ['CHERRY_PICK_HEAD', 'A cherry-pick'],
  ['REVERT_HEAD', 'A revert'],
  ['BISECT_LOG', 'A bisection'],
];

/**
 * The message of a commit (full id), to be written back changed.
 *
 * Errors (`GitError`): `refused` when some of its bytes cannot be read: they would be lost.
 */
export async function readCommitMessage(repository: GitRepository, commit: string): Promise<string> {
  const { message, lossless } = await readCommit(repository, commit);
  if (lossless) return message;
  throw new GitError(
    'refused',
    `The message of ${commit.slice(0, 10)} has bytes that its encoding does not explain, and they would be lost. Reword it with: git commit --amend`,
  );
}

/**
 * Replaces HEAD's message through `git commit --amend`: author, author date and tree stay, nothing
 * staged comes along, no editor opens. The hooks pre-commit and commit-msg do not run (the content
 * has passed them); prepare-commit-msg, post-commit and post-rewrite do. The new message is stored
 * as UTF-8.
 *
 * Errors (`GitError`): `refused` when `revision` is not HEAD, or a merge, rebase or the like is under way.
 */
export async function amendMessage(
  repository: GitRepository,
  message: string,
  revision = 'HEAD',
): Promise<AmendResult> {
  const head = await refuseUnlessAmendable(repository, revision);
  const before = await readCommit(repository, head);
  if (before.message === message) return { sha: head, signatureLost: false };
  const args = ['commit', '--amend', '--only', '--quiet', '--no-verify', '--allow-empty', '--no-edit'];
  await gitBytes(
    repository,
    ['-c', 'i18n.commitEncoding=UTF-8', ...args, '--cleanup=verbatim', '--allow-empty-message', '--file=-'],
    message,
  );
  const sha = await resolveRevision(repository, 'HEAD');
  const signed = /^gpgsig/m;
  return { sha, signatureLost: signed.test(before.head) && !signed.test((await readCommit(repository, sha)).head) };
}

/** A merge, rebase or the like that is not finished, in words; undefined when there is none. */
export function operationUnderWay(repository: GitRepository): string | undefined {
  return underWay.find(([file]) => existsSync(path.join(repository.gitDir, file)))?.[1];
}

/** Resolves to HEAD's id when its message can be replaced now. */
async function refuseUnlessAmendable(repository: GitRepository, revision: string): Promise<string> {
  if (repository.bare)
    throw new GitError('refused', 'A bare repository has no commit to amend: use a clone with a work tree.');
  const what = operationUnderWay(repository);
  if (what) throw new GitError('refused', `${what} is under way: finish or abort it first, then stamp the commit.`);
  const [head, wanted] = [await resolveRevision(repository, 'HEAD'), await resolveRevision(repository, revision)];
  if (head !== wanted) {
    throw new GitError(
      'refused',
      `Only the last commit can be amended, and ${revision} is not it. Name older ones as a range, such as ${wanted.slice(0, 10)}~..${wanted.slice(0, 10)}, or reword them with: git rebase --interactive ${wanted.slice(0, 10)}^`,
    );
  }
  return head;
}

interface RawCommit {
  message: string;
  /** No byte of the message was cut off or replaced. */
  lossless: boolean;
  head: string;
}

async function readCommit(repository: GitRepository, commit: string): Promise<RawCommit> {
  const reader = openObjectReader(repository);
  try {
    reader.ask([commit]);
    const object = await reader.next();
    if (object?.type !== 'commit')
      throw new GitError('failed', `Commit ${commit} is missing or damaged. See: git fsck`);
    const split = object.bytes.indexOf('\n\n');
    const { message } = parseCommitObject(object.bytes);
    const raw = object.bytes.subarray(split < 0 ? object.bytes.length : split + 2);
    return {
      message,
      lossless: raw.equals(Buffer.from(message)) || !(message.includes('\ufffd') || raw.includes(0)),
      head: object.bytes.toString('latin1', 0, split < 0 ? undefined : split),
    };
  } finally {
    await reader.close();
  }
}
