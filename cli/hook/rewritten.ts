/** post-rewrite: notes follow the commits that they are about, when those are made anew. */
import { text } from 'node:stream/consumers';
import { exitCodes } from '../exit.ts';
import { stderr } from '../terminal.ts';

/** Git has made the commits, and asks nobody: what goes wrong is said, with the way on. */
export async function carryRewritten(): Promise<number> {
  try {
    const [{ openRepository }, { carryNotes }] = await Promise.all([
      import('../../core/git/repository.ts'),
      import('../../core/notes/carry.ts'),
    ]);
    await carryNotes(await openRepository(process.cwd()), renamedIn(await text(process.stdin)));
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

/** Lines `OLD NEW [more]`, as githooks(5) has them; what is none is left out. */
function renamedIn(lines: string): [old: string, current: string][] {
  return [...lines.matchAll(/^([0-9a-f]{40,64}) ([0-9a-f]{40,64})(?: .*)?$/gm)].map(([, old = '', now = '']) => [
    old,
    now,
  ]);
}
