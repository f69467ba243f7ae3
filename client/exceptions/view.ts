/** The view of exceptions beside Source Control, and its commands. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import {
  type ExceptionTarget,
  exceptionsChanged,
  type ListExceptionsParams,
  type ListExceptionsResult,
  listExceptions,
  type RecordExceptionParams,
  type RepositoryExceptions,
} from '../../server/protocol.ts';
import { gitApi } from '../commit/git-extension.ts';
import { type Item, pickOne } from '../commit/pick.ts';
import { messageOf } from '../log.ts';
import type { PolicyServer } from '../server-process.ts';
import { askForTrust } from '../trust.ts';
import { byUrgency, childrenOf, groupOf, itemOf, type Node, standingWords } from './items.ts';
import { openForm } from './open.ts';
import { type Chosen, record } from './record.ts';

interface Parts {
  server: PolicyServer;
  log: vscode.LogOutputChannel;
}

/** What the words of due times are true for, in milliseconds. */
const minute = 60_000;

export function showExceptions({ server, log }: Parts): vscode.Disposable {
  const changed = new vscode.EventEmitter<void>();
  let all: ListExceptionsResult = [];
  let asked: Promise<void> | undefined;

  /** Asks the server, once for all who wait; what is asked meanwhile is asked again. */
  function load(): Promise<void> {
    asked ??= ask().finally(() => {
      asked = undefined;
    });
    return asked;
  }

  async function ask(): Promise<void> {
    try {
      const client = await server.ready();
      const params: ListExceptionsParams = { repositories: await repositories() };
      all = await client.sendRequest<ListExceptionsResult>(listExceptions, params);
      view.message = vscode.workspace.isTrusted
        ? undefined
        : vscode.l10n.t('Restricted Mode: exceptions can be read, not recorded.');
    } catch (error) {
      log.error(`Exceptions: ${messageOf(error)}`);
      view.message = vscode.l10n.t('The exceptions could not be read: {0}', messageOf(error));
    }
    const overdue = all.flatMap(({ exceptions }) => exceptions).filter((one) => groupOf(one) === 'overdue').length;
    // Not a badge: Source Control would add it to the number of changes.
    view.description = overdue > 0 ? vscode.l10n.t('{0} overdue', overdue) : undefined;
  }

  let loaded = false;
  const provider: vscode.TreeDataProvider<Node> = {
    onDidChangeTreeData: changed.event,
    getTreeItem: itemOf,
    async getChildren(node) {
      if (!node && !loaded) {
        await load();
        loaded = true;
      }
      return childrenOf(all, node);
    },
    getParent: () => undefined,
  };
  const view = vscode.window.createTreeView('countersign.exceptions', { treeDataProvider: provider });

  async function refresh(): Promise<void> {
    // A load that is under way may have read what was there before.
    await asked;
    await load();
    loaded = true;
    changed.fire();
  }

  /** Only where somebody has begun to look, or the server runs anyway. */
  const refreshIfStarted = () => {
    if (server.started) void refresh();
  };

  const clock = setInterval(() => {
    if (view.visible && loaded) changed.fire();
  }, minute);

  const command = (id: string, run: (argument?: unknown) => Promise<unknown>) =>
    vscode.commands.registerCommand(id, async (argument?: unknown) => {
      try {
        await run(argument);
      } catch (error) {
        log.error(`Exceptions: ${messageOf(error)}`);
        void vscode.window.showErrorMessage(vscode.l10n.t('Exceptions: {0}', messageOf(error)));
      }
    });

  async function recordOne(argument: unknown, what: RecordExceptionParams['what'], title: string): Promise<void> {
    if (!(await askForTrust(title))) return;
    await refresh();
    const chosen = await choose(all, argument, title, ({ entry }) => entry.state !== 'closed');
    if (chosen && (await record(await server.ready(), chosen, what))) await refresh();
  }

  return vscode.Disposable.from(
    changed,
    view,
    { dispose: () => clearInterval(clock) },
    server.onCreate((client) => {
      client.onNotification(exceptionsChanged, () => void refresh());
    }),
    server.onRunning(() => void refresh()),
    vscode.workspace.onDidGrantWorkspaceTrust(refreshIfStarted),
    vscode.workspace.onDidChangeWorkspaceFolders(refreshIfStarted),
    command('countersign.exceptions.refresh', refresh),
    command('countersign.exceptions.open', async () => {
      if (!(await askForTrust(vscode.l10n.t('Open an Exception')))) return;
      await refresh();
      const repository = await chooseRepository(all);
      if (repository === undefined) return;
      const near = vscode.window.activeTextEditor?.document.uri;
      if (await openForm(await server.ready(), repository, near)) await refresh();
    }),
    command('countersign.exceptions.followUp', (argument) =>
      recordOne(argument, 'follow-up', vscode.l10n.t('Follow Up on an Exception')),
    ),
    command('countersign.exceptions.close', (argument) =>
      recordOne(argument, 'close', vscode.l10n.t('Close an Exception')),
    ),
    command('countersign.exceptions.openFile', async (argument) => {
      if (!isNode(argument)) await refresh();
      const chosen = await choose(all, argument, vscode.l10n.t('Open the File of an Exception'), () => true);
      if (chosen) await vscode.window.showTextDocument(vscode.Uri.parse(chosen.entry.uri));
    }),
    command('countersign.exceptions.copyId', async (argument) => {
      const chosen = await choose(all, argument, vscode.l10n.t('Copy the ID of an Exception'), () => true);
      if (chosen) await vscode.env.clipboard.writeText(chosen.entry.id);
    }),
  );
}

