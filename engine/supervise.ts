/**
 * Keeps an engine running and answers calls with it: deadlines, cancellation, restarts.
 *
 * An engine that dies is started again and its workspaces are reopened; the calls under way reject
 * and the caller is told once. One that keeps dying is given up for a while.
 */
import {
  CancellationTokenSource,
  createMessageConnection,
  ErrorCodes,
  type MessageConnection,
  ResponseError,
} from 'vscode-jsonrpc/node';
import { type CallOptions, type Engine, EngineError } from './engine.ts';
import { errorCodes, type Methods, type TestFinishedParams, testFinished, type VersionResult } from './protocol.ts';
import type { Running } from './running.ts';
import { fold, isWorkspaceMethod, type OpenWorkspaces, reopenings } from './workspaces.ts';

export interface SuperviseOptions {
  build: 'native' | 'wasm';
  start: () => Promise<Running>;
  log: (line: string) => void;
  onRestart: (why: string) => void;
}

/** In milliseconds. The engine itself answers at the deadline; the rest is for when it cannot. */
const limits = {
  /** From the deadline until the call rejects without the engine's word. */
  grace: 150,
  /** From the deadline until an engine that does nothing but late calls is ended. */
  patience: 1_000,
  /** From the deadline until it is ended even though calls that came later are under way. */
  lastPatience: 15_000,
  /** A cancelled call is treated as one that was due so much later. */
  cancellation: 4_000,
  /** For the first answer of a new engine, and for reopening one workspace. */
  start: 30_000,
  reopen: 120_000,
  /** How long ago a death still counts, and how long an engine that was given up rests. */
  memory: 60_000,
  deaths: 5,
};

interface Session {
  running: Running;
  connection: MessageConnection;
}

interface Call {
  /** When the engine should have answered; `Infinity` without a deadline. */
  due: number;
  session: Session;
}

