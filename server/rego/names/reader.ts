/** Reads the modules of a workspace before anyone asks for them, in slices between which requests get their turn. */
import type { Runtime } from '../../runtime.ts';
import { type InSlices, pause } from '../../slices.ts';
import type { Root } from '../../snapshot.ts';
import type { World } from '../../world.ts';
import { areRead, catchUp, readLookups } from './lookups.ts';
import { mayHold } from './mentions.ts';
import { type Modules, modulesOf } from './modules.ts';
import type { Outline } from './outline.ts';

/** How long nothing was written when memory is given back, in milliseconds: who types must not feel it. */
const idle = 15_000;

/**
 * Resolves when the modules of a root have been read; of those that may hold a word, when one is given. What looks at
 * all modules waits for it; what the open module needs is there without.
 */
export type Read = (root: Root, word?: string) => Promise<void>;

interface Parts {
  world: World;
  runtime: Pick<Runtime, 'sleep' | 'tidy'>;
  /** Resolves when the folders have been read. */
  ready(): Promise<void>;
  /** Called when all was read for the first time, and when memory was given back, and V8's compiled code with it. */
  rested(): void;
  inSlices: InSlices;
  log(line: string): void;
}

/**
 * Begins to read what is not read yet after each write, until the signal aborts.
 *
 * @returns how to wait until all modules of a root have been read
 */
export function startReading({ world, runtime, ready, rested, inSlices, log }: Parts, signal: AbortSignal): Read {
  let reading: Promise<void> | undefined;
  let isFirst = true;
  let written = 0;

  async function read(root: Root, word?: string, isAsked = true): Promise<void> {
    const modules = modulesOf(root);
    if (areRead(modules)) return;
    if (word !== undefined) return inSlices(readHolding(modules, word), isAsked, signal);
    await inSlices(readLookups(modules), isAsked, signal);
    // What was written meanwhile is little: who types must not put it off.
    const latest = world.current().roots.get(root.id);
    if (latest) catchUp(modules, modulesOf(latest));
  }

  async function readEverything(): Promise<void> {
    await ready();
    // What the write itself calls for goes first.
    await runtime.sleep(pause, signal);
    for (let revision = -1; revision !== world.current().revision; ) {
      ({ revision } = world.current());
      for (const root of world.current().roots.values()) await read(root, undefined, false);
    }
    if (isFirst) rested();
    isFirst = false;
  }

  /** What reading leaves behind is many times what it keeps. Ends by rejecting when the signal aborts. */
  async function tidy(): Promise<never> {
    for (;;) {
      await world.changed(world.current().revision, signal);
      for (let revision = -1; revision !== world.current().revision; ) {
        ({ revision } = world.current());
        await runtime.sleep(Math.max(0, written + idle - performance.now()), signal);
        await reading;
      }
      if (runtime.tidy?.()) rested();
    }
  }

  tidy().catch(() => undefined);
  const stop = world.onWrite((now, before) => {
    written = performance.now();
    if (reading || now.roots === before.roots) return;
    reading = readEverything()
      .catch((error: unknown) => {
        if (!signal.aborted) log(`names: ${error instanceof Error ? error.message : String(error)}`);
      })
      .finally(() => {
        reading = undefined;
      });
  });
  signal.addEventListener('abort', stop, { once: true });
  return (root, word) => read(root, word);
}

function* readHolding(modules: Modules, word: string): Generator<Outline | undefined> {
  for (const module of modules.byPath.values()) {
    yield !module.isRead && mayHold(module.document.text, word) ? module.outline : undefined;
  }
}
