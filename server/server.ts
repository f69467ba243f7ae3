/**
 * The language server: wires a connection to the features. Shared by Node.js (node.ts) and whatever
 * else can give it a {@link Runtime}.
 */
import {
  type ClientCapabilities,
  type Connection,
  DidChangeConfigurationNotification,
  DidChangeWatchedFilesNotification,
  type InitializeParams,
  type InitializeResult,
  PositionEncodingKind,
  TextDocumentSyncKind,
  WatchKind,
} from 'vscode-languageserver';
import packageJson from '../package.json' with { type: 'json' };
import { registerCommit } from './commit/register.ts';
import type { Background, ShownWork } from './diagnostics/background.ts';
import { createPull } from './diagnostics/pull.ts';
import { startPush } from './diagnostics/push.ts';
import { registerEditing } from './editing.ts';
import { createEngineLink } from './engine-link.ts';
import { registerExceptions } from './exceptions/register.ts';
import { gitGlob, home, isGitState, watchedGlobs } from './file-kinds.ts';
import { keepGround } from './ground.ts';
import { guardNotification } from './guard.ts';
import { registerMessages } from './message/register.ts';
import { type InitializationOptions, status, trustGranted } from './protocol.ts';
import { registerRego } from './rego/register.ts';
import type { Runtime } from './runtime.ts';
import { defaultSettings, readSettings, section } from './settings.ts';
import { registerTests } from './tests/register.ts';
import { createWorld } from './world.ts';

/** The documents the server looks after; the client's own selector may be narrower. */
const documentSelector = [
  { language: 'rego' },
  ...['yaml', 'json', 'jsonc'].flatMap((language) => [
    { language, pattern: '**/.countersign/**' },
    { language, pattern: '**/*.schema_test.{yaml,yml,json}' },
  ]),
];

