/** The gate's part about changes to the policies themselves: tries them, apart from what judges. */
import type { ChangeFacts } from '../core/decision/input.ts';
import type { GitRepository } from '../core/git/repository.ts';
import type { Input } from '../core/input.ts';
import type { PolicyImpact, Trial } from '../core/policies/impact.ts';
import type { PolicySet } from '../core/policies/policy-set.ts';
import type { Range } from '../core/range/range.ts';
import type { Verdict } from '../core/verdict.ts';
import type { Engine } from '../engine/engine.ts';

export interface PolicyTrial {
  /** The input with how the tests went. */
  frame: Omit<Input, 'commits'>;
  /** What the changed policies would have said beside this verdict; ends their engine. */
  impact(verdict: Verdict): Promise<PolicyImpact>;
}

export interface TrialOptions {
  range: Range;
  policies: PolicySet;
  /** For judging once more, in milliseconds. */
  timeoutMs: number;
  /** For all tests together, in milliseconds; what is not done by then is told as an error. */
  testsMs: number;
}

/** Undefined when the change leaves the policies as they are, or they are not those of the repository. */
export async function tryChangedPolicies(
  repository: GitRepository,
  frame: Omit<Input, 'commits'>,
  { range, policies, timeoutMs, testsMs }: TrialOptions,
): Promise<PolicyTrial | undefined> {
  const { change } = frame;
  const files = change?.policy_change?.files;
  if (!change || !files || (policies.origin !== 'revision' && policies.origin !== 'pack')) return undefined;
  const [{ tryPolicies, wouldSay }, { startEngine }] = await Promise.all([
    import('../core/policies/impact.ts'),
    import('../engine/start.ts'),
  ]);
  let started: Promise<Engine> | undefined;
  const engine = (): Promise<Engine> => {
    started ??= startEngine({ memoryMb: 3000 });
    return started;
  };
  const limits = { testMs: 5_000, allMs: testsMs };
  const trial: Trial = await tryPolicies(engine, repository, { head: change.head, files, base: policies }, limits);
  const { tests } = trial.impact;
  const tried = { ...frame, change: { ...change, policy_change: { files, ...(tests && { tests }) } } };
  return {
    frame: tried,
    impact: async (verdict) => {
      try {
        if (trial.policies === undefined) return trial.impact;
        const [{ readChange }, { readGateInput }] = await Promise.all([
          import('../core/decision/input.ts'),
          import('./gate-input.ts'),
        ]);
        const { policies: changed } = trial;
        const again: ChangeFacts = readChange(repository, range);
        const input = await readGateInput(repository, again, { range, policies: changed, now: frame.now });
        const { disclosure_profile, exceptions } = input.frame;
        const other = { ...tried, exceptions, ...(disclosure_profile && { disclosure_profile }) };
        return await wouldSay(await engine(), trial, { frame: other, commits: input.commits }, verdict, timeoutMs);
      } finally {
        await started?.then((running) => running.dispose()).catch(() => undefined);
      }
    },
  };
}
