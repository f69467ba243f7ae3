/**
 * The language server: wires a connection to the features. Shared by Node.js (node.ts) and whatever
 * else can give it a {@link Runtime}.
 */
import {
  type ClientCapabilities,
  type Connection,
  type InitializeParams,
  type InitializeResult,
  PositionEncodingKind,
  type ServerCapabilities,
  TextDocumentSyncKind,
} from 'vscode-languageserver';
import packageJson from '../package.json' with { type: 'json' };
import { registerCommit } from './commit/register.ts';
import type { Background } from './diagnostics/background.ts';
import { createPull } from './diagnostics/pull.ts';
import { startPush } from './diagnostics/push.ts';
import { registerEditing } from './editing.ts';
import { createEngineLink } from './engine-link.ts';
import { registerExceptions } from './exceptions/register.ts';
import { isGitState } from './file-kinds.ts';
import { keepGround } from './ground.ts';
import { guardNotification } from './guard.ts';
import { registerMessages } from './message/register.ts';
import { onceSettled } from './once-settled.ts';
import { keepOutside } from './outside.ts';
import { type InitializationOptions, status, trustGranted } from './protocol.ts';
import { createRegistrations } from './registrations.ts';
import { registerCommands } from './rego/commands.ts';
import { registerEmbedded, takingAtOnce } from './rego/embedded/registration.ts';
import { registerEvaluation } from './rego/evaluate/register.ts';
import { registerFiles } from './rego/files/register.ts';
import { keepFindings } from './rego/kept-findings.ts';
import { registerLenses } from './rego/lens/register.ts';
import { startReading } from './rego/names/reader.ts';
import { preloadFeatures } from './rego/preload.ts';
import { registerRego } from './rego/register.ts';
import type { Runtime } from './runtime.ts';
import { defaultSettings, readSettings, section } from './settings.ts';
import { showIn } from './shown-work.ts';
import { createSlices } from './slices.ts';
import { registerTests } from './tests/register.ts';
import { announceWatching, watchesOutside, watchOutside } from './watching.ts';
import { createWorld } from './world.ts';

/** The documents the server looks after; the client's own selector may be narrower. */
const documentSelector = [
  { language: 'rego' },
  // Any YAML may have Rego in it. In one selector with the rest, or an editor would show what it has of such a file twice.
  { language: 'yaml' },
  ...['yaml', 'json', 'jsonc'].flatMap((language) => [
    { language, pattern: '**/.countersign/**' },
    { language, pattern: '**/*.schema_test.{yaml,yml,json}' },
  ]),
];

/** How long nothing was written when garbage is collected, in milliseconds: less than between the keys of a fast typist. */
const breath = 45;

