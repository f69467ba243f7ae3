/** Compares the fast path with the engine: the same rule, input and data must give the same value, or be handed back. */
import { type Engine, EngineError } from '../../engine/engine.ts';
import { evaluateFast, type PlannedPolicy, planFastPath } from '../../engine/fastpath.ts';
import { evaluate, newRun } from '../../engine/plan/evaluate.ts';
import { entriesOf, fromJson, isArray, isSet, membersOf, type Value } from '../../engine/plan/value.ts';
import type { WorkspaceFile } from '../../engine/protocol.ts';
import type { Case } from './cases.ts';
import { exactJson } from './values.ts';

/** One rule with what it is evaluated on. */
export interface Subject {
  id: string;
  files: WorkspaceFile[];
  regoVersion?: 'v0' | 'v1';
  /** Such as `a/b/deny`. */
  entrypoint: string;
  inputs: unknown[];
  data: Record<string, unknown>;
}

/**
 * - `agrees`: both give this value.
 * - `refused`: the fast path hands the decision back; that is right, though of no use.
 * - `disagrees`: the fast path decides something else than the engine. Never to happen with listed built-ins.
 * - `inapplicable`: there is no plan of it.
 */
export interface Comparison {
  id: string;
  builtins: string[];
  outcome: 'agrees' | 'refused' | 'disagrees' | 'inapplicable';
  detail?: string;
}

/** What takes longer is handed back. */
const evaluationMs = 2_000;

/** A conformance case as a subject; nothing when its query is not the value of one rule. */
export function subjectOf(test: Case): Subject | undefined {
  const path = /^data((?:\.\w+)+) = x$/.exec(test.query)?.[1];
  if (path === undefined || test.input_term !== undefined) {
    return undefined;
  }
  return {
    id: test.id,
    files: test.modules.map((text, index) => ({ path: `test-${index}.rego`, kind: 'module', text })),
    regoVersion: test.regoVersion as 'v0' | 'v1',
    entrypoint: path.slice(1).replaceAll('.', '/'),
    inputs: [test.input === undefined ? undefined : JSON.parse(exactJson(test.input))],
    data: test.data === undefined ? {} : JSON.parse(exactJson(test.data)),
  };
}

/** @param allowed the built-ins that the fast path may use; `all` to learn which of them it should. */
export async function compare(
  engine: Engine,
  subject: Subject,
  allowed: readonly string[] | 'all',
): Promise<Comparison> {
  const { id, files, regoVersion = 'v1', entrypoint, data } = subject;
  const workspace = `differential ${id}`;
  await engine.call('workspace/open', { workspace, files, regoVersion, network: true });
  try {
    const plan = await engine
      .call('plan', { workspace, entrypoints: [entrypoint] })
      .catch((error: EngineError) => error);
    if (plan instanceof EngineError) {
      return { id, builtins: [], outcome: 'inapplicable', detail: plan.message };
    }
    const builtins = builtinsOf(plan.plan);
    const planned = planFastPath({ ...plan, data: JSON.stringify(data) }, allowed === 'all' ? builtins : allowed);
    if (!planned.applicable) {
      return { id, builtins, outcome: 'refused', detail: planned.why };
    }
    let decided = 0;
    let why: string | undefined;
    for (const [index, input] of subject.inputs.entries()) {
      if (decided === 0 && index > 20) {
        break; // The built-in is not there.
      }
      const quick = evaluateFast(planned.policy, [entrypoint], input, { timeoutMs: evaluationMs });
      if (!quick.decided) {
        why = quick.why;
        continue;
      }
      decided++;
      const difference = await differenceOf(engine, workspace, subject, input, planned.policy);
      if (difference !== undefined) {
        const detail = `on ${JSON.stringify(input)}: ${difference}`;
        return { id, builtins, outcome: 'disagrees', detail };
      }
    }
    return { id, builtins, outcome: decided > 0 ? 'agrees' : 'refused', detail: why };
  } finally {
    await engine.call('workspace/close', { workspace });
  }
}

function builtinsOf(plan: string): string[] {
  const { static: fixed } = JSON.parse(plan) as { static: { builtin_funcs?: { name: string }[] } };
  return (fixed.builtin_funcs ?? []).map(({ name }) => name).sort();
}

async function differenceOf(
  engine: Engine,
  workspace: string,
  { entrypoint, data }: Subject,
  input: unknown,
  { program }: PlannedPolicy,
): Promise<string | undefined> {
  const rule = `data.${entrypoint.replaceAll('/', '.')}`;
  const run = newRun(program, input === undefined ? undefined : fromJson(input), fromJson(data));
  const quick = evaluate(run, entrypoint);
  const ask = async (params: { query: string; input?: unknown; inputTerm?: string }) => {
    const timeoutMs = 4 * evaluationMs;
    const { evaluations } = await engine.call('eval', { workspace, data, timeoutMs, ...params });
    return evaluations[0]?.result[0];
  };
  let value: unknown;
  try {
    value = (await ask({ query: rule, input }))?.expressions[0]?.value;
  } catch (error) {
    return `the engine fails (${(error as Error).message}), the fast path says ${quick && termOf(quick)}`;
  }
  if (value === undefined || quick === undefined) {
    if (value === quick) {
      return undefined;
    }
    return `the engine says ${JSON.stringify(value)}, the fast path ${quick && termOf(quick)}`;
  }
  // JSON hides sets and the precision of numbers; OPA's own terms do not.
  const text = termOf(quick);
  const same = await ask(
    input === undefined
      ? { query: `${rule} == ${text}` }
      : {
          // One query for all inputs: preparing it takes longer than answering.
          query: `expected := input.expected; value := ${rule} with input as input.actual; value == expected`,
          inputTerm: `{"actual": ${JSON.stringify(input)}, "expected": ${text}}`,
        },
  );
  // A comparison that fails is `false` when it is the query, and no result when it is part of one.
  const agrees = same?.expressions.at(-1)?.value === true;
  return agrees ? undefined : `the engine says ${JSON.stringify(value)}, the fast path, as a term, ${text}`;
}

/** A value as a term of Rego. */
function termOf(value: Value): string {
  if (typeof value !== 'object' || value === null) {
    return JSON.stringify(value);
  }
  if (isArray(value)) {
    return `[${value.map(termOf).join(', ')}]`;
  }
  if (isSet(value)) {
    return value.members.size === 0 ? 'set()' : `{${membersOf(value).map(termOf).join(', ')}}`;
  }
  return `{${entriesOf(value)
    .map((entry) => `${termOf(entry.key)}: ${termOf(entry.value)}`)
    .join(', ')}}`;
}
