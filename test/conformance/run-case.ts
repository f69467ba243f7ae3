/** Runs one of OPA's conformance cases through the engine's methods, judging as OPA's own runner does. */
import { isDeepStrictEqual } from 'node:util';
import { type Engine, EngineError } from '../../engine/engine.ts';
import type { EvalParams, Location } from '../../engine/protocol.ts';
import type { Case } from './cases.ts';
import { exactJson, needsExactIntegers, readExactJson } from './values.ts';

/** Opens the case's modules as a workspace. */
export async function openCase(engine: Engine, workspace: string, test: Case): Promise<void> {
  await engine.call('workspace/open', {
    workspace,
    files: test.modules.map((text, index) => ({ path: `test-${index}.rego`, kind: 'module', text })),
    regoVersion: test.regoVersion,
    network: true,
  });
}

/** Nothing when the case passes, or how it fails. */
export async function runCase(engine: Engine, test: Case): Promise<string | undefined> {
  const workspace = test.id;
  await openCase(engine, workspace, test);
  try {
    return await judge(engine, workspace, test);
  } finally {
    await engine.call('workspace/close', { workspace });
  }
}

async function judge(engine: Engine, workspace: string, test: Case): Promise<string | undefined> {
  const params: EvalParams = { workspace, query: test.query, strictBuiltinErrors: test.strict_error ?? false };
  // Not as a file: OPA's runner, unlike its commands, lets a rule and data meet at one path.
  if (test.data !== undefined) {
    params.data = JSON.parse(exactJson(test.data));
  }
  if (test.input_term !== undefined) {
    params.inputTerm = test.input_term;
  } else if (test.input !== undefined) {
    params.inputTerm = exactJson(test.input);
  }
  const wantsError = test.want_error !== undefined || test.want_error_code !== undefined;
  let bindings: Record<string, unknown>[];
  try {
    bindings = await evaluate(engine, params, needsExactIntegers(test.want_result));
  } catch (error) {
    if (!(error instanceof EngineError)) {
      throw error;
    }
    return wantsError ? judgeError(test, error) : `fails with ${error.code}: ${error.message}`;
  }
  if (wantsError) {
    return `wants the error ${test.want_error_code ?? ''} ${test.want_error ?? ''}, got ${exactJson(bindings)}`;
  }
  if (test.want_result === undefined) {
    return 'wants neither a result nor an error';
  }
  // OPA compares as sets: neither order nor number of equal bindings counts.
  const got = asSet(bindings, test.sort_bindings ?? false);
  const want = asSet(test.want_result, false);
  return isDeepStrictEqual(got, want) ? undefined : `wants ${[...want].join(' ')}, got ${[...got].join(' ')}`;
}

function judgeError(test: Case, error: EngineError): string | undefined {
  const { code, location } = (error.data ?? {}) as { code?: string; location?: Location };
  if (test.want_error_code !== undefined && code !== test.want_error_code) {
    return `wants the error code ${test.want_error_code}, got ${code} (${error.code}: ${error.message})`;
  }
  // As Go's topdown.Error writes itself.
  const text = location ? `${location.path}:${location.range.start.line + 1}: ${error.message}` : error.message;
  if (test.want_error !== undefined && !text.includes(test.want_error)) {
    return `wants the error ${test.want_error}, got ${error.code}: ${text}`;
  }
  return undefined;
}

/** The bindings of the query's variables; with `exact`, through OPA's own JSON text, which keeps large integers. */
async function evaluate(engine: Engine, params: EvalParams, exact: boolean): Promise<Record<string, unknown>[]> {
  const query = exact ? `${params.query}; conformance_exact = json.marshal(x)` : params.query;
  const { evaluations } = await engine.call('eval', { ...params, query }, { deadlineMs: 30_000 });
  const results = evaluations[0]?.result ?? [];
  return results.map(({ bindings = {} }) =>
    exact ? { x: readExactJson(String(bindings.conformance_exact)) } : bindings,
  );
}

function asSet(bindings: Record<string, unknown>[], sort: boolean): Set<string> {
  return new Set(
    bindings.map((binding) => {
      const entries = Object.entries(binding).map(([name, value]) => [
        name,
        sort && Array.isArray(value) ? sortValues(value) : value,
      ]);
      return exactJson(Object.fromEntries(entries));
    }),
  );
}

/** Any total order will do when both sides use it, but only one side is sorted: this is OPA's `util.Compare`. */
function sortValues(values: unknown[]): unknown[] {
  return [...values].sort(compare);
}

const typeOrder = ['null', 'boolean', 'number', 'string', 'array', 'object'];

function typeOf(value: unknown): string {
  if (value === null) {
    return 'null';
  }
  return Array.isArray(value) ? 'array' : typeof value === 'bigint' ? 'number' : typeof value;
}

function compare(a: unknown, b: unknown): number {
  const type = typeOf(a);
  if (type !== typeOf(b)) {
    return typeOrder.indexOf(type) - typeOrder.indexOf(typeOf(b));
  }
  if (type === 'array') {
    return compareLists(a as unknown[], b as unknown[]);
  }
  if (type === 'object') {
    const [left, right] = [a, b].map((item) => Object.entries(item as object).sort(([x], [y]) => (x < y ? -1 : 1)));
    return compareLists(left?.flat() ?? [], right?.flat() ?? []);
  }
  return (a as number) < (b as number) ? -1 : (a as number) > (b as number) ? 1 : 0;
}

function compareLists(a: unknown[], b: unknown[]): number {
  for (let index = 0; index < Math.min(a.length, b.length); index++) {
    const order = compare(a[index], b[index]);
    if (order !== 0) {
      return order;
    }
  }
  return a.length - b.length;
}
