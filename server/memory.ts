/** Gives back what V8 keeps for later: after a large workspace was read that is more than what is in use. */
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';

type Collect = (options: { type: 'major'; flavor: 'regular'; execution: 'sync' }) => void;

/** More than this must have come since the last time, in bytes: collecting takes a tenth of a second. */
const worth = 100 * 1024 * 1024;

/** Makes the function that gives memory back where it is worth it, and returns whether it was. */
export function createTidy(): () => boolean {
  let last = 0;
  let collect: Collect | undefined;
  return () => {
    if (process.memoryUsage().heapTotal - last < worth) return false;
    if (!collect) {
      // There is no other way to it in a process that was started without the flag.
      setFlagsFromString('--expose-gc');
      collect = runInNewContext('gc') as Collect;
    }
    collect({ type: 'major', flavor: 'regular', execution: 'sync' });
    last = process.memoryUsage().heapTotal;
    return true;
  };
}
