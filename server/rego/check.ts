/** Syntax, compile and type errors, from OPA. */
import type { Problem } from '../../engine/protocol.ts';
import { derived } from '../derived.ts';
import type { Root, Snapshot } from '../snapshot.ts';
import { isModule } from './engine-files.ts';

/** For one answer of the engine; more than any real workspace needs. */
export const deadlineMs = 60_000;

/** By path, or of the whole root. */
const checks = derived((_: Root) => new Map<string | typeof whole, Promise<readonly Problem[]>>());
const whole = Symbol('whole');

/** The problems of one module, checked with what it depends on. Kept as long as its root does not change. */
export function checkModule(
  snapshot: Snapshot,
  root: Root,
  path: string,
  rootSignal: AbortSignal,
): Promise<readonly Problem[]> {
  return keep(checks(root), path, async () => {
    const { problems } = await snapshot.ask.root(root, 'check', { paths: [path] }, { signal: rootSignal, deadlineMs });
    return problems.filter((problem) => problem.path === path);
  });
}

/** The problems of all modules of a root. */
export function checkRoot(snapshot: Snapshot, root: Root, rootSignal: AbortSignal): Promise<readonly Problem[]> {
  return keep(checks(root), whole, async () => {
    return (await snapshot.ask.root(root, 'check', {}, { signal: rootSignal, deadlineMs })).problems;
  });
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
