/** What the gate judges, put together: also what `countersign input` prints, so that both are the same. */
import type { ChangeFacts } from '../core/decision/input.ts';
import type { GitRepository } from '../core/git/repository.ts';
import type { Commit, Input } from '../core/input.ts';
import type { PolicySet } from '../core/policies/policy-set.ts';
import type { Range } from '../core/range/range.ts';

/** Stands for a commit where there is none. */
export const nullId = '0'.repeat(40);

export interface GateInputOptions {
  range: Range;
  policies: PolicySet;
  /** The folder that the policies were loaded from, when it was one. */
  folder?: string;
  /** RFC 3339: the time of the decision. */
  now: string;
}

/** An input in two parts: of long ranges the commits come a batch at a time. */
export interface GateInput {
  frame: Omit<Input, 'commits'>;
  commits: AsyncIterable<Commit[]>;
}

/** The input of a range whose facts are being read. */
export async function readGateInput(
  repository: GitRepository,
  facts: ChangeFacts,
  { range, policies, folder, now }: GateInputOptions,
): Promise<GateInput> {
  const [{ changeCommits, changeFrame }, { withApprovals }] = await Promise.all([
    import('../core/decision/input.ts'),
    import('../core/approval/in-input.ts'),
  ]);
  const frame = await changeFrame(facts, policies, now);
  const commits = withApprovals(repository, changeCommits(facts, policies.config), {
    policies,
    ...(folder !== undefined && { folder }),
    base: range.policy ?? nullId,
    notes: facts.notes,
    now: new Date(now),
  });
  return { frame, commits };
}
