/** Handlers that cannot take the server down: whatever one throws becomes an answer and a line in the log. */
import { type CancellationToken, ErrorCodes, LSPErrorCodes, ResponseError } from 'vscode-languageserver';
import { EngineError } from '../engine/engine.ts';
import { errorCodes } from '../engine/protocol.ts';
import { Stale } from './snapshot.ts';

/** The token as an AbortSignal, which is what features and the engine understand. */
function signalOf(token: CancellationToken): AbortSignal {
  const controller = new AbortController();
  if (token.isCancellationRequested) controller.abort();
  else token.onCancellationRequested(() => controller.abort());
  return controller.signal;
}

/** Wraps a request's handler. */
export function guard<P, R>(
  name: string,
  log: (line: string) => void,
  handle: (params: P, signal: AbortSignal) => Promise<R> | R,
): (params: P, token: CancellationToken) => Promise<R> {
  return async (params, token) => {
    const signal = signalOf(token);
    try {
      return await handle(params, signal);
    } catch (error) {
      throw answerFor(name, log, error, signal);
    }
  };
}

/** Wraps a notification's handler. */
export function guardNotification<P>(
  name: string,
  log: (line: string) => void,
  handle: (params: P) => Promise<void> | void,
): (params: P) => Promise<void> {
  return async (params) => {
    try {
      await handle(params);
    } catch (error) {
      log(`${name}: ${stackOf(error)}`);
    }
  };
}

/** What the client is told about a failed request. */
function answerFor(
  name: string,
  log: (line: string) => void,
  error: unknown,
  signal: AbortSignal,
): ResponseError<void> {
  if (error instanceof ResponseError) return error as ResponseError<void>;
  if (error instanceof Stale) return new ResponseError(LSPErrorCodes.ContentModified, error.message);
  if (signal.aborted) return new ResponseError(LSPErrorCodes.RequestCancelled, 'The request was cancelled.');
  if (error instanceof EngineError && error.code === errorCodes.cancelled) {
    // Not by the client: a write made the work stale.
    return new ResponseError(LSPErrorCodes.ContentModified, 'The content was modified.');
  }
  log(`${name}: ${stackOf(error)}`);
  return new ResponseError(ErrorCodes.InternalError, error instanceof Error ? error.message : String(error));
}

function stackOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