/** Starts the engine; rejects when it does not start or does not answer. */
export async function supervise(options: SuperviseOptions): Promise<Engine> {
  const { build, log } = options;
  const open: OpenWorkspaces = new Map();
  const underWay = new Set<Call>();
  const progress = new Map<number, CallOptions['onTestFinished']>();
  const deaths: number[] = [];
  let lastProgress = 0;
  let waiting = 0;
  let disposed = false;
  let givenUp: { until: number; error: EngineError } | undefined;
  // Workspace changes are noted in the order in which they were sent.
  let noted: Promise<void> = Promise.resolve();
  let session: Promise<Session> = begin();
  await session;
  return { build, call, dispose };

  async function begin(): Promise<Session> {
    const running = await options.start();
    const connection = createMessageConnection(running.reader, running.writer);
    connection.onError(([error]) => log(`engine: ${error.message}`));
    connection.onNotification(testFinished, ({ id, test }: TestFinishedParams) => progress.get(Number(id))?.(test));
    connection.listen();
    const started: Session = { running, connection };
    try {
      await answer<VersionResult>(started, connection.sendRequest('version', {}), limits.start);
      for (const params of reopenings(open)) {
        await answer(started, connection.sendRequest('workspace/open', params), limits.reopen);
      }
    } catch (error) {
      connection.dispose();
      await running.kill();
      throw error;
    }
    running.hold(waiting > 0);
    void running.ended.then((why) => onEnded(started, why));
    return started;
  }

  /** The answer to a request of our own, or the engine's death. */
  async function answer<T>({ running }: Session, request: Promise<T>, withinMs: number): Promise<T> {
    let timer: NodeJS.Timeout | undefined;
    const late = new Promise<never>((_, reject) => {
      timer = setTimeout(() => reject(new Error(`it did not answer within ${withinMs / 1000} s`)), withinMs);
    });
    const death = running.ended.then((why) => Promise.reject(new Error(why)));
    return Promise.race([patient(request), death, late]).finally(() => clearTimeout(timer));
  }

  function onEnded(ended: Session, why: string): void {
    // Later, so that the calls under way reject with the reason rather than with the closed connection.
    setImmediate(() => ended.connection.dispose());
    if (!disposed) {
      session = restart(why);
      session.catch(() => undefined);
    }
  }

  async function restart(why: string): Promise<Session> {
    // Let the calls under way reject first, so that no change is noted that the engine did not take.
    await noted;
    let reason = why;
    for (;;) {
      const now = Date.now();
      deaths.push(now);
      const recent = deaths.filter((death) => death > now - limits.memory);
      deaths.splice(0, deaths.length, ...recent);
      log(`engine: the ${build} engine ended: ${reason}`);
      if (recent.length >= limits.deaths) {
        const text = `The policy engine ended ${recent.length} times within a minute and is not started again for now; the last time ${reason}`;
        givenUp = { until: now + limits.memory, error: new EngineError(errorCodes.unavailable, text) };
        log(`engine: ${text}`);
        throw givenUp.error;
      }
      await new Promise((resolve) => setTimeout(resolve, recent.length === 1 ? 0 : 50 * 4 ** (recent.length - 1)));
      if (disposed) {
        throw disposedError();
      }
      try {
        const started = await begin();
        log(`engine: started again, ${open.size} workspace(s) reopened`);
        if (!disposed) {
          queueMicrotask(() => options.onRestart(reason));
        }
        return started;
      } catch (error) {
        reason = messageOf(error);
      }
    }
  }

  async function current(): Promise<Session> {
    if (disposed) {
      throw disposedError();
    }
    if (givenUp !== undefined && Date.now() > givenUp.until) {
      const { error } = givenUp;
      givenUp = undefined;
      deaths.length = 0;
      session = restart(error.message);
      session.catch(() => undefined);
    }
    return session;
  }

  function call<M extends keyof Methods>(
    method: M,
    params: Methods[M][0],
    callOptions: CallOptions = {},
  ): Promise<Methods[M][1]> {
    const { deadlineMs, signal, onTestFinished } = callOptions;
    if (signal?.aborted) {
      return Promise.reject(cancelledError());
    }
    const progressId = onTestFinished && ++lastProgress;
    if (progressId !== undefined) {
      progress.set(progressId, onTestFinished);
    }
    const sent = {
      ...params,
      ...(deadlineMs !== undefined && { deadlineMs }),
      ...(progressId !== undefined && { progressId }),
    };
    const cancellation = new CancellationTokenSource();
    const due = deadlineMs === undefined ? Number.POSITIVE_INFINITY : Date.now() + deadlineMs;
    return new Promise<Methods[M][1]>((resolve, reject) => {
      let entry: Call | undefined;
      // The caller does not wait for the engine to let go.
      const leave = (error: EngineError, mayTakeMs: number) => {
        reject(error);
        cancellation.cancel();
        if (entry !== undefined) {
          entry.due = Math.min(entry.due, Date.now() + mayTakeMs);
          watch(entry);
        }
      };
      const onAbort = () => leave(cancelledError(), limits.cancellation);
      signal?.addEventListener('abort', onAbort, { once: true });
      const timer =
        deadlineMs === undefined
          ? undefined
          : setTimeout(
              () =>
                leave(
                  new EngineError(
                    errorCodes.deadline,
                    `The policy engine did not answer ${method} within ${deadlineMs} ms.`,
                  ),
                  0,
                ),
              deadlineMs + limits.grace,
            );
      hold(1);
      current()
        .then((now) => {
          if (cancellation.token.isCancellationRequested) {
            throw cancelledError();
          }
          entry = { due, session: now };
          underWay.add(entry);
          return exchange(now, method, sent as Methods[M][0], cancellation);
        })
        .then(resolve, (error) => reject(toEngineError(error)))
        .finally(() => {
          if (entry !== undefined) {
            underWay.delete(entry);
          }
          clearTimeout(timer);
          signal?.removeEventListener('abort', onAbort);
          if (progressId !== undefined) {
            progress.delete(progressId);
          }
          cancellation.dispose();
          hold(-1);
        });
    });
  }

  async function exchange<M extends keyof Methods>(
    { connection, running }: Session,
    method: M,
    params: Methods[M][0],
    cancellation: CancellationTokenSource,
  ): Promise<Methods[M][1]> {
    const request = patient(connection.sendRequest<Methods[M][1]>(method, params, cancellation.token));
    const death = running.ended.then((why) => {
      throw disposed
        ? disposedError()
        : new EngineError(errorCodes.died, `The policy engine ended before it answered ${method}: ${why}`);
    });
    const response = Promise.race([request, death]);
    if (isWorkspaceMethod(method)) {
      const done = response.then(
        () => fold(open, method, params as never),
        () => undefined,
      );
      const before = noted;
      noted = before.then(() => done);
    }
    return response;
  }

  /** Ends the engine when it does not let go of a call that is late or cancelled. */
  function watch(late: Call): void {
    const timer = setTimeout(
      () => {
        if (!underWay.has(late)) {
          return;
        }
        const now = Date.now();
        const calls = [...underWay];
        const inTime = (call: Call) => call.session === late.session && call.due > now;
        // In wasm an earlier call may simply take long and keep this one waiting.
        const earlier = calls.slice(0, calls.indexOf(late)).some(inTime);
        if (earlier || (calls.some(inTime) && now - late.due < limits.lastPatience)) {
          watch(late);
          return;
        }
        log('engine: a call that is over its deadline or cancelled does not end; the engine is ended');
        void late.session.running.kill();
      },
      Math.max(0, late.due + limits.patience - Date.now()) || limits.patience,
    );
    timer.unref();
  }

  function hold(change: 1 | -1): void {
    waiting += change;
    if (waiting === 0 || (waiting === 1 && change === 1)) {
      session.then(
        ({ running }) => running.hold(waiting > 0),
        () => undefined,
      );
    }
  }

  async function dispose(): Promise<void> {
    if (disposed) {
      return;
    }
    disposed = true;
    const last = await session.catch(() => undefined);
    await last?.running.kill();
  }
}

/** A connection that breaks means a process that is about to be found dead, which says more: give that a moment. */
function patient<T>(request: Promise<T>): Promise<T> {
  return request.catch(async (error: unknown) => {
    if (isTransportError(error)) {
      await new Promise((resolve) => setTimeout(resolve, limits.grace));
    }
    throw error;
  });
}

function isTransportError(error: unknown): boolean {
  const codes: number[] = [
    ErrorCodes.MessageWriteError,
    ErrorCodes.ConnectionInactive,
    ErrorCodes.PendingResponseRejected,
  ];
  return !(error instanceof ResponseError) || codes.includes(error.code);
}

function toEngineError(error: unknown): EngineError {
  if (error instanceof EngineError) {
    return error;
  }
  if (error instanceof ResponseError && !isTransportError(error)) {
    return new EngineError(error.code, error.message, error.data);
  }
  return new EngineError(errorCodes.died, `The policy engine is out of reach: ${messageOf(error)}`);
}

function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}

function cancelledError(): EngineError {
  return new EngineError(errorCodes.cancelled, 'The request was cancelled.');
}

function disposedError(): EngineError {
  return new EngineError(errorCodes.unavailable, 'The policy engine was shut down.');
}
