import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import { type WindowStateParams, windowState } from '../../server/protocol.ts';
import { isConfigured } from '../configured.ts';
import { messageOf } from '../log.ts';
import type { PolicyServer } from '../server-process.ts';
import { type GitApi, gitApi } from './git-extension.ts';

const setting = 'countersign.commit.terminalPrompt';
const idKey = 'window.id';

interface Parts {
  context: vscode.ExtensionContext;
  server: PolicyServer;
  log: vscode.LogOutputChannel;
}

/**
 * Keeps the language server, which listens for commit hooks, at what is open in this window; starts it
 * in a trusted workspace under Countersign while the setting is on. Terminals of the window carry its
 * id, so that their commits come back to it.
 */
export function tellOfWindow({ context, server, log }: Parts): vscode.Disposable {
  // Kept, so that terminals that outlive a reload still know their window.
  const id = context.workspaceState.get<string>(idKey) ?? crypto.randomUUID();
  void context.workspaceState.update(idKey, id);
  let git: GitApi | undefined;
  const repositories: vscode.Disposable[] = [];
  const isOn = () => vscode.workspace.isTrusted && vscode.workspace.getConfiguration().get(setting, true);

  async function findRepositories(): Promise<void> {
    // In Restricted Mode there is no Git extension.
    if (git || !vscode.workspace.isTrusted) return;
    git = await gitApi();
    if (!git) return;
    repositories.push(git.onDidOpenRepository(follow), git.onDidCloseRepository(follow));
    follow();
  }

  async function tell(client: LanguageClient): Promise<void> {
    const open = [
      ...(vscode.workspace.workspaceFolders ?? []).map(({ uri }) => uri),
      ...(git?.repositories ?? []).map(({ rootUri }) => rootUri),
    ];
    const params: WindowStateParams = {
      id,
      terminalPrompt: isOn(),
      focused: vscode.window.state.focused,
      folders: [...new Set(open.map(String))],
    };
    await client.sendNotification(windowState, params);
  }

  function follow(): void {
    const terminals = context.environmentVariableCollection;
    terminals.description = vscode.l10n.t('Commits made here ask for their AI disclosure in this window.');
    if (isOn()) terminals.replace('COUNTERSIGN_WINDOW', id);
    else terminals.delete('COUNTERSIGN_WINDOW');
    const start = async () => {
      if (server.started || (isOn() && (await isConfigured()))) await tell(await server.ready());
    };
    start().catch((error: unknown) =>
      log.warn(`Commits made in a terminal do not find this window: ${messageOf(error)}`),
    );
  }

  // After activation has returned.
  setImmediate(() => {
    follow();
    void findRepositories();
  });
  return vscode.Disposable.from(
    { dispose: () => vscode.Disposable.from(...repositories).dispose() },
    // A server that was started again knows nothing of the window.
    server.onRunning(follow),
    vscode.window.onDidChangeWindowState(follow),
    vscode.workspace.onDidChangeWorkspaceFolders(follow),
    vscode.workspace.onDidGrantWorkspaceTrust(() => {
      follow();
      void findRepositories();
    }),
    vscode.workspace.onDidChangeConfiguration((event) => {
      if (event.affectsConfiguration(setting)) follow();
    }),
  );
}
