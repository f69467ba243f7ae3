/** Files of Rego: making a new one, and what is said of files in v0. */
import * as vscode from 'vscode';
import { type V0FoundParams, v0Found } from '../server/protocol.ts';
import { messageOf } from './log.ts';
import type { PolicyServer } from './server-process.ts';

interface Parts {
  context: vscode.ExtensionContext;
  server: PolicyServer;
  log: vscode.LogOutputChannel;
}

/**
 * *Countersign: New Rego File…*: asks for its path below a folder and opens it; the server gives it its package.
 *
 * @param clicked a folder of the explorer, or a file in one
 */
export async function newRegoFile({ server, log }: Pick<Parts, 'server' | 'log'>, clicked?: vscode.Uri): Promise<void> {
  const folder = await folderFor(clicked);
  if (!folder) return;
  const name = await vscode.window.showInputBox({
    title: vscode.l10n.t('New Rego File'),
    prompt: vscode.l10n.t('Path below {0}. Its folders become its package.', vscode.workspace.asRelativePath(folder)),
    value: 'policy.rego',
    valueSelection: [0, 'policy'.length],
    validateInput: (value) => (fileName(value) ? undefined : vscode.l10n.t('This is no name of a file.')),
  });
  const path = name === undefined ? undefined : fileName(name);
  if (path === undefined) return;
  const uri = vscode.Uri.joinPath(folder, path);
  try {
    // It is told of the file only while it runs.
    await server.ready();
    if (await exists(uri)) {
      void vscode.window.showWarningMessage(
        vscode.l10n.t('{0} is there already.', vscode.workspace.asRelativePath(uri)),
      );
    } else {
      const edit = new vscode.WorkspaceEdit();
      edit.createFile(uri, { ignoreIfExists: true });
      if (!(await vscode.workspace.applyEdit(edit))) throw new Error(`${uri.fsPath} could not be made`);
    }
    await vscode.window.showTextDocument(uri);
  } catch (error) {
    log.error(`A new Rego file: ${messageOf(error)}`);
    void vscode.window.showErrorMessage(vscode.l10n.t('The file was not made: {0}', messageOf(error)));
  }
}

async function folderFor(clicked: vscode.Uri | undefined): Promise<vscode.Uri | undefined> {
  const near = clicked ?? vscode.window.activeTextEditor?.document.uri;
  if (near && vscode.workspace.getWorkspaceFolder(near)) {
    const { type } = await vscode.workspace.fs.stat(near);
    return type & vscode.FileType.Directory ? near : vscode.Uri.joinPath(near, '..');
  }
  const [only, ...others] = vscode.workspace.workspaceFolders ?? [];
  if (only && others.length === 0) return only.uri;
  if (only) return (await vscode.window.showWorkspaceFolderPick())?.uri;
  void vscode.window.showErrorMessage(vscode.l10n.t('Open a folder first.'));
  return undefined;
}

/** With its ending; undefined for what leads out of the folder or names nothing. */
function fileName(typed: string): string | undefined {
  const path = typed.trim().replaceAll('\\', '/').replace(/^\/+/, '');
  const parts = path.split('/');
  if (parts.some((part) => part === '' || part === '.' || part === '..' || /[<>:"|?*\0]/.test(part))) return undefined;
  return path.endsWith('.rego') ? path : `${path}.rego`;
}

async function exists(uri: vscode.Uri): Promise<boolean> {
  try {
    await vscode.workspace.fs.stat(uri);
    return true;
  } catch {
    return false;
  }
}

const told = 'countersign.toldOfV0';

/** Says once for a folder of this workspace, and not again in later sessions, that files in it are read as v0. */
export function tellOfV0({ context, server, log }: Parts): vscode.Disposable {
  return server.onCreate((client) => {
    client.onNotification(v0Found, async ({ uri, folder = '' }: V0FoundParams) => {
      const before = context.workspaceState.get<readonly string[]>(told, []);
      if (before.includes(folder)) return;
      await context.workspaceState.update(told, [...before, folder]);
      const migrate = vscode.l10n.t('Migrate the File');
      const declare = vscode.l10n.t('Declare v0 for the Folder');
      const chosen = await vscode.window.showInformationMessage(
        vscode.l10n.t(
          '{0} is written in Rego v0 and is read as such, for nothing declares its version.',
          vscode.workspace.asRelativePath(vscode.Uri.parse(uri)),
        ),
        migrate,
        declare,
      );
      if (!chosen) return;
      const command = chosen === migrate ? 'countersign.migrateToV1' : 'countersign.declareV0';
      const unsaved = new Set(vscode.workspace.textDocuments.filter(({ isDirty }) => isDirty));
      try {
        await client.sendRequest('workspace/executeCommand', { command, arguments: [uri] });
        // A configuration counts when it is saved; a policy is left for its author to look at.
        for (const document of vscode.workspace.textDocuments) {
          const isConfig = /\/\.regal(\/config)?\.yaml$/.test(document.uri.path);
          if (isConfig && document.isDirty && !unsaved.has(document)) await document.save();
        }
      } catch (error) {
        log.warn(`${command}: ${messageOf(error)}`);
        void vscode.window.showErrorMessage(messageOf(error));
      }
    });
  });
}