/** The exception that a menu or a quick fix names, else the one that the user picks. */
async function choose(
  all: readonly RepositoryExceptions[],
  argument: unknown,
  title: string,
  suits: (chosen: Chosen) => boolean,
): Promise<Chosen | undefined> {
  const found = all.flatMap(({ repository, exceptions }) => exceptions.map((entry): Chosen => ({ repository, entry })));
  const uri = isNode(argument) && argument.kind === 'exception' ? argument.entry.uri : targetOf(argument);
  if (uri !== undefined) {
    const name = vscode.Uri.parse(uri).toString();
    const named = found.find(({ entry }) => vscode.Uri.parse(entry.uri).toString() === name);
    if (!named) throw new Error(vscode.l10n.t('There is no exception in {0} as it is.', vscode.Uri.parse(uri).fsPath));
    return named;
  }
  const fitting = found.filter(suits).sort((one, other) => byUrgency(one.entry, other.entry));
  if (fitting.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is no such exception in this workspace.'));
    return undefined;
  }
  const several = new Set(fitting.map(({ repository }) => repository)).size > 1;
  const items = fitting.map((choice): Item<Chosen> => {
    const { repository, entry } = choice;
    const description = standingWords(entry);
    const place = several ? `${basename(vscode.Uri.parse(repository).fsPath)}: ` : '';
    return { label: entry.id, description, detail: `${place}${entry.rules.join(', ')}: ${entry.reason}`, choice };
  });
  return pickOne(items, { title, placeholder: vscode.l10n.t('Which exception?') });
}

function isNode(argument: unknown): argument is Node {
  return typeof argument === 'object' && argument !== null && 'kind' in argument;
}

function targetOf(argument: unknown): string | undefined {
  return typeof argument === 'object' && argument !== null && 'uri' in argument
    ? (argument as ExceptionTarget).uri
    : undefined;
}

async function chooseRepository(all: readonly RepositoryExceptions[]): Promise<string | undefined> {
  const writable = all.filter(({ readOnly }) => readOnly === undefined);
  const [only, ...others] = writable;
  if (!only) {
    const setUp = vscode.l10n.t('Set Up Countersign');
    const text = vscode.l10n.t('There is no Git repository under Countersign in this window.');
    if ((await vscode.window.showErrorMessage(text, setUp)) === setUp) {
      await vscode.commands.executeCommand('countersign.setUp');
    }
    return undefined;
  }
  if (others.length === 0) return only.repository;
  const items = writable.map(({ repository }): Item<string> => {
    const folder = vscode.Uri.parse(repository).fsPath;
    return { label: `$(repo) ${basename(folder)}`, description: folder, choice: repository };
  });
  const title = vscode.l10n.t('Open an Exception');
  return pickOne(items, { title, placeholder: vscode.l10n.t('In which repository?') });
}

/** The repositories that the Git extension has open, which may lie around the workspace's folders. */
async function repositories(): Promise<string[]> {
  if (!vscode.workspace.isTrusted) return [];
  const api = await gitApi().catch(() => undefined);
  return api?.repositories.map(({ rootUri }) => rootUri.toString()) ?? [];
}
