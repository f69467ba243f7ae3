/** Draws results beside the code, in all editors that show their documents. Words say what colours say, too. */
import * as vscode from 'vscode';
import type { Note, Results, Shown } from './results.ts';
import { hoverOf } from './words.ts';

type Kind = Note['kind'] | 'old';

const colors: Record<Kind, string> = {
  value: 'editorInlayHint.foreground',
  undefined: 'editorWarning.foreground',
  error: 'editorError.foreground',
  printed: 'editorCodeLens.foreground',
  profile: 'editorCodeLens.foreground',
  old: 'disabledForeground',
};

export function drawResults(results: Results): vscode.Disposable {
  // Made when there is the first result: until then nobody pays for it.
  let type: vscode.TextEditorDecorationType | undefined;
  const draw = () => {
    if (!type && results.all().length === 0) return;
    type ??= vscode.window.createTextEditorDecorationType({
      rangeBehavior: vscode.DecorationRangeBehavior.ClosedClosed,
      after: { margin: '0 0 0 2em', fontStyle: 'italic' },
    });
    for (const editor of vscode.window.visibleTextEditors) editor.setDecorations(type, beside(editor, results.all()));
  };
  return vscode.Disposable.from(
    results.onChange(draw),
    vscode.window.onDidChangeVisibleTextEditors(draw),
    new vscode.Disposable(() => type?.dispose()),
  );
}

function beside({ document }: vscode.TextEditor, all: readonly Shown[]): vscode.DecorationOptions[] {
  const uri = document.uri.toString();
  return all.flatMap((shown) =>
    (shown.notes.get(uri) ?? [])
      .filter(({ line }) => line < document.lineCount)
      .map(({ line, kind, text }): vscode.DecorationOptions => {
        const { range, firstNonWhitespaceCharacterIndex } = document.lineAt(line);
        const color = new vscode.ThemeColor(colors[shown.old ? 'old' : kind]);
        const contentText = shown.old ? vscode.l10n.t('{0} – before the last change', text) : text;
        return {
          range: range.with(range.start.with(undefined, firstNonWhitespaceCharacterIndex)),
          ...(kind !== 'printed' && kind !== 'profile' && { hoverMessage: hoverOf(shown) }),
          renderOptions: { after: { contentText, color } },
        };
      }),
  );
}
