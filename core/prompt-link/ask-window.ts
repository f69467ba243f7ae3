/** The hook's end: asks the window that has the repository open. */
import { connect, type Socket } from 'node:net';
import { chooseWindows, placesOf } from './choose-window.ts';
import type { PromptAnswer, PromptRequest } from './messages.ts';
import { type FoundWindow, forgetWindow, readWindows } from './windows.ts';

export interface AskOptions {
  /** How long to wait until a person sees the prompt, in milliseconds; after that, until they answer. */
  waitMs: number;
  /** Aborted, the prompt closes and this rejects with the reason. So does it when the process ends. */
  signal?: AbortSignal;
  /** Default: this process's. */
  environment?: NodeJS.ProcessEnv;
}

/**
 * Brings the prompt into an open window and gives back what the person answers there. Undefined when
 * no window took it in time, or when the window was closed before there was an answer: then ask
 * another way.
 */
export async function askWindow(request: PromptRequest, options: AskOptions): Promise<PromptAnswer | undefined> {
  const { waitMs, signal, environment = process.env } = options;
  const until = performance.now() + waitMs;
  signal?.throwIfAborted();
  const windows = await readWindows(environment);
  if (windows.length === 0) return undefined;
  const chosen = chooseWindows(windows, await placesOf(request.repository), environment.COUNTERSIGN_WINDOW);
  for (const window of chosen) {
    const left = until - performance.now();
    if (left <= 0) return undefined;
    const socket = await reach(window, left);
    signal?.throwIfAborted();
    if (!socket) continue;
    const { converse } = await import('./converse.ts');
    return converse(socket, { token: window.token, request }, until, signal);
  }
  return undefined;
}

/** Connects; a window that is no longer there is forgotten. */
function reach(window: FoundWindow, waitMs: number): Promise<Socket | undefined> {
  return new Promise((resolve) => {
    const socket = connect(window.socket);
    const timer = setTimeout(() => end(), waitMs);
    const end = () => {
      clearTimeout(timer);
      socket.destroy();
      resolve(undefined);
    };
    socket.once('connect', () => {
      clearTimeout(timer);
      socket.removeAllListeners('error');
      resolve(socket);
    });
    socket.once('error', ({ code }: NodeJS.ErrnoException) => {
      if (code !== 'ECONNREFUSED' && code !== 'ENOENT') return end();
      void forgetWindow(window).then(end, end);
    });
  });
}
