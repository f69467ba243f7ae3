/** post-rewrite: notes follow the commits that they are about, when those are made anew. */
import { text } from 'node:stream/consumers';
import { exitCodes } from '../exit.ts';
import { stderr } from '../terminal.ts';

/**
 * Git has made the commits, and asks nobody: what goes wrong is said, with the way on.
 *
 * @param command `amend` or `rebase`
 */
export async function carryRewritten(command: string): Promise<number> {
  try {
    const [{ openRepository }, { carryNotes }, { findRewritten, readRewritten }] = await Promise.all([
      import('../../core/git/repository.ts'),
      import('../../core/notes/carry.ts'),
      import('../../core/hook/rewritten-commits.ts'),
    ]);
    const repository = await openRepository(process.cwd());
    const told = process.stdin.isTTY ? [] : readRewritten(await text(process.stdin));
    await carryNotes(repository, told.length > 0 ? told : await findRewritten(repository, command));
  } catch (error) {
    const { reportFailure } = await import('../failure.ts');
    reportFailure(error);
    stderr.write(
      'countersign: the notes of the commits that were made anew stay with the old ones (refs/notes/countersign).\n' +
        '  To copy one: git notes --ref=countersign copy OLD NEW\n',
    );
  }
  return exitCodes.ok;
}
