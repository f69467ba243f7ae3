/** Holds the latest snapshot. The one place that changes. */
import { attached } from './attached.ts';
import { type Ground, nextSnapshot, type Root, type Snapshot } from './snapshot.ts';

export interface World {
  current(): Snapshot;
  /** Makes the next snapshot, and aborts the work on roots that it makes stale. */
  write(change: (snapshot: Snapshot) => Partial<Ground>): void;
  /** Aborted once the root is no longer part of the latest snapshot. */
  signalOf(root: Root): AbortSignal;
  /** Calls back after every write; returns how to stop. */
  onWrite(listener: (now: Snapshot, before: Snapshot) => void): () => void;
  /** Resolves at the first write after this revision (at once when there was one); rejects when the signal aborts. */
  changed(since: number, signal: AbortSignal): Promise<void>;
}

export function createWorld(first: Snapshot): World {
  let latest = first;
  const controllers = attached<Root, AbortController>();
  const listeners = new Set<(now: Snapshot, before: Snapshot) => void>();

  function onWrite(listener: (now: Snapshot, before: Snapshot) => void): () => void {
    listeners.add(listener);
    return () => listeners.delete(listener);
  }

  function signalOf(root: Root): AbortSignal {
    let controller = controllers.get(root);
    if (!controller) {
      controller = new AbortController();
      controllers.set(root, controller);
      if (latest.roots.get(root.id) !== root) controller.abort();
    }
    return controller.signal;
  }

  return {
    current: () => latest,
    write(change) {
      const before = latest;
      latest = nextSnapshot(before, change(before));
      for (const [id, root] of before.roots) {
        if (latest.roots.get(id) !== root) controllers.get(root)?.abort();
      }
      for (const listener of [...listeners]) listener(latest, before);
    },
    signalOf,
    onWrite,
    changed(since, signal) {
      return new Promise((resolve, reject) => {
        if (signal.aborted) return reject(signal.reason);
        if (latest.revision > since) return resolve();
        const stop = onWrite(() => {
          stop();
          signal.removeEventListener('abort', onAbort);
          resolve();
        });
        const onAbort = () => {
          stop();
          reject(signal.reason);
        };
        signal.addEventListener('abort', onAbort, { once: true });
      });
    },
  };
}
