/** The range of a change under review: what its head has and its base has not, judged by the base's policy. */
import { DecisionError } from '../decision/decide.ts';
import { deepen, fetchBranch, fetchCommits, isRefusal } from '../git/fetch.ts';
import { ambiguousRefs, findCommit } from '../git/refs.ts';
import { type GitRepository, mergeBase, resolveRevision } from '../git/repository.ts';
import { GitError } from '../git/run.ts';
import { isWhole } from './history.ts';
import type { ChangeRequest, Range, Reach } from './range.ts';

/**
 * The range of a change. The base is the target branch as it is now, not the commit that the change
 * began at: whoever begins at an old commit is judged by today's policy all the same.
 *
 * Rejects with `DecisionError` or `GitError` when a commit is not to be had.
 */
export async function changeRange(
  repository: GitRepository,
  request: ChangeRequest,
  reach: Reach,
): Promise<{ range: Range; repository: GitRepository }> {
  const notes: string[] = [];
  const { base: target, name: baseName } = await readBase(repository, request, reach, notes);
  const head = await readCommit(repository, request.head, reach);
  const queued = request.queuedUpon === undefined ? undefined : await readCommit(repository, request.queuedUpon, reach);
  const base = queued ?? target;
  const whole = reach.fetch
    ? await deepen(repository, reach.remote, [...new Set([base, head, target])], (current) =>
        isWhole(current, head, [base]),
      )
    : repository;
  return {
    repository: whole,
    range: {
      phase: 'change',
      base,
      head,
      exclude: [],
      compare: 'merge-base',
      // What others have queued before has not landed yet: it must not judge what follows it.
      policy: queued === undefined ? target : ((await mergeBase(whole, target, queued)) ?? target),
      baseName,
      headName: request.head,
      ...(queued !== undefined && { mergeQueue: true }),
      source: request.source,
      notes,
    },
  };
}

/** The tip of the target branch, asked of the remote where that is allowed; else the revision that is given. */
async function readBase(
  repository: GitRepository,
  { target, base }: ChangeRequest,
  reach: Reach,
  notes: string[],
): Promise<{ base: string; name: string }> {
  if (target === undefined) {
    const name = base ?? `refs/remotes/${reach.remote}/HEAD`;
    return { base: await readCommit(repository, name, reach), name: base ?? `${reach.remote}/HEAD` };
  }
  const name = `${reach.remote}/${target}`;
  const tracking = `refs/remotes/${name}`;
  let refusal: string | undefined;
  if (reach.fetch) {
    refusal = await fetchBranch(repository, reach.remote, target).then(
      () => undefined,
      (error: unknown) => {
        if (!isRefusal(error)) throw error;
        return error.message;
      },
    );
  }
  const tip = await findCommit(repository, tracking);
  if (tip !== undefined) {
    if (refusal !== undefined) notes.push(`${name} could not be fetched anew, and is taken as it is here: ${refusal}`);
    return { base: tip, name };
  }
  const why = refusal ?? 'It was not fetched (--no-deepen).';
  if (base === undefined) {
    throw new DecisionError(
      `Cannot decide: the branch ${target}, which the change is to be merged into, is not here. ${why} Fetch it first: git fetch ${reach.remote} +refs/heads/${target}:${tracking}`,
    );
  }
  notes.push(
    `The branch ${target} is not here, so the policy is that of ${base.slice(0, 10)}, which may be older than the branch's. ${why}`,
  );
  return { base: await readCommit(repository, base, reach), name: base };
}

/** A revision's commit, asked of the remote by its id where it is not here and that is allowed. */
export async function readCommit(repository: GitRepository, revision: string, reach: Reach): Promise<string> {
  const candidates = await ambiguousRefs(repository, revision);
  if (candidates.length > 0) {
    throw new GitError(
      'unknown-revision',
      `${JSON.stringify(revision)} could be ${candidates.join(' or ')}: write which one in full.`,
    );
  }
  const found = await findCommit(repository, revision);
  if (found !== undefined) return found;
  if (reach.fetch && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(revision)) {
    const refusal = await fetchCommits(repository, reach.remote, [revision]).then(
      () => undefined,
      (error: unknown) => {
        if (!isRefusal(error)) throw error;
        return error;
      },
    );
    if (refusal) {
      throw new DecisionError(
        `Cannot decide: the commit ${revision} is not here, and ${reach.remote} does not give it: ${refusal.message}`,
        [],
        refusal,
      );
    }
  }
  return resolveRevision(repository, revision).catch((error: unknown) => {
    // It may well exist; this clone cannot tell.
    if (repository.shallow && error instanceof Error) throw new DecisionError(error.message, [], error);
    throw error;
  });
}