/** Serves a connection until it ends. */
export function startServer(connection: Connection, runtime: Runtime): void {
  const log = (line: string) => connection.console.log(line);
  const ended = new AbortController();
  let client: ClientCapabilities = {};
  /** As the client spells them. */
  const folderUris = new Set<string>();
  let exceptionCommands = false;
  let ownV0Notice = false;
  let opensLinks = false;
  let features: Partial<ServerCapabilities> = {};
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
    listed: new Map(),
    roots: new Map(),
    ask: link.ask,
  });
  if (runtime.sweep) world.onWrite(onceSettled(runtime.sleep, breath, runtime.sweep, ended.signal));
  const ground = keepGround(world, runtime, log);
  world.onWrite(({ roots }) => link.closeMissing(roots));
  const outside = keepOutside(world, runtime, log);
  const { rehearse } = preloadFeatures({ world, runtime, quiet: link.quiet, log }, ended.signal);
  const { ready } = ground;
  const inSlices = createSlices({ world, runtime, isAwaited: link.isAwaited }, ended.signal);
  const reading = { world, runtime, ready, rested: rehearse, inSlices, log };
  const read = startReading(reading, ended.signal);
  const exceptions = registerExceptions(connection, {
    world,
    runtime,
    ready: ground.ready,
    refresh: () => refresh(),
    log,
  });
  const { now, secretProblem } = runtime;
  const { findings: store } = runtime;
  const versions = async () => JSON.stringify(await link.ask.plain('version', {}));
  const findings = store && keepFindings(store, versions, log);
  const background: Background = {
    world,
    runtime,
    context: {
      signalOf: world.signalOf,
      across: new Map(),
      recent: new Map(),
      exceptions,
      now,
      secretProblem,
      inSlices,
      log,
      ...(findings && { findings }),
    },
    ready: ground.ready,
    show: showIn(connection, () => client),
    log,
  };
  const pull = createPull(connection, background);

  connection.onInitialize((params): InitializeResult => {
    client = params.capabilities;
    const options = (params.initializationOptions ?? {}) as InitializationOptions;
    exceptionCommands = options.exceptionCommands ?? false;
    ownV0Notice = options.ownV0Notice ?? false;
    opensLinks = options.opensLinks ?? false;
    const settings = { ...defaultSettings, engineBuild: options.engineBuild ?? defaultSettings.engineBuild };
    world.write(() => ({ settings, trusted: options.trusted ?? true }));
    for (const uri of foldersOf(params)) folderUris.add(uri);
    ground.foldersChanged([...folderUris], []).catch((error: unknown) => log(String(error)));
    const featuresFor = (of: ClientCapabilities) => ({
      ...editing.capabilities(of),
      ...messages.capabilities(of),
      ...rego.capabilities(of),
      ...files.capabilities(of),
      ...lenses.capabilities(of, options.lensCommands ?? false),
    });
    features = featuresFor(takingAtOnce(client));
    return {
      capabilities: {
        positionEncoding: PositionEncodingKind.UTF16,
        textDocumentSync: { openClose: true, change: TextDocumentSyncKind.Incremental, save: true },
        workspace: {
          workspaceFolders: { supported: true, changeNotifications: true },
          fileOperations: files.fileOperations,
        },
        ...featuresFor(client),
        executeCommandProvider: { commands },
      },
      serverInfo: { name: 'countersign', version: packageJson.version },
    };
  });

  connection.onInitialized(
    guardNotification('initialized', log, async () => {
      if (client.workspace?.workspaceFolders) {
        // The library listens to this notification itself, and passes it on here.
        connection.workspace.onDidChangeWorkspaceFolders(
          guardNotification('didChangeWorkspaceFolders', log, async ({ added, removed }) => {
            for (const { uri } of removed) folderUris.delete(uri);
            for (const { uri } of added) folderUris.add(uri);
            await Promise.all([ground.foldersChanged(added.map(uriOf), removed.map(uriOf)), readConfiguration()]);
          }),
        );
      }
      // In one request, so that a document's first reports find all that is offered for them.
      const registrations = createRegistrations();
      for (const part of [editing, files, messages, exceptions]) part.announce(client, registrations);
      announceWatching(client, registrations);
      await Promise.all([registrations.send(connection), readConfiguration()]);
      watchOutside(connection, { world, outside, client, sleep: runtime.sleep, log }, ended.signal);
      const { workspaceDiagnostics } = world.current().settings;
      if (client.textDocument?.diagnostic?.dynamicRegistration) {
        refresh = pull.refresh;
        await pull.register(documentSelector, workspaceDiagnostics, ended.signal);
      } else {
        ({ refresh } = startPush(connection, background, ended.signal));
      }
    }),
  );

  async function readConfiguration(sent?: unknown): Promise<void> {
    const folders = client.workspace?.configuration ? [...folderUris] : [];
    const items = [{ section }, ...folders.map((scopeUri) => ({ scopeUri, section }))];
    const [answer, ...ofFolders]: unknown[] = client.workspace?.configuration
      ? await connection.workspace.getConfiguration(items)
      : [sent];
    if (answer === undefined || answer === null) return;
    const settings = readSettings(answer, new Map(folders.map((uri, at) => [uri, ofFolders[at]])));
    if (JSON.stringify(settings) === JSON.stringify(world.current().settings)) return;
    world.write(() => ({ settings }));
    refresh();
  }

  connection.onDidOpenTextDocument(
    guardNotification('didOpen', log, ({ textDocument: { uri, languageId, version, text } }) => {
      ground.opened({ uri, languageId, version, text });
      if (!watchesOutside(client)) void outside.lookAgain();
    }),
  );
  connection.onDidChangeTextDocument(
    guardNotification('didChange', log, ({ textDocument: { uri, version }, contentChanges }) =>
      ground.changed(uri, version, contentChanges),
    ),
  );
  connection.onDidSaveTextDocument(
    guardNotification('didSave', log, async ({ textDocument }) => {
      ground.saved(textDocument.uri);
      await (watchesOutside(client) ? outside.filesChanged([textDocument]) : outside.lookAgain());
    }),
  );
  connection.onDidCloseTextDocument(
    guardNotification('didClose', log, ({ textDocument }) => ground.closed(textDocument.uri)),
  );
  connection.onDidChangeWatchedFiles(
    guardNotification('didChangeWatchedFiles', log, async ({ changes }) => {
      if (changes.some(({ uri }) => isGitState(uri))) {
        messages.gitChanged();
        exceptions.knowledge.forget();
      }
      await ground.filesChanged(changes);
      await outside.filesChanged(changes);
    }),
  );
  connection.onDidChangeConfiguration(
    guardNotification('didChangeConfiguration', log, async ({ settings }) => {
      await readConfiguration(settings?.[section]);
      lenses.settingsChanged();
    }),
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
    opensLinks: () => opensLinks,
    now,
    ready: ground.ready,
    log,
  });
  const lenses = registerLenses(connection, { world, runtime, read, log });
  const rego = registerRego(connection, { world, runtime, lenses, ready: ground.ready, read, log });
  const evaluation = registerEvaluation(connection, {
    world,
    runtime,
    ready: ground.ready,
    read,
    show: showIn(connection, () => client),
    log,
  });
  const files = registerFiles(connection, {
    world,
    runtime,
    ready: ground.ready,
    signal: ended.signal,
    ownV0Notice: () => ownV0Notice,
    log,
  });
  const commands = registerCommands(connection, { ...evaluation.commands, ...files.commands }, log);
  const stopCommit = registerCommit(connection, { world, runtime, link, ready: ground.ready, log });
  registerTests(connection, { world, runtime, ready: ground.ready, log });
  registerEmbedded(connection, { capabilities: () => features, log });

  connection.onShutdown(async () => {
    ended.abort();
    messages.dispose();
    exceptions.dispose();
    await findings?.flush();
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
