/** Asks the client to tell about files and settings that change. */
import {
  type ClientCapabilities,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type Disposable,
  type FileSystemWatcher,
  WatchKind,
} from 'vscode-languageserver';
import { gitGlob, home, kindOf, watchedGlobs, yamlGlob } from './file-kinds.ts';
import { onceSettled } from './once-settled.ts';
import { foldersAbove, listedPlaces, type Outside } from './outside.ts';
import type { Registrations } from './registrations.ts';
import type { Runtime } from './runtime.ts';
import { section } from './settings.ts';
import type { Snapshot } from './snapshot.ts';
import { nameOf, pathWithin, uriWithin } from './uris.ts';
import type { World } from './world.ts';

/** What is always the same. */
export function announceWatching(client: ClientCapabilities, registrations: Registrations): void {
  if (client.workspace?.didChangeWatchedFiles?.dynamicRegistration) {
    registrations.add(DidChangeWatchedFilesNotification.type, {
      watchers: [
        ...[...watchedGlobs, yamlGlob, gitGlob].map((globPattern) => ({ globPattern })),
        // A deleted folder is told as itself, not as what was in it.
        { globPattern: '**', kind: WatchKind.Delete },
        { globPattern: `**/${home}{,/*}`, kind: WatchKind.Create },
      ],
    });
  }
  if (client.workspace?.didChangeConfiguration?.dynamicRegistration) {
    registrations.add(DidChangeConfigurationNotification.type, { section });
  }
}

/** Whether a client tells of what changes outside of its folders, once it is asked to. */
export function watchesOutside({ workspace }: ClientCapabilities): boolean {
  const { dynamicRegistration, relativePatternSupport } = workspace?.didChangeWatchedFiles ?? {};
  return dynamicRegistration === true && relativePatternSupport === true;
}

/** How long the places must have stayed the same before the client is asked to watch them, in milliseconds. */
const settle = 200;

export interface Watching {
  world: World;
  outside: Outside;
  client: ClientCapabilities;
  sleep: Runtime['sleep'];
  log(line: string): void;
}

/** Has the client watch what counts outside of the folders' own files, wherever that is by now, until the signal aborts. */
export function watchOutside(
  connection: Connection,
  { world, outside, client, sleep, log }: Watching,
  signal: AbortSignal,
): void {
  if (!client.workspace?.didChangeWatchedFiles?.dynamicRegistration) return;
  let asked = '[]';
  let current: Promise<Disposable | undefined> = Promise.resolve(undefined);
  const wait = onceSettled(sleep, settle, settled, signal);

  function settled(): void {
    const watchers = watchersFor(world.current(), watchesOutside(client));
    const json = JSON.stringify(watchers);
    if (json === asked) return;
    asked = json;
    // In turn: the new ones are there before the old ones go.
    current = current
      .then((before) => replace(before, watchers))
      .catch((error: unknown) => void log(`watchers: ${error}`));
  }

  async function replace(
    before: Disposable | undefined,
    watchers: FileSystemWatcher[],
  ): Promise<Disposable | undefined> {
    const registered =
      watchers.length > 0
        ? await connection.client.register(DidChangeWatchedFilesNotification.type, { watchers })
        : undefined;
    before?.dispose();
    // Nobody told of what changed before they were there.
    await outside.lookAgain();
    return registered;
  }

  const stop = world.onWrite((now, before) => {
    if (now.roots !== before.roots || now.folders !== before.folders || now.trusted !== before.trusted) wait();
  });
  signal.addEventListener('abort', stop, { once: true });
  wait();
}

/**
 * A pattern without `/` and `**` is for the files of one folder: VS Code watches what is below it only where one has
 * them. So each place is told by the folder it is in.
 */
function watchersFor(now: Snapshot, relative: boolean): FileSystemWatcher[] {
  const watchers = new Map<string, FileSystemWatcher>();
  const add = (baseUri: string, pattern: string) =>
    watchers.set(`${baseUri} ${pattern}`, { globPattern: { baseUri, pattern } });
  for (const uri of listedPlaces(now, 'all')) {
    const folder = now.folders.find((one) => pathWithin(one.uri, uri) !== undefined);
    const path = folder && pathWithin(folder.uri, uri);
    if (path !== undefined && kindOf(path) !== undefined) continue; // all of its kind are watched
    if (relative) add(uri.slice(0, uri.lastIndexOf('/')), literal(nameOf(uri)));
    else if (path !== undefined) watchers.set(path, { globPattern: `**/${literal(path)}` });
  }
  for (const folder of relative ? now.folders : []) {
    const all = foldersAbove(folder);
    for (const above of all) {
      add(above, '{.regal.yaml,.regal}');
      add(uriWithin(above, '.regal'), '{config.yaml,rules}');
    }
    // The last one has the configuration that counts.
    const last = folder.inherited.length > 0 ? all.at(-1) : undefined;
    if (last !== undefined) add(uriWithin(last, '.regal/rules'), '**/*.rego');
  }
  return [...watchers.values()];
}

/** A path as a glob, which has no way to take a character by its word. */
function literal(path: string): string {
  return path.replace(/[*?{}[\]]/g, '?');
}
