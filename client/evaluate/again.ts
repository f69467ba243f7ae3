/** Brings results up to date when a file is saved: those of rules and packages, which are found again after an edit. */
import * as vscode from 'vscode';
import type { EvaluationTarget } from '../../server/protocol.ts';
import { embeddingLanguage } from '../documents.ts';
import type { Results, Shown } from './results.ts';

/** More at once would be work that nobody asked for. */
const most = 10;

export function evaluateAgainOnSave(
  results: Results,
  run: (uri: string, target: EvaluationTarget) => Promise<Shown | undefined>,
): vscode.Disposable {
  return vscode.workspace.onDidSaveTextDocument(async ({ uri, languageId }) => {
    if (!/^(rego|json|jsonc|yaml)$/.test(languageId)) return;
    if (!vscode.workspace.isTrusted) return;
    if (!vscode.workspace.getConfiguration('countersign', uri).get('evaluation.onSave', true)) return;
    for (const shown of results
      .all()
      .filter(({ old }) => old)
      .slice(-most)) {
      const target = targetNow(shown);
      if (!target) continue;
      const next = await run(shown.params.uri, target);
      // Another rule may stand where it stood, or none.
      results.remove(shown);
      if (next?.result.query === '') results.remove(next);
    }
  });
}

/** Undefined for a query, and for what was removed. */
function targetNow({ params: { uri }, result, notes }: Shown): EvaluationTarget | undefined {
  const line = notes.get(uri)?.find(({ kind }) => kind !== 'printed' && kind !== 'profile')?.line;
  const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
  if (result.kind === 'query' || line === undefined || !document || line >= document.lineCount) return undefined;
  const first = document.lineAt(line).firstNonWhitespaceCharacterIndex;
  // Between quotes, a line of YAML begins with something else.
  const own = document.languageId === embeddingLanguage ? (result.places[0]?.start.character ?? 0) : 0;
  const position = { line, character: Math.max(first, own) };
  return { kind: result.kind, position };
}
