/** The hook's conversation with a window. A module of its own, for most commits reach no window. */
import type { Socket } from 'node:net';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { type AskParams, askMethod, maxBytes, type PromptAnswer, readAnswer, takenMethod } from './messages.ts';

/**
 * Asks over a socket that is connected, and closes it. Undefined when nobody saw the prompt by `until` (of
 * `performance.now()`), or when the window ended before there was an answer.
 */
export async function converse(
  socket: Socket,
  params: AskParams,
  until: number,
  signal?: AbortSignal,
): Promise<PromptAnswer | undefined> {
  const reader = new StreamMessageReader(socket);
  // Its timer would go on for ever after half a message, and keep the process.
  reader.partialMessageTimeout = 0;
  const connection = createMessageConnection(reader, new StreamMessageWriter(socket));
  try {
    return await new Promise<PromptAnswer | undefined>((resolve, reject) => {
      const nobody = () => resolve(undefined);
      const timer = setTimeout(nobody, Math.max(0, until - performance.now()));
      let received = 0;
      socket.on('data', ({ length }: Buffer) => {
        received += length;
        if (received > maxBytes) socket.destroy();
      });
      socket.on('error', nobody);
      socket.on('close', nobody);
      connection.onError(nobody);
      connection.onNotification(takenMethod, () => clearTimeout(timer));
      signal?.addEventListener('abort', () => reject(signal.reason), { once: true });
      if (signal?.aborted) reject(signal.reason);
      connection.listen();
      connection
        .sendRequest<unknown>(askMethod, params)
        .then((answer) => resolve(readAnswer(answer)), nobody)
        .finally(() => clearTimeout(timer));
    });
  } finally {
    connection.dispose();
    // Its end is what closes a prompt that is still open.
    socket.destroy();
  }
}
