/** What is to say of commits that exist: what they disclose, what shows AI use, what is denied, and what mends it. */

import type { Engine } from '../../engine/engine.ts';
import { withApprovals } from '../approval/in-input.ts';
import { inBatches, judge, prepare, release } from '../decision/decide.ts';
import { workTreePolicies } from '../decision/decide-commit.ts';
import { rulePlaces } from '../decision/places.ts';
import { repositoryFacts } from '../decision/repository-facts.ts';
import { ignoredLines } from '../disclosure/ignored.ts';
import { withDisclosure } from '../disclosure/read.ts';
import { changedFiles } from '../git/changed-files.ts';
import { readCommits } from '../git/commits.ts';
import { type GitRepository, resolveRevision } from '../git/repository.ts';
import { isRange, unpushedAmong } from '../git/rewrite-plan.ts';
import { GitError } from '../git/run.ts';
import type { Change, Commit, Disclosure, Evidence, Input } from '../input.ts';
import { openNotes, withNotes } from '../notes/facts.ts';
import { type PolicySet, policyData } from '../policies/policy-set.ts';
import { knownTraces, tracesIn } from '../prefill/traces.ts';
import type { Violation } from '../verdict.ts';
import { type Remedy, remedyFor } from './remedy.ts';

/** What is to say of one commit. */
export interface Diagnosis {
  sha: string;
  subject: string;
  /** It declares AI use or shows some, as the policy sees it. */
  ai: boolean;
  /** Absent when it declares nothing. */
  disclosure?: Disclosure;
  /** Where the disclosure stands. */
  source?: 'message' | 'note';
  /** What shows AI use, whether it is disclosed or not; `model` where that is told, too. */
  shows: Evidence[];
  deny: Violation[];
  warn: Violation[];
  /** `head`: the last commit, on no remote; `unpushed`: an older one on no remote; `pushed`: on a remote, or tagged. */
  place: 'head' | 'unpushed' | 'pushed';
  /** What the message says of the fields where git does not read it as trailers. */
  misplaced: Disclosure;
  /** Absent when nothing is denied, or no disclosure mends it. */
  remedy?: Remedy;
}

export interface Examination {
  result: 'allow' | 'deny';
  /** The policies that judged, in words. */
  policies: string;
  commits: Diagnosis[];
  /** What is denied of all of it rather than of one commit. */
  change: { deny: Violation[]; warn: Violation[] };
  /** What a reader should know beside that. */
  notes: string[];
  /** `file:line` by rule. */
  places: ReadonlyMap<string, string>;
}

export interface ExamineOptions {
  engine: () => Promise<Engine>;
  now: Date;
  signal?: AbortSignal;
}

/**
 * Examines the commits that `targets` (revisions and ranges `A..B`) name, by the policies of the work tree,
 * or the built-in pack where there are none: what a gate would say if they were those of its base.
 *
 * Errors: `GitError`, `DecisionError`.
 */
export async function examineCommits(
  repository: GitRepository,
  targets: readonly string[],
  options: ExamineOptions,
): Promise<Examination> {
  const { now, signal } = options;
  const policies = await workTreePolicies(repository.root);
  const [prepared, read, opened, facts] = await Promise.all([
    options.engine().then((engine) => prepare(engine, policies)),
    readTargets(repository, targets, signal),
    openNotes(repository),
    repositoryFacts(repository),
  ]);
  try {
    const head = read.change?.head ?? (await resolveRevision(repository, 'HEAD'));
    const notes = await opened.of(read.commits.map(({ sha }) => sha));
    const known = read.commits.map((commit) =>
      withNotes(withDisclosure(commit, policies.config), notes, policies.config),
    );
    const source = { policies, base: head, notes: Promise.resolve(notes), now, signal };
    const commits: Commit[] = [];
    for await (const batch of withApprovals(repository, asBatches(known), source)) commits.push(...batch);
    const frame: Omit<Input, 'commits'> = {
      schema: 'countersign.input/v1',
      phase: 'change',
      now: now.toISOString(),
      repository: facts,
      disclosure_profile: policies.config.disclosure.profile,
      ...(read.change && { change: read.change }),
      exceptions: policies.exceptions,
    };
    const { verdict, notes: said } = await judge(prepared, frame, inBatches(commits), { signal });
    const diagnose = await diagnosing(repository, policies, commits);
    const diagnoses = verdict.commits.flatMap(({ sha, ai, deny, warn }) => {
      const commit = commits.find((one) => one.sha === sha);
      return commit ? [diagnose(commit, { ai, deny, warn })] : [];
    });
    const rules = [verdict.change, ...verdict.commits].flatMap(({ deny, warn }) =>
      [...deny, ...warn].map(({ rule }) => rule),
    );
    return {
      result: verdict.result,
      policies: policies.label,
      commits: diagnoses,
      change: verdict.change,
      notes: said,
      places: rulePlaces(prepared, rules),
    };
  } finally {
    await release(prepared);
  }
}

