/** Rego in YAML files: tells the server which open files hold some, and starts it for the first of them. */
import * as vscode from 'vscode';
import { type EmbeddedParams, embeddedClosed, embeddedOpened } from '../server/protocol.ts';
import { embeddingLanguage, mayEmbedRego, policyDocuments } from './documents.ts';
import type { PolicyServer } from './server-process.ts';

/** The commands that evaluate are there for an editor of YAML with Rego in it, too. */
const contextKey = 'countersign.embedsRego';

/** Looks at texts only; a YAML file without Rego costs a search of its text when it is opened, and of what is typed. */
export function followEmbeddedRego(server: PolicyServer): vscode.Disposable {
  const told = new Set<string>();

  function look(document: vscode.TextDocument): void {
    if (document.languageId !== embeddingLanguage || told.has(document.uri.toString())) return;
    // Those the server has anyway.
    if (vscode.languages.match(policyDocuments, document) > 0 || !mayEmbedRego(document.getText())) return;
    told.add(document.uri.toString());
    tell(embeddedOpened, document.uri);
    tellCommands();
  }

  function tellCommands(editor = vscode.window.activeTextEditor): void {
    const embeds = editor !== undefined && told.has(editor.document.uri.toString());
    void vscode.commands.executeCommand('setContext', contextKey, embeds);
  }

  function changed({ document, contentChanges }: vscode.TextDocumentChangeEvent): void {
    if (document.languageId !== embeddingLanguage || told.has(document.uri.toString())) return;
    const touched = ({ range, text }: vscode.TextDocumentContentChangeEvent) =>
      text.length > 1 || document.lineAt(range.start.line).text.includes('kind');
    if (contentChanges.some(touched)) look(document);
  }

  function closed({ uri }: vscode.TextDocument): void {
    if (told.delete(uri.toString()) && server.started) tell(embeddedClosed, uri);
  }

  /** Logged and shown by ready() itself, when the server does not start. */
  function tell(method: string, uri: vscode.Uri): void {
    const params: EmbeddedParams = { uri: uri.toString() };
    server
      .ready()
      .then((client) => client.sendNotification(method, params))
      .catch(() => {});
  }

  // After activation has returned.
  setImmediate(() => vscode.workspace.textDocuments.forEach(look));
  return vscode.Disposable.from(
    vscode.workspace.onDidOpenTextDocument(look),
    vscode.workspace.onDidChangeTextDocument(changed),
    vscode.workspace.onDidCloseTextDocument(closed),
    vscode.window.onDidChangeActiveTextEditor(tellCommands),
    // One that was started anew knows of none.
    server.onRunning((client) => {
      for (const uri of told) void client.sendNotification(embeddedOpened, { uri } satisfies EmbeddedParams);
    }),
  );
}
