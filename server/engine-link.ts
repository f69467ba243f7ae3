/**
 * The server's link to the engine: starts it when something first needs it, and keeps its
 * workspaces equal to the roots that questions are about.
 */
import type { CallOptions, Engine } from '../engine/engine.ts';
import { EngineError } from '../engine/engine.ts';
import { errorCodes, type Methods, type RegoVersion } from '../engine/protocol.ts';
import type { StatusParams } from './protocol.ts';
import { inFile } from './rego/embedded/engine-places.ts';
import { engineFiles, type Sent } from './rego/engine-files.ts';
import type { EngineStart, Runtime } from './runtime.ts';
import { type Ask, type AskOptions, type Root, Stale, type WorkspaceMethod } from './snapshot.ts';
import { SortedMap } from './sorted-map.ts';
import { createTurns } from './turns.ts';

export interface EngineLink {
  ask: Ask;
  /** Whether a check or lint is under way that somebody waits for. */
  isAwaited(): boolean;
  /** Resolves when none is. */
  quiet(signal?: AbortSignal): Promise<void>;
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

/**
 * Templates may be many, and each is a workspace of the engine's: so many of them it keeps. (Of Gatekeeper's library,
 * 207 templates, a lint leaves 118 MB so, and 172 MB where all are kept.)
 */
const mostEmbedded = 32;

/** What the background waits for: the others may take as long as the policy does. */
const brief: ReadonlySet<WorkspaceMethod> = new Set(['check', 'lint']);

/** What the engine holds of one root. */
interface Held {
  regoVersion: RegoVersion;
  files: SortedMap<Sent>;
}

export function createEngineLink(options: EngineLinkOptions): EngineLink {
  const { log, status } = options;
  const held = new Map<string, Held>();
  /** Of those, the roots in YAML files; the one that was asked about last is the last. */
  const embedded = new Set<string>();
  // Per root: what is sent goes in order, and each question directly after the state it is about.
  const queues = new Map<string, Promise<unknown>>();
  const turns = createTurns();
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
      await engine.call('workspace/open', { workspace, files: all, regoVersion: root.regoVersion, editing: true });
    } else if (before.files !== files) {
      const differing = SortedMap.differences(before.files, files);
      const changed = differing.flatMap((path) => {
        const [old, now] = [before.files.get(path), files.get(path)];
        return now && !(old && isSentAlike(old, now)) ? [now.file] : [];
      });
      const removed = differing.filter((path) => !files.has(path));
      if (changed.length > 0 || removed.length > 0) {
        await engine.call('workspace/update', { workspace, changed, removed });
      }
    }
    held.set(root.id, { regoVersion: root.regoVersion, files });
    if (root.kind === 'embedded') keepFew(root.id);
  }

  /** Lets go of the templates that nothing was asked about for longest. */
  function keepFew(id: string): void {
    embedded.delete(id);
    embedded.add(id);
    for (const oldest of embedded) {
      if (embedded.size <= mostEmbedded) return;
      forget(oldest);
    }
  }

  function forget(workspace: string): void {
    held.delete(workspace);
    embedded.delete(workspace);
    void inOrder(workspace, async () => {
      const running = await engine();
      // It may have come back meanwhile.
      if (!held.has(workspace)) await running.call('workspace/close', { workspace });
    }).catch((error: unknown) => log(`engine: ${String(error)}`));
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
    async root(root, method, params, { background, ...options } = {}) {
      if (background) {
        await turns.quiet(options.signal).catch((error: unknown) => {
          // The root's own signal aborts when a write replaces it.
          throw isLatest(root, options) ? error : new Stale();
        });
      }
      const answer = askRoot(root, method, params, options);
      return background || !brief.has(method) ? answer : turns.taken(answer);
    },
    plain: async (method, params, callOptions) => (await engine()).call(method, params, callOptions),
  };

  function isLatest(root: Root, { apart }: AskOptions): boolean {
    return apart === true || options.isCurrent(root);
  }

  async function askRoot<M extends WorkspaceMethod>(
    root: Root,
    method: M,
    params: Omit<Methods[M][0], 'workspace'>,
    { evenIfStale, apart, ...callOptions }: AskOptions,
  ): Promise<Methods[M][1]> {
    const running = await engine();
    // The question is sent within the queue, the answer awaited outside of it.
    const { answer } = await inOrder(root.id, async () => {
      if (!apart && !options.isCurrent(root)) throw new Stale();
      callOptions.signal?.throwIfAborted();
      await bring(running, root);
      return { answer: call(running, root, method, params, callOptions) };
    });
    const result = inFile(root, await answer);
    if (!evenIfStale && !apart && !options.isCurrent(root)) throw new Stale();
    return result;
  }

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
    isAwaited: turns.isTaken,
    quiet: turns.quiet,
    engine,
    closeMissing(roots) {
      for (const workspace of held.keys()) if (!roots.has(workspace)) forget(workspace);
    },
    async dispose() {
      disposed = true;
      await (await starting?.catch(() => undefined))?.dispose();
    },
  };
}

function isSentAlike(a: Sent, b: Sent): boolean {
  const { file: one } = a;
  const { file: other } = b;
  return (
    a.document === b.document &&
    one.kind === other.kind &&
    one.regoVersion === other.regoVersion &&
    one.at?.join('/') === other.at?.join('/')
  );
}
