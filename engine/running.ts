/** One engine that runs: a process or a worker, seen from the binding. */
import type { MessageReader, MessageWriter } from 'vscode-jsonrpc';

export interface Running {
  reader: MessageReader;
  writer: MessageWriter;
  /** Resolves when it has ended, with the reason in words. Never rejects. */
  ended: Promise<string>;
  /** Whether it keeps the calling process alive: it does while calls are under way. */
  hold(on: boolean): void;
  /** Ends it at once, whatever it is doing; resolves when it is gone. */
  kill(): Promise<void>;
}

/** Cuts what a program writes on stderr into lines for the log, and keeps the one that explains its death. */
export function readStderr(log: (line: string) => void): { add(text: string): void; cause(): string | undefined } {
  let rest = '';
  let last: string | undefined;
  let crash: string | undefined;
  return {
    add(text) {
      const lines = (rest + text).split(/\r?\n/);
      rest = lines.pop() ?? '';
      for (const line of lines) {
        if (crash === undefined && /^(fatal error|panic|runtime): /.test(line)) {
          crash = line;
        }
        // A Go crash goes on with every goroutine's stack: its cause is enough for a log.
        if (crash === undefined || crash === line) {
          last = line.trim() || last;
          log(line);
        }
      }
    },
    cause: () => crash ?? (rest.trim() || last),
  };
}
