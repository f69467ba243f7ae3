/** What the policy says of the commit that is about to be made: what the editor shows, the hook does and the gate would say. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import type { Engine } from '../../engine/engine.ts';
import { withDisclosure } from '../disclosure/read.ts';
import type { GitRepository } from '../git/repository.ts';
import { readStaged, type StagedOptions } from '../git/staged.ts';
import type { Input } from '../input.ts';
import { home, loadFolder, loadPack } from '../policies/load.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import type { Verdict } from '../verdict.ts';
import { decide } from './decide.ts';
import { repositoryFacts } from './repository-facts.ts';

export interface CommitDecision {
  verdict: Verdict;
  /** What a reader should know beside the verdict. */
  notes: string[];
  by: 'fast path' | 'engine';
  /** Why it was not the fast path. */
  why?: string;
}

export interface DecideCommitOptions {
  /** Asked for only when the engine has to decide. */
  engine: () => Promise<Engine>;
  now: Date;
  signal?: AbortSignal;
}

/**
 * Judges the commit by the policies of the work tree, by the built-in pack where there are none.
 * Rejects with {@link DecisionError} when no decision can be made, and with a `GitError`.
 */
export async function decideCommit(
  repository: GitRepository,
  staged: StagedOptions,
  { engine, now, signal }: DecideCommitOptions,
): Promise<CommitDecision> {
  const [policies, commit, facts] = await Promise.all([
    workTreePolicies(repository.root),
    readStaged(repository, staged),
    repositoryFacts(repository),
  ]);
  const input: Input = {
    schema: 'countersign.input/v1',
    phase: 'commit',
    now: now.toISOString(),
    repository: facts,
    commits: [withDisclosure(commit, policies.config)],
    exceptions: policies.exceptions,
  };
  signal?.throwIfAborted();
  const { verdict, notes } = await decide(await engine(), policies, input, { signal });
  return { verdict, notes, by: 'engine', why: 'there is no fast path yet' };
}

/** The policies that someone who commits here is judged by. */
export async function workTreePolicies(root: string): Promise<PolicySet> {
  const folder = join(root, home);
  const there = await stat(folder).then(
    (found) => found.isDirectory(),
    () => false,
  );
  return there ? loadFolder(folder, { called: home }) : loadPack();
}
