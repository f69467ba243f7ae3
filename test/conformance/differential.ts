/** Compares the fast path with the engine: the same rule, input and data must give the same value, or be handed back. */
import { isDeepStrictEqual } from 'node:util';
import { loadPolicy } from '@open-policy-agent/opa-wasm';
import { type Engine, EngineError } from '../../engine/engine.ts';
import { type FastResult, loadFastPath } from '../../engine/fastpath.ts';
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
 * - `inapplicable`: there is no wasm of it.
 */
export interface Comparison {
  id: string;
  builtins: string[];
  outcome: 'agrees' | 'refused' | 'disagrees' | 'inapplicable';
  detail?: string;
}

/** What takes longer in wasm is handed back. */
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
    const compiled = await engine
      .call('compile', { workspace, target: 'wasm', entrypoints: [entrypoint] })
      .catch((error: EngineError) => error);
    if (compiled instanceof EngineError) {
      return { id, builtins: [], outcome: 'inapplicable', detail: compiled.message };
    }
    const { builtins, arrayComprehensions } = compiled;
    const wasm = new Uint8Array(Buffer.from(compiled.bytes, 'base64'));
    const policy = { wasm, builtins, arrayComprehensions };
    const fast = await loadFastPath(policy, data, allowed === 'all' ? builtins : allowed);
    if (!fast.applicable) {
      return { id, builtins, outcome: 'refused', detail: fast.why };
    }
    let decided = 0;
    let evaluate = fast.evaluate;
    for (const [index, input] of subject.inputs.entries()) {
      if (decided === 0 && index > 20) {
        break; // The host does not have the built-in.
      }
      const quick = evaluate(entrypoint, input, { timeoutMs: evaluationMs });
      if (!quick.decided) {
        const again = await loadFastPath(policy, data, builtins);
        evaluate = again.applicable ? again.evaluate : evaluate;
        continue;
      }
      decided++;
      const difference = await differenceOf(engine, workspace, subject, input, wasm, quick);
      if (difference !== undefined) {
        const detail = `on ${JSON.stringify(input)}: ${difference}`;
        return { id, builtins, outcome: 'disagrees', detail };
      }
    }
    return { id, builtins, outcome: decided > 0 ? 'agrees' : 'refused' };
  } finally {
    await engine.call('workspace/close', { workspace });
  }
}

async function differenceOf(
  engine: Engine,
  workspace: string,
  { entrypoint, data }: Subject,
  input: unknown,
  wasm: Uint8Array<ArrayBuffer>,
  quick: FastResult & { decided: true },
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
    return `the engine fails (${(error as Error).message}), the fast path says ${JSON.stringify(quick.value)}`;
  }
  if (!isDeepStrictEqual(unordered(value), unordered(quick.value))) {
    return `the engine says ${JSON.stringify(value)}, the fast path ${JSON.stringify(quick.value)}`;
  }
  if (value === undefined) {
    return undefined;
  }
  // JSON hides the order of arrays among sets and the precision of numbers; OPA's own terms do not.
  const text = await resultTerm(wasm, data, input, entrypoint);
  const same = await ask(
    input === undefined
      ? { query: `{{"result": ${rule}}} == ${text}` }
      : {
          // One query for all inputs: preparing it takes longer than answering.
          query: `expected := input.expected; value := ${rule} with input as input.actual; {{"result": value}} == expected`,
          inputTerm: `{"actual": ${JSON.stringify(input)}, "expected": ${text}}`,
        },
  );
  // A comparison that fails is `false` when it is the query, and no result when it is part of one.
  const agrees = same?.expressions.at(-1)?.value === true;
  return agrees ? undefined : `the engine says ${JSON.stringify(value)}, the fast path, as a term, ${text}`;
}

/** Sets have no order, and JSON does not tell them from arrays. */
function unordered(value: unknown): unknown {
  if (Array.isArray(value)) {
    return value.map(unordered).sort((a, b) => (exactJson(a) < exactJson(b) ? -1 : 1));
  }
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(Object.entries(value).map(([key, item]) => [key, unordered(item)]));
  }
  return value;
}

interface PolicyExports {
  memory: { buffer: ArrayBuffer };
  opa_eval(...args: number[]): number;
}

/** The result set as a Rego term: opa_eval's second format, which the host's library does not offer. */
async function resultTerm(
  wasm: Uint8Array<ArrayBuffer>,
  data: unknown,
  input: unknown,
  entrypoint: string,
): Promise<string> {
  const policy = await loadPolicy(await compiledModule(wasm), { initial: 64 });
  policy.setData(data as object);
  const { exports } = policy.wasmInstance as unknown as { exports: PolicyExports };
  const bytes = input === undefined ? new Uint8Array() : new TextEncoder().encode(JSON.stringify(input));
  const at: number = policy.dataHeapPtr;
  new Uint8Array(exports.memory.buffer).set(bytes, at);
  const inputAt = input === undefined ? 0 : at;
  const result = exports.opa_eval(
    0,
    policy.entrypoints[entrypoint],
    policy.dataAddr,
    inputAt,
    bytes.length,
    at + bytes.length,
    1,
  );
  const dumped = new Uint8Array(exports.memory.buffer);
  return Buffer.from(dumped.subarray(result, dumped.indexOf(0, result))).toString('utf8');
}

const modules = new WeakMap<Uint8Array, Promise<WebAssembly.Module>>();

function compiledModule(wasm: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  const compiled = modules.get(wasm) ?? WebAssembly.compile(wasm);
  modules.set(wasm, compiled);
  return compiled;
}
