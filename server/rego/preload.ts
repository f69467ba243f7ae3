/** Loads what the first completion, hover and so on are answered with, while there is nothing else to do. */
import type { Runtime } from '../runtime.ts';
import type { World } from '../world.ts';
import { isModule } from './engine-files.ts';
import { rehearse } from './rehearse.ts';

/** How long after the first module was opened loading begins, and rests between parts, in milliseconds. */
const afterOpening = 500;
const pause = 20;

/** How long it rests between questions the first time, in milliseconds: the linter has more need of the processor. */
const firstPause = 80;

const parts: readonly (() => Promise<unknown>)[] = [
  () => import('./completion.ts'),
  () => import('./hover.ts'),
  () => import('./definition.ts'),
  () => import('./highlight.ts'),
  () => import('./semantic-tokens.ts'),
  () => import('./references.ts'),
  () => import('./rename.ts'),
  () => import('./selection.ts'),
  () => import('./workspace-symbols.ts'),
  () => import('./actions/actions.ts'),
  () => import('./lens/lenses.ts'),
];

interface Preloading {
  world: World;
  runtime: Pick<Runtime, 'sleep'>;
  /** Resolves when nobody waits for the engine's answer about a module. */
  quiet(signal: AbortSignal): Promise<void>;
  log(line: string): void;
}

export interface Preloaded {
  /** Answers what nobody has asked, while nobody waits; ends early when that fails. */
  rehearse(): void;
}

/** Begins when the first module is open; a server for commit messages alone never does. */
export function preloadFeatures({ world, runtime, quiet, log }: Preloading, signal: AbortSignal): Preloaded {
  const stop = world.onWrite(({ open }) => {
    if (![...open.values()].some((document) => isModule(document.uri, document))) return;
    stop();
    load().catch(failed);
  });
  signal.addEventListener('abort', stop, { once: true });

  async function load(): Promise<void> {
    await runtime.sleep(afterOpening, signal);
    for (const part of parts) {
      await runtime.sleep(pause, signal);
      await quiet(signal);
      await part();
    }
    isLoaded = true;
    if (isWanted) rehearseNow();
  }

  let isLoaded = false;
  let isWanted = false;
  let underWay: Promise<void> = Promise.resolve();

  /** One at a time, and nothing before all is loaded. */
  function rehearseNow(): void {
    isWanted = true;
    if (isLoaded) underWay = underWay.then(rehearseSlowly).catch(failed);
  }

  let isFirst = true;

  async function rehearseSlowly(): Promise<void> {
    for await (const _ of rehearse(world.current, log)) {
      await runtime.sleep(isFirst ? firstPause : pause, signal);
      await quiet(signal);
    }
    isFirst = false;
  }

  function failed(error: unknown): void {
    if (!signal.aborted) log(`features: ${String(error)}`);
  }

  return { rehearse: rehearseNow };
}
