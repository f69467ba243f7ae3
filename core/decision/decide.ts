/**
 * The decision: a policy set judges an input. Fail closed: whatever keeps a rule from being
 * evaluated is a {@link DecisionError}, never a pass.
 *
 * Large ranges are judged in batches of {@link batchSize} commits; everything else of the input is
 * the same in each, and what the batches say of the change is merged. A policy that compares
 * commits with each other therefore sees at most that many at once. The last batch is told of the
 * others in `input.earlier`, for the rules about the change as a whole.
 */
import { randomUUID } from 'node:crypto';
import { type Engine, EngineError } from '../../engine/engine.ts';
import { type Evaluation, errorCodes, type NdBuiltinCache, type Problem } from '../../engine/protocol.ts';
import type { Commit, Input } from '../input.ts';
import { judgeBySchemas, type SchemaPolicy } from '../policies/judge-schemas.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import type { Verdict, Violation } from '../verdict.ts';
import { addUp, conclude, idOf, newTally, type Tally } from './conclude.ts';
import { withConftestFile } from './conftest-file.ts';
import { addEarlier, type EarlierSum, earlierOf, newEarlier } from './earlier.ts';
import {
  canFind,
  type Entrypoint,
  EntrypointError,
  entrypointQuery,
  entrypointsIn,
  type Findings,
  findEntrypoints,
  readFindings,
} from './entrypoints.ts';
import { anyInForce, excusedAmong, honouredExceptions } from './honoured.ts';

/** Commits in one evaluation. */
export const batchSize = 1000;

/** For the engine to read policies, in milliseconds: only one that hangs takes so long. */
const readingMs = 120_000;

/** After how long an engine hangs that was given so much time for evaluating: two may share it, and it compiles first. */
const answerMs = (timeoutMs: number): number => 2 * timeoutMs + 5_000;

/** No decision could be made: exit code 3. */
export class DecisionError extends Error {
  readonly problems: Problem[];
  constructor(message: string, problems: Problem[] = [], cause?: unknown) {
    super(message, { cause });
    this.name = 'DecisionError';
    this.problems = problems;
  }
}

/** All that judges an input, again and again. */
export interface Judges {
  /** As {@link Verdict.revision} has it. */
  revision: string;
  entrypoints: Entrypoint[];
  schemas: SchemaPolicy[];
  /** One query for all entrypoints; nothing when only JSON Schemas decide. */
  evaluate: (input: Input, options: DecideOptions) => Promise<Answer | undefined>;
  /** Who else decided, so far; absent when nobody else does. */
  decider?: () => Decider;
}

/** An evaluation, and of which rules. */
export interface Answer extends Evaluation {
  /** In place of the judges' own: what rules another server has, only its answer tells. */
  entrypoints?: Entrypoint[];
}

/** A server that decided in the engine's place. */
export interface Decider {
  url: string;
  /** Of OPA. */
  version?: string;
  /** The bundles that it has, and their revisions. */
  bundles?: Record<string, string>;
  /** How its own decision log calls its answers. */
  decision_ids?: string[];
}

/** A policy set that an engine has opened. */
export interface Prepared extends Judges {
  engine: Engine;
  workspace: string;
  policies: PolicySet;
}

export interface DecideOptions {
  /** For each batch, in milliseconds; default 60,000. */
  timeoutMs?: number;
  signal?: AbortSignal;
  /** How the verdict is called; a random UUID when absent. */
  decisionId?: string;
  /** Is told of each batch, in their order, once it is judged or could not be; when it rejects, there is no decision. */
  record?: (batch: JudgedBatch) => Promise<void>;
  /** What built-ins without a fixed answer gave before: they give it again. Kept of each batch when there is a `record`. */
  ndBuiltinCache?: NdBuiltinCache;
}

