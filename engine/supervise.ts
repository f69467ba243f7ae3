/**
 * Answers calls with an engine that is kept running: deadlines, cancellation, and what it has to be told again
 * when it was started anew.
 */
import { CancellationTokenSource } from 'vscode-jsonrpc';
import { type CallOptions, type Engine, EngineError } from './engine.ts';
import { keepRunning, shutDown } from './keep-running.ts';
import { errorCodes, type Methods } from './protocol.ts';
import type { Running } from './running.ts';
import { converse, type Session } from './session.ts';
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
};

interface Call {
  /** When the engine should have answered; `Infinity` without a deadline. */
  due: number;
  session: Session;
}

/** Starts the engine; rejects when it does not start or does not answer. */
export async function supervise({ build, start, log, onRestart }: SuperviseOptions): Promise<Engine> {
  const open: OpenWorkspaces = new Map();
  const underWay = new Set<Call>();
  const progress = new Map<number, CallOptions['onTestFinished']>();
  let lastProgress = 0;
  let waiting = 0;
  let disposed = false;
  // Workspace changes are noted in the order in which they were sent.
  let noted: Promise<void> = Promise.resolve();
  const keeper = await keepRunning({ build, start: begin, log, onRestart });
  return {
    build,
    call,
    dispose() {
      disposed = true;
      return keeper.end();
    },
  };

  async function begin(): Promise<Session> {
    const session = converse(await start(), log, ({ id, test }) => progress.get(Number(id))?.(test));
    // What the last one accepted, it may have accepted just now.
    await noted;
    try {
      await within(limits.start, session.request('version', {}));
      for (const params of reopenings(open)) {
        await within(limits.reopen, session.request('workspace/open', params));
      }
    } catch (error) {
      await session.kill();
      throw error;
    }
    return session;
  }

  function call<M extends keyof Methods>(
    method: M,
    params: Methods[M][0],
    options: CallOptions = {},
  ): Promise<Methods[M][1]> {
    const { deadlineMs, signal, onTestFinished } = options;
    if (signal?.aborted) {
      return Promise.reject(cancelled());
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
      const onAbort = () => leave(cancelled(), limits.cancellation);
      signal?.addEventListener('abort', onAbort, { once: true });
      const timer =
        deadlineMs === undefined
          ? undefined
          : setTimeout(() => leave(late(method, deadlineMs), 0), deadlineMs + limits.grace);
      hold(1);
      keeper
        .current()
        .then((session) => {
          if (cancellation.token.isCancellationRequested) {
            throw cancelled();
          }
          entry = { due, session };
          underWay.add(entry);
          return exchange(session, method, sent as Methods[M][0], cancellation);
        })
        .then(resolve, (error) => reject(disposed ? shutDown() : error))
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

  function exchange<M extends keyof Methods>(
    session: Session,
    method: M,
    params: Methods[M][0],
    cancellation: CancellationTokenSource,
  ): Promise<Methods[M][1]> {
    const response = session.request<Methods[M][1]>(method, params, cancellation.token);
    if (isWorkspaceMethod(method)) {
      // Also when its caller has left: the engine did it all the same.
      const done = response.then(
        () => fold(open, method, params as never),
        () => undefined,
      );
      noted = noted.then(() => done);
    }
    return response;
  }

  /** Ends the engine when it does not let go of a call that is late or cancelled. */
  function watch(call: Call): void {
    const wait = call.due + limits.patience - Date.now();
    const timer = setTimeout(
      () => {
        if (!underWay.has(call)) {
          return;
        }
        const now = Date.now();
        const calls = [...underWay];
        const inTime = (other: Call) => other.session === call.session && other.due > now;
        // An earlier call may simply take long and keep this one waiting.
        const earlier = calls.slice(0, calls.indexOf(call)).some(inTime);
        if (earlier || (calls.some(inTime) && now - call.due < limits.lastPatience)) {
          watch(call);
          return;
        }
        log('engine: a call that is over its deadline or cancelled does not end; the engine is ended');
        void call.session.kill();
      },
      wait > 0 ? wait : limits.patience,
    );
    timer.unref();
  }

  function hold(change: 1 | -1): void {
    waiting += change;
    if (waiting === 0 || (waiting === 1 && change === 1)) {
      keeper.hold(waiting > 0);
    }
  }
}

async function within<T>(ms: number, request: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`it did not answer within ${ms / 1000} s`)), ms);
  });
  return Promise.race([request, late]).finally(() => clearTimeout(timer));
}

function late(method: string, deadlineMs: number): EngineError {
  return new EngineError(errorCodes.deadline, `The policy engine did not answer ${method} within ${deadlineMs} ms.`);
}

function cancelled(): EngineError {
  return new EngineError(errorCodes.cancelled, 'The request was cancelled.');
}
