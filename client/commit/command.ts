/** *Countersign: Commit with AI Disclosure*: ask, stamp, let the policy decide, commit. */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type {
  CommitMadeParams,
  DecideCommitParams,
  DecideCommitResult,
  DisclosureFormParams,
  DisclosureFormResult,
  FieldValues,
  PromptAnswer,
  StampMessageParams,
  StampMessageResult,
} from '../../server/protocol.ts';
import { commitMade, decideCommit, disclosureForm, stampMessage } from '../../server/protocol.ts';
import { messageOf } from '../log.ts';
import type { PolicyServer } from '../server-process.ts';
import { askForTrust } from '../trust.ts';
import type { Drafts } from './drafts.ts';
import { type Form, fillIn, promptTitle } from './form.ts';
import { type GitCommitOptions, type GitRepository, gitApi, gitWords } from './git-extension.ts';
import { denials, showRefusal, showUndecided, warnings } from './refusal.ts';
import { type Changes, chooseChanges, chooseRepository } from './repository.ts';
import type { Turns } from './turns.ts';

export interface CommitParts {
  server: PolicyServer;
  drafts: Drafts;
  turns: Turns;
  log: vscode.LogOutputChannel;
}

/**
 * Runs the command. `clicked` is what the Source Control title hands over. Nothing is committed but
 * what the policy allows or the user insists on; whatever ends it early leaves the message in the
 * Source Control box and the fields in `drafts`.
 */
export async function commitWithDisclosure(parts: CommitParts, clicked?: vscode.SourceControl): Promise<void> {
  if (!(await askForTrust(promptTitle()))) return;
  const git = await gitApi();
  if (!git) {
    void vscode.window.showErrorMessage(
      vscode.l10n.t('The Git extension of VS Code is switched off: set “git.enabled” to commit.'),
    );
    return;
  }
  const repository = await chooseRepository(git, clicked);
  if (!repository) return;
  try {
    await parts.turns.take(() => commitTo(parts, repository));
  } catch (error) {
    parts.log.error(`Commit with AI Disclosure: ${messageOf(error)}`);
    const showLog = vscode.l10n.t('Show Log');
    const text = vscode.l10n.t('Nothing was committed: {0}', messageOf(error));
    if ((await vscode.window.showErrorMessage(text, showLog)) === showLog) parts.log.show();
  }
}

async function commitTo(parts: CommitParts, repository: GitRepository): Promise<void> {
  const client = await parts.server.ready();
  const uri = repository.rootUri.toString();
  const form = await describe(client, { repository: uri });
  if (!form) return tellOfSetUp(repository);
  const changes = await chooseChanges(repository);
  if (!changes) return;
  const message = repository.inputBox.value;
  const time = new Date().toISOString();
  const gathered = await describe(client, { repository: uri, message, all: changes.all, gather: true });
  const { fields, known, evidence } = gathered ?? form;
  const asked: Form = {
    client,
    repository: uri,
    title: promptTitle(),
    fields,
    known,
    evidence,
    typed: parts.drafts.typed(repository.rootUri),
    offered: parts.drafts.offered(repository.rootUri),
    violations: [],
    disclosing: false,
    askMessage: !message.trim(),
    message,
    onMessage(typed) {
      repository.inputBox.value = typed;
    },
    onValues: (values) => void parts.drafts.set(repository.rootUri, values),
  };
  let from: string | undefined;
  for (;;) {
    const answer = await fillIn(asked, from);
    if (answer.kind === 'cancel') return;
    const next = await decideAndCommit(parts, repository, changes, asked, answer);
    if (next.kind === 'cancel') return;
    if (next.kind === 'done') {
      const made: CommitMadeParams = { repository: uri, asked: time };
      await client.sendRequest(commitMade, made).catch((error: unknown) => parts.log.warn(messageOf(error)));
      await parts.drafts.committed(repository.rootUri, fields, answer.kind === 'values' ? answer.values : {});
      return;
    }
    from = next.field;
  }
}

function describe(client: LanguageClient, params: DisclosureFormParams): Promise<DisclosureFormResult> {
  return client.sendRequest<DisclosureFormResult>(disclosureForm, params);
}

type Next = { kind: 'done' } | { kind: 'cancel' } | { kind: 'edit'; field?: string };