/** One batch of a decision, for its record. */
export interface JudgedBatch {
  /** With the batch's commits only. */
  input: Input;
  /** Of this batch alone; what failed otherwise. */
  outcome: { decision: Decision; ndBuiltinCache?: NdBuiltinCache } | { error: unknown };
}

export interface Decision {
  verdict: Verdict;
  /** What a reader should know beside the verdict: built-in errors, violations that name unknown commits. */
  notes: string[];
  /** What the policies' `print` wrote. */
  output: string;
  /** Nanoseconds by OPA's metric names, added up over the batches. */
  metrics: Record<string, number>;
  /** Absent when the engine decided. */
  decider?: Decider;
}

/** Judges an input once: opens the policies, decides, closes them. Rejects with {@link DecisionError}. */
export async function decide(
  engine: Engine,
  policies: PolicySet,
  input: Input,
  options: DecideOptions = {},
): Promise<Decision> {
  const prepared = await prepare(engine, policies);
  try {
    return await judge(prepared, input, inBatches(input.commits), options);
  } finally {
    await release(prepared);
  }
}

/**
 * Opens a policy set in the engine. A workspace of the same name is replaced.
 * Rejects with {@link DecisionError} when there is nothing that could decide.
 */
export async function prepare(
  engine: Engine,
  policies: PolicySet,
  workspace = `decision-${randomUUID()}`,
): Promise<Prepared> {
  refuse(policies.problems, `The policies of ${policies.label} cannot be used.`);
  const { regoVersion } = policies;
  const files = withConftestFile(policies.files);
  const deadlineMs = readingMs;
  const opening = engineCall(() => engine.call('workspace/open', { workspace, files, regoVersion }, { deadlineMs }));
  const outlining = engineCall(() => engine.call('outline', { workspace }, { deadlineMs }));
  // The schemas are compiled here while the engine reads the modules.
  const { compileSchemas } = await import('../policies/schema-policy.ts');
  const compiled = compileSchemas(policies.schemas);
  const [opened, outline] = await Promise.all([opening, outlining]);
  refuse(opened.problems, `The policies of ${policies.label} cannot be read.`);
  refuse(compiled.problems, `A JSON Schema of ${policies.label} cannot be used.`);
  const { withPhases } = await import('./phases.ts');
  const { entrypoints, problems } = withPhases(findEntrypoints(outline.modules), outline.modules, files);
  refuse(problems, `The policies of ${policies.label} cannot be used.`);
  if (compiled.policies.length === 0 && !entrypoints.some(canFind)) {
    const { bundle } = policies.config;
    throw new DecisionError(
      bundle && policies.origin !== 'bundle'
        ? `The policies come from the bundle ${bundle.url}, by which the gate judges; ${policies.label} itself has none.`
        : `There is no policy in ${policies.label}: no package has a rule deny, violation or warn, and no JSON Schema has "x-countersign".`,
    );
  }
  const { revision } = policies;
  const evaluate: Judges['evaluate'] = (input, options) => evaluateByEngine(prepared, input, options);
  const prepared = { engine, workspace, policies, revision, entrypoints, schemas: compiled.policies, evaluate };
  return prepared;
}

/** Lets the engine forget a policy set. */
export async function release({ engine, workspace }: Prepared): Promise<void> {
  // The decision is made; an engine that died since has forgotten it anyway.
  await engine.call('workspace/close', { workspace }).catch(() => undefined);
}

/** Cuts a list of commits into batches. */
export function* inBatches(commits: readonly Commit[], size = batchSize): Generator<Commit[]> {
  for (let at = 0; at < commits.length; at += size) yield commits.slice(at, at + size);
}

/**
 * Judges commits as they come, one batch being evaluated while the next is read.
 *
 * @param frame everything of the input but its commits
 */
