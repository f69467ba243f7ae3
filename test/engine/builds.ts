/** Runs a suite against each build of the engine. */
import { existsSync } from 'node:fs';
import { after, before, describe } from 'node:test';
import { type Engine, EngineError } from '../../engine/engine.ts';
import { locateEngine } from '../../engine/locate.ts';
import type { WorkspaceFile } from '../../engine/protocol.ts';
import { type StartOptions, startEngine } from '../../engine/start.ts';

/** The wasm build is in the tree; the native one is there only where Go built it. */
export const builds = [
  {
    build: 'native' as const,
    skip: existsSync(locateEngine().native) ? false : 'no native engine: Go is not here, or npm run build has not run',
  },
  { build: 'wasm' as const, skip: false as const },
];

/** Describes the same behaviour for both builds; `use` gives the suite's engine, started once. */
export function describeBuilds(name: string, suite: (use: () => Engine, build: 'native' | 'wasm') => void): void {
  for (const { build, skip } of builds) {
    describe(`${name} (${build})`, { skip }, () => {
      let engine: Engine;
      before(async () => {
        engine = await startEngine({ build });
      });
      after(() => engine.dispose());
      suite(() => engine, build);
    });
  }
}

/** An engine of its own, with what it logged and told. */
export async function startRecorded(options: StartOptions) {
  const log: string[] = [];
  const restarts: string[] = [];
  const engine = await startEngine({
    ...options,
    log: (line) => log.push(line),
    onRestart: (why) => restarts.push(why),
  });
  return { engine, log, restarts };
}

export function rego(path: string, text: string): WorkspaceFile {
  return { path, kind: 'module', text };
}

/** For `assert.rejects`: an {@link EngineError} of this code whose message matches. */
export function engineError(code: number, message = /./): (error: unknown) => boolean {
  return (error) => {
    if (!(error instanceof EngineError) || error.code !== code || !message.test(error.message)) {
      throw new Error(
        `expected an EngineError ${code} ${message}, got ${String(error)} (${(error as EngineError).code})`,
      );
    }
    return true;
  };
}

/** Some 10^14 steps: it ends by being stopped. */
export const endless = rego(
  'endless.rego',
  `package endless

n := numbers.range(1, 10000)

p := count([1 | some a in n; some b in n; some c in n; some d in n; a + b + c + d == 0])
`,
);
