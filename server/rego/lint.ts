/** Regal's findings. */
import type { Problem } from '../../engine/protocol.ts';
import { derived } from '../derived.ts';
import type { Root, Snapshot } from '../snapshot.ts';
import { deadlineMs, keep, modulesOf } from './check.ts';

/** How many files a background step lints: few enough that an edit's own lint comes through between. */
const step = 8;

const single = derived((_: Root) => new Map<string, Promise<readonly Problem[]>>());

/** What the rules that look at one file find in it. Kept as long as its root does not change. */
export function lintModule(
  snapshot: Snapshot,
  root: Root,
  path: string,
  rootSignal: AbortSignal,
): Promise<readonly Problem[]> {
  return keep(single(root), path, async () => {
    const params = { paths: [path], aggregate: false };
    return (await snapshot.ask.root(root, 'lint', params, { signal: rootSignal, deadlineMs })).problems;
  });
}

/** What the rules that look across files found in a root the last time they ran, with the texts they saw. */
export interface AcrossFiles {
  root: Root;
  problems: readonly Problem[];
}

/**
 * Lints a whole root in small steps, then across files. The engine keeps what it has linted, so
 * that the next time costs little more than what changed.
 *
 * @param progress is told after each step how many modules are done
 */
export async function lintRoot(
  snapshot: Snapshot,
  root: Root,
  signal: AbortSignal,
  progress: (done: number, all: number) => void,
): Promise<{ single: Problem[]; across: AcrossFiles }> {
  const paths = modulesOf(root);
  const found: Problem[] = [];
  for (let done = 0; done < paths.length; done += step) {
    progress(done, paths.length);
    const params = { paths: paths.slice(done, done + step), aggregate: false };
    found.push(...(await snapshot.ask.root(root, 'lint', params, { signal, deadlineMs })).problems);
  }
  progress(paths.length, paths.length);
  const { problems } = await snapshot.ask.root(root, 'lint', { paths: [], aggregate: true }, { signal, deadlineMs });
  return { single: found, across: { root, problems } };
}
