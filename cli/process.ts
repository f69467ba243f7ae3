/** How each of our processes ends. */
import { flush } from './terminal.ts';

/** Runs a command and ends the process with the exit code that it says; a failure is reported and has its own. */
export async function endWith(run: () => Promise<number>): Promise<never> {
  process.once('SIGINT', () => process.exit(130));
  process.once('SIGTERM', () => process.exit(143));
  let code: number;
  try {
    code = await run();
  } catch (error) {
    const { reportFailure } = await import('./failure.ts');
    code = reportFailure(error);
  }
  await flush();
  process.exit(code);
}
