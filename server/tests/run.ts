/** Runs policy tests: Rego's in the engine, JSON Schema's by core. One result for each test, as it is known. */
import { runSchemaTests } from '../../core/policies/schema-test.ts';
import type { Problem, TestResult } from '../../engine/protocol.ts';
import { kindOf } from '../file-kinds.ts';
import type { RunTestsResult, TestResultParams } from '../protocol.ts';
import { type Root, type Snapshot, uriOf } from '../snapshot.ts';
import type { FoundTest } from './discover.ts';

export type Report = (result: Omit<TestResultParams, 'runId'>) => void;

/** Runs these tests, all of the snapshot; `report` is told each once. Rejects when it is cancelled. */
export async function runFound(
  snapshot: Snapshot,
  tests: readonly FoundTest[],
  signal: AbortSignal,
  report: Report,
): Promise<RunTestsResult> {
  const sum: RunTestsResult = { passed: 0, failed: 0, errored: 0, skipped: 0 };
  const told: Report = (result) => {
    sum[counters[result.outcome]] += 1;
    report(result);
  };
  for (const [root, inRoot] of byRoot(tests)) {
    signal.throwIfAborted();
    const [rego, schema] = [inRoot.filter(isKind('rego')), inRoot.filter(isKind('schema'))];
    if (schema.length > 0) runSchema(root, schema, told);
    if (rego.length > 0) await runRego(snapshot, root, rego, signal, told);
  }
  return sum;
}

const counters = { pass: 'passed', fail: 'failed', error: 'errored', skip: 'skipped' } as const;

function isKind(kind: FoundTest['kind']): (test: FoundTest) => boolean {
  return (test) => test.kind === kind;
}

async function runRego(
  snapshot: Snapshot,
  root: Root,
  tests: readonly FoundTest[],
  signal: AbortSignal,
  report: Report,
): Promise<void> {
  const waiting = new Map(tests.map((test) => [placeKey(test.path, test.range.start.line), test]));
  // The cases of a table test come one by one and make one result together.
  let cases: { test: FoundTest; results: TestResult[] } | undefined;
  const flush = () => {
    if (cases) report(summary(root, cases.test, cases.results));
    cases = undefined;
  };
  const onTestFinished = (result: TestResult) => {
    const key = placeKey(result.location.path, result.location.range.start.line);
    if (cases && placeKey(cases.test.path, cases.test.range.start.line) === key) {
      cases.results.push(result);
      return;
    }
    flush();
    const test = waiting.get(key);
    // Rules of one name share the filter; those that were not asked for are not told.
    if (!test) return;
    waiting.delete(key);
    cases = { test, results: [result] };
    if (!result.name.includes('/')) flush();
  };
  const params = {
    paths: [...new Set(tests.map(({ path }) => path))],
    timeoutMs: 30_000,
    filter: `^(?:${[...new Set(tests.map(({ name }) => quoted(name)))].join('|')})(?:#\\d+)?$`,
  };
  const { problems } = await snapshot.ask.root(root, 'test', params, { signal, onTestFinished, evenIfStale: true });
  flush();
  for (const test of waiting.values()) report(withoutResult(root, test, problems));
}

function placeKey(path: string, line: number): string {
  return `${line}:${path}`;
}

/** A text that means itself in a regular expression of Go's. */
function quoted(text: string): string {
  return text.replace(/[\\.+*?()|[\]{}^$]/g, '\\$&');
}

/** The test did not run. */
function withoutResult(root: Root, { id, path }: FoundTest, problems: readonly Problem[]): Parameters<Report>[0] {
  const cause =
    problems.find((problem) => problem.severity === 'error' && problem.path === path) ??
    problems.find((problem) => problem.severity === 'error');
  if (!cause) return { id, outcome: 'error', durationMs: 0, message: 'The engine gave no result for this test.' };
  return {
    id,
    outcome: 'error',
    durationMs: 0,
    message: `The policies do not compile: ${cause.message}`,
    location: { uri: uriOf(root, cause.path), range: cause.range },
  };
}

const worst = ['error', 'fail', 'skip', 'pass'] as const;

function summary(root: Root, { id, kind }: FoundTest, results: readonly TestResult[]): Parameters<Report>[0] {
  const outcome = worst.find((one) => results.some((result) => result.outcome === one)) ?? 'error';
  const telling = results.filter((result) => result.outcome === outcome && outcome !== 'pass');
  const message = telling
    .map((result) => explain(result, kind))
    .filter(Boolean)
    .join('\n\n');
  const location = telling[0]?.failure?.location;
  const output = results.map((result) => result.output ?? '').join('');
  return {
    id,
    outcome,
    durationMs: results.reduce((sum, { durationMs }) => sum + durationMs, 0),
    ...(message !== '' && { message }),
    ...(location && { location: { uri: uriOf(root, location.path), range: location.range } }),
    ...(output !== '' && { output }),
  };
}

/** Why a test, or a case of it, did not pass. */
function explain({ name, error, failure, outcome }: TestResult, kind: FoundTest['kind']): string {
  // A schema test's name begins with its schema's path.
  const at = kind === 'rego' ? name.indexOf('/') : -1;
  const which = at < 0 ? '' : `${name.slice(at + 1)}: `;
  if (error) return which + error;
  if (!failure) return outcome === 'fail' ? `${which}the test did not hold` : '';
  const locals = Object.entries(failure.locals).map(([local, value]) => `  ${local} = ${JSON.stringify(value)}`);
  const what = kind === 'rego' ? `this did not hold: ${failure.text}` : failure.text;
  return [which + what, ...locals].join('\n');
}

function runSchema(root: Root, tests: readonly FoundTest[], report: Report): void {
  const files = [...root.files].map(([path, { text }]) => ({ path, text }));
  const schemas = files.filter(({ path }) => kindOf(path) === 'schema');
  const wanted = new Set(tests.map(({ path }) => path));
  const testFiles = files.filter(({ path }) => wanted.has(path));
  const { tests: results } = runSchemaTests(testFiles, schemas);
  const byPlace = new Map(
    results.map((result) => [placeKey(result.location.path, result.location.range.start.line), result]),
  );
  for (const test of tests) {
    const result = byPlace.get(placeKey(test.path, test.range.start.line));
    report(result ? summary(root, test, [result]) : withoutResult(root, test, []));
  }
}

function byRoot(tests: readonly FoundTest[]): Map<Root, FoundTest[]> {
  const groups = new Map<Root, FoundTest[]>();
  for (const test of tests) {
    const group = groups.get(test.root);
    if (group) group.push(test);
    else groups.set(test.root, [test]);
  }
  return groups;
}
