/**
 * The server's link to the engine: starts it when something first needs it, and keeps its
 * workspaces equal to the roots that questions are about.
 */
import type { CallOptions, Engine } from '../engine/engine.ts';
import { EngineError } from '../engine/engine.ts';
import { errorCodes, type Methods, type RegoVersion } from '../engine/protocol.ts';
import type { StatusParams } from './protocol.ts';
import { engineFiles, type Sent } from './rego/engine-files.ts';
import type { EngineStart, Runtime } from './runtime.ts';
import { type Ask, type Root, Stale, type WorkspaceMethod } from './snapshot.ts';

export interface EngineLink {
  ask: Ask;
  /** The engine itself, for what is no root's: decisions about commits. */
  engine(): Promise<Engine>;
  /** Forgets roots that are gone. */
  closeMissing(roots: ReadonlyMap<string, Root>): void;
  dispose(): Promise<void>;
}

export interface EngineLinkOptions {
  start: Runtime['startEngine'];
  settings: () => Pick<EngineStart, 'build'>;
  /** Whether a root is the latest of its name. */
  isCurrent: (root: Root) => boolean;
  log: (line: string) => void;
  status: (status: StatusParams) => void;
  /** It died and is back: what was asked before must be asked again. */
  restarted: () => void;
}

/** What the engine holds of one root. */
interface Held {
  regoVersion: RegoVersion;
  files: ReadonlyMap<string, Sent>;
}

export function createEngineLink(options: EngineLinkOptions): EngineLink {
  const { log, status } = options;
  const held = new Map<string, Held>();
  // Per root: what is sent goes in order, and each question directly after the state it is about.
  const queues = new Map<string, Promise<unknown>>();
  let starting: Promise<Engine> | undefined;
  let disposed = false;

  function engine(): Promise<Engine> {
    starting ??= begin();
    return starting;
  }

  async function begin(): Promise<Engine> {
    if (disposed) throw new EngineError(errorCodes.unavailable, 'The server is shutting down.');
    status({ engine: 'starting' });
    try {
      const started = await options.start({
        ...options.settings(),
        log,
        onRestart(reason) {
          status({ engine: 'restarted', build: started.build, message: reason });
          options.restarted();
        },
      });
      status({ engine: 'ready', build: started.build });
      return started;
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      log(`engine: it did not start: ${message}`);
      status({ engine: 'failed', message });
      throw error instanceof EngineError ? error : new EngineError(errorCodes.unavailable, message);
    }
  }

  /** Brings the engine's workspace to the root's state. */
  async function bring(engine: Engine, root: Root): Promise<void> {
    const files = engineFiles(root);
    const before = held.get(root.id);
    const workspace = root.id;
    if (!before || before.regoVersion !== root.regoVersion) {
      const all = [...files.values()].map(({ file }) => file);
      await engine.call('workspace/open', { workspace, files: all, regoVersion: root.regoVersion });
    } else if (before.files !== files) {
      const changed = [...files].filter(([path, { document, file }]) => {
        const old = before.files.get(path);
        return old?.document !== document || old.file.kind !== file.kind;
      });
      const removed = [...before.files.keys()].filter((path) => !files.has(path));
      if (changed.length > 0 || removed.length > 0) {
        await engine.call('workspace/update', { workspace, changed: changed.map(([, { file }]) => file), removed });
      }
    }
    held.set(root.id, { regoVersion: root.regoVersion, files });
  }

  function inOrder<T>(id: string, work: () => Promise<T>): Promise<T> {
    const result = (queues.get(id) ?? Promise.resolve()).then(work);
    queues.set(
      id,
      result.catch(() => undefined),
    );
    return result;
  }

  const ask: Ask = {
    async root(root, method, params, { evenIfStale, ...callOptions } = {}) {
      const running = await engine();
      // The question is sent within the queue, the answer awaited outside of it.
      const { answer } = await inOrder(root.id, async () => {
        if (!options.isCurrent(root)) throw new Stale();
        callOptions.signal?.throwIfAborted();
        await bring(running, root);
        return { answer: call(running, root, method, params, callOptions) };
      });
      const result = await answer;
      if (!evenIfStale && !options.isCurrent(root)) throw new Stale();
      return result;
    },
    plain: async (method, params, callOptions) => (await engine()).call(method, params, callOptions),
  };

  function call<M extends WorkspaceMethod>(
    running: Engine,
    root: Root,
    method: M,
    params: Omit<Methods[M][0], 'workspace'>,
    callOptions?: CallOptions,
  ): Promise<Methods[M][1]> {
    const answer = running.call(method, { ...params, workspace: root.id } as Methods[M][0], callOptions);
    // Whoever asked may be gone before it comes.
    answer.catch(() => undefined);
    return answer;
  }

  return {
    ask,
    engine,
    closeMissing(roots) {
      for (const workspace of held.keys()) {
        if (roots.has(workspace)) continue;
        held.delete(workspace);
        void inOrder(workspace, async () => {
          const running = await engine();
          // It may have come back meanwhile.
          if (!held.has(workspace)) await running.call('workspace/close', { workspace });
        }).catch((error: unknown) => log(`engine: ${String(error)}`));
      }
    },
    async dispose() {
      disposed = true;
      await (await starting?.catch(() => undefined))?.dispose();
    },
  };
}
