/** Marks which lines were evaluated: by a colour, and by the stroke at the line's beginning. */
import * as vscode from 'vscode';
import type { CoverageResult } from '../../server/protocol.ts';

export interface CoverageMarks extends vscode.Disposable {
  /** What the marks are of; undefined while there are none. */
  readonly of: string | undefined;
  show(of: string, coverage: CoverageResult): void;
  clear(): void;
}

export function createCoverageMarks(): CoverageMarks {
  let marks: { of: string; coverage: CoverageResult } | undefined;
  let types: { covered: vscode.TextEditorDecorationType; notCovered: vscode.TextEditorDecorationType } | undefined;

  function draw(): void {
    if (!marks && !types) return;
    types ??= {
      covered: lines('diffEditor.insertedLineBackground', 'solid', 'testing.iconPassed'),
      notCovered: lines('diffEditor.removedLineBackground', 'dotted', 'testing.iconFailed'),
    };
    for (const editor of vscode.window.visibleTextEditors) {
      const uri = editor.document.uri.toString();
      const file = marks?.coverage.files.find((one) => vscode.Uri.parse(one.uri, true).toString() === uri);
      editor.setDecorations(types.covered, wholeLines(file?.covered ?? [], vscode.l10n.t('This line was evaluated.')));
      editor.setDecorations(
        types.notCovered,
        wholeLines(file?.notCovered ?? [], vscode.l10n.t('This line was not evaluated.')),
      );
    }
  }

  function clear(): void {
    if (!marks) return;
    marks = undefined;
    draw();
  }

  const listening = vscode.Disposable.from(
    vscode.window.onDidChangeVisibleTextEditors(draw),
    // Lines of another text say nothing of this one.
    vscode.workspace.onDidChangeTextDocument(({ document, contentChanges }) => {
      if (marks && contentChanges.length > 0 && document.languageId === 'rego') clear();
    }),
  );
  return {
    get of() {
      return marks?.of;
    },
    show(of, coverage) {
      marks = { of, coverage };
      draw();
    },
    clear,
    dispose() {
      listening.dispose();
      types?.covered.dispose();
      types?.notCovered.dispose();
    },
  };
}

function lines(background: string, borderStyle: string, border: string): vscode.TextEditorDecorationType {
  return vscode.window.createTextEditorDecorationType({
    isWholeLine: true,
    backgroundColor: new vscode.ThemeColor(background),
    borderColor: new vscode.ThemeColor(border),
    borderStyle,
    borderWidth: '0 0 0 3px',
    overviewRulerColor: new vscode.ThemeColor(border),
    overviewRulerLane: vscode.OverviewRulerLane.Left,
  });
}

function wholeLines(of: readonly number[], hoverMessage: string): vscode.DecorationOptions[] {
  return of.map((line) => ({ range: new vscode.Range(line, 0, line, 0), hoverMessage }));
}
