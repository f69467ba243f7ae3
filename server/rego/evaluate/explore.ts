/** What else can be seen of a module: what is left of it without the input, what the compiler makes of it, what tests cover. */
import type {
  CompilerStagesResult,
  EvaluatePartiallyParams,
  EvaluatePartiallyResult,
  InputSkeletonResult,
  TestCoverageResult,
} from '../../protocol.ts';
import { type Snapshot, uriOf } from '../../snapshot.ts';
import { modulesOf, occurrencesIn } from '../names/modules.ts';
import { type Asked, coverageOf, problemsOf } from './evaluate.ts';
import { type Target, targetOf } from './targets.ts';

/** Rejects when it is cancelled, and when the engine itself is out of reach. */
export async function evaluatePartially(
  { ask }: Snapshot,
  asked: Asked,
  { target: wanted, unknowns }: EvaluatePartiallyParams,
  signal: AbortSignal,
): Promise<EvaluatePartiallyResult> {
  let target: Target | undefined;
  try {
    target = targetOf(asked.module, wanted);
    const { query } = target;
    const question = { path: asked.path, query, ...(unknowns && { unknowns }), timeoutMs: 30_000 };
    const left = await ask.root(asked.root, 'partial', question, { signal, evenIfStale: true, deadlineMs: 90_000 });
    return { query, ...left, problems: [] };
  } catch (error) {
    if (signal.aborted) throw error;
    const problems = problemsOf(error, asked, target);
    if (!problems) throw error;
    return { query: target?.query ?? '', queries: [], support: [], problems };
  }
}

export async function compilerStages(
  { ask }: Snapshot,
  { root, path }: Asked,
  signal: AbortSignal,
): Promise<CompilerStagesResult> {
  const { stages, problems } = await ask.root(
    root,
    'stages',
    { path },
    { signal, evenIfStale: true, deadlineMs: 60_000 },
  );
  return {
    stages,
    problems: problems.map((problem) => ({
      message: problem.message,
      place: { uri: uriOf(root, problem.path), range: problem.range },
    })),
  };
}

/** Runs all tests of the module's root. */
export async function testCoverage(
  { ask }: Snapshot,
  { root }: Asked,
  signal: AbortSignal,
): Promise<TestCoverageResult> {
  const { tests, coverage, problems } = await ask.root(
    root,
    'test',
    { coverage: true, timeoutMs: 30_000 },
    { signal, evenIfStale: true },
  );
  return {
    ...(coverage && { coverage: coverageOf(root, coverage) }),
    failed: tests.filter(({ outcome }) => outcome === 'fail' || outcome === 'error').map(({ name }) => name),
    problems: problems
      .filter(({ severity }) => severity === 'error')
      .map(({ path, message, range }) => ({ message, place: { uri: uriOf(root, path), range } })),
  };
}

type Skeleton = { [name: string]: Skeleton | null };

/** Everything of the input that a module names, with null where nothing more is known. */
export function inputSkeleton({ root, module }: Asked): InputSkeletonResult {
  const whole: Skeleton = {};
  for (const { meaning } of occurrencesIn(modulesOf(root), module)) {
    if (meaning.kind !== 'input') continue;
    let at = whole;
    const names = meaning.path.slice(1);
    names.forEach((name, index) => {
      // `__proto__` is a name like any other here.
      const known = Object.hasOwn(at, name) ? at[name] : undefined;
      if (index === names.length - 1) {
        if (known === undefined) define(at, name, null);
        return;
      }
      const next = known ?? {};
      if (!known) define(at, name, next);
      at = next;
    });
  }
  return { text: `${JSON.stringify(whole, undefined, 2)}\n` };
}

function define(at: Skeleton, name: string, value: Skeleton | null): void {
  Object.defineProperty(at, name, { value, enumerable: true, writable: true, configurable: true });
}
