/** The language server's process: started when something first needs it, one for the window. */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { InitializationOptions, StatusParams, TestResultParams } from '../server/protocol.ts';
import { status as statusNotification, testResult, testsChanged, trustGranted } from '../server/protocol.ts';
import { configurationFile, policyDocuments } from './documents.ts';
import { messageOf } from './log.ts';

export interface PolicyServer extends vscode.Disposable {
  /** The client, ready for requests; starts the process at the first call. Rejects when that fails; the next call tries again. */
  ready(): Promise<LanguageClient>;
  /** Whether something has asked for it yet. */
  readonly started: boolean;
  /** Starts it anew, engine and all. */
  restart(): Promise<void>;
  readonly onStatus: vscode.Event<StatusParams>;
  readonly onTestResult: vscode.Event<TestResultParams>;
  readonly onTestsChanged: vscode.Event<void>;
}

export function createServer(context: vscode.ExtensionContext, log: vscode.LogOutputChannel): PolicyServer {
  const onStatus = new vscode.EventEmitter<StatusParams>();
  const onTestResult = new vscode.EventEmitter<TestResultParams>();
  const onTestsChanged = new vscode.EventEmitter<void>();
  let starting: Promise<LanguageClient> | undefined;

  async function start(): Promise<LanguageClient> {
    onStatus.fire({ engine: 'starting' });
    // Loaded here, not at the top: activation must not pay for it.
    const { LanguageClient, RevealOutputChannelOn, State, TransportKind } = await import('vscode-languageclient/node');
    const module = context.asAbsolutePath('dist/server.mjs');
    const initializationOptions: InitializationOptions = {
      engineBuild: vscode.workspace.getConfiguration('countersign').get('engine.build', 'auto'),
      trusted: vscode.workspace.isTrusted,
    };
    const client = new LanguageClient(
      'countersign',
      'Countersign',
      {
        run: { module, transport: TransportKind.ipc },
        debug: { module, transport: TransportKind.ipc, options: { execArgv: ['--inspect=6039'] } },
      },
      {
        documentSelector: policyDocuments,
        initializationOptions,
        outputChannel: log,
        revealOutputChannelOn: RevealOutputChannelOn.Never,
        // Failures are told once by ready()'s callers and by the status item, not by a second box.
        initializationFailedHandler: () => false,
      },
    );
    client.onNotification(statusNotification, (params: StatusParams) => onStatus.fire(params));
    client.onNotification(testResult, (params: TestResultParams) => onTestResult.fire(params));
    client.onNotification(testsChanged, () => onTestsChanged.fire());
    client.onDidChangeState(({ newState }) => {
      if (newState === State.Stopped)
        onStatus.fire({ engine: 'failed', message: vscode.l10n.t('The server stopped.') });
    });
    await client.start();
    return client;
  }

  function ready(): Promise<LanguageClient> {
    starting ??= start().catch((error: unknown) => {
      starting = undefined;
      log.error(`The language server did not start: ${messageOf(error)}`);
      onStatus.fire({ engine: 'failed', message: messageOf(error) });
      throw error;
    });
    return starting;
  }

  async function stop(): Promise<void> {
    const running = starting;
    starting = undefined;
    if (!running) return;
    try {
      await (await running).dispose();
    } catch (error) {
      log.warn(`While stopping the language server: ${messageOf(error)}`);
    }
  }

  const trust = vscode.workspace.onDidGrantWorkspaceTrust(async () => {
    if (!starting) return;
    try {
      await (await starting).sendNotification(trustGranted);
    } catch (error) {
      log.warn(`The language server was not told of the trust: ${messageOf(error)}`);
    }
  });

  return {
    ready,
    get started() {
      return starting !== undefined;
    },
    async restart() {
      await stop();
      await ready();
    },
    onStatus: onStatus.event,
    onTestResult: onTestResult.event,
    onTestsChanged: onTestsChanged.event,
    dispose() {
      trust.dispose();
      for (const emitter of [onStatus, onTestResult, onTestsChanged]) emitter.dispose();
      void stop();
    },
  };
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

/** Sets the context key that menus ask: whether a folder of the workspace has a configuration. */
export async function tellMenus(): Promise<void> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const found = await Promise.all(
    folders.map(({ uri }) =>
      vscode.workspace.fs.stat(vscode.Uri.joinPath(uri, configurationFile)).then(
        () => true,
        () => false,
      ),
    ),
  );
  await vscode.commands.executeCommand('setContext', 'countersign.configured', found.includes(true));
}
