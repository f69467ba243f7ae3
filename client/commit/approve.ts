/** *Countersign: Approve a Commit*: the diff and the policy's verdict in view, then a signature. */
import { join } from 'node:path';
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type {
  ApproveParams,
  ApproveResult,
  PrepareApprovalParams,
  PrepareApprovalResult,
  RecentCommitsParams,
  RecentCommitsResult,
} from '../../server/protocol.ts';
import { approve, prepareApproval, recentCommits } from '../../server/protocol.ts';
import { messageOf } from '../log.ts';
import type { PolicyServer } from '../server-process.ts';
import { askForTrust } from '../trust.ts';
import { type GitApi, type GitRepository, gitApi } from './git-extension.ts';
import { type Item, pickOne, separator } from './pick.ts';
import { errorIcon } from './prompt.ts';
import { denials, warnings } from './refusal.ts';
import { chooseRepository } from './repository.ts';
import { twoLines } from './two-lines.ts';

const title = () => vscode.l10n.t('Approve a Commit');

interface Parts {
  server: PolicyServer;
  log: vscode.LogOutputChannel;
}

/** Runs the command. Nothing is signed but what was shown, after the user says so twice: in the list and in a dialog. */
export async function approveCommit({ server, log }: Parts): Promise<void> {
  if (!(await askForTrust(title()))) return;
  const git = await gitApi();
  const repository = git && (await chooseRepository(git));
  if (!repository) return;
  const root = repository.rootUri.toString();
  try {
    const client = await server.ready();
    const commit = await chooseCommit(client, root);
    if (commit) await approveOne(client, git, repository, { repository: root, commit });
  } catch (error) {
    log.error(`Approve a Commit: ${messageOf(error)}`);
    void vscode.window.showErrorMessage(vscode.l10n.t('Nothing was signed: {0}', messageOf(error)));
  }
}

async function chooseCommit(client: LanguageClient, repository: string): Promise<string | undefined> {
  const params: RecentCommitsParams = { repository, limit: 50 };
  const found = await client.sendRequest<RecentCommitsResult>(recentCommits, params);
  if (found.length === 0) void vscode.window.showInformationMessage(vscode.l10n.t('There is no commit yet.'));
  const items = found.map(({ sha, subject, author, time }): Item<string> => {
    const when = new Date(time).toLocaleString();
    return {
      label: `$(git-commit) ${subject}`,
      description: sha.slice(0, 8),
      detail: `${author}, ${when}`,
      choice: sha,
    };
  });
  return items.length > 0
    ? pickOne(items, { title: title(), placeholder: vscode.l10n.t('Which commit do you approve?') })
    : undefined;
}

async function approveOne(
  client: LanguageClient,
  git: GitApi,
  repository: GitRepository,
  params: PrepareApprovalParams,
): Promise<void> {
  let shown = await prepare(client, params);
  await showChanges(git, repository, shown);
  for (;;) {
    const choice = await showVerdict(shown);
    if (choice === undefined || choice === 'cancel') return;
    if (choice === 'changes') {
      await showChanges(git, repository, shown);
      continue;
    }
    if (choice === 'despite') {
      const reason = await vscode.window.showInputBox({
        title: title(),
        prompt: vscode.l10n.t('Why you approve it nevertheless; this is signed, too.'),
        ignoreFocusOut: true,
      });
      if (!reason?.trim()) continue;
      shown = await prepare(client, { ...params, reason });
    }
    if (!(await agreed(shown))) continue;
    const sign: ApproveParams = { repository: params.repository, id: shown.id, despite: choice === 'despite' };
    const { ref, notes } = await client.sendRequest<ApproveResult>(approve, sign);
    const text = vscode.l10n.t('Countersigned {0}. Push {1} to share it.', shown.commit.sha.slice(0, 8), ref);
    void vscode.window.showInformationMessage([text, ...notes].join(' '));
    return;
  }
}

function prepare(client: LanguageClient, params: PrepareApprovalParams): Thenable<PrepareApprovalResult> {
  const options = { location: vscode.ProgressLocation.Notification, title: vscode.l10n.t('Asking the policy…') };
  return vscode.window.withProgress(options, () => client.sendRequest<PrepareApprovalResult>(prepareApproval, params));
}

