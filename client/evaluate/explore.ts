/** What else can be seen of a module: what is left of it without the input, and what the compiler makes of it. */
import * as vscode from 'vscode';
import {
  type CompilerStagesParams,
  type CompilerStagesResult,
  compilerStages,
  type EvaluatePartiallyParams,
  type EvaluatePartiallyResult,
  type EvaluateResult,
  type EvaluationTarget,
  evaluatePartially,
} from '../../server/protocol.ts';
import { type Item, pickOne } from '../commit/pick.ts';
import type { PolicyServer } from '../server-process.ts';
import { ask } from './ask.ts';
import type { Views } from './views.ts';

interface Parts {
  server: PolicyServer;
  views: Views;
  log: vscode.LogOutputChannel;
}

/** Shows what is left of a target when nothing is known of the input. */
export async function showPartial(parts: Parts, uri: string, target: EvaluationTarget): Promise<void> {
  const params: EvaluatePartiallyParams = { uri, target };
  const title = vscode.l10n.t('Evaluating partially');
  const left = await ask<EvaluatePartiallyResult>(parts, title, { method: evaluatePartially, params });
  if (!left) return;
  if (left.problems.length > 0) return tellProblems(left.problems);
  const comment = (text: string) =>
    text
      .split(/\r?\n/)
      .map((line) => `# ${line}`.trimEnd())
      .join('\n');
  const { queries, support, query } = left;
  const head = comment(`${query}\n\n${whatIsLeft(queries)}`);
  await parts.views.show('Partially evaluated.rego', `${[head, ...queries, ...support].join('\n\n')}\n`);
}

function whatIsLeft(queries: readonly string[]): string {
  if (queries.length === 0) return vscode.l10n.t('It never holds, whatever the input is.');
  if (queries.includes('')) return vscode.l10n.t('It always holds, whatever the input is.');
  return queries.length === 1
    ? vscode.l10n.t('It holds where this does:')
    : vscode.l10n.t('It holds where any of these does:');
}

/** Lists the compiler's stages; the one that is chosen is compared with the one before. */
export async function showStages(parts: Parts, params: CompilerStagesParams): Promise<void> {
  const title = vscode.l10n.t('Compiling');
  const result = await ask<CompilerStagesResult>(parts, title, { method: compilerStages, params, runs: false });
  if (!result) return;
  const { stages, problems } = result;
  const [first] = stages;
  if (!first) return tellProblems(problems);
  const last = stages.at(-1);
  const items = stages.map(
    (stage, at): Item<number> => ({
      label: stage.name,
      choice: at,
      ...(stage === last && problems[0] && { detail: vscode.l10n.t('Then: {0}', problems[0].message) }),
    }),
  );
  const at = await pickOne(items, {
    title: vscode.l10n.t('Compiler Stages'),
    placeholder: vscode.l10n.t('Stages that changed the module; what one did is shown'),
  });
  const stage = at === undefined ? undefined : stages[at];
  if (at === undefined || !stage) return;
  const after = parts.views.set(`${stage.name}.rego`, `${stage.text}\n`);
  const before = stages[at - 1];
  if (!before) {
    await vscode.window.showTextDocument(after, { viewColumn: vscode.ViewColumn.Beside, preview: true });
    return;
  }
  const from = parts.views.set(`${before.name}.rego`, `${before.text}\n`);
  await vscode.commands.executeCommand('vscode.diff', from, after, `${before.name} ↔ ${stage.name}`);
}

/** Says what is wrong, and leads to where it is. */
export async function tellProblems([first]: EvaluateResult['problems']): Promise<void> {
  if (!first) return;
  const { message, place } = first;
  const go = vscode.l10n.t('Go to the Place');
  const answer = await vscode.window.showErrorMessage(message, ...(place ? [go] : []));
  if (!place || answer !== go) return;
  const { start, end } = place.range;
  const selection = new vscode.Range(start.line, start.character, end.line, end.character);
  await vscode.window.showTextDocument(vscode.Uri.parse(place.uri, true), { selection });
}
