/** Work that waits until nothing has called for it for a while. */
import type { Runtime } from './runtime.ts';

/**
 * @param ms how long nothing may have called for it
 * @param end aborts for good
 * @returns how to call for it
 */
export function onceSettled(sleep: Runtime['sleep'], ms: number, settled: () => void, end?: AbortSignal): () => void {
  let waiting = new AbortController();
  end?.addEventListener('abort', () => waiting.abort(), { once: true });
  return () => {
    waiting.abort();
    waiting = new AbortController();
    if (!end?.aborted) sleep(ms, waiting.signal).then(settled, overtaken);
  };
}

/** Not written where it is used: it would keep what is in scope there, and so each version of a text, until the end. */
function overtaken(): void {}
