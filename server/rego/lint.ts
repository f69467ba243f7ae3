/** Regal's findings. */
import { EngineError } from '../../engine/engine.ts';
import { errorCodes, type Problem } from '../../engine/protocol.ts';
import { derived } from '../derived.ts';
import type { Document, Root, Snapshot } from '../snapshot.ts';
import { deadlineMs, keep, modulesOf, rootDeadlineMs } from './check.ts';
import { withoutIndentation } from './embedded/layout.ts';
import type { KeptFindings } from './kept-findings.ts';

/**
 * How long a background step should take, in milliseconds, and how many files it may lint: little enough that an edit's
 * own lint comes through between, and enough for all processors.
 */
const stepMs = 400;
const [fewest, most] = [4, 32];

const single = derived((_: Root) => new Map<string, Promise<readonly Problem[]>>());

/** What the rules that look at one file find in it. Kept as long as its root does not change. */
export function lintModule(
  snapshot: Snapshot,
  root: Root,
  path: string,
  rootSignal: AbortSignal,
  kept?: KeptFindings,
  background = false,
): Promise<readonly Problem[]> {
  return keep(single(root), path, async () => {
    const document = root.files.get(path);
    const known = document && kept?.module(path, document);
    if (known) return known;
    const params = { paths: [path], aggregate: false };
    const { problems } = await snapshot.ask.root(root, 'lint', params, { signal: rootSignal, deadlineMs, background });
    const found = problems.filter((problem) => problem.path === path);
    const own = await withoutIndentation(snapshot, root, found, rootSignal);
    if (document) kept?.keepModule(path, document, own);
    return own;
  });
}

/** What the rules that look across files found in a root the last time they ran, with the texts they saw. */
export interface AcrossFiles {
  root: Root;
  /** With what is wrong with the configuration. */
  problems: readonly Problem[];
}

/** What the engine has linted since the server started: it keeps what the rules across files need of them. */
const linted = new WeakSet<Document>();

/**
 * Lints a whole root in small steps, then across files. The engine keeps what it has linted, so
 * that the next time costs little more than what changed.
 *
 * @param kept is what is known already, and is told the rest
 * @param progress is told after each step how many modules are done
 */
export async function lintRoot(
  snapshot: Snapshot,
  root: Root,
  kept: KeptFindings | undefined,
  signal: AbortSignal,
  progress: (done: number, all: number) => void,
): Promise<{ single: Problem[]; across: AcrossFiles; failure?: string }> {
  const found: Problem[] = [];
  const todo: [path: string, document: Document][] = [];
  const acrossKnown = kept?.whole('across');
  for (const path of modulesOf(root)) {
    const document = root.files.get(path) as Document;
    const known = kept?.module(path, document);
    if (known && (acrossKnown || linted.has(document))) found.push(...known);
    else todo.push([path, document]);
  }
  let step = 2 * fewest;
  for (let done = 0; done < todo.length; ) {
    progress(done, todo.length);
    const some = todo.slice(done, done + step);
    const began = performance.now();
    const params = { paths: some.map(([path]) => path), aggregate: false };
    const answer = await snapshot.ask.root(root, 'lint', params, { signal, deadlineMs, background: true });
    const problems = await withoutIndentation(snapshot, root, answer.problems, signal);
    for (const [path, document] of some) {
      const own = problems.filter((problem) => problem.path === path);
      found.push(...own);
      kept?.keepModule(path, document, own);
      linted.add(document);
    }
    done += some.length;
    step = Math.max(fewest, Math.min(most, Math.round((step * stepMs) / (performance.now() - began))));
  }
  progress(todo.length, todo.length);
  if (acrossKnown) return { single: found, across: { root, problems: acrossKnown } };
  const params = { paths: [], aggregate: true };
  try {
    const { problems } = await snapshot.ask.root(root, 'lint', params, {
      signal,
      deadlineMs: rootDeadlineMs,
      background: true,
    });
    kept?.keepWhole('across', problems);
    return { single: found, across: { root, problems } };
  } catch (error) {
    // Rules that fail together are no reason to withhold what each module's own findings are.
    if (signal.aborted || !(error instanceof EngineError) || passing.has(error.code)) throw error;
    return { single: found, across: { root, problems: [] }, failure: error.message };
  }
}

/** Errors that do not speak of the modules. */
const passing = new Set<number>([errorCodes.cancelled, errorCodes.died, errorCodes.unavailable]);
