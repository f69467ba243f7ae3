/** The terminal that a commit is made in: git gives hooks no standard input, so it is opened by its name. */
import { closeSync, openSync } from 'node:fs';
import { ReadStream, WriteStream } from 'node:tty';

export interface Terminal {
  input: ReadStream;
  output: WriteStream;
  close(): void;
}

/** How the console is called where it is not a file of the file system. */
const names: [input: string, output: string] =
  process.platform === 'win32' ? ['\\\\.\\CONIN$', '\\\\.\\CONOUT$'] : ['/dev/tty', '/dev/tty'];

/**
 * Whether somebody would see what is asked in a terminal: a program that takes the output of its
 * commands may well have one, which is its own to draw on.
 *
 * @param byAgent the process's own environment says that an agent started it
 */
export function isTerminalSeen(environment: NodeJS.ProcessEnv, byAgent: boolean): boolean {
  if (isSet(environment.CI) || environment.GIT_TERMINAL_PROMPT === '0') return false;
  const seen = [process.stdin, process.stdout, process.stderr].some(({ isTTY }) => isTTY);
  // pre-commit reads what hooks print and shows it later.
  return seen || (!byAgent && isSet(environment.PRE_COMMIT));
}

/** Undefined where nobody sits at a terminal, or nobody would see what is asked. */
export function openTerminal(environment: NodeJS.ProcessEnv, byAgent: boolean): Terminal | undefined {
  if (!isTerminalSeen(environment, byAgent)) return undefined;
  const [inputName, outputName] = names;
  let read: number | undefined;
  try {
    read = openSync(inputName, process.platform === 'win32' ? 'r+' : 'r');
    const write = openSync(outputName, process.platform === 'win32' ? 'r+' : 'w');
    const input = new ReadStream(read);
    const output = new WriteStream(write);
    return {
      input,
      output,
      close() {
        if (input.isRaw) input.setRawMode(false);
        input.destroy();
        output.destroy();
      },
    };
  } catch {
    // There is none: what git was started by has no terminal.
    if (read !== undefined) closeSync(read);
    return undefined;
  }
}

/** Whether to ask line by line, with nothing drawn: for screen readers, and terminals that cannot. */
export function wantsPlain(
  { TERM, NO_COLOR, COUNTERSIGN_PLAIN, ACCESSIBLE }: NodeJS.ProcessEnv,
  { output }: Terminal,
): boolean {
  return TERM === 'dumb' || !(output.columns >= 20) || [NO_COLOR, COUNTERSIGN_PLAIN, ACCESSIBLE].some(isSet);
}

function isSet(value: string | undefined): boolean {
  return value !== undefined && value !== '' && value !== '0' && value !== 'false';
}