/** Serves a connection until it ends. */
export function startServer(connection: Connection, runtime: Runtime): void {
  const log = (line: string) => connection.console.log(line);
  const ended = new AbortController();
  let client: ClientCapabilities = {};
  let exceptionCommands = false;
  let refresh: () => void = () => {};

  const link = createEngineLink({
    start: runtime.startEngine,
    settings: () => ({ build: world.current().settings.engineBuild }),
    isCurrent: (root) => world.current().roots.get(root.id) === root,
    log,
    status: (params) => void connection.sendNotification(status, params),
    restarted() {
      // Nothing changed, but what the dead engine was asked must be asked again.
      world.write(() => ({}));
      refresh();
    },
  });
  const world = createWorld({
    revision: 0,
    settings: defaultSettings,
    trusted: true,
    folders: [],
    open: new Map(),
    loose: new Map(),
    roots: new Map(),
    ask: link.ask,
  });
  const ground = keepGround(world, runtime, log);
  world.onWrite(({ roots }) => link.closeMissing(roots));
  const exceptions = registerExceptions(connection, {
    world,
    runtime,
    ready: ground.ready,
    refresh: () => refresh(),
    log,
  });
  const { now, secretProblem } = runtime;
  const background: Background = {
    world,
    runtime,
    context: { signalOf: world.signalOf, across: new Map(), exceptions, now, secretProblem },
    ready: ground.ready,
    show: (title) => show(connection, client, title),
    log,
  };
  const pull = createPull(connection, background);

  connection.onInitialize((params): InitializeResult => {
    client = params.capabilities;
    const options = (params.initializationOptions ?? {}) as InitializationOptions;
    exceptionCommands = options.exceptionCommands ?? false;
    const settings = { ...defaultSettings, engineBuild: options.engineBuild ?? defaultSettings.engineBuild };
    world.write(() => ({ settings, trusted: options.trusted ?? true }));
    ground.foldersChanged(foldersOf(params), []).catch((error: unknown) => log(String(error)));
    return {
      capabilities: {
        positionEncoding: PositionEncodingKind.UTF16,
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        workspace: { workspaceFolders: { supported: true, changeNotifications: true } },
        ...editing.capabilities(client),
        ...messages.capabilities(client),
        ...rego.capabilities(client),
      },
      serverInfo: { name: 'countersign', version: packageJson.version },
    };
  });

  connection.onInitialized(
    guardNotification('initialized', log, async () => {
      if (client.workspace?.workspaceFolders) {
        // The library listens to this notification itself, and passes it on here.
        connection.workspace.onDidChangeWorkspaceFolders(
          guardNotification('didChangeWorkspaceFolders', log, ({ added, removed }) =>
            ground.foldersChanged(added.map(uriOf), removed.map(uriOf)),
          ),
        );
      }
      await editing.initialized(client);
      await messages.initialized(client);
      await exceptions.initialized(client);
      await watch(connection, client);
      await readConfiguration();
      const { workspaceDiagnostics } = world.current().settings;
      if (client.textDocument?.diagnostic?.dynamicRegistration) {
        refresh = pull.refresh;
        await pull.register(documentSelector, workspaceDiagnostics);
      } else {
        ({ refresh } = startPush(connection, background, ended.signal));
      }
    }),
  );

  async function readConfiguration(sent?: unknown): Promise<void> {
    const answer = client.workspace?.configuration ? await connection.workspace.getConfiguration(section) : sent;
    if (answer === undefined || answer === null) return;
    const settings = readSettings(answer);
    if (JSON.stringify(settings) === JSON.stringify(world.current().settings)) return;
    world.write(() => ({ settings }));
    refresh();
  }

  connection.onDidOpenTextDocument(
    guardNotification('didOpen', log, ({ textDocument: { uri, languageId, version, text } }) =>
      ground.opened({ uri, languageId, version, text }),
    ),
  );
  connection.onDidChangeTextDocument(
    guardNotification('didChange', log, ({ textDocument: { uri, version }, contentChanges }) =>
      ground.changed(uri, version, contentChanges),
    ),
  );
  connection.onDidSaveTextDocument(
    guardNotification('didSave', log, ({ textDocument }) => ground.saved(textDocument.uri)),
  );
  connection.onDidCloseTextDocument(
    guardNotification('didClose', log, ({ textDocument }) => ground.closed(textDocument.uri)),
  );
  connection.onDidChangeWatchedFiles(
    guardNotification('didChangeWatchedFiles', log, ({ changes }) => {
      if (changes.some(({ uri }) => isGitState(uri))) {
        messages.gitChanged();
        exceptions.knowledge.forget();
      }
      return ground.filesChanged(changes);
    }),
  );
  connection.onDidChangeConfiguration(
    guardNotification('didChangeConfiguration', log, ({ settings }) => readConfiguration(settings?.[section])),
  );
  connection.onNotification(
    trustGranted,
    guardNotification('trustGranted', log, () => {
      world.write(() => ({ trusted: true }));
      refresh();
    }),
  );

  const messages = registerMessages(connection, {
    world,
    runtime,
    link,
    ready: ground.ready,
    log,
  });
  const editing = registerEditing(connection, {
    world,
    messages,
    exceptions,
    exceptionCommands: () => exceptionCommands,
    now,
    ready: ground.ready,
    log,
  });
  const rego = registerRego(connection, { world, ready: ground.ready, log });
  const stopCommit = registerCommit(connection, { world, runtime, link, ready: ground.ready, log });
  registerTests(connection, { world, runtime, ready: ground.ready, log });

  connection.onShutdown(async () => {
    ended.abort();
    messages.dispose();
    exceptions.dispose();
    await Promise.all([stopCommit(), link.dispose()]);
  });
  connection.listen();
}

function uriOf({ uri }: { uri: string }): string {
  return uri;
}

function foldersOf({ workspaceFolders, rootUri }: InitializeParams): string[] {
  if (workspaceFolders) return workspaceFolders.map(uriOf);
  return rootUri ? [rootUri] : [];
}

/** Asks the client to tell about files and settings that change. */
async function watch(connection: Connection, client: ClientCapabilities): Promise<void> {
  if (client.workspace?.didChangeWatchedFiles?.dynamicRegistration) {
    await connection.client.register(DidChangeWatchedFilesNotification.type, {
      watchers: [
        ...[...watchedGlobs, gitGlob].map((globPattern) => ({ globPattern })),
        // A deleted folder is told as itself, not as what was in it.
        { globPattern: '**', kind: WatchKind.Delete },
        { globPattern: `**/${home}{,/*}`, kind: WatchKind.Create },
      ],
    });
  }
  if (client.workspace?.didChangeConfiguration?.dynamicRegistration) {
    await connection.client.register(DidChangeConfigurationNotification.type, { section });
  }
}

/** Shows long work in the client, with a button to stop it. */
async function show(connection: Connection, client: ClientCapabilities, title: string): Promise<ShownWork | undefined> {
  if (!client.window?.workDoneProgress) return undefined;
  const progress = await connection.window.createWorkDoneProgress();
  const stopped = new AbortController();
  progress.token.onCancellationRequested(() => stopped.abort());
  progress.begin(title, 0, undefined, true);
  return {
    report: (done, all) => progress.report(Math.floor((100 * done) / Math.max(all, 1)), `${done}/${all}`),
    signal: stopped.signal,
    done: () => progress.done(),
  };
}
