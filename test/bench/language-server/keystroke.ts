/** From a keystroke to the report that it makes, in a document that is being typed in. */
import { setTimeout as sleep } from 'node:timers/promises';
import type { Diagnostic } from 'vscode-languageserver/node';
import type { Sample } from '../bench.ts';
import { percentile } from '../measure.ts';
import type { Session } from './session.ts';
import { isFinding } from './workspaces.ts';

/** What is typed at the end of the module, and what tells that it has been seen. */
export interface Fault {
  text(turn: number): string;
  found(turn: number): (diagnostic: Diagnostic) => boolean;
}

export type FaultKind = 'syntax' | 'compile' | 'lint';

/** Each turn differs from all others, so that nothing of it can be known already. */
export const faults: Record<FaultKind, Fault> = {
  syntax: {
    text: (turn) => `\nbroken_${turn} if {\n`,
    found: () => isSyntaxError,
  },
  compile: {
    text: (turn) => `\nneeds_${turn} := missing_${turn}\n`,
    found:
      (turn) =>
      ({ message }) =>
        new RegExp(`\\bmissing_${turn}\\b`).test(String(message)),
  },
  lint: {
    text: (turn) => `\n# TODO: ${turn}\n`,
    found: () => isFinding('todo-comment'),
  },
};

export function isSyntaxError({ source = '', code }: Diagnostic): boolean {
  return /parse/.test(source) || /parse/.test(String(code));
}

/** Between keystrokes, in milliseconds: as a fast typist strikes them. */
const rhythm = 100;

/**
 * Types the fault and takes it away again, so many times; each keystroke comes while what the one before it began may
 * still be under way. The time counts from sending the change to having its report.
 */
export async function typeFaults(
  session: Session,
  path: string,
  kind: FaultKind,
  turns: number,
  limitMs: number,
): Promise<Sample> {
  const { text, found } = faults[kind];
  const times: number[] = [];
  const before = session.cpu();
  for (let turn = 0; turn < turns; turn++) {
    const typed = text(turn);
    const is = found(turn);
    const end = session.textOf(path).length;
    const shown = session.reported(path, (all) => all.some(is), limitMs);
    const sent = await session.edit(path, end, 0, typed);
    times.push((await shown) - sent);
    await sleep(rhythm);
    const gone = session.reported(path, (all) => !all.some(is), limitMs);
    await session.edit(path, end, typed.length, '');
    await gone;
    await sleep(rhythm);
  }
  return { ms: percentile(times, 0.5), times, cpuMs: (session.cpu() - before) / turns };
}
