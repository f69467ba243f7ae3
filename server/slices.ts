/** Long work in slices, between which requests get their turn. */
import type { Runtime } from './runtime.ts';
import type { World } from './world.ts';

/** How long a slice takes, in milliseconds: no request waits longer for it. */
const slice = 4;

/** How long who types comes first, in milliseconds from the last write on; who waits for a check does, too. */
const writing = 200;

/** How long the work then rests between slices, in milliseconds. */
export const pause = 50;

interface Parts {
  world: World;
  runtime: Pick<Runtime, 'sleep'>;
  /** Whether somebody waits for the engine's answer about a module. */
  isAwaited(): boolean;
}

/**
 * Goes through the work to its end. Rejects with the signal's reason when that aborts.
 *
 * @param isAsked whether somebody waits for it: else it rests while somebody types, or waits for the engine
 */
export type InSlices = (work: Iterable<unknown>, isAsked: boolean, signal: AbortSignal) => Promise<void>;

/** @param ended when writes are no longer heeded */
export function createSlices({ world, runtime, isAwaited }: Parts, ended: AbortSignal): InSlices {
  let written = 0;
  const stop = world.onWrite(() => {
    written = performance.now();
  });
  ended.addEventListener('abort', stop, { once: true });
  return async (work, isAsked, signal) => {
    let began = performance.now();
    for (const _ of work) {
      if (performance.now() - began < slice) continue;
      const later = !isAsked && (isAwaited() || performance.now() - written < writing);
      await runtime.sleep(later ? pause : 0, signal);
      began = performance.now();
    }
  };
}
