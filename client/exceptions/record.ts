/** Following up and closing an exception: asks for the note, and lets the server write it into the file. */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import {
  type CheckExceptionParams,
  type CheckExceptionResult,
  checkException,
  type ExceptionEntry,
  type RecordExceptionParams,
  type RecordExceptionResult,
  recordException,
} from '../../server/protocol.ts';
import { ask } from '../commit/prompt.ts';
import { messageOf } from '../log.ts';

export interface Chosen {
  repository: string;
  entry: ExceptionEntry;
}

/** Whether it was recorded; false when the user left it, or it was refused, which is said. */
export async function record(
  client: LanguageClient,
  { repository, entry }: Chosen,
  what: RecordExceptionParams['what'],
): Promise<boolean> {
  const title = what === 'close' ? vscode.l10n.t('Close {0}', entry.id) : vscode.l10n.t('Follow Up on {0}', entry.id);
  const prompt =
    what === 'close' ? vscode.l10n.t('How it was settled.') : vscode.l10n.t('What was found, or done about it.');
  const answer = await ask({
    title,
    step: 1,
    totalSteps: 1,
    prompt,
    placeholder: vscode.l10n.t('Note'),
    value: what === 'close' ? vscode.l10n.t('Closed.') : '',
    suggestions: [],
    closed: false,
    optional: false,
    check: (value) => checkText(client, value),
    changed: () => {},
    back: false,
    review: false,
  });
  if (answer.kind !== 'value') return false;
  let written: string;
  try {
    if (!(await saveFirst(entry.uri))) return false;
    const params: RecordExceptionParams = { repository, id: entry.id, what, note: answer.value };
    written = (await client.sendRequest<RecordExceptionResult>(recordException, params)).uri;
  } catch (error) {
    void vscode.window.showErrorMessage(vscode.l10n.t('{0} is as it was: {1}', entry.id, messageOf(error)));
    return false;
  }
  await vscode.window.showTextDocument(vscode.Uri.parse(written), { preview: true });
  const done =
    what === 'close'
      ? vscode.l10n.t('$(archive) {0} is closed: commit its file', entry.id)
      : vscode.l10n.t('$(pass) {0} is followed up: commit its file', entry.id);
  vscode.window.setStatusBarMessage(done, 8000);
  return true;
}

/** What is wrong with a text that must be there. */
export async function checkText(client: LanguageClient, value: string): Promise<string | undefined> {
  if (value.trim() === '') return vscode.l10n.t('Say it in a few words.');
  return checkValue(client, { field: 'text', value });
}

export async function checkValue(client: LanguageClient, params: CheckExceptionParams): Promise<string | undefined> {
  return (await client.sendRequest<CheckExceptionResult>(checkException, params)).message;
}

/** What is typed in the file and not saved would be in the way of what the server writes. */
async function saveFirst(uri: string): Promise<boolean> {
  const name = vscode.Uri.parse(uri).toString();
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === name);
  return !document?.isDirty || document.save();
}
