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

function output(open: () => NodeJS.WriteStream): Output & { flush(): Promise<void> } {
  let used: { stream: NodeJS.WriteStream; colour: boolean } | undefined;
  let closed = false;
  let failure: Error | undefined;
  // Opening one takes longer than most of what a commit waits for, and most commits are told nothing.
  const opened = () => {
    if (used) return used;
    const stream = open();
    stream.on('error', (error: NodeJS.ErrnoException) => {
      closed = true;
      // A reader that goes away (`| head`) ends the writing, not the decision: the exit code still holds.
      if (error.code !== 'EPIPE') failure ??= error;
    });
    used = { stream, colour: wantsColour(stream) };
    return used;
  };
  return {
    write: (text) => {
      const { stream } = opened();
      if (!closed) stream.write(text);
    },
    style: (style, text) => (opened().colour ? styleText(style, text, { validateStream: false }) : text),
    async flush() {
      const stream = used?.stream;
      if (!stream) return;
      if (!stream.destroyed && !stream.writableEnded) {
        await new Promise<void>((resolve) => {
          stream.once('error', () => resolve());
          stream.write('', () => resolve());
        });
      }
      if (failure) throw failure;
    },
  };
}

const standardOutput = output(() => process.stdout);
const standardError = output(() => process.stderr);
export const stdout: Output = standardOutput;
export const stderr: Output = standardError;

/** Resolves when all that was written has left the process, or its reader has; rejects when it cannot be written. */
export async function flush(): Promise<void> {
  await standardOutput.flush();
  await standardError.flush();
}
