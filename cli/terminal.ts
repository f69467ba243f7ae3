/** What a command writes: results to stdout, everything about them to stderr, colour only for eyes. */
import { styleText } from 'node:util';

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

/**
 * Makes text from outside (subjects, messages, paths) safe to print: control characters and marks
 * that reorder or hide text are shown as escapes, so that a commit cannot forge our lines.
 */
export function printable(text: string): string {
  return text.replace(
    // biome-ignore lint/suspicious/noControlCharactersInRegex: these are what must not reach a terminal
    /[\u0000-\u0008\u000b-\u001f\u007f-\u009f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]/g,
    (character) => (character === '\r' ? '' : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`),
  );
}

/** Printable text whose further lines are indented by `indent`, so that none begins a line of its own. */
export function block(text: string, indent: string): string {
  return printable(text).trimEnd().replaceAll('\n', `\n${indent}`);
}

/** `1 commit`, `2 commits`. */
export function count(n: number, noun: string, plural = `${noun}s`): string {
  return `${String(n).replace(/\B(?=(\d{3})+$)/g, ',')} ${n === 1 ? noun : plural}`;
}
