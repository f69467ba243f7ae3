/** What the policy says of the commit that is about to be made: what the editor shows, the hook does and the gate would say. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import type { Engine } from '../../engine/engine.ts';
import type { NdBuiltinCache } from '../../engine/protocol.ts';
import { withDisclosure } from '../disclosure/read.ts';
import type { GitRepository } from '../git/repository.ts';
import { readStaged, type StagedOptions } from '../git/staged.ts';
import { type FolderContent, readWorkingFolder } from '../git/tree.ts';
import type { Commit, Evidence, Input, Repository } from '../input.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import type { Verdict } from '../verdict.ts';
import type { JudgedBatch } from './decide.ts';
import { type KeptPolicy, keyOf, readKept, writeKept } from './kept-policy.ts';
import { repositoryFacts } from './repository-facts.ts';
import { readSeen, stampOf, writeSeen } from './seen-policy.ts';

export interface CommitDecision {
  verdict: Verdict;
  /** What was judged. */
  input: Input;
  /** What built-ins without a fixed answer gave. */
  ndBuiltinCache?: NdBuiltinCache;
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
  /** What suggests AI use and does not stand in the message. */
  evidence?: Evidence[];
  signal?: AbortSignal;
}

/** The policies that someone who commits here is judged by: those of the work tree, else the built-in pack. */
export interface WorkTreePolicies {
  /** Undefined when they were not made ready before. */
  kept: KeptPolicy | undefined;
  /** Reads their files, unless they were read already. */
  read: () => Promise<PolicyFiles>;
}

interface PolicyFiles {
  content: FolderContent;
  /** What they are kept by. */
  key: string;
  /** Puts them together from the files. */
  load: () => Promise<PolicySet>;
}

/** The folder in which a repository keeps what concerns Countersign; `home` of policies/load.ts, which takes long to load. */
const home = '.countersign';

/**
 * Judges the commit. Rejects with {@link DecisionError} when no decision can be made, and with a `GitError`.
 *
 * @param policies what {@link readWorkTreePolicies} gave, when it was asked before
 */
export async function decideCommit(
  repository: GitRepository,
  staged: StagedOptions,
  options: DecideCommitOptions,
  policies?: WorkTreePolicies,
): Promise<CommitDecision> {
  const [found, made, facts] = await Promise.all([
    policies ?? readWorkTreePolicies(repository),
    readStaged(repository, staged),
    repositoryFacts(repository),
  ]);
  const { evidence = [], now, signal } = options;
  const commit: Commit = evidence.length > 0 ? { ...made, evidence } : made;
  const read = { commit, facts, now };
  const inputFor = (judging: CommitPolicies) => commitInput(repository, read, judging);
  signal?.throwIfAborted();
  let why = 'these policies were not judged by before';
  if (found.kept) {
    const { decideFast } = await import('./decide-fast.ts');
    const input = await inputFor(found.kept);
    const fast = await decideFast(found.kept, input);
    if ('verdict' in fast) return { ...fast, input, by: 'fast path' };
    ({ why } = fast);
  }
  return decideByEngine(repository, found, inputFor, why, options);
}

/** What the input takes from the policies. */
type CommitPolicies = Pick<KeptPolicy, 'config' | 'exceptions' | 'data'>;

/** The input that a commit being made is judged by. */
async function commitInput(
  repository: GitRepository,
  { commit, facts, now }: { commit: Commit; facts: Repository; now: Date },
  { config, exceptions, data }: CommitPolicies,
): Promise<Input> {
  return {
    schema: 'countersign.input/v1',
    phase: 'commit',
    now: now.toISOString(),
    repository: facts,
    disclosure_profile: config.disclosure.profile,
    commits: [await withApprovers(repository, withDisclosure(commit, config), data)],
    exceptions,
  };
}

/** The input of the commit that would be made now, by the work tree's policies. */
export async function stagedInput(repository: GitRepository, staged: StagedOptions, now: Date): Promise<Input> {
  const [policies, commit, facts, { policyData }] = await Promise.all([
    workTreePolicies(repository.root),
    readStaged(repository, staged),
    repositoryFacts(repository),
    import('../policies/policy-set.ts'),
  ]);
  return commitInput(repository, { commit, facts, now }, { ...policies, data: policyData(policies) });
}

