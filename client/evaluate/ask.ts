/** Asks the server for what may take long: it can be stopped, and is shown once people would wonder. */
import * as vscode from 'vscode';
import { messageOf } from '../log.ts';
import type { PolicyServer } from '../server-process.ts';
import { askForTrust } from '../trust.ts';

/** How long nothing is shown, in milliseconds. */
const quietMs = 700;

/** Undefined when it was stopped, when it failed (which is told), and where nothing may run. */
export async function ask<R>(
  { server, log }: { server: PolicyServer; log: vscode.LogOutputChannel },
  title: string,
  request: { method: string; params: object; runs?: boolean },
): Promise<R | undefined> {
  if (request.runs !== false && !(await askForTrust(title))) return undefined;
  const source = new vscode.CancellationTokenSource();
  const asking = (async () => (await server.ready()).sendRequest<R>(request.method, request.params, source.token))();
  const timer = setTimeout(() => {
    void vscode.window.withProgress(
      { location: vscode.ProgressLocation.Notification, title, cancellable: true },
      async (_, token) => {
        token.onCancellationRequested(() => source.cancel());
        await asking.catch(() => undefined); // told below
      },
    );
  }, quietMs);
  try {
    return await asking;
  } catch (error) {
    if (source.token.isCancellationRequested) return undefined;
    log.error(`${title}: ${messageOf(error)}`);
    void vscode.window.showErrorMessage(`${title}: ${messageOf(error)}`);
    return undefined;
  } finally {
    clearTimeout(timer);
    source.dispose();
  }
}
