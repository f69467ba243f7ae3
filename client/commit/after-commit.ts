/** A commit that was made without the prompt: when it shows AI use and discloses none, this offers to mend it. */
import * as vscode from 'vscode';
import type {
  DiscloseCommitParams,
  DiscloseCommitResult,
  ReviewCommitParams,
  ReviewCommitResult,
} from '../../server/protocol.ts';
import { discloseCommit, reviewCommit } from '../../server/protocol.ts';
import { isConfigured } from '../configured.ts';
import { messageOf } from '../log.ts';
import type { PolicyServer } from '../server-process.ts';
import type { Drafts } from './drafts.ts';
import { fillIn } from './form.ts';
import { type GitRepository, gitApi } from './git-extension.ts';
import { evidenceLine } from './provenance.ts';
import type { Turns } from './turns.ts';

interface Parts {
  context: vscode.ExtensionContext;
  server: PolicyServer;
  drafts: Drafts;
  turns: Turns;
  log: vscode.LogOutputChannel;
}

/** The commits that were said to be nobody's but a person's; not asked about again. */
const settledKey = 'commit.settled';
const maxSettled = 200;

/** Follows HEAD of every repository of the window. */
export function watchCommits(parts: Parts): vscode.Disposable {
  const following = new Map<string, vscode.Disposable>();
  const open = (repository: GitRepository) => {
    let before = repository.state.HEAD?.commit;
    const follow = repository.state.onDidChange(() => {
      const commit = repository.state.HEAD?.commit;
      const last = before;
      before = commit;
      // The first look at a repository is no commit.
      if (!commit || commit === last || last === undefined) return;
      review(parts, repository, { repository: repository.rootUri.toString(), commit }).catch((error: unknown) =>
        parts.log.warn(`The commit ${commit} was not looked at: ${messageOf(error)}`),
      );
    });
    following.set(repository.rootUri.toString(), follow);
  };
  const close = ({ rootUri }: GitRepository) => {
    following.get(rootUri.toString())?.dispose();
    following.delete(rootUri.toString());
  };
  const events: vscode.Disposable[] = [];
  const start = async () => {
    const git = vscode.workspace.isTrusted && events.length === 0 ? await gitApi() : undefined;
    if (!git) return;
    git.repositories.forEach(open);
    events.push(git.onDidOpenRepository(open), git.onDidCloseRepository(close));
  };
  // After activation has returned.
  setImmediate(start);
  const trusted = vscode.workspace.onDidGrantWorkspaceTrust(start);
  return { dispose: () => vscode.Disposable.from(trusted, ...events, ...following.values()).dispose() };
}

async function review(parts: Parts, { rootUri }: GitRepository, params: ReviewCommitParams): Promise<void> {
  const { context, drafts, server, turns } = parts;
  // What this window commits itself has been judged.
  if (turns.answered(params.repository) || !(await isConfigured())) return;
  const settled = context.workspaceState.get<string[]>(settledKey, []);
  const client = await server.ready();
  const found = await client.sendRequest<ReviewCommitResult>(reviewCommit, params);
  if (!found || settled.includes(params.commit)) return;
  const amend = vscode.l10n.t('Amend…');
  const note = vscode.l10n.t('Add a Note…');
  const person = vscode.l10n.t('No AI Was Used');
  const text = vscode.l10n.t('“{0}” shows AI use and discloses none: {1}', found.subject, evidenceLine(found.evidence));
  const answer = await vscode.window.showWarningMessage(text, found.mend === 'amend' ? amend : note, person);
  const settle = () => context.workspaceState.update(settledKey, [...settled, params.commit].slice(-maxSettled));
  if (answer === person) await settle();
  if (answer !== amend && answer !== note) return;
  await turns.take(async () => {
    // Time has passed: it may have been pushed, or have another commit on top.
    const now = await client.sendRequest<ReviewCommitResult>(reviewCommit, params);
    if (!now) return;
    const filled = await fillIn({
      client,
      repository: params.repository,
      title: vscode.l10n.t('AI Disclosure of {0}', params.commit.slice(0, 8)),
      fields: now.fields,
      known: now.known,
      evidence: now.evidence,
      typed: {},
      offered: drafts.offered(rootUri),
      violations: [],
      disclosing: false,
      askMessage: false,
      message: now.subject,
      onMessage: () => {},
      onValues: () => {},
    });
    if (filled.kind === 'no-ai') await settle();
    if (filled.kind !== 'values') return;
    await disclose(parts, rootUri, { ...params, values: filled.values, mend: now.mend });
  });
}

async function disclose({ server, turns, log }: Parts, root: vscode.Uri, params: DiscloseCommitParams): Promise<void> {
  const client = await server.ready();
  try {
    // Amending runs hooks, which need not ask what has just been answered.
    const { signatureLost } = await turns.committing(params.repository, { kind: 'values', values: params.values }, () =>
      client.sendRequest<DiscloseCommitResult>(discloseCommit, params),
    );
    const done =
      params.mend === 'amend'
        ? vscode.l10n.t('$(verified) Amended with its disclosure')
        : vscode.l10n.t('$(verified) Noted: push refs/notes/countersign, too');
    vscode.window.setStatusBarMessage(done, 8000);
    if (signatureLost) {
      void vscode.window.showWarningMessage(
        vscode.l10n.t(
          'The commit was signed and is not any longer: git signs amended commits only where “commit.gpgSign” says so.',
        ),
      );
    }
  } catch (error) {
    log.error(`Disclosing ${params.commit} in ${root.fsPath}: ${messageOf(error)}`);
    void vscode.window.showErrorMessage(vscode.l10n.t('The commit is as it was: {0}', messageOf(error)));
  }
}
