/** Open modules beside one that is being edited: what it breaks in them is to be seen soon. */
import { kindOf } from '../file-kinds.ts';
import { onceSettled } from '../once-settled.ts';
import { isRego } from '../rego/engine-files.ts';
import { changedPaths, sameInherited } from '../roots.ts';
import { locate, type Root, type Snapshot } from '../snapshot.ts';
import type { Background } from './background.ts';

/** How long nothing may have been written before the others are looked at, in milliseconds. */
const settle = 150;

/**
 * Calls back with the URIs of open modules whose root another document changed, and with those of them that are linted
 * otherwise than before. The engine knows at once of those that need nothing of what changed.
 */
export function watchDependents(
  { world, runtime }: Pick<Background, 'world' | 'runtime'>,
  look: (uris: string[], relinted: ReadonlySet<string>) => Promise<boolean>,
  signal: AbortSignal,
): void {
  /** By the last write; what was asked about them before it, it overtook. */
  let edited: ReadonlySet<string> = new Set();
  /** Ids of the roots that changed. Not the roots: they would be kept, with all that is known of them. */
  const changed = new Set<string>();
  const relinted = new Set<string>();
  const wait = onceSettled(runtime.sleep, settle, settled, signal);
  const stop = world.onWrite((now, before) => {
    if (now.roots === before.roots) return;
    edited = editedBetween(before, now);
    for (const [id, root] of now.roots) {
      const old = before.roots.get(id);
      if (old === root) continue;
      changed.add(id);
      if (old && isLintedOtherwise(old, root)) relinted.add(id);
    }
    wait();
  });
  signal.addEventListener('abort', stop, { once: true });

  function settled(): void {
    const now = world.current();
    const uris: string[] = [];
    const anew = new Set<string>();
    for (const [key, { uri }] of now.open) {
      const place = edited.has(key) ? undefined : locate(now, uri);
      if (!place || !isRego(place.path, place.document) || !changed.has(place.root.id)) continue;
      uris.push(uri);
      if (relinted.has(place.root.id)) anew.add(uri);
    }
    const roots = [...relinted];
    changed.clear();
    relinted.clear();
    if (uris.length === 0) return;
    void look(uris, anew).then((done) => {
      if (!done) for (const id of roots) relinted.add(id);
    });
  }
}

/** Whether something changed that decides on the lint of all modules. */
function isLintedOtherwise(before: Root, now: Root): boolean {
  if (before.trusted !== now.trusted || !sameInherited(before, now)) return true;
  return changedPaths(before, now).some((path) => forLint.has(kindOf(path)));
}

const forLint: ReadonlySet<unknown> = new Set(['lint-config', 'lint-rule', 'capabilities']);

function editedBetween(before: Snapshot, now: Snapshot): Set<string> {
  return new Set([...now.open].filter(([key, one]) => before.open.get(key) !== one).map(([key]) => key));
}