/** The policies that someone who commits here is judged by, put together from their files. */
export async function workTreePolicies(root: string): Promise<PolicySet> {
  const { folderPolicies, loadPack } = await import('../policies/load.ts');
  const own = await readWorkingFolder(join(root, home));
  return own ? folderPolicies(own, { called: home }) : loadPack();
}

/** Reads the work tree's policies, as they were kept if they were. */
export async function readWorkTreePolicies(
  repository: Pick<GitRepository, 'root' | 'gitDir' | 'commonDir'>,
): Promise<WorkTreePolicies> {
  const folder = join(repository.root, home);
  const seen = readSeen(repository, folder);
  if (seen) return { kept: seen, read: async () => (await readFiles(folder)).files };
  const stamp = stampOf(folder);
  const { files, kept } = await readFiles(folder, repository);
  if (stamp && kept) await writeSeen(repository, folder, stamp, kept.file);
  return { kept: kept?.policy, read: async () => files };
}

/** The files of a policy folder, else the built-in pack's; and the policy that is kept of them in the repository. */
async function readFiles(folder: string, repository?: Pick<GitRepository, 'commonDir'>) {
  const own = await readWorkingFolder(folder);
  const { folderPolicies, packContent, packPolicies } = await import('../policies/load.ts');
  const content = own ?? (await packContent());
  const key = keyOf(content, own ? home : 'pack');
  const files: PolicyFiles = {
    content,
    key,
    load: async () => (own ? folderPolicies(own, { called: home }) : packPolicies(content)),
  };
  return { files, kept: repository && (await readKept(repository, key)) };
}

/**
 * Makes the work tree's policies ready for the fast path, so that the next commit need not. Rejects with
 * {@link DecisionError} when there is nothing that could decide; resolves to why they could not be kept, if so.
 */
export async function keepWorkTreePolicies(
  repository: GitRepository,
  engine: () => Promise<Engine>,
): Promise<string | undefined> {
  const found = await readWorkTreePolicies(repository);
  if (found.kept) return undefined;
  const { prepare, release } = await import('./decide.ts');
  const { content, key, load } = await found.read();
  const prepared = await prepare(await engine(), await load());
  try {
    const { makeKept } = await import('./make-kept.ts');
    return await writeKept(repository, key, await makeKept(prepared, content));
  } finally {
    await release(prepared);
  }
}

async function decideByEngine(
  repository: GitRepository,
  { kept, read }: WorkTreePolicies,
  inputFor: (policies: CommitPolicies) => Promise<Input>,
  why: string,
  { engine, signal }: DecideCommitOptions,
): Promise<CommitDecision> {
  const [{ inBatches, judge, prepare, release }, { policyData }] = await Promise.all([
    import('./decide.ts'),
    import('../policies/policy-set.ts'),
  ]);
  const { content, key, load } = await read();
  const policies = await load();
  const prepared = await prepare(await engine(), policies);
  try {
    const input = await inputFor({ ...policies, data: policyData(policies) });
    signal?.throwIfAborted();
    let ndBuiltinCache: NdBuiltinCache | undefined;
    const record = async ({ outcome }: JudgedBatch) => {
      if ('decision' in outcome) ({ ndBuiltinCache } = outcome);
    };
    const { verdict, notes } = await judge(prepared, input, inBatches(input.commits), { signal, record });
    if (!kept) {
      const { makeKept } = await import('./make-kept.ts');
      const unkept = await makeKept(prepared, content)
        .then((made) => writeKept(repository, key, made))
        .catch((error: unknown) => (error instanceof Error ? error.message : String(error)));
      if (unkept !== undefined) why += `, nor can they be kept: ${unkept}`;
    }
    return { verdict, notes, input, ...(ndBuiltinCache && { ndBuiltinCache }), by: 'engine', why };
  } finally {
    await release(prepared);
  }
}

/** The commit with its approvers resolved through the work tree's `.mailmap`, where there is one. */
async function withApprovers(
  repository: GitRepository,
  commit: Commit,
  data: Record<string, unknown>,
): Promise<Commit> {
  if (!commit.disclosure?.approver || !existsSync(join(repository.root, '.mailmap'))) return commit;
  const { withDeclaredApprovers } = await import('../approval/in-input.ts');
  const [resolved] = await withDeclaredApprovers(repository, [commit], data);
  return resolved ?? commit;
}
