/**
 * What a change does to the policies themselves: how the tests of its policies go, and what these would say of the
 * change. They judge nothing: the policies of the base do.
 *
 * The change's policies run as Rego in an engine of their own, with its time limits, without the network and without
 * the environment. Its JSON Schemas are not compiled: a schema makes JavaScript, in this very process.
 */
import type { Engine } from '../../engine/engine.ts';
import type { Problem } from '../../engine/protocol.ts';
import { DecisionError, judge, prepare, release } from '../decision/decide.ts';
import type { GitRepository } from '../git/repository.ts';
import type { Commit, Input, PolicyChange } from '../input.ts';
import type { Verdict, Violation } from '../verdict.ts';
import { loadPack, loadRevision } from './load.ts';
import type { PolicySet } from './policy-set.ts';

/** As `--format json` has it, under `policy_change`. */
export interface PolicyImpact extends PolicyChange {
  /** The names of the tests that failed. */
  failed: string[];
  /** What the changed policies would say; absent when they cannot decide. */
  would?: {
    result: Verdict['result'];
    /** Violations that there would be, and those that there would not be any more. */
    added: LeveledViolation[];
    removed: LeveledViolation[];
  };
  /** What was not tried, and why. */
  notes: string[];
}

export type LeveledViolation = Violation & { level: 'deny' | 'warn' };

/** A change's policies, tried. */
export interface Trial {
  impact: PolicyImpact;
  /** Absent when they cannot be used. */
  policies?: PolicySet;
}

export interface TrialLimits {
  /** For each test, in milliseconds. */
  testMs: number;
  /** For reading them and for all tests together; nothing is run when it is 0. */
  allMs: number;
}

/** Loads the policies of a change's head and runs their tests; what goes wrong is told in the result. */
export async function tryPolicies(
  engine: () => Promise<Engine>,
  repository: GitRepository,
  change: { head: string; files: string[]; base: PolicySet },
  limits: TrialLimits,
): Promise<Trial> {
  const impact: PolicyImpact = { files: change.files, failed: [], notes: [] };
  let policies = await loadRevision(repository, change.head);
  if (policies === undefined) {
    impact.notes.push('The change takes the policy folder away: the built-in policies would judge from then on.');
    return { impact, policies: await loadPack() };
  }
  impact.tests = { passed: 0, failed: 0, errors: errorsOf(policies.problems) };
  policies = withoutForeignSchemas(policies, change.base, impact.notes);
  if (impact.tests.errors.length > 0) return { impact };
  if (limits.allMs <= 0) {
    impact.tests.errors.push('The tests were not run: the time for them is used up.');
    return { impact };
  }
  try {
    await runTests(await engine(), policies, impact, limits);
  } catch (error) {
    impact.tests.errors.push(`The tests could not be run: ${error instanceof Error ? error.message : error}`);
  }
  return { impact, policies };
}

/** Judges once more, by the changed policies, and notes what would be different. */
export async function wouldSay(
  engine: Engine,
  { impact, policies }: Trial,
  input: { frame: Omit<Input, 'commits'>; commits: AsyncIterable<Commit[]> },
  verdict: Verdict,
  timeoutMs: number,
): Promise<PolicyImpact> {
  if (policies === undefined) return impact;
  try {
    const prepared = await prepare(engine, policies);
    const decision = await judge(prepared, input.frame, input.commits, { timeoutMs });
    await release(prepared);
    const [now, then] = [violationsOf(verdict), violationsOf(decision.verdict)];
    return {
      ...impact,
      would: { result: decision.verdict.result, added: missingIn(now, then), removed: missingIn(then, now) },
    };
  } catch (error) {
    if (!(error instanceof DecisionError)) throw error;
    const errors = errorsOf(error.problems);
    return {
      ...impact,
      notes: [...impact.notes, [`The changed policies cannot decide: ${error.message}`, ...errors].join(' ')],
    };
  }
}

async function runTests(engine: Engine, policies: PolicySet, impact: PolicyImpact, limits: TrialLimits): Promise<void> {
  const { tests } = impact;
  const files = [...policies.files, ...policies.testFiles];
  if (!tests || !files.some(({ kind }) => kind === 'module')) return;
  const workspace = 'changed-policies';
  const until = Date.now() + limits.allMs;
  const { regoVersion } = policies;
  const opened = await engine.call('workspace/open', { workspace, files, regoVersion }, { deadlineMs: limits.allMs });
  tests.errors.push(...errorsOf(opened.problems));
  if (tests.errors.length > 0) return;
  const deadlineMs = Math.max(1, until - Date.now());
  const run = await engine.call('test', { workspace, timeoutMs: limits.testMs }, { deadlineMs });
  tests.errors.push(...errorsOf(run.problems));
  for (const { name, outcome, error } of run.tests) {
    if (outcome === 'pass') tests.passed++;
    if (outcome === 'error') tests.errors.push(`${name}: ${error ?? 'it could not be run'}`);
    if (outcome !== 'fail') continue;
    tests.failed++;
    impact.failed.push(name);
  }
  await engine.call('workspace/close', { workspace });
}

/** With the schemas of the base in place of those that the change has made or changed. */
function withoutForeignSchemas(policies: PolicySet, base: PolicySet, notes: string[]): PolicySet {
  const known = new Map(base.schemas.map(({ path, text }) => [path, text]));
  const foreign = policies.schemas.filter(({ path, text }) => known.get(path) !== text).map(({ path }) => path);
  if (foreign.length === 0) return policies;
  notes.push(`Not tried, for they are JSON Schemas: ${foreign.join(', ')}. See: countersign test`);
  const schemas = policies.schemas.flatMap(({ path, text }) => {
    const own = foreign.includes(path) ? known.get(path) : text;
    return own === undefined ? [] : [{ path, text: own }];
  });
  return { ...policies, schemas };
}

function violationsOf({ change, commits }: Verdict): LeveledViolation[] {
  return [change, ...commits].flatMap(({ deny, warn }) => [
    ...deny.map((violation): LeveledViolation => ({ ...violation, level: 'deny' })),
    ...warn.map((violation): LeveledViolation => ({ ...violation, level: 'warn' })),
  ]);
}

function missingIn(list: readonly LeveledViolation[], others: readonly LeveledViolation[]): LeveledViolation[] {
  const keyOf = ({ level, rule, msg, commit, field, path }: LeveledViolation): string =>
    JSON.stringify([level, rule, msg, commit, field, path]);
  const known = new Set(list.map(keyOf));
  return others.filter((one) => !known.has(keyOf(one)));
}

function errorsOf(problems: readonly Problem[]): string[] {
  return problems
    .filter(({ severity }) => severity === 'error')
    .map(({ path, range, message }) => `${path}:${range.start.line + 1}: ${message}`);
}
