/**
 * Decides without the engine where its start would be felt: by OPA's plan of the policy (fastpath-plan.ts), else by
 * OPA's wasm of it (fastpath-wasm.ts), whichever takes the policy. Making either needs the engine, once.
 */
import type { Engine } from './engine.ts';
import { evaluatePlan, type PlannedPolicy, readPolicyPlan } from './fastpath-plan.ts';
import { loadWasm, refusalOfWasm } from './fastpath-wasm.ts';
import { numbersAreExact } from './plan/program.ts';
import { fromJson, Undecided } from './plan/value.ts';

/** A policy made for the fast path. Plain JSON, to be kept. */
export type FastPolicy =
  | ({ kind: 'plan' } & PlannedPolicy)
  /** `wasm` in Base64. */
  | { kind: 'wasm'; wasm: string; builtins: string[]; data: Record<string, unknown> }
  /** The engine has to decide by this policy. */
  | { kind: 'none'; why: string };

/** The values of the entrypoints, undefined where the rule is. `decided: false` leaves it to the engine; it is never a pass. */
export type FastResult = { decided: true; values: Map<string, unknown> } | { decided: false; why: string };

/**
 * Makes the policy of a workspace that the engine has open. Rejects as the engine's methods do.
 *
 * @param entrypoints such as `countersign/model/deny`
 */
export async function makeFastPolicy(engine: Engine, workspace: string, entrypoints: string[]): Promise<FastPolicy> {
  const plan = await engine.call('plan', { workspace, entrypoints });
  const planned = readPolicyPlan(plan);
  if (planned.applicable) return { kind: 'plan', ...planned.policy };
  const { bytes, builtins, arrayComprehensions } = await engine.call('compile', {
    workspace,
    target: 'wasm',
    entrypoints,
  });
  const data = JSON.parse(plan.data) as Record<string, unknown>;
  const refusal = numbersAreExact(plan.data)
    ? refusalOfWasm({ builtins, arrayComprehensions }, data)
    : 'a number in data that may not be exact';
  if (refusal === undefined) return { kind: 'wasm', wasm: bytes, builtins, data };
  return { kind: 'none', why: `${planned.why}; as wasm: ${refusal}` };
}

/**
 * Evaluates rules on one input.
 *
 * @param entrypoints those that the policy was made for, or some of them
 * @param input a JSON document
 */
export async function evaluateFast(
  policy: FastPolicy,
  entrypoints: readonly string[],
  input: unknown,
  options: { timeoutMs?: number } = {},
): Promise<FastResult> {
  switch (policy.kind) {
    case 'none':
      return { decided: false, why: policy.why };
    case 'plan':
      return evaluatePlan(policy, entrypoints, input, options);
    case 'wasm': {
      const unread = refusalOfInput(input);
      if (unread !== undefined) return { decided: false, why: unread };
      const wasm = new Uint8Array(Buffer.from(policy.wasm, 'base64'));
      const loaded = await loadWasm({ wasm, builtins: policy.builtins, arrayComprehensions: false }, policy.data);
      if (!loaded.applicable) return { decided: false, why: loaded.why };
      const values = new Map<string, unknown>();
      for (const entrypoint of entrypoints) {
        const result = loaded.evaluate(entrypoint, input, options);
        if (!result.decided) return result;
        values.set(entrypoint, result.value);
      }
      return { decided: true, values };
    }
  }
}

/** Why OPA might read an input otherwise than JavaScript writes it. */
function refusalOfInput(input: unknown): string | undefined {
  try {
    fromJson(input);
    return undefined;
  } catch (error) {
    if (error instanceof Undecided) return error.message;
    throw error;
  }
}
