/** The range of a push: what arrived at a ref, judged by the policy that was in force there before. */
import { DecisionError } from '../decision/decide.ts';
import { deepen, fetchCommits, isRefusal } from '../git/fetch.ts';
import { findCommit, idsOfRefs, isAncestor, objectType } from '../git/refs.ts';
import { type GitRepository, mergeBase } from '../git/repository.ts';
import { hasEntry } from '../git/tree.ts';
import type { Push } from '../input.ts';
import { home } from '../policies/load.ts';
import { type DefaultBranch, findDefaultBranch, isWhole, serverDefaultBranch } from './history.ts';
import { isNullId, type PushRequest, type Range, type Reach } from './range.ts';

/** Where a push is judged: in a clone, or by the server that receives it, whose refs were all judged when they came. */
export type PushPlace = Reach | 'server';

/**
 * The range of a push.
 *
 * - An updated branch: what it has and had not. It need not have grown: after a forced push, all that is new counts.
 * - A new branch or tag: what the default branch has not; on a server, what no branch or tag has. (In a clone, other
 *   branches' commits may never have been judged.)
 * - A deleted ref, or one that names no commit: nothing to judge.
 *
 * The policy is that of the branch as it was; for tags and new branches, and where it had none, that of the default
 * branch. Never that of what was pushed.
 *
 * Rejects with `DecisionError` when what was there before is not to be had.
 */
export async function pushRange(
  repository: GitRepository,
  request: PushRequest,
  place: PushPlace,
): Promise<{ range: Range; repository: GitRepository }> {
  const { ref, source } = request;
  const tag = ref.startsWith('refs/tags/');
  const notes: string[] = [];
  const main = await (place === 'server'
    ? serverDefaultBranch(repository)
    : findDefaultBranch(repository, request.defaultBranch, place));
  const isDefault = main !== undefined && ref === `refs/heads/${main.name}`;
  const before = await readBefore(repository, request, place, isDefault ? undefined : main, notes);
  const deleted = isNullId(request.after);
  const after = deleted ? undefined : await readAfter(repository, request.after, place);
  if (!deleted && after === undefined) notes.push(`${ref} names no commit: there is nothing to judge.`);
  if (deleted) notes.push(`${ref} was deleted: there is nothing to judge.`);

  const elsewhere = await judgedElsewhere(repository, request, place, isDefault ? undefined : main?.tip);
  const exclude = [...new Set([...(before === undefined ? [] : [before]), ...elsewhere])];
  const whole =
    place !== 'server' && place.fetch && after !== undefined
      ? await deepen(repository, place.remote, [after, ...exclude], (current) => isWhole(current, after, exclude))
      : repository;
  const mainTip = isDefault ? undefined : main?.tip;
  const base =
    before ?? (after !== undefined && mainTip !== undefined ? await mergeBase(whole, mainTip, after) : undefined);
  const forced = before !== undefined && after !== undefined && !(await isAncestor(whole, before, after));
  const push: Push = {
    ref,
    ...(request.before !== undefined && !isNullId(request.before) && { before: before ?? request.before }),
    after: after ?? request.after,
    kind: tag ? 'tag' : 'branch',
    ...(request.before !== undefined && isNullId(request.before) && { created: true }),
    ...(deleted && { deleted }),
    ...(forced && { forced }),
  };
  const policy = await policyOf(whole, tag || before === undefined ? [mainTip, before] : [before, mainTip]);
  if (policy === undefined && exclude.length === 0 && after !== undefined) {
    notes.push(`${ref} is the first that arrives here: nothing before it could hold a policy.`);
  }
  return {
    repository: whole,
    range: {
      phase: 'push',
      ...(base !== undefined && { base }),
      ...(after !== undefined && { head: after }),
      exclude,
      compare: 'base',
      ...(policy !== undefined && { policy }),
      baseName: before?.slice(0, 10) ?? (main && !isDefault ? main.name : 'nothing'),
      headName: shortName(ref),
      push,
      source,
      notes,
    },
  };
}

/** What the ref was: undefined when it is new, or when that cannot be known and the default branch can stand in for it. */
async function readBefore(
  repository: GitRepository,
  { before, ref }: PushRequest,
  place: PushPlace,
  main: DefaultBranch | undefined,
  notes: string[],
): Promise<string | undefined> {
  if (before !== undefined && isNullId(before)) return undefined;
  if (before !== undefined) {
    const found = await findOrFetch(repository, before, place);
    if (found !== undefined) return found;
    if ((await objectType(repository, before)) !== undefined) return undefined;
  }
  if (main?.tip === undefined) {
    throw new DecisionError(
      before === undefined
        ? `Cannot decide: nobody tells what ${ref} was before this push. Say it: countersign gate --push OLD NEW ${ref}`
        : `Cannot decide: ${before}, which ${ref} was before this push, is not here any more, and so it is not known what is new. Say where to begin: countersign gate --push OLD NEW ${ref}`,
    );
  }
  if (before !== undefined) {
    notes.push(
      `${before.slice(0, 10)}, which ${ref} was, is not here any more: all that ${main.name} has not is judged.`,
    );
  }
  return undefined;
}

async function readAfter(repository: GitRepository, after: string, place: PushPlace): Promise<string | undefined> {
  const found = await findOrFetch(repository, after, place);
  if (found !== undefined) return found;
  // A tag may mark a file or a folder.
  if ((await objectType(repository, after)) !== undefined) return undefined;
  throw new DecisionError(`Cannot decide: ${after}, which was pushed, is not here. Fetch it first.`);
}

async function findOrFetch(repository: GitRepository, name: string, place: PushPlace): Promise<string | undefined> {
  const found = await findCommit(repository, name);
  if (found !== undefined || place === 'server' || !place.fetch || !/^[0-9a-f]{40,64}$/.test(name)) return found;
  try {
    await fetchCommits(repository, place.remote, [name]);
  } catch (error) {
    // After a forced push the remote may have forgotten it.
    if (!isRefusal(error)) throw error;
  }
  return findCommit(repository, name);
}

/** The commits behind which all was judged when it arrived there. */
async function judgedElsewhere(
  repository: GitRepository,
  { before, ref }: PushRequest,
  place: PushPlace,
  main: string | undefined,
): Promise<string[]> {
  const created = before === undefined || isNullId(before) || ref.startsWith('refs/tags/');
  if (place === 'server' && created) return idsOfRefs(repository, ['refs/heads', 'refs/tags']);
  return main === undefined ? [] : [main];
}

/** The first of these commits that has a policy; else the first that there is. */
async function policyOf(
  repository: GitRepository,
  candidates: readonly (string | undefined)[],
): Promise<string | undefined> {
  const there = candidates.filter((commit) => commit !== undefined);
  for (const commit of there) if (await hasEntry(repository, commit, home)) return commit;
  return there[0];
}

function shortName(ref: string): string {
  return ref.replace(/^refs\/(heads|tags)\//, '');
}
