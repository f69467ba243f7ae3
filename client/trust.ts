import * as vscode from 'vscode';

/**
 * Whether the workspace is trusted. Tests and decisions run the workspace's policies, so Restricted
 * Mode has neither; this says so, and offers the way out.
 */
export async function askForTrust(what: string): Promise<boolean> {
  if (vscode.workspace.isTrusted) return true;
  const manage = vscode.l10n.t('Manage Workspace Trust');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('{0} needs a trusted workspace, because it runs policies of this folder.', what),
    manage,
  );
  if (answer === manage) await vscode.commands.executeCommand('workbench.trust.manage');
  return vscode.workspace.isTrusted;
}
