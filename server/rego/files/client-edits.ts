/** Edits of files in the form that a client takes. */
import { type ClientCapabilities, TextDocumentEdit, type WorkspaceEdit } from 'vscode-languageserver';

/** What a client does for a server. */
export interface EditingClient {
  /** `workspace/applyEdit` */
  readonly applies: boolean;
  /** Edits of versions of documents, which are refused when the document has changed meanwhile. */
  readonly documentChanges: boolean;
  readonly creates: boolean;
}

export function editingClient({ workspace }: ClientCapabilities): EditingClient {
  const { documentChanges = false, resourceOperations = [] } = workspace?.workspaceEdit ?? {};
  return {
    applies: workspace?.applyEdit ?? false,
    documentChanges,
    creates: documentChanges && resourceOperations.includes('create'),
  };
}

/** The edit for a client that may know edits by URI alone. */
export function forClient(edit: WorkspaceEdit, { documentChanges }: EditingClient): WorkspaceEdit {
  if (documentChanges || !edit.documentChanges) return edit;
  const edits = edit.documentChanges.filter(TextDocumentEdit.is);
  return { changes: Object.fromEntries(edits.map((one) => [one.textDocument.uri, one.edits as never])) };
}
