/** What a client can do with code actions; apart from them, since it is known before any is loaded. */
import type { ClientCapabilities } from 'vscode-languageserver';

/** What the client can do with an action. */
export interface ActionClient {
  /** It asks for an action's edit when somebody chooses it. */
  readonly resolves: boolean;
  /** It shows actions that are not possible here, with the reason. */
  readonly disabled: boolean;
  /** Edits of versions of documents; creating and renaming files need them. */
  readonly documentChanges: boolean;
  readonly creates: boolean;
  readonly renames: boolean;
  /** It has VS Code's command `vscode.open`. */
  readonly opensLinks: boolean;
}

export function actionClient({ textDocument, workspace }: ClientCapabilities, opensLinks: boolean): ActionClient {
  const { codeAction } = textDocument ?? {};
  const { documentChanges = false, resourceOperations = [] } = workspace?.workspaceEdit ?? {};
  return {
    resolves: (codeAction?.dataSupport && codeAction.resolveSupport?.properties.includes('edit')) ?? false,
    disabled: codeAction?.disabledSupport ?? false,
    documentChanges,
    creates: documentChanges && resourceOperations.includes('create'),
    renames: documentChanges && resourceOperations.includes('rename'),
    opensLinks,
  };
}
