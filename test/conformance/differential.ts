/** Compares the fast path's two ways with the engine: the same rule, input and data must give the same value, or be handed back. */
import { type Engine, EngineError } from '../../engine/engine.ts';
import { evaluatePlan, readPolicyPlan } from '../../engine/fastpath-plan.ts';
import { loadWasm } from '../../engine/fastpath-wasm.ts';
import { evaluate, newRun } from '../../engine/plan/evaluate.ts';
import { entriesOf, fromJson, isArray, isSet, membersOf, type Value } from '../../engine/plan/value.ts';
import type { WorkspaceFile } from '../../engine/protocol.ts';
import type { Case } from './cases.ts';
import { exactJson } from './values.ts';
import { wasmTerm } from './wasm-term.ts';

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

/** The fast path's two ways. */
export type Way = 'plan' | 'wasm';

/** A policy loaded in one way: its answer to an input, as a term of Rego; undefined when the rule is. */
type Answer = { decided: true; term: string | undefined } | { decided: false; why: string };
type Loaded = { builtins: string[] } & ({ answer: (input: unknown) => Promise<Answer> } | { refusal: string });

/** @param allowed the built-ins that the fast path may use; `all` to learn which of them it should. */
export async function compare(
  engine: Engine,
  subject: Subject,
  allowed: readonly string[] | 'all',
  way: Way,
): Promise<Comparison> {
  const { id, files, regoVersion = 'v1' } = subject;
  const workspace = `differential ${id}`;
  await engine.call('workspace/open', { workspace, files, regoVersion, network: true });
  try {
    const loading = way === 'plan' ? loadedPlan : loadedWasm;
    const loaded = await loading(engine, workspace, subject, allowed).catch((error: EngineError) => error);
    if (loaded instanceof Error) {
      if (!(loaded instanceof EngineError)) {
        throw loaded;
      }
      return { id, builtins: [], outcome: 'inapplicable', detail: loaded.message };
    }
    const { builtins } = loaded;
    if ('refusal' in loaded) {
      return { id, builtins, outcome: 'refused', detail: loaded.refusal };
    }
    let decided = 0;
    let why: string | undefined;
    for (const [index, input] of subject.inputs.entries()) {
      if (decided === 0 && index > 20) {
        break; // The built-in is not there.
      }
      const quick = await loaded.answer(input);
      if (!quick.decided) {
        why = quick.why;
        continue;
      }
      decided++;
      const difference = await differenceOf(engine, workspace, subject, input, quick.term);
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

async function loadedPlan(
  engine: Engine,
  workspace: string,
  { entrypoint, data }: Subject,
  allowed: readonly string[] | 'all',
): Promise<Loaded> {
  const { plan } = await engine.call('plan', { workspace, entrypoints: [entrypoint] });
  const builtins = builtinsOf(plan);
  const planned = readPolicyPlan({ plan, data: JSON.stringify(data) }, allowed === 'all' ? builtins : allowed);
  if (!planned.applicable) {
    return { builtins, refusal: planned.why };
  }
  const { policy } = planned;
  return {
    builtins,
    async answer(input) {
      const result = evaluatePlan(policy, [entrypoint], input, { timeoutMs: evaluationMs });
      if (!result.decided) {
        return result;
      }
      // JSON hides sets; the value itself does not.
      const run = newRun(policy.program, input === undefined ? undefined : fromJson(input), fromJson(data));
      const value = evaluate(run, entrypoint);
      return { decided: true, term: value === undefined ? undefined : termOf(value) };
    },
  };
}

async function loadedWasm(
  engine: Engine,
  workspace: string,
  { entrypoint, data }: Subject,
  allowed: readonly string[] | 'all',
): Promise<Loaded> {
  const compiled = await engine.call('compile', { workspace, target: 'wasm', entrypoints: [entrypoint] });
  const { builtins, arrayComprehensions } = compiled;
  const wasm = new Uint8Array(Buffer.from(compiled.bytes, 'base64'));
  const policy = { wasm, builtins, arrayComprehensions };
  const load = () => loadWasm(policy, data, allowed === 'all' ? builtins : allowed);
  let fast = await load();
  if (!fast.applicable) {
    return { builtins, refusal: fast.why };
  }
  return {
    builtins,
    async answer(input) {
      if (!fast.applicable) {
        return { decided: false, why: fast.why };
      }
      const result = fast.evaluate(entrypoint, input, { timeoutMs: evaluationMs });
      if (!result.decided) {
        // It does not go on after that.
        fast = await load();
        return result;
      }
      const term = result.value === undefined ? undefined : await wasmTerm(wasm, data, input, entrypoint);
      return { decided: true, term };
    },
  };
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
  term: string | undefined,
): Promise<string | undefined> {
  const rule = `data.${entrypoint.replaceAll('/', '.')}`;
  const ask = async (params: { query: string; input?: unknown; inputTerm?: string }) => {
    const timeoutMs = 4 * evaluationMs;
    const { evaluations } = await engine.call('eval', { workspace, data, timeoutMs, ...params });
    return evaluations[0]?.result[0];
  };
  let value: unknown;
  try {
    value = (await ask({ query: rule, input }))?.expressions[0]?.value;
  } catch (error) {
    return `the engine fails (${(error as Error).message}), the fast path says ${term}`;
  }
  if (value === undefined || term === undefined) {
    return value === term ? undefined : `the engine says ${JSON.stringify(value)}, the fast path ${term}`;
  }
  // JSON hides sets and the precision of numbers; OPA's own terms do not.
  const same = await ask(
    input === undefined
      ? { query: `${rule} == ${term}` }
      : {
          // One query for all inputs: preparing it takes longer than answering.
          query: `expected := input.expected; value := ${rule} with input as input.actual; value == expected`,
          inputTerm: `{"actual": ${JSON.stringify(input)}, "expected": ${term}}`,
        },
  );
  // A comparison that fails is `false` when it is the query, and no result when it is part of one.
  const agrees = same?.expressions.at(-1)?.value === true;
  return agrees ? undefined : `the engine says ${JSON.stringify(value)}, the fast path ${term}`;
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
