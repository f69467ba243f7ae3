/** Bounds work that cannot be interrupted from within: V8 ends wasm and regular expressions, too. */
import { createContext, Script } from 'node:vm';

/** Runs in this thread; throws, with an error of another realm, when its time is up. */
export function within<T>(timeoutMs: number, run: () => T): T {
  return new Script('run()').runInContext(createContext({ run }), { timeout: timeoutMs });
}
