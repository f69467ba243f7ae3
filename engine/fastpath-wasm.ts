/**
 * Evaluates a policy that the engine compiled to OPA's wasm, without the engine: what the fast path does with policies
 * that its evaluator of plans does not take. It starts several times slower than that, and faster than the engine.
 *
 * OPA's wasm and its JavaScript host do not agree with OPA in everything. So a policy is taken only when each
 * built-in that it uses is in fastpath-builtins.json, the list that a differential test decides; and whatever is
 * not an answer (a conflict, an abort, a host's error, time running out) is handed back for the engine to decide.
 */
import listed from './fastpath-builtins.json' with { type: 'json' };
import { numericKey } from './numeric-key.ts';
import { within } from './watchdog.ts';

/** What the method `compile` gave for the target `wasm`. */
export interface CompiledPolicy {
  wasm: Uint8Array<ArrayBuffer>;
  /** As the result says. */
  builtins: string[];
  arrayComprehensions: boolean;
}

/** A policy ready to be evaluated, or why the engine has to do it. */
export type LoadedWasm = { applicable: true; evaluate: Evaluate } | { applicable: false; why: string };

/** `decided: false` leaves the decision to the engine; it is never a pass. */
export type WasmResult = { decided: true; value: unknown } | { decided: false; why: string };

/**
 * @param entrypoint such as `countersign/deny`; `value` is undefined when the rule is.
 * @param input a JSON document; undefined for none. Sets come back as arrays in no particular order.
 */
export type Evaluate = (entrypoint: string, input: unknown, options?: { timeoutMs?: number }) => WasmResult;

/** Pages of 64 KB. */
const memory = { initial: 32, maximum: 16_384 };

/**
 * @param data the document `data`.
 * @param allowed the built-ins that may be used; only the test that decides the list gives others.
 */
export async function loadWasm(
  policy: CompiledPolicy,
  data: Record<string, unknown>,
  allowed: readonly string[] = listed.wasm,
): Promise<LoadedWasm> {
  const refusal = refusalOfWasm(policy, data, allowed);
  if (refusal !== undefined) {
    return { applicable: false, why: `not applicable: ${refusal}` };
  }
  const { loadPolicy } = await import('@open-policy-agent/opa-wasm');
  try {
    const loaded = await loadPolicy(policy.wasm, { ...memory });
    loaded.setData(jsonBytes(data));
    // Only the names in the list may be asked for, whatever the caller said the policy uses.
    const asked = hostBuiltinsOf(loaded.wasmInstance).filter((name) => !allowed.includes(name));
    if (asked.length > 0) {
      return { applicable: false, why: `not applicable: built-in ${asked.join(', ')}` };
    }
    return { applicable: true, evaluate: evaluator(loaded) };
  } catch (error) {
    return { applicable: false, why: `not applicable: ${describe(error)}` };
  }
}

/** Why this policy is not for wasm, by what it uses; undefined when nothing is in the way. */
export function refusalOfWasm(
  policy: Pick<CompiledPolicy, 'builtins' | 'arrayComprehensions'>,
  data: unknown,
  allowed: readonly string[] = listed.wasm,
): string | undefined {
  const unknown = policy.builtins.filter((name) => !allowed.includes(name));
  if (unknown.length > 0) {
    return `built-in ${unknown.join(', ')}`;
  }
  if (policy.arrayComprehensions) {
    return 'an array comprehension: its order over a set or an object is not that of OPA';
  }
  const numeric = numericKey(data);
  return numeric === undefined ? undefined : `the key "${numeric}" in data: OPA finds it by the number, too`;
}

interface Loaded {
  entrypoints: Record<string, number>;
  evaluate(input: ArrayBuffer | undefined, entrypoint: string): unknown;
  wasmInstance: unknown;
}

function evaluator(loaded: Loaded): Evaluate {
  let broken: string | undefined;
  return (entrypoint, input, { timeoutMs = 10_000 } = {}) => {
    if (broken !== undefined) {
      return { decided: false, why: broken };
    }
    if (!Object.hasOwn(loaded.entrypoints, entrypoint)) {
      return { decided: false, why: `the policy has no entrypoint ${entrypoint}` };
    }
    try {
      // As bytes: the host takes `false`, `0`, `""` and `null` for no input at all.
      const document = input === undefined ? undefined : jsonBytes(input);
      return readResult(within(timeoutMs, () => loaded.evaluate(document, entrypoint)));
    } catch (error) {
      // Its memory may be in any state now.
      broken = `the evaluation ended without an answer: ${describe(error)}`;
      return { decided: false, why: broken };
    }
  };
}

/** The result set is empty, or holds one result. */
function readResult(result: unknown): WasmResult {
  if (!Array.isArray(result) || result.length > 1) {
    return { decided: false, why: `the evaluation gave no result set: ${JSON.stringify(result)}` };
  }
  const [first] = result;
  if (first === undefined) {
    return { decided: true, value: undefined };
  }
  if (typeof first !== 'object' || first === null || !Object.hasOwn(first, 'result')) {
    return { decided: false, why: `the evaluation gave no result: ${JSON.stringify(first)}` };
  }
  return { decided: true, value: first.result };
}

function jsonBytes(value: unknown): ArrayBuffer {
  return new TextEncoder().encode(JSON.stringify(value)).buffer;
}

/** The names by which the policy asks its host, from the policy itself. */
function hostBuiltinsOf(instance: unknown): string[] {
  const { exports } = instance as { exports: WasmExports };
  const bytes = new Uint8Array(exports.memory.buffer);
  const start = exports.opa_json_dump(exports.builtins());
  return Object.keys(JSON.parse(Buffer.from(bytes.subarray(start, bytes.indexOf(0, start))).toString('utf8')));
}

interface WasmExports {
  memory: { buffer: ArrayBuffer };
  builtins(): number;
  opa_json_dump(address: number): number;
}

function describe(error: unknown): string {
  if (typeof error === 'string') {
    return error;
  }
  // The watchdog's error is of another realm, where `instanceof Error` does not reach.
  const { message } = (error ?? {}) as { message?: unknown };
  return typeof message === 'string' ? message : JSON.stringify(error);
}
