/** Wires the features together. Activation itself starts no process and reads no file. */
import * as vscode from 'vscode';
import { commitWithDisclosure } from './commit/command.ts';
import { createDrafts } from './commit/drafts.ts';
import { createLog, messageOf } from './log.ts';
import { createServer, startWhenNeeded, tellMenus } from './server-process.ts';
import { setUpRepository } from './set-up.ts';
import { showStatus } from './status.ts';
import { showTests } from './test-explorer.ts';

/** What activation answers; for measuring, and not for other extensions to build on. */
export interface ExtensionApi {
  /** How long `activate` took, in milliseconds. */
  activationMs: number;
}

export function activate(context: vscode.ExtensionContext): ExtensionApi {
  const start = performance.now();
  const log = createLog();
  const server = createServer(context, log);
  const drafts = createDrafts(context.workspaceState);
  const command = (id: string, run: (argument?: never) => unknown) => vscode.commands.registerCommand(id, run);
  context.subscriptions.push(
    log,
    server,
    showStatus(server),
    showTests(server, log),
    startWhenNeeded(server),
    command('countersign.commit', (clicked?: vscode.SourceControl) =>
      commitWithDisclosure({ server, drafts, log }, clicked),
    ),
    command('countersign.setUp', (root?: vscode.Uri) => setUpRepository(context, root)),
    command('countersign.showLog', () => log.show()),
    command('countersign.restartServer', () => server.restart()),
  );
  tellMenus().catch((error: unknown) => log.warn(`The menus were not told of the configuration: ${messageOf(error)}`));
  return { activationMs: performance.now() - start };
}
