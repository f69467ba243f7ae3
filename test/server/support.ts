/** A small LSP client for tests: the real server and the real engine, in this process or in one of its own. */
import assert from 'node:assert/strict';
import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, mkdtempSync, realpathSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { PassThrough } from 'node:stream';
import type { TestContext } from 'node:test';
import {
  type ClientCapabilities,
  createConnection,
  createProtocolConnection,
  type Diagnostic,
  DiagnosticRefreshRequest,
  type DocumentDiagnosticReport,
  DocumentDiagnosticRequest,
  type InitializeResult,
  type ProtocolConnection,
  type PublishDiagnosticsParams,
  RegistrationRequest,
  StreamMessageReader,
  StreamMessageWriter,
  type TextEdit,
  UnregistrationRequest,
} from 'vscode-languageserver/node';
import { TextDocument } from 'vscode-languageserver-textdocument';
import { URI } from 'vscode-uri';
import type { Engine } from '../../engine/engine.ts';
import { nodeRuntime } from '../../server/node.ts';
import { type InitializationOptions, type StatusParams, status } from '../../server/protocol.ts';
import type { Runtime } from '../../server/runtime.ts';
import { startServer } from '../../server/server.ts';

/** What VS Code can, as far as the server asks. */
export const pullingClient: ClientCapabilities = {
  textDocument: {
    diagnostic: { dynamicRegistration: true },
    formatting: { dynamicRegistration: true },
    completion: { dynamicRegistration: true },
    hover: { dynamicRegistration: true },
  },
  workspace: {
    configuration: true,
    workspaceFolders: true,
    didChangeWatchedFiles: { dynamicRegistration: true, relativePatternSupport: true },
    diagnostics: { refreshSupport: true },
    workspaceEdit: { documentChanges: true, resourceOperations: ['create', 'rename', 'delete'] },
  },
  window: { workDoneProgress: true },
};

/** An editor that takes what it is sent and registers nothing. */
export const pushedClient: ClientCapabilities = { workspace: { workspaceFolders: true } };

export interface ClientOptions {
  /** Folders to open, each with its files by path; written to a temporary folder. */
  folders?: Record<string, Record<string, string>>;
  capabilities?: ClientCapabilities;
  /** The answer to `workspace/configuration`. */
  settings?: unknown;
  trusted?: boolean;
  /** The client has the commands that fixes of exceptions call. */
  exceptionCommands?: boolean;
  /** The client has the commands that code lenses call. */
  lensCommands?: boolean;
  runtime?: Partial<Runtime>;
  /** In a process of its own, over stdio; of the command's source, or of the script that is named. */
  process?: boolean | string;
}

export interface Client {
  connection: ProtocolConnection;
  initialized: InitializeResult;
  /** The temporary folder that holds the workspace's folders. */
  root: string;
  process: ChildProcess | undefined;
  statuses: StatusParams[];
  /** Lines the server logged. */
  logged: string[];
  /** Those that hold. */
  registrations: { id: string; method: string; options: unknown }[];
  progress: { token: string | number; value: { kind: string; title?: string } }[];
  uri(path: string): string;
  open(path: string, text: string, languageId?: string): Promise<string>;
  /** Replaces the whole text. */
  edit(uri: string, text: string): Promise<void>;
  /** Pulls, again when told to, as an editor does. */
  pull(uri: string, kind?: 'syntax' | 'check' | 'lint'): Promise<Diagnostic[]>;
  /** The first published report on a document that satisfies the condition, past ones included. */
  published(uri: string, when: (diagnostics: Diagnostic[]) => boolean): Promise<PublishDiagnosticsParams>;
  publications: PublishDiagnosticsParams[];
  /** Engines the server started (in this process only). */
  engines: Engine[];
  refreshes: number;
  /** Resolves when the server has done all it does at the start. */
  ready(): Promise<void>;
  /** Tries again until it holds; the test's own time limit ends it. */
  until(holds: () => boolean | Promise<boolean>): Promise<void>;
  stop(): Promise<void>;
}

