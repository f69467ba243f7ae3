/** The language server's process: started when something first needs it, one for the window. */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { InitializationOptions, StatusParams, TestResultParams } from '../server/protocol.ts';
import { status as statusNotification, testResult, testsChanged, trustGranted } from '../server/protocol.ts';
import { embeddingLanguage, mayEmbedRego, messageDocuments, policyDocuments } from './documents.ts';
import { viewScheme } from './evaluate/results.ts';
import { messageOf } from './log.ts';

/** What the server says of its engine; `idle` while it has not started one, which it does when it is needed. */
export type EngineState = StatusParams | { engine: 'idle' };

export interface PolicyServer extends vscode.Disposable {
  /** The client, ready for requests; starts the process at the first call. Rejects when that fails; the next call tries again. */
  ready(): Promise<LanguageClient>;
  /** Whether something has asked for it yet. */
  readonly started: boolean;
  /** Starts it anew, engine and all. */
  restart(): Promise<void>;
  /** A client was made and does not run yet: the place to answer the server's requests. */
  readonly onCreate: vscode.Event<LanguageClient>;
  /** It runs, for the first time or again. */
  readonly onRunning: vscode.Event<LanguageClient>;
  readonly onStatus: vscode.Event<EngineState>;
  readonly onTestResult: vscode.Event<TestResultParams>;
  readonly onTestsChanged: vscode.Event<void>;
}

function isView({ uri }: vscode.TextDocument): boolean {
  return uri.scheme === viewScheme;
}

export function createServer(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): PolicyServer {
  const onCreate = new vscode.EventEmitter<LanguageClient>();
  const onRunning = new vscode.EventEmitter<LanguageClient>();
  const onStatus = new vscode.EventEmitter<EngineState>();
  const onTestResult = new vscode.EventEmitter<TestResultParams>();
  const onTestsChanged = new vscode.EventEmitter<void>();
  let client: Promise<LanguageClient> | undefined;

  async function create(): Promise<LanguageClient> {
    // Loaded here, not at the top: activation must not pay for it.
    const { LanguageClient, RevealOutputChannelOn, State, TransportKind } = await import('vscode-languageclient/node');
    const module = context.asAbsolutePath('dist/server.mjs');
    const initializationOptions = (): InitializationOptions => ({
      engineBuild: vscode.workspace.getConfiguration('countersign').get('engine.build', 'auto'),
      trusted: vscode.workspace.isTrusted,
      exceptionCommands: true,
      ownV0Notice: true,
      lensCommands: true,
      opensLinks: true,
    });
    const created = new LanguageClient(
      'countersign',
      'Countersign',
      {
        run: { module, transport: TransportKind.ipc },
        debug: { module, transport: TransportKind.ipc, options: { execArgv: ['--inspect=6039'] } },
      },
      {
        documentSelector: [...policyDocuments, ...messageDocuments],
        initializationOptions,
        outputChannel: log,
        // Both kinds of report are pulled; without this, only when a document is opened.
        diagnosticPullOptions: { onChange: true, onSave: true, onFocus: true, filter: isOther },
        // What we show in documents of our own is nobody's work: it has no problems and no lenses.
        middleware: {
          didOpen: (document, next) => (isView(document) ? Promise.resolve() : next(document)),
          didChange: (event, next) => (isView(event.document) ? Promise.resolve() : next(event)),
          didClose: (document, next) => (isView(document) ? Promise.resolve() : next(document)),
        },
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        // Failures are told by ready()'s callers and by the status item, not by one more box.
        initializationFailedHandler: () => false,
      },
    );
    created.onNotification(statusNotification, (params: StatusParams) => onStatus.fire(params));
    created.onNotification(testResult, (params: TestResultParams) => onTestResult.fire(params));
    created.onNotification(testsChanged, () => onTestsChanged.fire());
    created.onDidChangeState(({ newState }) => {
      if (newState === State.Running) onRunning.fire(created);
      if (newState === State.Starting) onStatus.fire({ engine: 'idle' });
      if (newState === State.Stopped && client) {
        onStatus.fire({ engine: 'failed', message: vscode.l10n.t('the language server stopped') });
      }
    });
    onCreate.fire(created);
    return created;
  }

  async function ready(): Promise<LanguageClient> {
    client ??= create();
    const running = client;
    try {
      // Does nothing while it runs; starts it again when it died more often than the library puts up with.
      await (await running).start();
      return await running;
    } catch (error) {
      if (client === running) client = undefined;
      log.error(`The language server did not start: ${messageOf(error)}`);
      onStatus.fire({ engine: 'failed', message: messageOf(error) });
      throw error;
    }
  }

  async function stop(): Promise<void> {
    const running = client;
    client = undefined;
    try {
      await (await running)?.dispose();
    } catch (error) {
      log.warn(`While stopping the language server: ${messageOf(error)}`);
    }
  }

  const trust = vscode.workspace.onDidGrantWorkspaceTrust(async () => {
    if (!client) return;
    try {
      await (await ready()).sendNotification(trustGranted);
    } catch (error) {
      log.warn(`The language server was not told of the trust: ${messageOf(error)}`);
    }
  });

  return {
    ready,
    get started() {
      return client !== undefined;
    },
    async restart() {
      await stop();
      await ready();
    },
    onCreate: onCreate.event,
    onRunning: onRunning.event,
    onStatus: onStatus.event,
    onTestResult: onTestResult.event,
    onTestsChanged: onTestsChanged.event,
    dispose() {
      trust.dispose();
      for (const emitter of [onCreate, onRunning, onStatus, onTestResult, onTestsChanged]) emitter.dispose();
      void stop();
    },
  };
}

/** YAML that is none of the server's business; its diagnostics are registered for all YAML, since texts decide. */
function isOther(document: vscode.TextDocument): boolean {
  if (document.languageId !== embeddingLanguage) return false;
  return vscode.languages.match(policyDocuments, document) === 0 && !mayEmbedRego(document.getText());
}

/** Starts the server once a document that it looks after is open; not before. */
export function startWhenNeeded(server: PolicyServer): vscode.Disposable {
  const look = (document: vscode.TextDocument) => {
    if (server.started || vscode.languages.match(policyDocuments, document) === 0) return;
    server.ready().catch(() => {}); // logged and shown by ready() itself
  };
  // After activation has returned.
  setImmediate(() => vscode.workspace.textDocuments.forEach(look));
  return vscode.workspace.onDidOpenTextDocument(look);
}
