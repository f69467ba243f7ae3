/** Wires the features together. Activation itself starts no process and waits for nothing. */
import * as vscode from 'vscode';
import { watchCommits } from './commit/after-commit.ts';
import { answerHooks } from './commit/answer-hooks.ts';
import { approveCommit } from './commit/approve.ts';
import { commitWithDisclosure } from './commit/command.ts';
import { offerDeclareTool } from './commit/declare-tool.ts';
import { createDrafts } from './commit/drafts.ts';
import { createTurns } from './commit/turns.ts';
import { tellOfWindow } from './commit/window-state.ts';
import { followConfiguration } from './configured.ts';
import { followEmbeddedRego } from './embedded-rego.ts';
import { evaluateBesideCode } from './evaluate/register.ts';
import { showExceptions } from './exceptions/view.ts';
import { createLog } from './log.ts';
import { newRegoFile, tellOfV0 } from './rego-files.ts';
import { createServer, startWhenNeeded } from './server-process.ts';
import { installHooks, setUpRepository } from './set-up.ts';
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
  const turns = createTurns();
  const tests = showTests(server, log);
  const command = (id: string, run: (argument?: never) => unknown) => vscode.commands.registerCommand(id, run);
  context.subscriptions.push(
    log,
    server,
    showStatus(server),
    tests,
    evaluateBesideCode({ context, server, tests, log }),
    showExceptions({ server, log }),
    startWhenNeeded(server),
    followEmbeddedRego(server),
    followConfiguration(log),
    answerHooks({ server, drafts, turns, log }),
    tellOfWindow({ context, server, log }),
    watchCommits({ context, server, drafts, turns, log }),
    offerDeclareTool(server),
    command('countersign.commit', (clicked?: vscode.SourceControl) =>
      commitWithDisclosure({ server, drafts, turns, log }, clicked),
    ),
    command('countersign.setUp', (root?: vscode.Uri) => setUpRepository(context, root)),
    command('countersign.installHooks', (root?: vscode.Uri) => installHooks(context, root)),
    command('countersign.approve', () => approveCommit({ server, log })),
    tellOfV0({ context, server, log }),
    command('countersign.rego.newFile', (clicked?: vscode.Uri) => newRegoFile({ server, log }, clicked)),
    command('countersign.showLog', () => log.show()),
    command('countersign.restartServer', () => server.restart()),
  );
  return { activationMs: performance.now() - start };
}
