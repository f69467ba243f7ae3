/** The requests about code lenses, and when clients are to ask again. */
import {
  type ClientCapabilities,
  type CodeLens,
  CodeLensRefreshRequest,
  CodeLensResolveRequest,
  type Connection,
  type ServerCapabilities,
} from 'vscode-languageserver';
import { guard } from '../../guard.ts';
import { onceSettled } from '../../once-settled.ts';
import type { Runtime } from '../../runtime.ts';
import { type CodeLensSettings, readSettings, section } from '../../settings.ts';
import type { Snapshot } from '../../snapshot.ts';
import type { World } from '../../world.ts';
import type { Module } from '../names/modules.ts';
import type { Read } from '../names/reader.ts';

interface Parts {
  world: World;
  runtime: Pick<Runtime, 'sleep'>;
  /** Waits until all modules of a root have been read. */
  read: Read;
  log(line: string): void;
}

export interface Lenses {
  capabilities(client: ClientCapabilities, clientCommands: boolean): Partial<ServerCapabilities>;
  of(module: Module): Promise<CodeLens[]>;
  /** Settings changed, of a folder or of all. */
  settingsChanged(): void;
}

/** How long nothing may have been written before references are counted again, in milliseconds. */
const settleMs = 1000;

/** How many counts are kept: more than any screen shows. */
const mostCounts = 5000;

const never = new AbortController().signal;

type Counted = NonNullable<ReturnType<typeof import('./lenses.ts')['countedBy']>>;

export function registerLenses(connection: Connection, { world, runtime, read, log }: Parts): Lenses {
  let commands: 'client' | 'server' = 'server';
  let asksSettings = false;
  let refreshes = false;
  let asked = false;

  async function settingsOf(uri: string): Promise<CodeLensSettings> {
    if (!asksSettings) return world.current().settings.codeLens;
    return readSettings(await connection.workspace.getConfiguration({ scopeUri: uri, section })).codeLens;
  }

  function refresh(): void {
    if (!refreshes || !asked) return;
    connection.sendRequest(CodeLensRefreshRequest.type).catch((error: unknown) => log(`code lenses: ${String(error)}`));
  }

  /** What was counted, and in which state of the workspace. */
  const counts = new Map<string, { roots: Snapshot['roots']; count: number }>();
  /** Nothing was written for a moment. */
  let settled = true;
  let turn: Promise<unknown> = Promise.resolve();

  /** Each count in a turn of its own, so that other requests are answered in between. */
  function counted(target: Counted): Promise<number> {
    const work = turn.then(async () => {
      await runtime.sleep(0, never);
      return count(target);
    });
    turn = work.catch(() => undefined);
    return work;
  }

  async function count(target: Counted): Promise<number> {
    const [{ countReferences }, { askedModule }] = await Promise.all([
      import('./lenses.ts'),
      import('../evaluate/evaluate.ts'),
    ]);
    const snapshot = world.current();
    const { roots } = snapshot;
    const place = askedModule(snapshot, target.uri, target.position);
    if (!place) return 0;
    const key = [place.root.id, place.path, target.name].join('\n');
    const known = counts.get(key);
    if (known?.roots === roots) return known.count;
    // While somebody types, what was counted before does: clients are told when to ask again.
    if (known && refreshes && !settled) return known.count;
    await read(place.root);
    const found = countReferences(place, target);
    if (counts.size >= mostCounts) counts.clear();
    counts.set(key, { roots, count: found });
    return found;
  }

  connection.onRequest(
    CodeLensResolveRequest.type,
    guard('code lens', log, async (lens) => {
      const { countedBy, withCount } = await import('./lenses.ts');
      const target = countedBy(lens);
      return target ? withCount(lens, target, await counted(target), commands) : lens;
    }),
  );

  const wait = onceSettled(runtime.sleep, settleMs, () => {
    settled = true;
    refresh();
  });
  world.onWrite((now, before) => {
    if (!asked || !refreshes || now.roots === before.roots) return;
    settled = false;
    wait();
  });

  return {
    capabilities({ workspace }, clientCommands) {
      commands = clientCommands ? 'client' : 'server';
      asksSettings = workspace?.configuration ?? false;
      refreshes = workspace?.codeLens?.refreshSupport ?? false;
      return { codeLensProvider: { resolveProvider: true } };
    },
    async of(module) {
      // A revision of a file is there to be read.
      if (module.document.uri.startsWith('git:')) return [];
      asked = true;
      const [shown, { codeLenses }] = await Promise.all([settingsOf(module.document.uri), import('./lenses.ts')]);
      return codeLenses(module, shown, commands);
    },
    settingsChanged: refresh,
  };
}
