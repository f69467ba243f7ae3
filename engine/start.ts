/** Starts the policy engine: the native build when there is one that runs, else the wasm build. */
import { type Engine, EngineError } from './engine.ts';
import { engineFromEnvironment, locateEngine, missing } from './locate.ts';
import { startNative } from './native.ts';
import { errorCodes } from './protocol.ts';
import { supervise } from './supervise.ts';
import { prepareWasm } from './wasm.ts';

export interface StartOptions {
  /** Default `auto`. The environment variable `COUNTERSIGN_ENGINE` (`native`, `wasm`, or a path) goes before `auto`. */
  build?: 'auto' | 'native' | 'wasm';
  /** One line of text: which build and why, restarts, what the engine writes on stderr. */
  log?: (line: string) => void;
  /** The engine died and runs again, its workspaces reopened; `why` is in words. Called once for each death. */
  onRestart?: (why: string) => void;
  /** How much memory the native build may take, in MB, for policies that nobody has reviewed; on Linux. */
  memoryMb?: number;
  /** The native build collects its garbage sooner: less memory for a long run, for a little more time. */
  thrifty?: boolean;
  /** Somebody types meanwhile: what answers them goes first where there are too few processors for both. */
  yields?: boolean;
}

/** Rejects with {@link EngineError} `unavailable` when no build starts; the message says why for each. */
export async function startEngine(options: StartOptions = {}): Promise<Engine> {
  const log = options.log ?? (() => undefined);
  const onRestart = options.onRestart ?? (() => undefined);
  const files = locateEngine();
  const asked = engineFromEnvironment(process.env.COUNTERSIGN_ENGINE);
  const build = options.build && options.build !== 'auto' ? options.build : (asked.build ?? 'auto');

  const native = async (): Promise<Engine> => {
    const program = asked.path ?? files.native;
    const absent = missing(program);
    if (absent !== undefined) {
      throw new Error(absent);
    }
    const engine = await supervise({
      build: 'native',
      start: () => startNative(program, log, options),
      log,
      onRestart,
    });
    log(`engine: native, ${program}`);
    return engine;
  };
  const wasm = async (why: string): Promise<Engine> => {
    const absent = missing(files.wasm);
    if (absent !== undefined) {
      throw new Error(absent);
    }
    const start = prepareWasm(files, log, options);
    const engine = await supervise({ build: 'wasm', start, log, onRestart });
    log(`engine: wasm, ${files.wasm} (${why})`);
    return engine;
  };

  const reasons: string[] = [];
  if (build !== 'wasm') {
    try {
      return await native();
    } catch (error) {
      reasons.push(`native: ${describe(error)}`);
    }
  }
  // A path or a build that was asked for is not replaced by another in silence.
  if (build !== 'native') {
    try {
      return await wasm(reasons[0] ?? 'asked for');
    } catch (error) {
      reasons.push(`wasm: ${describe(error)}`);
    }
  }
  throw new EngineError(
    errorCodes.unavailable,
    `The policy engine does not start (${reasons.join('; ')}). Run npm run build, or install Countersign again.`,
  );
}

function describe(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