export async function judge(
  judges: Judges,
  frame: Omit<Input, 'commits'>,
  batches: Iterable<Commit[]> | AsyncIterable<Commit[]>,
  options: DecideOptions = {},
): Promise<Decision> {
  const tally = newTally();
  const sum = newEarlier(frame.change);
  let underWay: Promise<void> | undefined;
  /** Read, and not judged until it is known whether it is the last one. */
  let held: Commit[] | undefined;
  for await (const batch of batches) {
    if (held !== undefined) {
      const previous = underWay;
      underWay = judgeBatch(judges, { ...frame, commits: held }, { tally, sum, previous }, options);
      // It is awaited one turn later; until then its failure is not an unhandled one.
      underWay.catch(() => undefined);
      await previous;
    }
    held = batch;
  }
  await underWay;
  const earlier = earlierOf(sum);
  await judgeBatch(judges, { ...frame, ...(earlier && { earlier }), commits: held ?? [] }, { tally }, options);
  return conclude(judges, tally, options.decisionId);
}

/** Where a batch's part goes, once that of the one before it is there. */
interface Course {
  tally: Tally;
  /** Absent for the last one, of which nobody is told. */
  sum?: EarlierSum;
  previous?: Promise<void>;
}

async function judgeBatch(
  judges: Judges,
  input: Input,
  { tally, sum, previous }: Course,
  options: DecideOptions,
): Promise<void> {
  const own = newTally();
  let ndBuiltinCache: NdBuiltinCache | undefined;
  try {
    ndBuiltinCache = await tallyBatch(judges, input, own, options);
  } catch (error) {
    await previous;
    await options.record?.({ input, outcome: { error } });
    throw error;
  }
  await previous;
  if (options.record) {
    const decision = conclude(judges, own);
    await options.record({ input, outcome: { decision, ...(ndBuiltinCache && { ndBuiltinCache }) } });
  }
  addUp(tally, own);
  if (sum) addEarlier(sum, input.commits, (commit) => own.ai?.has(idOf(commit.sha)) ?? declaresUse(commit));
}

/** Whether a commit itself says of AI use, for want of a policy that tells. */
function declaresUse({ disclosure, evidence }: Commit): boolean {
  return disclosure !== undefined || (evidence?.length ?? 0) > 0;
}

/** Resolves to what built-ins without a fixed answer gave, when it is asked for and there are any. */
async function tallyBatch(
  judges: Judges,
  input: Input,
  tally: Tally,
  options: DecideOptions,
): Promise<NdBuiltinCache | undefined> {
  for (const commit of input.commits) {
    const { sha, subject, disclosure_source, countersignatures = [] } = commit;
    tally.commits.push({
      sha: idOf(sha),
      subject,
      declares: declaresUse(commit),
      ...(disclosure_source && { disclosure_source }),
      ...(countersignatures.length > 0 && { countersignatures }),
    });
  }
  const asked = options.record ? { ...options, ndBuiltinCache: options.ndBuiltinCache ?? {} } : options;
  const judging = findingsOf(judges, input, asked);
  const withoutExceptions = async () => {
    // Both must see the same random numbers.
    const { evaluation } = asked.ndBuiltinCache ? await judging : {};
    const known = { ...asked, ...(evaluation?.ndBuiltinCache && { ndBuiltinCache: evaluation.ndBuiltinCache }) };
    return findingsOf(judges, { ...input, exceptions: [] }, known).catch(noFindings);
  };
  const [{ evaluation, found }, strictly] = await Promise.all([
    judging,
    anyInForce(input) ? withoutExceptions() : undefined,
  ]);
  tally.deny.push(...found.deny);
  tally.warn.push(...found.warn);
  if (found.ai) tally.ai = new Set(found.ai.map(idOf));
  for (const note of found.excused) tally.notes.set(note, (tally.notes.get(note) ?? 0) + 1);
  if (strictly instanceof DecisionError) {
    const note = `Which exceptions were honoured is not known: without them the policies cannot be evaluated. ${strictly.message}`;
    tally.notes.set(note, (tally.notes.get(note) ?? 0) + 1);
  } else if (strictly) {
    const all = ({ deny, warn }: Findings): Violation[] => [...deny, ...warn];
    const excused = excusedAmong(all(strictly.found), all(found));
    tally.honoured.push(...honouredExceptions(input, excused));
  }
  if (!evaluation) return undefined;
  for (const { message, location } of evaluation.builtinErrors ?? []) {
    const place = location ? `${location.path}:${location.range.start.line + 1}: ` : '';
    const note = `${place}a built-in function failed, and what needs its result did not hold: ${message}`;
    tally.notes.set(note, (tally.notes.get(note) ?? 0) + 1);
  }
  if (evaluation.output) tally.output.push(evaluation.output);
  tally.metrics = { ...evaluation.metrics };
  const { ndBuiltinCache } = strictly && 'evaluation' in strictly ? (strictly.evaluation ?? evaluation) : evaluation;
  return ndBuiltinCache;
}

