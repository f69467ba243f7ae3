#!/usr/bin/env node
/**
 * The `countersign` command's door. What git's hooks run goes past the command line's parser, which
 * would cost each commit its loading.
 */
import module from 'node:module';
import { homedir } from 'node:os';
import path from 'node:path';
import { exitCodes } from './exit.ts';
import { flush } from './terminal.ts';

/** Runs the command line and says the exit code. */
async function run(args: string[]): Promise<number> {
  try {
    if (args[0] === 'hook' && args[1] === 'run') {
      keepCompiled();
      const { runHook } = await import('./hook/run.ts');
      return await runHook(args.slice(2));
    }
    const [{ program }, { CommanderError }] = await Promise.all([import('./program.ts'), import('commander')]);
    try {
      await program().parseAsync(args, { from: 'user' });
      return Number(process.exitCode ?? exitCodes.ok);
    } catch (error) {
      if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
      throw error;
    }
  } catch (error) {
    const { reportFailure } = await import('./failure.ts');
    return reportFailure(error);
  }
}

/**
 * Lets Node keep what it compiles, where only the user can write: what is kept there is run. Node
 * before 22.8 has no such thing.
 */
function keepCompiled(): void {
  const { LOCALAPPDATA, XDG_CACHE_HOME } = process.env;
  const caches = process.platform === 'win32' ? LOCALAPPDATA : XDG_CACHE_HOME || path.join(homedir(), '.cache');
  if (caches && path.isAbsolute(caches)) module.enableCompileCache?.(path.join(caches, 'countersign', 'compiled'));
}

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const code = await run(process.argv.slice(2));
await flush();
process.exit(code);
