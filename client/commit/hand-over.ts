import type * as vscode from 'vscode';

/**
 * Closes an input that was answered, once the next one is shown, if one follows at once. Closed before, VS Code would
 * give the focus back to the editor in between, and what a quick hand types there goes into the file.
 */
export function handOver(input: vscode.QuickInput): void {
  setTimeout(() => input.dispose());
}
