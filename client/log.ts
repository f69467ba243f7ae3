import * as vscode from 'vscode';

/** The output channel of extension and server; its level is chosen by *Developer: Set Log Level*. */
export function createLog(): vscode.LogOutputChannel {
  return vscode.window.createOutputChannel('Countersign', { log: true });
}

/** What to show of a thing that was thrown. */
export function messageOf(error: unknown): string {
  return error instanceof Error ? error.message : String(error);
}
