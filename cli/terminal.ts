/** What a command writes: results to stdout, everything about them to stderr, colour only for eyes. */
import { styleText } from 'node:util';

export { block, count, printable } from '../core/printable.ts';

type Style = Parameters<typeof styleText>[0];

/** One stream as the commands use it. */
export interface Output {
  write(text: string): void;
  /** Adds a style where colour is wanted, else nothing. */
  style(style: Style, text: string): string;
}

/** Whether colour is wanted on a stream: NO_COLOR and FORCE_COLOR decide, then whether it is a terminal. */
function wantsColour(stream: NodeJS.WriteStream): boolean {
  const { NO_COLOR, FORCE_COLOR, TERM } = process.env;
  if (NO_COLOR) return false;
  if (FORCE_COLOR !== undefined) return FORCE_COLOR !== '0' && FORCE_COLOR !== 'false';
  return stream.isTTY === true && TERM !== 'dumb';
}

function output(stream: NodeJS.WriteStream): Output {
  const colour = wantsColour(stream);
  let closed = false;
  // A reader that goes away (`| head`) ends the writing, not the decision: the exit code still holds.
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
    closed = true;
  });
  return {
    write: (text) => {
      if (!closed) stream.write(text);
    },
    style: (style, text) => (colour ? styleText(style, text, { validateStream: false }) : text),
  };
}

export const stdout = output(process.stdout);
export const stderr = output(process.stderr);

/** Resolves when all that was written has left the process, or its reader has. */
export async function flush(): Promise<void> {
  for (const stream of [process.stdout, process.stderr]) {
    if (stream.destroyed || stream.writableEnded) continue;
    await new Promise<void>((resolve) => {
      stream.once('error', () => resolve());
      stream.write('', () => resolve());
    });
  }
}
