/** How an engine that works beside an editor leaves the processor to what answers keystrokes. */
import { setPriority } from 'node:os';

/**
 * Niceness, as Unix has it: where both could use a processor, a third of the time that others get. More would let a
 * build that runs meanwhile take nearly all of it.
 */
const low = 5;

/** Of a process by its id; on Linux also of a thread. What the system does not allow is done without. */
export function lowerPriority(id: number): void {
  try {
    setPriority(id, low);
  } catch {
    // It has ended meanwhile, or may not be touched.
  }
}

/** Of the worker's thread that calls it: on Linux each has its own; elsewhere the whole process would wait. */
export function lowerOwnPriority(): void {
  if (process.platform === 'linux') lowerPriority(0);
}

/** The same in a shell, for the program that it becomes: of one that runs, threads would be left out. */
export const lowerInShell = `renice -n ${low} -p $$ >/dev/null 2>&1`;
