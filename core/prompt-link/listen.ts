/** The window's end: listens on a local socket, and tells hooks where by a file of the user's own. */
import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server, type Socket } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { createMessageConnection, StreamMessageReader, StreamMessageWriter } from 'vscode-jsonrpc/node';
import { spelled } from './choose-window.ts';
import { askMethod, maxBytes, type PromptAnswer, type PromptRequest, readRequest, takenMethod } from './messages.ts';
import { forgetWindow, openWindowFolder, readWindows, type Window, windowFile, writeWindow } from './windows.ts';

export interface ListenOptions {
  /** What COUNTERSIGN_WINDOW is in the window's terminals. */
  id: string;
  /**
   * Asks the person. Calls `taken` once they see the prompt; resolves to undefined when nobody will.
   * The signal aborts when the hook has gone.
   */
  ask(request: PromptRequest, taken: () => void, signal: AbortSignal): Promise<PromptAnswer | undefined>;
  /** Lines without secrets. */
  log(line: string): void;
  /** Default: this process's. */
  environment?: NodeJS.ProcessEnv;
}

export interface PromptLink {
  /** Tells what is open in the window, and whether it has the focus now. */
  update(state: { folders: readonly string[]; focused: boolean }): Promise<void>;
  /** Stops listening, and leaves nothing behind. */
  dispose(): Promise<void>;
}

/** How long a connection may take until it has asked, in milliseconds. */
const askWithinMs = 3000;
/** A socket's path is cut off beyond this length (sun_path is 104 bytes on macOS, 108 on Linux). */
const maxSocketPath = 100;

/** Starts to listen; hooks find the window after the first `update`. Rejects when there is no place for it. */
export async function listenForPrompts(options: ListenOptions): Promise<PromptLink> {
  const environment = options.environment ?? process.env;
  const folder = await openWindowFolder(environment);
  await forgetTheDead(environment);
  const token = randomBytes(32).toString('hex');
  const { socket, made } = await socketPlace(folder);
  const window: Window = { id: options.id, socket, token, folders: [], focused: 0, pid: process.pid };
  const open = new Set<Socket>();
  const server = createServer((connected) => {
    open.add(connected);
    connected.on('close', () => open.delete(connected));
    serve(connected, token, options);
  });
  server.maxConnections = 16;
  await listen(server, socket);
  server.on('error', ({ message }) => options.log(`commit prompts: ${message}`));
  // One after the other, so that the last state is what stays.
  let writing: Promise<void> = Promise.resolve();
  let disposed = false;
  return {
    update({ folders, focused }) {
      if (focused) window.focused = Date.now();
      writing = writing
        .catch(() => {})
        .then(async () => {
          window.folders = await Promise.all(folders.map(spelled));
          if (!disposed) await writeWindow(folder, window);
        });
      return writing;
    },
    async dispose() {
      disposed = true;
      await writing.catch(() => {});
      await rm(windowFile(folder, window), { force: true });
      for (const connected of open) connected.destroy();
      await new Promise<void>((closed) => server.close(() => closed()));
      if (made) await rm(dirname(socket), { recursive: true, force: true });
    },
  };
}

function serve(socket: Socket, token: string, { ask, log }: ListenOptions): void {
  const gone = new AbortController();
  const reader = new StreamMessageReader(socket);
  // Its timer would go on for ever after half a message, and keep the process.
  reader.partialMessageTimeout = 0;
  const connection = createMessageConnection(reader, new StreamMessageWriter(socket));
  const timer = setTimeout(() => socket.destroy(), askWithinMs);
  timer.unref();
  let received = 0;
  let asked = false;
  socket.on('data', ({ length }: Buffer) => {
    received += length;
    if (received > maxBytes) socket.destroy();
  });
  socket.on('error', () => socket.destroy());
  socket.on('close', () => {
    clearTimeout(timer);
    gone.abort();
    connection.dispose();
  });
  connection.onError(() => socket.destroy());
  connection.onRequest<PromptAnswer | null, void>(askMethod, async (params: object) => {
    const { token: given, request: sent } = (params ?? {}) as Record<string, unknown>;
    const request = readRequest(sent);
    if (asked || !same(given, token) || !request) {
      log('commit prompts: a request that is not from a hook of this user, or malformed, was turned away');
      socket.destroy();
      return null;
    }
    asked = true;
    clearTimeout(timer);
    const taken = () => void connection.sendNotification(takenMethod).catch(() => {});
    return (await ask(request, taken, gone.signal)) ?? null;
  });
  connection.listen();
}

/** Compares in a time that tells nothing of where they differ. */
function same(given: unknown, token: string): boolean {
  const digest = (text: string) => createHash('sha256').update(text).digest();
  return typeof given === 'string' && timingSafeEqual(digest(given), digest(token));
}

async function socketPlace(folder: string): Promise<{ socket: string; made: boolean }> {
  const name = randomBytes(8).toString('hex');
  if (process.platform === 'win32') return { socket: `\\\\.\\pipe\\countersign-${name}`, made: false };
  const socket = join(folder, `${name}.sock`);
  if (Buffer.byteLength(socket) <= maxSocketPath) return { socket, made: false };
  // `mkdtemp` makes a folder that only the user can enter.
  return { socket: join(await mkdtemp(join(tmpdir(), 'countersign-')), 's'), made: true };
}

function listen(server: Server, socket: string): Promise<void> {
  return new Promise((listening, failed) => {
    server.once('error', failed);
    server.listen(socket, () => {
      server.off('error', failed);
      listening();
    });
  });
}

/** What windows left behind that did not end in order. */
async function forgetTheDead(environment: NodeJS.ProcessEnv): Promise<void> {
  for (const window of await readWindows(environment)) {
    if (!isRunning(window.pid)) await forgetWindow(window).catch(() => {});
  }
}

function isRunning(pid: number): boolean {
  try {
    process.kill(pid, 0);
    return true;
  } catch (error) {
    return (error as NodeJS.ErrnoException).code === 'EPERM';
  }
}
