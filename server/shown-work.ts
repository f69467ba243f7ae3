/** Long work that the user sees, and can stop, in an editor that shows such work. */
import type { ClientCapabilities, Connection } from 'vscode-languageserver';
import type { Runtime } from './runtime.ts';

/** Work as the user sees it. */
export interface ShownWork {
  report(done: number, all: number): void;
  /** Aborted when the user stops it. */
  signal: AbortSignal;
  done(): void;
}

/** Begins to show work; undefined where the client cannot. */
export type Show = (title: string) => Promise<ShownWork | undefined>;

/** The user stopped the work. */
export class Stopped extends Error {}

export function showIn(connection: Connection, client: () => ClientCapabilities): Show {
  return async (title) => {
    if (!client().window?.workDoneProgress) return undefined;
    const progress = await connection.window.createWorkDoneProgress();
    const stopped = new AbortController();
    progress.token.onCancellationRequested(() => stopped.abort());
    progress.begin(title, 0, undefined, true);
    return {
      report: (done, all) => progress.report(Math.floor((100 * done) / Math.max(all, 1)), `${done}/${all}`),
      signal: stopped.signal,
      done: () => progress.done(),
    };
  };
}

/** How long work may take before it is shown, in milliseconds: what flashes by tells nobody anything. */
const shownAfterMs = 1000;

interface Showing {
  show: Show;
  sleep: Runtime['sleep'];
  /** Instead of a second. */
  afterMs?: number;
}

/**
 * Does the work, shown once it takes long. Rejects with Stopped when the user stops it.
 *
 * @param work is given a signal that aborts as `signal` does, or when it is stopped; it may tell how far it is
 */
export async function shownWhenLong<R>(
  title: string,
  { show, sleep, afterMs = shownAfterMs }: Showing,
  signal: AbortSignal,
  work: (signal: AbortSignal, report: ShownWork['report']) => Promise<R>,
): Promise<R> {
  const over = new AbortController();
  const stop = new AbortController();
  let shown: ShownWork | undefined;
  sleep(afterMs, over.signal)
    .then(async () => {
      shown = await show(title);
      shown?.signal.addEventListener('abort', () => stop.abort());
      if (over.signal.aborted) shown?.done();
      else over.signal.addEventListener('abort', () => shown?.done());
    })
    .catch(() => undefined); // over before
  try {
    return await work(AbortSignal.any([signal, stop.signal]), (done, all) => shown?.report(done, all));
  } catch (error) {
    throw stop.signal.aborted ? new Stopped('It was stopped.') : error;
  } finally {
    over.abort();
  }
}
