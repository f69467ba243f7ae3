/** Reports on whole roots, in the background: when writes have settled, with progress, cancellable. */
import type { Diagnostic } from 'vscode-languageserver';
import { modulesOf } from '../rego/check.ts';
import type { Runtime } from '../runtime.ts';
import { type Show, Stopped, shownWhenLong } from '../shown-work.ts';
import { type Root, type Snapshot, Stale } from '../snapshot.ts';
import type { World } from '../world.ts';
import type { Context, RootReportKind } from './reports.ts';
import { reportRoot } from './root-reports.ts';

/**
 * How long nothing may have been written before work on whole roots begins, in milliseconds; the first time, when nobody
 * has typed yet, the shorter time for both.
 */
const settle: Record<RootReportKind, number> = { check: 200, lint: 800 };

export interface Background {
  world: World;
  runtime: Pick<Runtime, 'sleep'>;
  context: Context;
  /** Resolves when the folders have been read; until then a module's imports look undefined. */
  ready(): Promise<void>;
  show: Show;
  log(line: string): void;
}

/** How many modules make a first lint long enough to be shown at once. */
const worthShowing = 40;

/**
 * The diagnostics of every root of the latest snapshot. Begins again when a write overtakes it.
 * Rejects when the signal aborts, and with the engine's error when that fails.
 */
export async function reportLatest(
  kind: RootReportKind,
  background: Background,
  signal: AbortSignal,
): Promise<{ snapshot: Snapshot; reports: Map<string, Diagnostic[]> }> {
  for (;;) {
    await background.ready();
    // What an earlier session found of the same files is there at once. Later on, asking would cost more than waiting.
    const first = !begun[kind].has(background);
    begun[kind].add(background);
    const snapshot =
      (first && (await keptOf(kind, background))) || (await settled(first ? 'check' : kind, background, signal));
    try {
      return { snapshot, reports: await reportRoots(kind, background, snapshot, signal) };
    } catch (error) {
      signal.throwIfAborted();
      // The roots' own signals abort when a write replaces them.
      if (error instanceof Stale || background.world.current().revision !== snapshot.revision) continue;
      throw error;
    }
  }
}

async function reportRoots(
  kind: RootReportKind,
  background: Background,
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<Map<string, Diagnostic[]>> {
  const reports = new Map<string, Diagnostic[]>();
  for (const root of snapshot.roots.values()) {
    if (root.kind === 'document') continue; // open, so it is reported by itself
    for (const [uri, diagnostics] of await reportShown(kind, background, snapshot, root, signal)) {
      reports.set(uri, [...(reports.get(uri) ?? []), ...diagnostics]);
    }
  }
  return reports;
}

/** What the user stopped: not again until something changes. */
const stopped: Record<RootReportKind, WeakSet<Root>> = { check: new WeakSet(), lint: new WeakSet() };

async function reportShown(
  kind: RootReportKind,
  background: Background,
  snapshot: Snapshot,
  root: Root,
  signal: AbortSignal,
): Promise<Map<string, Diagnostic[]>> {
  if (stopped[kind].has(root)) return new Map();
  const { context, show, runtime } = background;
  const long = kind === 'lint' && modulesOf(root).length >= worthShowing && !context.across.has(root.id);
  const either = AbortSignal.any([signal, context.signalOf(root)]);
  try {
    return await shownWhenLong(
      titles[kind],
      { show, sleep: runtime.sleep, ...(long && { afterMs: 0 }) },
      either,
      (stoppable, report) => reportRoot(kind, snapshot, root, context, stoppable, report),
    );
  } catch (error) {
    if (!(error instanceof Stopped)) throw error;
    stopped[kind].add(root);
    return new Map();
  }
}

const titles: Record<RootReportKind, string> = {
  check: 'Countersign: checking policies',
  lint: 'Countersign: linting policies',
};

const begun: Record<RootReportKind, WeakSet<Background>> = { check: new WeakSet(), lint: new WeakSet() };

/** What a report on a root is made of. */
const wholes = { check: ['check', 'fields'], lint: ['across'] } as const;

/** The latest snapshot, if a report on all its roots takes no work. */
async function keptOf(
  kind: RootReportKind,
  { world, context: { findings } }: Background,
): Promise<Snapshot | undefined> {
  const snapshot = world.current();
  if (!findings) return undefined;
  for (const root of snapshot.roots.values()) {
    if (root.kind === 'document') continue;
    if (root.kind === 'embedded') return undefined;
    const kept = await findings.of(root);
    if (wholes[kind].some((one) => kept.whole(one) === undefined)) return undefined;
  }
  return snapshot;
}

/** The latest snapshot, once nothing has been written for a while. */
async function settled(kind: RootReportKind, { world, runtime }: Background, signal: AbortSignal): Promise<Snapshot> {
  // No snapshot is held meanwhile: it would keep what is known of texts that have long been typed over.
  const revision = () => world.current().revision;
  for (let before = -1; before !== revision(); ) {
    before = revision();
    await runtime.sleep(settle[kind], signal);
  }
  return world.current();
}