/** All files of the commit, each beside what it was. */
async function showChanges(git: GitApi, { rootUri }: GitRepository, shown: PrepareApprovalResult): Promise<void> {
  const { sha, parent, subject } = shown.commit;
  const resources = shown.files.map(({ path, status, old_path }) => {
    const now = vscode.Uri.file(join(rootUri.fsPath, path));
    const before = vscode.Uri.file(join(rootUri.fsPath, old_path ?? path));
    return [
      now,
      status === 'A' || parent === undefined ? undefined : git.toGitUri(before, parent),
      status === 'D' ? undefined : git.toGitUri(now, sha),
    ];
  });
  await vscode.commands.executeCommand('vscode.changes', `${sha.slice(0, 8)}: ${subject}`, resources);
}

type Choice = 'sign' | 'despite' | 'changes' | 'cancel';

function showVerdict(shown: PrepareApprovalResult): Promise<Choice | undefined> {
  const { commit, verdict, problems, approver, signer, policy, notes } = shown;
  const blocking = problems.find(({ despite }) => !despite);
  const denied = denials(verdict);
  const fact = (label: string, icon: vscode.ThemeIcon, description?: string, detail?: string): Item<Choice> => {
    return { label, iconPath: icon, description, detail };
  };
  const sign: Item<Choice>[] = blocking
    ? []
    : [
        {
          label:
            problems.length > 0
              ? vscode.l10n.t('Countersign nevertheless…')
              : vscode.l10n.t('Countersign as {0}', approver),
          description: signer,
          iconPath: new vscode.ThemeIcon('verified'),
          choice: problems.length > 0 ? 'despite' : 'sign',
        },
      ];
  const disclosed = Object.entries(commit.disclosure).flatMap(([field, values]) =>
    [values].flat().map((value) => fact(`${field}: ${value}`, new vscode.ThemeIcon('check'))),
  );
  const items: Item<Choice>[] = [
    ...problems.map(({ message, fix }) => {
      const [first, rest] = twoLines(message);
      return fact(first, errorIcon, undefined, [rest, fix].filter(Boolean).join(' — '));
    }),
    ...sign,
    separator(vscode.l10n.t('the policy says ({0})', policy)),
    ...(denied.length === 0 ? [fact(vscode.l10n.t('allowed'), new vscode.ThemeIcon('pass'))] : []),
    ...denied.map(({ msg, rule }) => fact(msg, errorIcon, rule)),
    ...warnings(verdict).map(({ msg, rule }) => fact(msg, new vscode.ThemeIcon('warning'), rule)),
    separator(vscode.l10n.t('the commit declares')),
    ...(disclosed.length > 0 ? disclosed : [fact(vscode.l10n.t('nothing'), new vscode.ThemeIcon('dash'))]),
    ...notes.map((note) => fact(note, new vscode.ThemeIcon('info'))),
    separator(vscode.l10n.t('or')),
    {
      label: vscode.l10n.t('Show the Changes Again'),
      iconPath: new vscode.ThemeIcon('diff-multiple'),
      choice: 'changes',
    },
    { label: vscode.l10n.t('Cancel'), iconPath: new vscode.ThemeIcon('close'), choice: 'cancel' },
  ];
  const pick = {
    title: `${title()}: ${commit.sha.slice(0, 8)} ${commit.subject}`,
    placeholder: vscode.l10n.t('By {0}. Read the changes before you sign.', commit.author),
  };
  return pickOne(items, pick, sign[0]);
}

async function agreed({ commit, approver, signer, files }: PrepareApprovalResult): Promise<boolean> {
  const sign = vscode.l10n.t('Countersign');
  const detail = vscode.l10n.t(
    '{0}\n\n{1} files. Your signature says that you, {2}, answer for this change and what it declares. Signed with {3}.',
    commit.subject,
    files.length,
    approver,
    signer ?? '–',
  );
  const text = vscode.l10n.t('Countersign {0}?', commit.sha.slice(0, 8));
  return (await vscode.window.showWarningMessage(text, { modal: true, detail }, sign)) === sign;
}
