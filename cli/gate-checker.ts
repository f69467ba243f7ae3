/** In CI: a program that comes out of the change that it judges is said to, and refused where the change touches it. */
import { DecisionError } from '../core/decision/decide.ts';
import type { GitRepository } from '../core/git/repository.ts';
import type { ChangedFile } from '../core/input.ts';
import { isCi } from '../core/range/ci/environment.ts';
import type { Range } from '../core/range/range.ts';
import { block, stderr } from './terminal.ts';

/** Rejects with `DecisionError`. */
export async function mistrustOwnProgram(
  repository: GitRepository,
  { base, head }: Range,
  files: readonly ChangedFile[],
  environment: NodeJS.ProcessEnv,
): Promise<void> {
  const program = process.argv[1];
  if (!isCi(environment) || program === undefined || base === undefined || head === undefined) return;
  const { checkerPlace } = await import('../core/range/checker.ts');
  const { note, changed } = await checkerPlace(repository, program, { base, head, files });
  if (note === undefined) return;
  if (changed !== undefined) {
    throw new DecisionError(`Cannot decide: the change has a hand in the program that judges it (${changed}). ${note}`);
  }
  stderr.write(`${stderr.style('yellow', 'note')}: ${block(note, '      ')}\n`);
}
