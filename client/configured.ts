import * as vscode from 'vscode';
import { configurationFile } from './documents.ts';
import { messageOf } from './log.ts';

/**
 * Keeps the context key `countersign.configured`, which menus and welcome texts ask, at whether a
 * folder of the workspace has a configuration.
 */
export function followConfiguration(log: vscode.LogOutputChannel): vscode.Disposable {
  const look = () => {
    tellMenus().catch((error: unknown) => log.warn(`Menus do not know of the configuration: ${messageOf(error)}`));
  };
  // Changes of its content change nothing here.
  const watcher = vscode.workspace.createFileSystemWatcher(`**/${configurationFile}`, false, true, false);
  watcher.onDidCreate(look);
  watcher.onDidDelete(look);
  look();
  return vscode.Disposable.from(watcher, vscode.workspace.onDidChangeWorkspaceFolders(look));
}

async function tellMenus(): Promise<void> {
  await vscode.commands.executeCommand('setContext', 'countersign.configured', await isConfigured());
}

/** Whether a folder of the workspace is under Countersign. */
export async function isConfigured(): Promise<boolean> {
  const folders = vscode.workspace.workspaceFolders ?? [];
  const found = await Promise.all(
    folders.map(({ uri }) =>
      vscode.workspace.fs.stat(vscode.Uri.joinPath(uri, configurationFile)).then(
        () => true,
        () => false,
      ),
    ),
  );
  return found.includes(true);
}
