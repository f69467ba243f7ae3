import { basename } from 'node:path';
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type {
  AskDisclosureParams,
  AskDisclosureResult,
  DisclosureFormParams,
  DisclosureFormResult,
  PromptShownParams,
} from '../../server/protocol.ts';
import { askDisclosure, disclosureForm, promptShown } from '../../server/protocol.ts';
import { messageOf } from '../log.ts';
import type { PolicyServer } from '../server-process.ts';
import type { Drafts } from './drafts.ts';
import { fillIn } from './form.ts';
import type { Turns } from './turns.ts';

interface Parts {
  server: PolicyServer;
  drafts: Drafts;
  turns: Turns;
  log: vscode.LogOutputChannel;
}

/** Shows the prompt of a commit that is made in a terminal, whose hook waits for the answer. */
export function answerHooks({ server, drafts, turns, log }: Parts): vscode.Disposable {
  return server.onCreate((client) => {
    client.onRequest<AskDisclosureResult, void>(
      askDisclosure,
      async (params: AskDisclosureParams, token: vscode.CancellationToken) => {
        const own = turns.answered(params.repository);
        // The hook of this window's own commit: the person has answered, and is not asked twice.
        if (own) return params.request.violations.length > 0 ? { kind: 'cancel' } : own;
        return turns.take(() => answer(client, params, token, { drafts, log }));
      },
    );
  });
}

async function answer(
  client: LanguageClient,
  { id, repository, request }: AskDisclosureParams,
  token: vscode.CancellationToken,
  { drafts, log }: Pick<Parts, 'drafts' | 'log'>,
): Promise<AskDisclosureResult> {
  // While it waited for its turn, the hook may have gone another way.
  if (token.isCancellationRequested || !vscode.workspace.isTrusted) return null;
  try {
    const params: DisclosureFormParams = { repository };
    const described = await client.sendRequest<DisclosureFormResult>(disclosureForm, params);
    if (!described || token.isCancellationRequested) return null;
    const [subject = ''] = request.message.trim().split(/\r?\n/);
    const shown: PromptShownParams = { id };
    void client.sendNotification(promptShown, shown);
    const root = vscode.Uri.parse(repository);
    const filled = await fillIn({
      client,
      repository,
      title: vscode.l10n.t('Commit in a terminal: {0}', subject || basename(request.repository)),
      fields: described.fields,
      known: request.known,
      evidence: request.evidence ?? [],
      typed: request.values,
      offered: drafts.offered(root),
      violations: request.violations,
      disclosing: false,
      askMessage: false,
      message: request.message,
      onMessage: () => {},
      onValues: () => {},
      token,
    });
    if (filled.kind === 'values') await drafts.offer(root, described.fields, filled.values);
    return filled;
  } catch (error) {
    if (!token.isCancellationRequested) log.error(`The prompt of a commit in a terminal failed: ${messageOf(error)}`);
    return null;
  }
}
