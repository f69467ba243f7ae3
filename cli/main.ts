#!/usr/bin/env node
/** The `countersign` command as an ES module; cli/door.cts is how the built one is entered. */
import { exitCodes } from './exit.ts';
import { endWith } from './process.ts';

const args = process.argv.slice(2);
// It ends the process itself.
if (args[0] === 'hook' && args[1] === 'run') await import('./hook/main.ts');
else await endWith(() => runCommand(args));

async function runCommand(args: string[]): Promise<number> {
  const [{ program }, { CommanderError }] = await Promise.all([import('./program.ts'), import('commander')]);
  try {
    await program().parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    throw error;
  }
}
