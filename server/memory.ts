/**
 * Collects garbage when nobody waits: V8 does it where memory is asked for, which is while a keystroke is answered, and
 * keeps what it no longer needs for later, which is much after a large workspace was read.
 */
import { getHeapSpaceStatistics, setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'major' | 'minor'; flavor: 'regular' | 'last-resort'; execution: 'sync' }) => void;

let collector: Collect | undefined;

const collect: Collect = (options) => {
  if (!collector) {
    // There is no other way to it in a process that was started without the flag.
    setFlagsFromString('--expose-gc');
    // What was compiled is little, and the next answer needs it.
    setFlagsFromString('--no-flush-bytecode');
    collector = runInNewContext('gc') as Collect;
  }
  collector(options);
};

/** More than this must have come since the last time, in bytes: collecting takes some tenth of a second. */
const worth = 32 * 1024 * 1024;

/** Makes the function that gives memory back where it is worth it, and returns whether it was. */
export function createTidy(): () => boolean {
  let last = 0;
  return () => {
    if (process.memoryUsage().heapTotal - last < worth) return false;
    // The other flavour keeps the pages that it empties, for what may come.
    collect({ type: 'major', flavor: 'last-resort', execution: 'sync' });
    last = process.memoryUsage().heapTotal;
    return true;
  };
}

/** As much of what was made of late, in bytes, is worth a collection of a few milliseconds: what two keystrokes make. */
const youngWorth = 4 * 1024 * 1024;

/** Collects what was made of late and is no longer used, where that may be much. */
export function sweep(): void {
  const young = getHeapSpaceStatistics().find(({ space_name }) => space_name === 'new_space');
  if (young && young.space_used_size > youngWorth) collect({ type: 'minor', flavor: 'regular', execution: 'sync' });
}
