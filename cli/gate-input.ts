/** What the gate judges, put together: also what `countersign input` prints, so that both are the same. */
import type { ChangeFacts } from '../core/decision/input.ts';
import type { GitRepository } from '../core/git/repository.ts';
import type { Commit, Input } from '../core/input.ts';
import type { PolicySet } from '../core/policies/policy-set.ts';
import type { Range } from '../core/range/range.ts';
import type { FactsOptions } from './gate-facts.ts';

/** Stands for a commit where there is none. */
export const nullId = '0'.repeat(40);

export interface GateInputOptions {
  range: Range;
  policies: PolicySet;
  /** The folder that the policies were loaded from, when it was one. */
  folder?: string;
  /** RFC 3339: the time of the decision. */
  now: string;
  /** Where the code host's facts are from; nobody is asked when absent. */
  asked?: FactsOptions;
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
  { range, policies, folder, now, asked }: GateInputOptions,
): Promise<GateInput> {
  const [{ changeCommits, changeFrame }, { withApprovals }, { withCodeOwners }] = await Promise.all([
    import('../core/decision/input.ts'),
    import('../core/approval/in-input.ts'),
    import('../core/forge/in-input.ts'),
  ]);
  const owned = await withCodeOwners(await changeFrame(facts, policies, now), repository, range.policy);
  const frame = asked === undefined ? owned : await withTold(repository, owned, { range, policies, asked });
  const commits = withApprovals(repository, changeCommits(facts, policies.config), {
    policies,
    ...(folder !== undefined && { folder }),
    base: range.policy ?? nullId,
    notes: facts.notes,
    now: new Date(now),
  });
  return { frame, commits };
}

/** The frame with what the code host tells; people are told what it does not. */
async function withTold(
  git: GitRepository,
  frame: GateInput['frame'],
  { range: { head, phase }, policies, asked }: Required<Pick<GateInputOptions, 'range' | 'policies' | 'asked'>>,
): Promise<GateInput['frame']> {
  const { noteUnknown, readGateFacts } = await import('./gate-facts.ts');
  const { repository, change } = frame;
  const options = { options: asked, environment: process.env, repository, git, head, phase, policies };
  const told = await readGateFacts({ ...options, owners: change?.code_owners });
  if (told === undefined) return frame;
  noteUnknown(told);
  const { withForgeFacts } = await import('../core/forge/in-input.ts');
  return withForgeFacts(frame, told, policies.config);
}
