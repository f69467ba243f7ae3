/** How each of our processes ends. */
import { flush } from './terminal.ts';

/**
 * Runs a command and ends the process with the exit code that it says; a failure is reported and has its own. What
 * nobody awaits fails it, too: Node's own exit code for that would say "denied".
 */
export async function endWith(run: () => Promise<number>): Promise<never> {
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  const stray = new Promise<never>((_, reject) => process.on('uncaughtException', reject));
  const done = async () => {
    const code = await run();
    await flush();
    return code;
  };
  let code: number;
  try {
    code = await Promise.race([done(), stray]);
  } catch (error) {
    const { reportFailure } = await import('./failure.ts');
    code = reportFailure(error);
    await flush().catch(() => undefined);
  }
  process.exit(code);
}
