/** What is said when a command fails, and the exit code that it fails with. */
import { DecisionError } from '../core/decision/decide.ts';
import { StampError } from '../core/disclosure/stamp.ts';
import { GitError, type GitErrorKind } from '../core/git/run.ts';
import { BundleError } from '../core/policies/bundle/error.ts';
import { EngineError } from '../engine/engine.ts';
import type { Problem } from '../engine/protocol.ts';
import { exitCodes, UsageError } from './exit.ts';
import { block, count, printable, stderr } from './terminal.ts';

/** What git refuses for a reason that lies with the command line. */
const misuse: ReadonlySet<GitErrorKind> = new Set<GitErrorKind>([
  'no-such-folder',
  'not-a-repository',
  'unsafe-ownership',
  'unknown-revision',
  'unrelated',
  'refused',
]);

/** More problems than this are counted, not shown. */
const shown = 50;

/** Reports an error on stderr and says the exit code. What is not known to be harmless is "could not decide". */
export function reportFailure(error: unknown): number {
  const title = stderr.style(['red', 'bold'], 'error');
  if (error instanceof UsageError || error instanceof DecisionError) {
    stderr.write(`${title}: ${block(error.message, '  ')}\n`);
    stderr.write(problemLines(error.problems));
    return error instanceof UsageError ? exitCodes.usage : exitCodes.undecided;
  }
  const message = error instanceof Error ? error.message : String(error);
  stderr.write(`${title}: ${block(message, '  ')}\n`);
  if (error instanceof GitError && misuse.has(error.kind)) return exitCodes.usage;
  if (error instanceof StampError) return exitCodes.usage;
  if (error instanceof BundleError) return error.kind === 'configuration' ? exitCodes.usage : exitCodes.undecided;
  const expected =
    error instanceof GitError || error instanceof EngineError || (error as NodeJS.ErrnoException).code !== undefined;
  if (error instanceof Error && error.stack && (!expected || process.env.COUNTERSIGN_DEBUG)) {
    stderr.write(`${block(error.stack, '')}\n`);
  }
  return exitCodes.undecided;
}

/** Problems as `file:line:column: message`, the form that editors and terminals make links of. */
export function problemLines(problems: readonly Problem[], style = stderr.style, limit = shown): string {
  const lines = problems.slice(0, limit).map((problem) => {
    const { path, range, message, code, severity } = problem;
    const place = style('bold', `${printable(path)}:${range.start.line + 1}:${range.start.character + 1}`);
    const level = style(severity === 'error' ? 'red' : 'yellow', severity);
    return `${place}: ${level}: ${block(message, '    ')} ${style('dim', `(${printable(code)})`)}\n`;
  });
  if (problems.length > limit) lines.push(`… and ${count(problems.length - limit, 'more problem')}\n`);
  return lines.join('');
}
