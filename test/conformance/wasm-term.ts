/** What a wasm policy answers, with sets and exact numbers. */
import { loadPolicy } from '@open-policy-agent/opa-wasm';

interface PolicyExports {
  memory: { buffer: ArrayBuffer };
  opa_eval(...args: number[]): number;
}

/** The value of an entrypoint as a term of Rego: opa_eval's second format, which the host's library does not offer. */
export async function wasmTerm(
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
  const set = Buffer.from(dumped.subarray(result, dumped.indexOf(0, result))).toString('utf8');
  // A set of one object with one key.
  return set.slice('{{"result": '.length, -'}}'.length);
}

const modules = new WeakMap<Uint8Array, Promise<WebAssembly.Module>>();

function compiledModule(wasm: Uint8Array<ArrayBuffer>): Promise<WebAssembly.Module> {
  const compiled = modules.get(wasm) ?? WebAssembly.compile(wasm);
  modules.set(wasm, compiled);
  return compiled;
}
