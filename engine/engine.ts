/**
 * The one door to the policy engine. Callers see {@link Engine} and never learn which build answers.
 */
import type { Methods, RequestOptions, TestResult } from './protocol.ts';

export interface CallOptions extends RequestOptions {
  /** Aborting sends `$/cancelRequest`; the call rejects with {@link EngineError} `cancelled`. */
  signal?: AbortSignal;
  /** For `test`: each test as it finishes. */
  onTestFinished?: (test: TestResult) => void;
}

export interface Engine {
  /** For logs and `--version` only. */
  readonly build: 'native' | 'wasm';
  /** Rejects with {@link EngineError}. */
  call<M extends keyof Methods>(method: M, params: Methods[M][0], options?: CallOptions): Promise<Methods[M][1]>;
  /** Ends the process or worker; calls under way reject. */
  dispose(): Promise<void>;
}

/** An error the engine answered with; `code` is one of `errorCodes` or JSON-RPC's own. */
export class EngineError extends Error {
  readonly code: number;
  readonly data: unknown;
  constructor(code: number, message: string, data?: unknown) {
    super(message);
    this.name = 'EngineError';
    this.code = code;
    this.data = data;
  }
}
