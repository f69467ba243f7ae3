/** Which repository a commit goes to, and which of its changes. */
import { basename } from 'node:path';
import * as vscode from 'vscode';
import { type GitApi, type GitChange, type GitRepository, untracked } from './git-extension.ts';

/**
 * The repository of the Source Control title that was clicked; else the only one; else the one the
 * user picks, the active editor's being first. Undefined when there is none, or none was picked.
 */
export async function chooseRepository(
  api: GitApi,
  clicked?: vscode.SourceControl,
): Promise<GitRepository | undefined> {
  if (clicked?.rootUri) {
    const root = clicked.rootUri.toString();
    const found = api.repositories.find(({ rootUri }) => rootUri.toString() === root);
    if (found) return found;
  }
  const [only, ...others] = api.repositories;
  if (!only) {
    void vscode.window.showErrorMessage(vscode.l10n.t('There is no Git repository in this window.'));
    return undefined;
  }
  if (others.length === 0) return only;
  const active = vscode.window.activeTextEditor?.document.uri;
  const near = active && api.getRepository(active)?.rootUri.toString();
  const rank = ({ rootUri, ui }: GitRepository) => (rootUri.toString() === near ? 0 : ui.selected ? 1 : 2);
  const items = [...api.repositories]
    .sort((one, other) => rank(one) - rank(other))
    .map((repository) => ({
      label: `$(repo) ${basename(repository.rootUri.fsPath)}`,
      description: repository.rootUri.fsPath,
      repository,
    }));
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Commit with AI Disclosure'),
    placeHolder: vscode.l10n.t('Which repository do you commit to?'),
    matchOnDescription: true,
    ignoreFocusOut: true,
  });
  return picked?.repository;
}

/** What a commit takes: the index, or (`all`) the changes to tracked files, too. */
export interface Changes {
  all: boolean;
}

/**
 * Decides what to commit as the Git extension does: what is staged; when nothing is, all changes to
 * tracked files, at once if smart commit is on, else if the user says so. New files are staged
 * first, since the policy must judge the very files that are committed.
 */
export async function chooseChanges(repository: GitRepository): Promise<Changes | undefined> {
  await repository.status();
  const { mergeChanges, indexChanges, workingTreeChanges, untrackedChanges = [] } = repository.state;
  if (mergeChanges.length > 0) {
    void vscode.window.showErrorMessage(vscode.l10n.t('Resolve the merge conflicts before you commit.'));
    return undefined;
  }
  const tracked = workingTreeChanges.filter(({ status }) => status !== untracked);
  const fresh = [...workingTreeChanges.filter(({ status }) => status === untracked), ...untrackedChanges];
  if (indexChanges.length > 0) return (await saveFirst(repository, indexChanges)) ? { all: false } : undefined;
  if (tracked.length + fresh.length === 0) {
    void vscode.window.showInformationMessage(vscode.l10n.t('There is nothing to commit.'));
    return undefined;
  }
  const choice = await smartOrAsked(repository, tracked.length, fresh.length);
  if (!choice || !(await saveFirst(repository, choice === 'everything' ? [...tracked, ...fresh] : tracked))) {
    return undefined;
  }
  if (choice === 'tracked') return { all: true };
  await repository.add([...tracked, ...fresh].map(({ uri }) => uri.fsPath));
  return { all: false };
}

async function smartOrAsked(
  { rootUri }: GitRepository,
  tracked: number,
  fresh: number,
): Promise<'tracked' | 'everything' | undefined> {
  const settings = vscode.workspace.getConfiguration('git', rootUri);
  if (settings.get('enableSmartCommit', false)) {
    const everything = settings.get('smartCommitChanges', 'all') === 'all' && fresh > 0;
    if (everything || tracked > 0) return everything ? 'everything' : 'tracked';
  }
  const items: (vscode.QuickPickItem & { choice: 'tracked' | 'everything' })[] = [];
  if (tracked > 0) {
    items.push({
      label: vscode.l10n.t('Commit all changes to tracked files ({0})', tracked),
      iconPath: new vscode.ThemeIcon('edit'),
      choice: 'tracked',
    });
  }
  if (fresh > 0) {
    items.push({
      label: vscode.l10n.t('Stage everything and commit it ({0}, of them {1} new)', tracked + fresh, fresh),
      iconPath: new vscode.ThemeIcon('add'),
      choice: 'everything',
    });
  }
  const picked = await vscode.window.showQuickPick(items, {
    title: vscode.l10n.t('Commit with AI Disclosure'),
    placeHolder: vscode.l10n.t('Nothing is staged. What do you want to commit?'),
    ignoreFocusOut: true,
  });
  return picked?.choice;
}

/** Offers to save what is committed but still unsaved, as the Git extension does. False: the user wants no commit. */
async function saveFirst(repository: GitRepository, changes: GitChange[]): Promise<boolean> {
  const settings = vscode.workspace.getConfiguration('git', repository.rootUri);
  if (settings.get<string>('promptToSaveFilesBeforeCommit') === 'never') return true;
  const names = new Set(changes.map(({ uri }) => uri.toString()));
  const unsaved = vscode.workspace.textDocuments.filter(({ isDirty, uri }) => isDirty && names.has(uri.toString()));
  if (unsaved.length === 0) return true;
  const save = vscode.l10n.t('Save All & Commit');
  const leave = vscode.l10n.t('Commit What Is Saved');
  const answer = await vscode.window.showWarningMessage(
    vscode.l10n.t('{0} of the files to commit have unsaved changes.', unsaved.length),
    { modal: true, detail: unsaved.map(({ uri }) => vscode.workspace.asRelativePath(uri)).join('\n') },
    save,
    leave,
  );
  if (answer !== save) return answer === leave;
  await Promise.all(unsaved.map((document) => document.save()));
  if (repository.state.indexChanges.length > 0) await repository.add(unsaved.map(({ uri }) => uri.fsPath));
  return true;
}
