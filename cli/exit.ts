/** Exit codes, the same for every command, and the errors that lead to them. */
import type { Problem } from '../engine/protocol.ts';

export const exitCodes = {
  /** Allowed; for `check` and `test`: all is well. */
  ok: 0,
  /** Denied; for `check` and `test`: something is wrong with the policies. */
  denied: 1,
  /** The command line or the configuration is wrong. */
  usage: 2,
  /** No decision could be made; never to be read as a pass. */
  undecided: 3,
} as const;

/** A mistake in how the command was called or configured: exit 2, without a stack. */
export class UsageError extends Error {
  readonly problems: Problem[];
  constructor(message: string, problems: Problem[] = []) {
    super(message);
    this.name = 'UsageError';
    this.problems = problems;
  }
}