/** A function that says what there is to say of a judged commit. */
async function diagnosing(repository: GitRepository, policies: PolicySet, commits: readonly Commit[]) {
  const data = policyData(policies);
  const [traces, unpushed, head] = await Promise.all([
    knownTraces({ data }),
    unpushedAmong(
      repository,
      commits.map(({ sha }) => sha),
    ),
    resolveRevision(repository, 'HEAD'),
  ]);
  return (commit: Commit, { ai, deny, warn }: Pick<Diagnosis, 'ai' | 'deny' | 'warn'>): Diagnosis => {
    const { sha, subject, body, disclosure, disclosure_source: noted, evidence = [] } = commit;
    const message = `${subject}\n\n${body}`;
    // No line of a commit's message is a comment.
    const shows = tracesIn(message, '\0', traces).map(({ detail, model }): Evidence => {
      return { source: 'message', detail, ...(model !== undefined && { model }) };
    });
    const place = !unpushed.has(sha) ? 'pushed' : sha === head ? 'head' : 'unpushed';
    const diagnosis: Diagnosis = {
      sha,
      subject,
      ai,
      ...(disclosure && { disclosure, source: noted ?? 'message' }),
      shows: [...shows, ...evidence],
      deny,
      warn,
      place,
      misplaced: misplacedIn(message, policies),
    };
    const remedy = remedyFor(diagnosis, policies.config, data, commit.parents);
    return remedy ? { ...diagnosis, remedy } : diagnosis;
  };
}

function misplacedIn(message: string, { config }: PolicySet): Disclosure {
  const found: Disclosure = {};
  for (const { field, value } of ignoredLines(message, config)) {
    if (value !== '') found[field] = [...(found[field] ?? []), value];
  }
  return found;
}

/** The commits, parents first, and the change that they are, when they are one. */
async function readTargets(
  repository: GitRepository,
  targets: readonly string[],
  signal: AbortSignal | undefined,
): Promise<{ commits: Commit[]; change?: Change }> {
  const commits = new Map<string, Commit>();
  let change: Change | undefined;
  for (const target of targets) {
    const range = await rangeOf(repository, target);
    for await (const batch of readCommits(repository, { ...range, signal })) {
      for (const commit of batch) if (!range.only || commit.sha === range.head) commits.set(commit.sha, commit);
    }
    if (targets.length === 1 && range.base !== undefined) {
      change = { base: range.base, head: range.head, files: await changedFiles(repository, range.base, range.head) };
    }
  }
  return { commits: [...commits.values()], ...(change && { change }) };
}

/** A target as `readCommits` takes it; a single commit is what its first parent has not. */
async function rangeOf(
  repository: GitRepository,
  target: string,
): Promise<{ base?: string; head: string; only: boolean }> {
  if (!isRange(target) || target.endsWith('^!')) {
    const head = await resolveRevision(repository, target.replace(/\^!$/, ''));
    const base = await resolveRevision(repository, `${head}^`).catch((error: unknown) => {
      if (error instanceof GitError && error.kind === 'unknown-revision') return undefined;
      throw error;
    });
    return { ...(base !== undefined && { base }), head, only: true };
  }
  const [from, to, more] = target.split('..');
  if (more !== undefined || target.includes('...') || from === undefined || to === undefined) {
    throw new GitError('unknown-revision', `${JSON.stringify(target)} is no range: write it as A..B.`);
  }
  const [base, head] = await Promise.all([
    resolveRevision(repository, from || 'HEAD'),
    resolveRevision(repository, to || 'HEAD'),
  ]);
  return { base, head, only: false };
}

async function* asBatches(commits: readonly Commit[]): AsyncGenerator<Commit[]> {
  yield* inBatches(commits);
}
