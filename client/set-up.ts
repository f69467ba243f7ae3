import * as vscode from 'vscode';
import { askForTrust } from './trust.ts';

/**
 * *Countersign: Set Up a Repository*: runs the packaged command line's `init` as a task, whose
 * terminal shows what it writes. It never overwrites a file.
 */
export function setUpRepository(context: vscode.ExtensionContext, root?: vscode.Uri): Promise<void> {
  return run(context, vscode.l10n.t('Set Up Countersign'), ['init', '--yes'], root);
}

/** *Countersign: Install Commit Hooks*: the same with `hook install`. Hooks that are there are kept. */
export function installHooks(context: vscode.ExtensionContext, root?: vscode.Uri): Promise<void> {
  return run(context, vscode.l10n.t('Install Commit Hooks'), ['hook', 'install'], root);
}

async function run(context: vscode.ExtensionContext, title: string, args: string[], root?: vscode.Uri): Promise<void> {
  if (!(await askForTrust(title))) return;
  const folder = root ?? (await chooseFolder());
  if (!folder) return;
  const command = [context.asAbsolutePath('dist/cli.js'), ...args];
  // Electron is a Node only when told so.
  const options = { cwd: folder.fsPath, env: { ELECTRON_RUN_AS_NODE: '1' } };
  const task = new vscode.Task(
    { type: 'process' },
    vscode.TaskScope.Workspace,
    title,
    'Countersign',
    new vscode.ProcessExecution(process.execPath, command, options),
  );
  task.presentationOptions = { reveal: vscode.TaskRevealKind.Always, echo: false, clear: true };
  await vscode.tasks.executeTask(task);
}

async function chooseFolder(): Promise<vscode.Uri | undefined> {
  const [only, ...others] = vscode.workspace.workspaceFolders ?? [];
  if (!only) {
    void vscode.window.showErrorMessage(vscode.l10n.t('Open a folder first: Countersign is set up in a repository.'));
    return undefined;
  }
  if (others.length === 0) return only.uri;
  return (await vscode.window.showWorkspaceFolderPick())?.uri;
}
