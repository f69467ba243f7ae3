/** The language model tool by which an agent in VS Code declares its work, as `countersign declare` does. */
import * as vscode from 'vscode';
import { type DeclareUseParams, type DeclareUseResult, declareUse } from '../../server/protocol.ts';
import type { PolicyServer } from '../server-process.ts';
import { gitApi } from './git-extension.ts';

/** As the manifest's `inputSchema` has it: what every tool for declaring takes, and which repository. */
interface Input {
  model: string;
  /** The repository's folder, where several are open. */
  repository?: string;
}

export function offerDeclareTool(server: PolicyServer): vscode.Disposable {
  return vscode.lm.registerTool<Input>('countersign_declare', {
    prepareInvocation: ({ input }) => ({
      invocationMessage: vscode.l10n.t('Declaring the use of {0} for the next commit', input.model),
    }),
    async invoke({ input }, token) {
      if (!vscode.workspace.isTrusted) throw new Error('This needs a trusted workspace.');
      const { repository: folder, ...rest } = input;
      const params: DeclareUseParams = { repository: (await repositoryOf(folder)).toString(), input: rest };
      const client = await server.ready();
      const { values } = await client.sendRequest<DeclareUseResult>(declareUse, params, token);
      const text = `Declared for the next commit: ${JSON.stringify(values)}. The person who commits sees it and may change it.`;
      return new vscode.LanguageModelToolResult([new vscode.LanguageModelTextPart(text)]);
    },
  });
}

/** Throws in words that a model can act on. */
async function repositoryOf(folder?: string): Promise<vscode.Uri> {
  const git = await gitApi();
  const open = git?.repositories.map(({ rootUri }) => rootUri) ?? [];
  if (folder !== undefined) {
    const found = git?.getRepository(vscode.Uri.file(folder));
    if (found) return found.rootUri;
  } else if (open.length === 1 && open[0]) {
    return open[0];
  }
  const names = open.map(({ fsPath }) => fsPath).join(', ');
  throw new Error(open.length === 0 ? 'No Git repository is open.' : `Say which repository: one of ${names}.`);
}
