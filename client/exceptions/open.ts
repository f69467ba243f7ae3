/** Opening an exception: asks, lets the server write the file, and shows it. */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import {
  type ExceptionFormParams,
  type ExceptionFormResult,
  exceptionForm,
  type OpenExceptionParams,
  type OpenExceptionResult,
  openException,
} from '../../server/protocol.ts';
import { messageOf } from '../log.ts';
import { type Draft, type Form, type Place, questions } from './questions.ts';

/** Asks, writes the file by the server, and shows it. `near` is the file that is being looked at. */
export async function openForm(client: LanguageClient, repository: string, near?: vscode.Uri): Promise<boolean> {
  const params: ExceptionFormParams = { repository };
  const form = await client.sendRequest<ExceptionFormResult>(exceptionForm, params);
  if (!form) throw new Error(vscode.l10n.t('The repository is not under Countersign.'));
  const draft: Draft = {
    rules: [],
    scope: 'paths',
    paths: [],
    commits: [],
    reason: '',
    approvedBy: '',
    expires: '7d',
    ticket: '',
  };
  let at = 0;
  for (;;) {
    const left = await fill(client, form, draft, { repository, near, at });
    if (left === 'cancel') return false;
    try {
      const made = await client.sendRequest<OpenExceptionResult>(openException, asked(repository, draft));
      await vscode.window.showTextDocument(vscode.Uri.parse(made.uri));
      const told = vscode.l10n.t(
        'The exception holds once its file is in the base of a change: have it reviewed. It owes a follow-up.',
      );
      void vscode.window.showInformationMessage([told, ...made.notes].join(' '));
      return true;
    } catch (error) {
      // Nothing typed is lost: the last question comes again.
      const again = vscode.l10n.t('Go Back and Edit');
      const text = vscode.l10n.t('No exception was opened: {0}', messageOf(error));
      if ((await vscode.window.showErrorMessage(text, again)) !== again) return false;
      at = questions.length - 1;
    }
  }
}

function asked(repository: string, draft: Draft): OpenExceptionParams {
  const { rules, scope, paths, commits, reason, approvedBy, expires, ticket } = draft;
  return {
    repository,
    rules,
    ...(scope === 'paths' && { paths }),
    ...(scope === 'commits' && { commits }),
    ...(scope === 'any' && { anyCommit: true }),
    reason,
    approvedBy,
    expires,
    ...(ticket.trim() !== '' && { ticket }),
  };
}

async function fill(
  client: LanguageClient,
  form: Form,
  draft: Draft,
  { at: first, ...place }: Place & { at: number },
): Promise<'done' | 'cancel'> {
  let step = 1;
  for (let at = first; at < questions.length; at = Math.max(0, at + step)) {
    const answer = await questions[at]?.({ client, form, draft, place, at });
    if (answer === 'cancel') return 'cancel';
    // A question that is none for what was answered so far is passed by in either direction.
    if (answer !== 'skip') step = answer === 'back' ? -1 : 1;
  }
  return 'done';
}