export async function startClient(t: TestContext, options: ClientOptions = {}): Promise<Client> {
  const root = realpathSync(mkdtempSync(join(tmpdir(), 'countersign server ü ')));
  for (const [folder, files] of Object.entries(options.folders ?? {})) {
    mkdirSync(join(root, folder), { recursive: true });
    for (const [path, text] of Object.entries(files)) writeFile(join(root, folder, path), text);
  }
  const engines: Engine[] = [];
  const { connection, child } = options.process ? inProcess(options.process) : inThis(options.runtime ?? {}, engines);
  const listeners = new Set<() => void>();
  const versions = new Map<string, number>();
  const client: Client = {
    connection,
    root,
    process: child,
    initialized: { capabilities: {} },
    statuses: [],
    logged: [],
    registrations: [],
    progress: [],
    publications: [],
    engines,
    refreshes: 0,
    uri: (path) => (/^[a-z-]+:/.test(path) ? path : URI.file(join(root, path)).toString()),
    async open(path, text, languageId = path.endsWith('.json') ? 'json' : /\.ya?ml$/.test(path) ? 'yaml' : 'rego') {
      const uri = client.uri(path);
      versions.set(uri, 1);
      await connection.sendNotification('textDocument/didOpen', {
        textDocument: { uri, languageId, version: 1, text },
      });
      return uri;
    },
    async edit(uri, text) {
      const version = (versions.get(uri) ?? 0) + 1;
      versions.set(uri, version);
      await connection.sendNotification('textDocument/didChange', {
        textDocument: { uri, version },
        contentChanges: [{ text }],
      });
    },
    async pull(uri, kind = 'check') {
      for (;;) {
        try {
          const report: DocumentDiagnosticReport = await connection.sendRequest(DocumentDiagnosticRequest.type, {
            textDocument: { uri },
            identifier: `countersign.${kind}`,
          });
          assert.equal(report.kind, 'full');
          return report.kind === 'full' ? report.items : [];
        } catch (error) {
          if (!(error as { data?: { retriggerRequest?: boolean } }).data?.retriggerRequest) throw error;
        }
      }
    },
    async published(uri, when) {
      for (;;) {
        const found = client.publications.findLast((one) => one.uri === uri);
        if (found && when(found.diagnostics)) return found;
        await new Promise<void>((resolve) => listeners.add(resolve));
        listeners.clear();
      }
    },
    async ready() {
      const last = (options.capabilities ?? pullingClient) === pullingClient ? 'textDocument/diagnostic' : undefined;
      await client.until(() => !last || client.registrations.filter(({ method }) => method === last).length === 3);
    },
    async until(holds) {
      // A test that failed otherwise must not wait for ever.
      for (let tries = 0; !(await holds()); tries++) {
        if (tries > 3000) throw new Error('it did not come to hold');
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    },
    async stop() {
      await connection.sendRequest('shutdown');
      if (child) {
        const exited = new Promise((resolve) => child.once('exit', resolve));
        await connection.sendNotification('exit');
        await exited;
      }
      connection.dispose();
    },
  };
  connection.onNotification('textDocument/publishDiagnostics', (params: PublishDiagnosticsParams) => {
    client.publications.push(params);
    for (const listener of listeners) listener();
  });
  connection.onNotification(status, (params: StatusParams) => void client.statuses.push(params));
  connection.onNotification(
    'window/logMessage',
    ({ message }: { message: string }) => void client.logged.push(message),
  );
  connection.onNotification('$/progress', (params) => void client.progress.push(params));
  connection.onRequest(RegistrationRequest.type, ({ registrations }) => {
    for (const { id, method, registerOptions } of registrations)
      client.registrations.push({ id, method, options: registerOptions });
  });
  connection.onRequest(UnregistrationRequest.type, ({ unregisterations }) => {
    const gone = new Set(unregisterations.map(({ id }) => id));
    client.registrations = client.registrations.filter(({ id }) => !gone.has(id));
  });
  connection.onRequest('workspace/configuration', ({ items }: { items: unknown[] }) =>
    items.map(() => options.settings ?? null),
  );
  connection.onRequest('window/workDoneProgress/create', () => null);
  connection.onRequest(DiagnosticRefreshRequest.type, () => {
    client.refreshes++;
  });
  connection.listen();
  let stopped = false;
  const stop = client.stop;
  client.stop = async () => {
    if (stopped) return;
    stopped = true;
    await stop();
  };
  t.after(async () => {
    await client.stop();
    rmSync(root, { recursive: true, force: true, maxRetries: 3 });
  });
  client.initialized = await connection.sendRequest('initialize', {
    processId: options.process ? process.pid : null,
    rootUri: null,
    capabilities: options.capabilities ?? pullingClient,
    initializationOptions: {
      trusted: options.trusted ?? true,
      exceptionCommands: options.exceptionCommands,
      lensCommands: options.lensCommands,
    } satisfies InitializationOptions,
    workspaceFolders: Object.keys(options.folders ?? {}).map((name) => ({ uri: client.uri(name), name })),
  });
  await connection.sendNotification('initialized', {});
  return client;
}

function inThis(runtime: Partial<Runtime>, engines: Engine[]) {
  const toServer = new PassThrough();
  const toClient = new PassThrough();
  const startEngine = runtime.startEngine ?? nodeRuntime.startEngine;
  // Readers and writers, not streams: at a stream's end the server would end this process.
  startServer(createConnection(new StreamMessageReader(toServer), new StreamMessageWriter(toClient)), {
    ...nodeRuntime,
    // No test finds what another one left.
    findings: undefined,
    ...runtime,
    async startEngine(start) {
      const engine = await startEngine(start);
      engines.push(engine);
      return engine;
    },
  });
  const connection = createProtocolConnection(new StreamMessageReader(toClient), new StreamMessageWriter(toServer));
  return { connection, child: undefined };
}

function inProcess(script: string | true) {
  const [source, ...args] = serverCommand;
  const child = spawn(process.execPath, [script === true ? source! : script, ...args], {
    stdio: ['pipe', 'pipe', 'inherit'],
  });
  const connection = createProtocolConnection(
    new StreamMessageReader(child.stdout),
    new StreamMessageWriter(child.stdin),
  );
  return { connection, child };
}

/** The server as a program of its own, as editors start it. */
export const serverCommand = [join(import.meta.dirname, '../../cli/main.ts'), 'language-server', '--stdio'];

/** A custom rule of Regal: `naming/no-forbidden`. */
export const forbiddenRule = `# METADATA
# description: No rule may be called forbidden
package custom.regal.rules.naming["no-forbidden"]

import data.regal.ast
import data.regal.result

report contains violation if {
	some rule in input.rules
	ast.ref_to_string(rule.head.ref) == "forbidden"
	violation := result.fail(rego.metadata.chain(), result.location(rule))
}
`;

export function writeFile(path: string, text: string): void {
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, text);
}

/** A text after edits, as an editor applies them. */
export function applied(text: string, edits: readonly TextEdit[]): string {
  return TextDocument.applyEdits(TextDocument.create('', '', 0, text), [...edits]);
}
