/** Starts an engine again when it dies, and gives it up for a while when it keeps dying. */
import { EngineError } from './engine.ts';
import { errorCodes } from './protocol.ts';
import type { Session } from './session.ts';

/** How long ago a death still counts, how long an engine that was given up rests, and how many deaths are too many. */
const memoryMs = 60_000;
const tooMany = 5;

export interface KeepRunningOptions {
  build: string;
  /** Starts one and brings it to the state that the last one had. */
  start: () => Promise<Session>;
  log: (line: string) => void;
  onRestart: (why: string) => void;
}

export interface Keeper {
  /** The engine that runs, or the next one. Rejects with {@link EngineError} `unavailable`. */
  current(): Promise<Session>;
  /** Whether the engine, this one and the next, keeps this process alive. */
  hold(on: boolean): void;
  end(): Promise<void>;
}

/** Rejects when the first start fails. */
export async function keepRunning({ build, start, log, onRestart }: KeepRunningOptions): Promise<Keeper> {
  let deaths: number[] = [];
  let givenUp: { until: number; reason: string } | undefined;
  let ended = false;
  let held = false;
  let session: Promise<Session> = begin();
  await session;

  async function begin(): Promise<Session> {
    const started = await start();
    started.hold(held);
    void started.ended.then((why) => {
      if (!ended) {
        restart(why);
      }
    });
    return started;
  }

  function restart(why: string): void {
    session = startAgain(why);
    session.catch(() => undefined);
  }

  async function startAgain(why: string): Promise<Session> {
    let reason = why;
    for (;;) {
      const now = Date.now();
      deaths = [...deaths.filter((death) => death > now - memoryMs), now];
      log(`engine: the ${build} engine ended: ${reason}`);
      if (deaths.length >= tooMany) {
        givenUp = { until: now + memoryMs, reason };
        const message = `The policy engine ended ${deaths.length} times within a minute and is not started again for now; the last time ${reason}`;
        log(`engine: ${message}`);
        throw new EngineError(errorCodes.unavailable, message);
      }
      await new Promise((resolve) => setTimeout(resolve, deaths.length === 1 ? 0 : 50 * 4 ** (deaths.length - 1)));
      if (ended) {
        throw shutDown();
      }
      try {
        const started = await begin();
        log('engine: started again, its workspaces are reopened');
        if (!ended) {
          queueMicrotask(() => onRestart(reason));
        }
        return started;
      } catch (error) {
        reason = error instanceof Error ? error.message : String(error);
      }
    }
  }

  return {
    async current() {
      if (ended) {
        throw shutDown();
      }
      if (givenUp !== undefined && Date.now() > givenUp.until) {
        const { reason } = givenUp;
        givenUp = undefined;
        deaths = [];
        restart(reason);
      }
      return session;
    },
    hold(on) {
      held = on;
      session.then(
        (current) => current.hold(held),
        () => undefined,
      );
    },
    async end() {
      if (!ended) {
        ended = true;
        const last = await session.catch(() => undefined);
        await last?.kill();
      }
    },
  };
}

export function shutDown(): EngineError {
  return new EngineError(errorCodes.unavailable, 'The policy engine was shut down.');
}
