/** Reports on whole roots, in the background: when writes have settled, with progress, cancellable. */
import type { Diagnostic } from 'vscode-languageserver';
import { modulesOf } from '../rego/check.ts';
import type { Runtime } from '../runtime.ts';
import { type Root, type Snapshot, Stale } from '../snapshot.ts';
import type { World } from '../world.ts';
import { type Context, type ReportKind, reportRoot } from './reports.ts';

/** How long nothing may have been written before work on whole roots begins, in milliseconds. */
const settle: Record<ReportKind, number> = { check: 200, lint: 800 };

/** Work that is shown to the user, where it is long. */
export interface ShownWork {
  report(done: number, all: number): void;
  /** Aborted when the user stops it. */
  signal: AbortSignal;
  done(): void;
}

export interface Background {
  world: World;
  runtime: Pick<Runtime, 'sleep'>;
  context: Context;
  /** Resolves when the folders have been read; until then a module's imports look undefined. */
  ready(): Promise<void>;
  /** Begins to show work to the user; undefined where the client cannot. */
  show(title: string): Promise<ShownWork | undefined>;
  log(line: string): void;
}

/** How many modules make a lint long enough to be shown. */
const worthShowing = 40;

/**
 * The diagnostics of every root of the latest snapshot. Begins again when a write overtakes it.
 * Rejects when the signal aborts, and with the engine's error when that fails.
 */
export async function reportLatest(
  kind: ReportKind,
  background: Background,
  signal: AbortSignal,
): Promise<{ snapshot: Snapshot; reports: Map<string, Diagnostic[]> }> {
  for (;;) {
    await background.ready();
    const snapshot = await settled(kind, background, signal);
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
  kind: ReportKind,
  background: Background,
  snapshot: Snapshot,
  signal: AbortSignal,
): Promise<Map<string, Diagnostic[]>> {
  const reports = new Map<string, Diagnostic[]>();
  for (const root of snapshot.roots.values()) {
    if (root.kind === 'document') continue; // open, so it is reported by itself
    for (const [uri, diagnostics] of await reportShown(kind, background, snapshot, root, signal)) {
      reports.set(uri, diagnostics);
    }
  }
  return reports;
}

const stopped = new WeakSet<Root>();

async function reportShown(
  kind: ReportKind,
  { context, show }: Background,
  snapshot: Snapshot,
  root: Root,
  signal: AbortSignal,
): Promise<Map<string, Diagnostic[]>> {
  if (kind === 'lint' && stopped.has(root)) return new Map();
  const long = kind === 'lint' && modulesOf(root).length >= worthShowing && !context.across.has(root.id);
  const shown = long ? await show('Countersign: linting policies') : undefined;
  const signals = [signal, context.signalOf(root), ...(shown ? [shown.signal] : [])];
  try {
    return await reportRoot(kind, snapshot, root, context, AbortSignal.any(signals), (done, all) =>
      shown?.report(done, all),
    );
  } catch (error) {
    if (!shown?.signal.aborted) throw error;
    // The user stopped it: not again until something changes.
    stopped.add(root);
    return new Map();
  } finally {
    shown?.done();
  }
}

/** The latest snapshot, once nothing has been written for a while. */
async function settled(kind: ReportKind, { world, runtime }: Background, signal: AbortSignal): Promise<Snapshot> {
  for (;;) {
    const snapshot = world.current();
    await runtime.sleep(settle[kind], signal);
    if (world.current().revision === snapshot.revision) return snapshot;
  }
}
