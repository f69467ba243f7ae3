/**
 * Whose turn it is with the engine: what nobody waits for is asked when no answer is outstanding that somebody waits
 * for. An engine with one thread would else divide its time among all of them.
 */
export interface Turns {
  /** Counts the work as waited for until it has settled. */
  taken<T>(work: Promise<T>): Promise<T>;
  isTaken(): boolean;
  /** Resolves when nothing has been waited for of late; rejects with the signal's reason when that aborts first. */
  quiet(signal?: AbortSignal): Promise<void>;
}

/** How long nothing may have been waited for, in milliseconds: who types has the next question soon after an answer. */
const rest = 120;

export function createTurns(): Turns {
  let taken = 0;
  let released = Number.NEGATIVE_INFINITY;
  const waiting = new Set<() => void>();

  /** Resolves at the next release, when the signal aborts, or after so many milliseconds. */
  function change(ms: number | undefined, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve) => {
      const timer = ms === undefined ? undefined : setTimeout(done, ms);
      function done(): void {
        clearTimeout(timer);
        waiting.delete(done);
        signal?.removeEventListener('abort', done);
        resolve();
      }
      waiting.add(done);
      signal?.addEventListener('abort', done);
    });
  }

  return {
    async taken(work) {
      taken++;
      try {
        return await work;
      } finally {
        taken--;
        released = performance.now();
        if (taken === 0) for (const done of [...waiting]) done();
      }
    },
    isTaken: () => taken > 0,
    async quiet(signal) {
      for (;;) {
        signal?.throwIfAborted();
        const left = released + rest - performance.now();
        if (taken === 0 && left <= 0) return;
        await change(taken === 0 ? left : undefined, signal);
      }
    },
  };
}
