/** What policies judge of a real commit, as an input to evaluate with: what `countersign input` prints. */

import { stagedInput, workTreePolicies } from '../../../core/decision/decide-commit.ts';
import { changeCommits, changeFrame, readChange } from '../../../core/decision/input.ts';
import { findCommit } from '../../../core/git/refs.ts';
import { repositoryAt } from '../../commit/repository-at.ts';

/**
 * The commit alone, as the change of a base that is its first parent, by the work tree's configuration and exceptions;
 * or the commit that would be made of what is staged now. Nobody is asked over the network. Rejects with a reason for
 * people.
 *
 * @param folder URI
 */
export async function evaluationInput(
  folder: string,
  what: { commit: string } | 'staged',
  now: Date,
  signal: AbortSignal,
): Promise<string> {
  const repository = await repositoryAt(folder);
  if (what === 'staged') return JSON.stringify(await stagedInput(repository, { message: '', messageFile: false }, now));
  const head = await findCommit(repository, what.commit);
  if (head === undefined) throw new Error(`there is no commit ${JSON.stringify(what.commit)}.`);
  const [policies, base, { withApprovals }, { withCodeOwners }] = await Promise.all([
    workTreePolicies(repository.root),
    findCommit(repository, `${head}^`),
    import('../../../core/approval/in-input.ts'),
    import('../../../core/forge/in-input.ts'),
  ]);
  const facts = readChange(
    repository,
    {
      phase: 'change',
      ...(base !== undefined && { base, policy: base }),
      head,
      exclude: base === undefined ? [] : [base],
      compare: 'merge-base',
      baseName: `${what.commit}^`,
      headName: what.commit,
      source: 'an editor',
      notes: [],
    },
    signal,
  );
  const frame = await withCodeOwners(await changeFrame(facts, policies, now.toISOString()), repository, base);
  const found = withApprovals(repository, changeCommits(facts, policies.config), {
    policies,
    base: base ?? '0'.repeat(head.length),
    notes: facts.notes,
    now,
    signal,
  });
  const commits = [];
  for await (const batch of found) commits.push(...batch);
  return JSON.stringify({ ...frame, commits });
}
