/** The conversation with one running engine, until it ends. */
import { CancellationToken, createMessageConnection, ErrorCodes, ResponseError } from 'vscode-jsonrpc';
import { EngineError } from './engine.ts';
import { errorCodes, type TestFinishedParams, testFinished } from './protocol.ts';
import type { Running } from './running.ts';

export interface Session {
  /** Rejects with {@link EngineError}: what the engine answered, or `died` when it ended before. */
  request<R>(method: string, params: object, token?: CancellationToken): Promise<R>;
  /** Resolves when it has ended, with the reason in words, after what was under way has rejected. */
  ended: Promise<string>;
  hold(on: boolean): void;
  kill(): Promise<void>;
}

export function converse(
  running: Running,
  log: (line: string) => void,
  onTestFinished: (finished: TestFinishedParams) => void,
): Session {
  const connection = createMessageConnection(running.reader, running.writer);
  connection.onError(([error]) => log(`engine: ${error.message}`));
  connection.onNotification(testFinished, onTestFinished);
  connection.listen();
  // One handler on the engine's end for all requests: one for each would stay as long as the engine runs.
  const underWay = new Set<(why: string) => void>();
  const ended = running.ended.then((why) => {
    for (const reject of underWay) {
      reject(why);
    }
    connection.dispose();
    return why;
  });
  return {
    request<R>(method: string, params: object, token = CancellationToken.None): Promise<R> {
      return new Promise<R>((resolve, reject) => {
        const died = (why: string) =>
          reject(new EngineError(errorCodes.died, `The policy engine ended before it answered ${method}: ${why}`));
        underWay.add(died);
        connection
          .sendRequest<R>(method, params, token)
          .then(resolve, async (error: unknown) => {
            const answer = asAnswer(error);
            if (answer === undefined) {
              // A connection that breaks means a process about to be found dead, which says more.
              await Promise.race([ended, new Promise((after) => setTimeout(after, 150))]);
            }
            reject(answer ?? new EngineError(errorCodes.died, `The policy engine is out of reach: ${String(error)}`));
          })
          .finally(() => underWay.delete(died));
      });
    },
    ended,
    hold: running.hold,
    kill: running.kill,
  };
}

/** The error that the engine answered with; nothing when it is the connection that failed. */
function asAnswer(error: unknown): EngineError | undefined {
  const broken: number[] = [
    ErrorCodes.MessageWriteError,
    ErrorCodes.ConnectionInactive,
    ErrorCodes.PendingResponseRejected,
  ];
  return error instanceof ResponseError && !broken.includes(error.code)
    ? new EngineError(error.code, error.message, error.data)
    : undefined;
}
