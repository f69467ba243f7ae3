/** Open modules beside one that is being edited: what it breaks in them is to be seen soon. */
import { onceSettled } from '../once-settled.ts';
import { isModule } from '../rego/engine-files.ts';
import { locate, type Snapshot } from '../snapshot.ts';
import type { Background } from './background.ts';

/** How long nothing may have been written before the others are looked at, in milliseconds. */
const settle = 150;

/**
 * Calls back with the URIs of open modules whose root another document changed. The engine knows at once of those
 * that need nothing of what changed.
 */
export function watchDependents(
  { world, runtime }: Pick<Background, 'world' | 'runtime'>,
  look: (uris: string[]) => void,
  signal: AbortSignal,
): void {
  /** By the last write; what was asked about them before it, it overtook. */
  let edited: ReadonlySet<string> = new Set();
  /** Ids of the roots that changed. Not the roots: they would be kept, with all that is known of them. */
  const changed = new Set<string>();
  const wait = onceSettled(runtime.sleep, settle, settled, signal);
  const stop = world.onWrite((now, before) => {
    if (now.roots === before.roots) return;
    edited = editedBetween(before, now);
    for (const [id, root] of now.roots) if (before.roots.get(id) !== root) changed.add(id);
    wait();
  });
  signal.addEventListener('abort', stop, { once: true });

  function settled(): void {
    const now = world.current();
    const uris: string[] = [];
    for (const [key, { uri }] of now.open) {
      const place = edited.has(key) ? undefined : locate(now, uri);
      if (place && isModule(place.path, place.document) && changed.has(place.root.id)) uris.push(uri);
    }
    changed.clear();
    if (uris.length > 0) look(uris);
  }
}

function editedBetween(before: Snapshot, now: Snapshot): Set<string> {
  return new Set([...now.open].filter(([key, one]) => before.open.get(key) !== one).map(([key]) => key));
}
