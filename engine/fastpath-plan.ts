/**
 * Evaluates a policy from the plan that OPA made of it, without the engine: for where the engine's start would be felt.
 *
 * The plan is OPA's own (`opa build -t plan`); what runs it is ours (engine/plan). So a policy is taken only when each
 * built-in that it uses is in fastpath-builtins.json, the list that a differential test decides; and whatever is not
 * proved to be as OPA decides it (a conflict, a built-in's error, a number that is no safe integer, time running
 * out) is handed back for the engine to decide.
 */
import listed from './fastpath-builtins.json' with { type: 'json' };
import { numericKey } from './numeric-key.ts';
import { type Constant, constantsOf, readConstants } from './plan/constants.ts';
import { evaluate, newRun } from './plan/evaluate.ts';
import { numbersAreExact, type Program, readPlan } from './plan/program.ts';
import { fromJson, toJson, Undecided } from './plan/value.ts';
import type { PlanResult } from './protocol.ts';
import { within } from './watchdog.ts';

/** A policy as it can be kept: JSON. */
export interface PlannedPolicy {
  program: Program;
  /** The document `data`. */
  data: Record<string, unknown>;
  /** The rules that no input changes. */
  constants: Constant[];
}

/** A policy, or why the engine has to decide. */
export type Planned = { applicable: true; policy: PlannedPolicy } | { applicable: false; why: string };

/** The values of the entrypoints, undefined where the rule is. `decided: false` is never a pass. */
export type PlanEvaluation = { decided: true; values: Map<string, unknown> } | { decided: false; why: string };

/** @param allowed the built-ins that may be used; only the test that decides the list gives others. */
export function readPolicyPlan(plan: PlanResult, allowed: readonly string[] = listed.plan): Planned {
  try {
    const program = readPlan(plan.plan);
    const refusal = refusalOf(program, plan.data, allowed);
    if (refusal !== undefined) return { applicable: false, why: `not applicable: ${refusal}` };
    const data = JSON.parse(plan.data) as Record<string, unknown>;
    const numeric = numericKey(data);
    if (numeric !== undefined) return { applicable: false, why: `not applicable: the key "${numeric}" in data` };
    const run = newRun(program, undefined, fromJson(data));
    const constants = within(constantsWithinMs, () => constantsOf(run));
    return { applicable: true, policy: { program, data, constants } };
  } catch (error) {
    return { applicable: false, why: `not applicable: ${describe(error)}` };
  }
}

/** A policy whose data alone take longer is none for the fast path. */
const constantsWithinMs = 2_000;

function refusalOf(program: Program, data: string, allowed: readonly string[]): string | undefined {
  const unknown = program.builtins.filter((name) => !allowed.includes(name));
  if (unknown.length > 0) return `built-in ${unknown.join(', ')}`;
  return numbersAreExact(data) ? undefined : 'a number in data that may not be exact';
}

/**
 * Evaluates rules on one input.
 *
 * @param entrypoints such as `countersign/model/deny`
 * @param input a JSON document; undefined for none
 */
export function evaluatePlan(
  { program, data, constants }: PlannedPolicy,
  entrypoints: readonly string[],
  input: unknown,
  { timeoutMs = 2_000 }: { timeoutMs?: number } = {},
): PlanEvaluation {
  try {
    const values = within(timeoutMs, () => {
      const run = newRun(
        program,
        input === undefined ? undefined : fromJson(input),
        fromJson(data),
        readConstants(constants),
      );
      return new Map(
        entrypoints.map((entrypoint): [string, unknown] => {
          const value = evaluate(run, entrypoint);
          return [entrypoint, value === undefined ? undefined : toJson(value)];
        }),
      );
    });
    return { decided: true, values };
  } catch (error) {
    return { decided: false, why: describe(error) };
  }
}

function describe(error: unknown): string {
  if (error instanceof Undecided) return error.message;
  // The watchdog's error is of another realm, where `instanceof Error` does not reach.
  const { message } = (error ?? {}) as { message?: unknown };
  return `the evaluation ended without an answer: ${typeof message === 'string' ? message : String(error)}`;
}