/** What Rego and JSON Schemas find in an input. */
async function findingsOf(
  judges: Judges,
  input: Input,
  options: DecideOptions,
): Promise<{ evaluation?: Evaluation; found: Findings }> {
  const evaluation = await judges.evaluate(input, options);
  const found: Findings = { ...judgeBySchemas(judges.schemas, input), excused: [] };
  if (!evaluation) return { found };
  try {
    const { deny, warn, ai, excused } = readFindings(
      evaluation.entrypoints ?? entrypointsIn(judges.entrypoints, input.phase),
      evaluation.result[0]?.expressions[0]?.value,
    );
    return {
      evaluation,
      found: { deny: [...found.deny, ...deny], warn: [...found.warn, ...warn], ...(ai && { ai }), excused },
    };
  } catch (error) {
    if (!(error instanceof EntrypointError)) throw error;
    throw new DecisionError(error.message, [entrypointProblem(error)], error);
  }
}

/** The decision stands without knowing what it would be without exceptions. */
function noFindings(error: unknown): DecisionError {
  if (error instanceof DecisionError) return error;
  throw error;
}

async function evaluateByEngine(
  { engine, workspace, entrypoints: all }: Prepared,
  input: Input,
  options: DecideOptions,
): Promise<Evaluation | undefined> {
  const entrypoints = entrypointsIn(all, input.phase);
  if (entrypoints.length === 0) return undefined;
  const timeoutMs = options.timeoutMs ?? 60_000;
  const params = { workspace, query: entrypointQuery(entrypoints), input, now: input.now, timeoutMs, metrics: true };
  const { ndBuiltinCache } = options;
  const { evaluations } = await engineCall(() =>
    engine.call('eval', { ...params, ndBuiltinCache }, { signal: options.signal, deadlineMs: answerMs(timeoutMs) }),
  );
  const evaluation = evaluations[0];
  if (evaluation?.result.length !== 1) {
    throw new DecisionError('The policies gave no answer: the query for their deny and warn rules is undefined.');
  }
  return evaluation;
}

function refuse(problems: readonly Problem[], message: string): void {
  const errors = problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new DecisionError(message, errors);
}

function entrypointProblem({ entrypoint, message }: EntrypointError): Problem {
  return { ...entrypoint.location, severity: 'error', code: 'entrypoint', message, source: 'countersign' };
}

/** Asks the engine; what it cannot answer is no decision. */
async function engineCall<T>(ask: () => Promise<T>): Promise<T> {
  try {
    return await ask();
  } catch (error) {
    if (!(error instanceof EngineError)) throw error;
    if (error.code === errorCodes.compile) {
      const problems = (error.data as { problems?: Problem[] } | undefined)?.problems ?? [];
      throw new DecisionError('The policies do not compile.', problems, error);
    }
    if (error.code === errorCodes.deadline) {
      throw new DecisionError(`The policies took too long: ${error.message}`, [], error);
    }
    throw new DecisionError(`The policy engine could not decide: ${error.message}`, [], error);
  }
}
