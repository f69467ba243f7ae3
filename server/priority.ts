/**
 * Lets the threads that V8 collects and compiles with wait for the one that answers: on a machine with few processors
 * they are more than those, and each takes a whole slice of time before an answer goes on.
 */
import { readdirSync } from 'node:fs';
import { lowerPriority } from '../engine/priority.ts';

/** On Linux, where each thread has a priority of its own; elsewhere the whole process would wait. */
export function answerFirst(): void {
  if (process.platform !== 'linux') return;
  for (const thread of threads()) {
    // The first thread has the number of its process.
    if (thread !== process.pid) lowerPriority(thread);
  }
}

function threads(): number[] {
  try {
    return readdirSync('/proc/self/task').map(Number);
  } catch {
    return []; // without /proc all goes on as before
  }
}
