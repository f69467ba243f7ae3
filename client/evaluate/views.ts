/** Read-only documents of our own: the whole result of an evaluation, and what the engine makes of a module. */
import * as vscode from 'vscode';
import { viewScheme } from './results.ts';

export interface Views extends vscode.Disposable {
  /** Sets the text of a view; the ending of its name says its language. Editors that show it follow. */
  set(name: string, text: string): vscode.Uri;
  /** Sets it and shows it beside the editor, which keeps the focus. */
  show(name: string, text: string): Promise<void>;
  isShown(name: string): boolean;
}

export function createViews(): Views {
  const texts = new Map<string, string>();
  const changed = new vscode.EventEmitter<vscode.Uri>();
  const provider = vscode.workspace.registerTextDocumentContentProvider(viewScheme, {
    onDidChange: changed.event,
    provideTextDocumentContent: ({ path }) => texts.get(path) ?? '',
  });
  const uriOf = (name: string) => vscode.Uri.from({ scheme: viewScheme, path: `/${name}` });
  const isShown = (name: string) => {
    const uri = uriOf(name).toString();
    return vscode.window.visibleTextEditors.some(({ document }) => document.uri.toString() === uri);
  };
  function set(name: string, text: string): vscode.Uri {
    const uri = uriOf(name);
    texts.set(uri.path, text);
    changed.fire(uri);
    return uri;
  }
  return {
    set,
    async show(name, text) {
      const uri = set(name, text);
      if (isShown(name)) return;
      const document = await vscode.workspace.openTextDocument(uri);
      const options = { viewColumn: vscode.ViewColumn.Beside, preserveFocus: true, preview: true };
      await vscode.window.showTextDocument(document, options);
    },
    isShown,
    dispose() {
      provider.dispose();
      changed.dispose();
    },
  };
}