/** Stamps the message, asks the policy, and commits when it allows or the user insists. */
async function decideAndCommit(
  parts: CommitParts,
  repository: GitRepository,
  changes: Changes,
  form: Form,
  answer: PromptAnswer,
): Promise<Next> {
  const message = answer.kind === 'values' ? await stamped(form, answer.values) : form.message;
  const evidence = form.evidence.filter(({ source }) => source !== 'message');
  for (;;) {
    const verdict = await decide(form.client, { repository: form.repository, message, all: changes.all, evidence });
    const allowed = typeof verdict !== 'string' && verdict.result === 'allow';
    if (!allowed) {
      logDenial(parts.log, verdict);
      const choice = await (typeof verdict === 'string' ? showUndecided(verdict) : showRefusal(verdict, form.fields));
      if (choice.kind === 'again') continue;
      if (choice.kind === 'problems') {
        await vscode.commands.executeCommand('workbench.actions.view.problems');
        return { kind: 'cancel' };
      }
      if (choice.kind !== 'anyway') return choice;
      parts.log.warn('The user commits all the same.');
    }
    const commitIt = () => commit(parts, repository, message, changes, form.message);
    const refused = await parts.turns.committing(form.repository, answer, commitIt);
    if (refused) return refused;
    if (allowed) tellOfSuccess(parts.log, verdict);
    return { kind: 'done' };
  }
}

async function stamped({ client, repository, message }: Form, values: FieldValues): Promise<string> {
  const params: StampMessageParams = { repository, message, values };
  return (await client.sendRequest<StampMessageResult>(stampMessage, params)).message;
}

/** The verdict; a text when there is none, which says why. Rejects when the user stops it. */
async function decide(client: LanguageClient, params: DecideCommitParams): Promise<DecideCommitResult | string> {
  const options: vscode.ProgressOptions = {
    location: vscode.ProgressLocation.Notification,
    title: vscode.l10n.t('Asking the policy…'),
    cancellable: true,
  };
  return vscode.window.withProgress(options, async (_, token) => {
    try {
      return await client.sendRequest<DecideCommitResult>(decideCommit, params, token);
    } catch (error) {
      return token.isCancellationRequested ? vscode.l10n.t('You stopped the decision.') : messageOf(error);
    }
  });
}

/** Commits. When git or a hook refuses: puts the typed message back, shows their words, and says how to go on. */
async function commit(
  parts: CommitParts,
  repository: GitRepository,
  message: string,
  { all }: Changes,
  typed: string,
): Promise<Next | undefined> {
  const settings = vscode.workspace.getConfiguration('git', repository.rootUri);
  const options: GitCommitOptions = {
    all: all ? 'tracked' : undefined,
    signoff: settings.get('alwaysSignOff', false) || undefined,
    signCommit: settings.get('enableCommitSigning', false) || undefined,
  };
  try {
    await repository.commit(message, options);
  } catch (error) {
    repository.inputBox.value = typed;
    parts.log.error(`git refused the commit: ${gitWords(error)}`);
    const back = vscode.l10n.t('Go Back and Edit');
    const output = vscode.l10n.t('Show Git Output');
    const text = vscode.l10n.t('Git refused the commit. What you typed is kept.');
    const answer = await vscode.window.showErrorMessage(text, { modal: true, detail: gitWords(error) }, back, output);
    if (answer === output) await vscode.commands.executeCommand('git.showOutput');
    return answer === back ? { kind: 'edit' } : { kind: 'cancel' };
  }
  // The Git extension empties the box itself in most versions; never a message typed since.
  if (repository.inputBox.value === typed) repository.inputBox.value = '';
  return undefined;
}

function logDenial(log: vscode.LogOutputChannel, verdict: DecideCommitResult | string): void {
  if (typeof verdict === 'string') {
    log.error(`The policy could not decide: ${verdict}`);
    return;
  }
  log.warn(`Decision ${verdict.decision_id} (policy ${verdict.revision}): denied`);
  for (const { rule, msg, field, fix } of denials(verdict)) {
    log.warn(`  ${rule}${field ? ` (${field})` : ''}: ${msg}${fix ? ` — ${fix}` : ''}`);
  }
}

function tellOfSuccess(log: vscode.LogOutputChannel, verdict: DecideCommitResult): void {
  log.info(`Decision ${verdict.decision_id} (policy ${verdict.revision}): allowed`);
  const soft = warnings(verdict);
  if (soft.length === 0) {
    vscode.window.setStatusBarMessage(vscode.l10n.t('$(verified) Committed: the policy allows it'), 8000);
    return;
  }
  const text = vscode.l10n.t('Committed, with warnings: {0}', soft.map(({ msg }) => msg).join(' · '));
  void vscode.window.showWarningMessage(text);
}

async function tellOfSetUp(repository: GitRepository): Promise<void> {
  const setUp = vscode.l10n.t('Set Up Countersign');
  const text = vscode.l10n.t(
    '{0} is not under Countersign: it has no “.countersign/config.yaml”.',
    vscode.workspace.asRelativePath(repository.rootUri),
  );
  if ((await vscode.window.showInformationMessage(text, setUp)) !== setUp) return;
  await vscode.commands.executeCommand('countersign.setUp', repository.rootUri);
}
