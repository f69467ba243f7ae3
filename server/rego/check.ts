/** Syntax, compile and type errors, from OPA. */
import type { Problem } from '../../engine/protocol.ts';
import { derived } from '../derived.ts';
import type { Root, Snapshot } from '../snapshot.ts';
import { isModule } from './engine-files.ts';
import type { KeptFindings } from './kept-findings.ts';

/** For one answer of the engine; more than any real workspace needs. */
export const deadlineMs = 60_000;

/** For an answer about a whole root, which may have thousands of modules. */
export const rootDeadlineMs = 900_000;

/** What a check of one module found in it. */
export interface ModuleCheck {
  problems: readonly Problem[];
  /** Errors in other modules ended the compilation: there may be more. */
  incomplete: boolean;
}

const checks = derived((_: Root) => new Map<string, Promise<ModuleCheck>>());
const rootChecks = derived((_: Root): { problems?: readonly Problem[] | undefined } => ({}));

/** The problems of one module, checked with what it depends on. Kept as long as its root does not change. */
export function checkModule(
  snapshot: Snapshot,
  root: Root,
  path: string,
  rootSignal: AbortSignal,
  background = false,
): Promise<ModuleCheck> {
  return keep(checks(root), path, async () => {
    const options = { signal: rootSignal, deadlineMs, background };
    const { problems, incomplete = false } = await snapshot.ask.root(root, 'check', { paths: [path] }, options);
    return { problems: problems.filter((problem) => problem.path === path), incomplete };
  });
}

/** The problems of all modules of a root. Kept as long as the root does not change. */
export async function checkRoot(
  snapshot: Snapshot,
  root: Root,
  signal: AbortSignal,
  kept?: KeptFindings,
): Promise<readonly Problem[]> {
  const checked = rootChecks(root);
  checked.problems ??= kept?.whole('check');
  if (checked.problems) return checked.problems;
  // Not shared while it is under way: who asks may stop it, and that is nothing to another who asks.
  const { problems } = await snapshot.ask.root(
    root,
    'check',
    {},
    { signal, deadlineMs: rootDeadlineMs, background: true },
  );
  kept?.keepWhole('check', problems);
  checked.problems = problems;
  return problems;
}

/** The paths of a root's modules. */
export function modulesOf(root: Root): string[] {
  return [...root.files].filter(([path, document]) => isModule(path, document)).map(([path]) => path);
}

/** A failure is not kept: the next one who asks asks the engine again. */
export function keep<K, V>(kept: Map<K, Promise<V>>, key: K, make: () => Promise<V>): Promise<V> {
  const known = kept.get(key);
  if (known) return known;
  const made = make();
  kept.set(key, made);
  made.catch(() => {
    if (kept.get(key) === made) kept.delete(key);
  });
  return made;
}
