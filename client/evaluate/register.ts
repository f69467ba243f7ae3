/** The commands of evaluation: from code lenses, from the palette, and from the editor's menu. Nothing happens before. */
import * as vscode from 'vscode';
import type { Location as LspLocation, Range } from 'vscode-languageclient';
import {
  type EvaluateParams,
  type EvaluateResult,
  type EvaluationTarget,
  evaluate,
  type LensTarget,
  lensCommands,
  type TestCoverageParams,
  type TestCoverageResult,
  testCoverage,
} from '../../server/protocol.ts';
import { holdsRego } from '../documents.ts';
import { messageOf } from '../log.ts';
import type { PolicyServer } from '../server-process.ts';
import type { PolicyTests } from '../test-explorer.ts';
import { evaluateAgainOnSave } from './again.ts';
import { ask } from './ask.ts';
import { createCoverageMarks } from './coverage.ts';
import { drawResults } from './decorations.ts';
import { showPartial, showStages, tellProblems } from './explore.ts';
import { createInputs } from './input.ts';
import { createResults, type Shown } from './results.ts';
import { createViews } from './views.ts';
import { documentOf, inAWord, notesOf } from './words.ts';

interface Parts {
  context: vscode.ExtensionContext;
  server: PolicyServer;
  tests: Pick<PolicyTests, 'runIn'>;
  log: vscode.LogOutputChannel;
}

const view = 'Evaluation.jsonc';

export function evaluateBesideCode({ context, server, tests, log }: Parts): vscode.Disposable {
  const results = createResults();
  const views = createViews();
  const marks = createCoverageMarks();
  const inputs = createInputs(context.workspaceState, server);

  /** Evaluates and shows; undefined when there is nothing to show. */
  async function run(
    uri: string,
    target: EvaluationTarget,
    more: Partial<EvaluateParams> = {},
  ): Promise<Shown | undefined> {
    const params: EvaluateParams = { uri, target, input: inputs.of(uri), ...more };
    const title = vscode.l10n.t('Evaluating');
    const result = await ask<EvaluateResult>({ server, log }, title, { method: evaluate, params });
    if (!result) return undefined;
    const document = vscode.workspace.textDocuments.find((one) => one.uri.toString() === uri);
    const old = result.version !== null && document !== undefined && document.version !== result.version;
    const shown: Shown = { params, result, notes: notesOf(uri, result), old };
    results.add(shown);
    if (views.isShown(view)) views.set(view, documentOf(shown));
    if (result.coverage) marks.show(uri, result.coverage);
    vscode.window.setStatusBarMessage(inAWord(result), 10_000);
    if (result.outcome === 'error' && result.places.length === 0) void tellProblems(result.problems);
    return shown;
  }

  /** With the whole value to the side, as the setting says. */
  async function runAndShow(uri: string, target: EvaluationTarget, more?: Partial<EvaluateParams>): Promise<void> {
    const shown = await run(uri, target, more);
    const when = vscode.workspace
      .getConfiguration('countersign', vscode.Uri.parse(uri, true))
      .get('evaluation.openBeside');
    if (!shown || shown.result.outcome === 'error' || when === 'never') return;
    if (when === 'always' || target.kind !== 'rule') await views.show(view, documentOf(shown));
  }

  /** What the cursor tells of which module is meant; YAML may have several, which the server tells apart. */
  function active(): { uri: string; editor: vscode.TextEditor; position: Range['start'] } | undefined {
    const editor = vscode.window.activeTextEditor;
    if (editor && holdsRego(editor.document)) {
      return { uri: editor.document.uri.toString(), editor, position: plain(editor.selection.start) };
    }
    const message = vscode.l10n.t('Open a Rego file, or YAML with Rego in it, first: what stands there is evaluated.');
    void vscode.window.showInformationMessage(message);
    return undefined;
  }

  const selectionOf = ({ selection: { start, end } }: vscode.TextEditor): EvaluationTarget => ({
    kind: 'selection',
    range: { start: { ...plain(start) }, end: { ...plain(end) } },
  });

  async function onSelection(work: (uri: string, target: EvaluationTarget) => Promise<unknown>): Promise<void> {
    const at = active();
    if (at) await work(at.uri, selectionOf(at.editor));
  }

  async function evaluateHere(lens?: LensTarget): Promise<void> {
    if (lens) {
      const { uri, position, whole } = lens;
      const target: EvaluationTarget = position && !whole ? { kind: 'rule', position } : { kind: 'package', position };
      const when = vscode.workspace
        .getConfiguration('countersign', vscode.Uri.parse(uri, true))
        .get('evaluation.openBeside');
      await (when === 'always' ? runAndShow(uri, target) : run(uri, target));
      return;
    }
    const at = active();
    if (!at) return;
    await runAndShow(at.uri, { kind: 'selection', range: { start: at.position, end: at.position } });
  }

  async function evaluateQuery(): Promise<void> {
    const at = active();
    if (!at) return;
    const query = await vscode.window.showInputBox({
      title: vscode.l10n.t('Evaluate a Query'),
      prompt: vscode.l10n.t('Rego, read as if it stood in this module, such as {0}', 'count(deny)'),
      ignoreFocusOut: true,
    });
    if (query?.trim()) await runAndShow(at.uri, { kind: 'query', query, position: at.position });
  }

  async function chooseInput(uri = active()?.uri): Promise<void> {
    if (uri === undefined || !(await inputs.choose(uri))) return;
    const last = results.all().findLast(({ params }) => params.uri === uri);
    if (last && inputs.of(uri).from !== 'nearest') await run(uri, last.params.target);
  }

  /** The one that a hover is about, else the one that came last. */
  async function showToTheSide(of?: { uri: string; query: string }): Promise<void> {
    const shown = of
      ? results.all().findLast(({ params, result }) => params.uri === of.uri && result.query === of.query)
      : results.latest();
    if (shown) return views.show(view, documentOf(shown));
    void vscode.window.showInformationMessage(vscode.l10n.t('Nothing was evaluated yet.'));
  }

  /** Marks the lines that a selection evaluates; takes the marks away where they are. */
  async function coverSelection(): Promise<void> {
    if (marks.of !== undefined) return marks.clear();
    await onSelection((uri, target) => run(uri, target, { coverage: true }));
  }

  async function coverTests(): Promise<void> {
    if (marks.of !== undefined) return marks.clear();
    const at = active();
    if (!at) return;
    const params: TestCoverageParams = { uri: at.uri };
    const title = vscode.l10n.t('Running tests');
    const result = await ask<TestCoverageResult>({ server, log }, title, { method: testCoverage, params });
    if (!result) return;
    if (result.problems.length > 0) return tellProblems(result.problems);
    if (result.coverage) marks.show(at.uri, result.coverage);
    const percent = (result.coverage?.percent ?? 0).toFixed(1);
    vscode.window.setStatusBarMessage(vscode.l10n.t('Tests cover {0} % of the lines', percent), 10_000);
    if (result.failed.length > 0) {
      const names = result.failed.slice(0, 5).join(', ');
      void vscode.window.showWarningMessage(vscode.l10n.t('{0} tests did not pass: {1}', result.failed.length, names));
    }
  }

  function clear(): void {
    results.clear();
    marks.clear();
  }

  /** The places that a lens counted, as VS Code shows references. */
  async function showReferences({ uri, position }: LensTarget): Promise<void> {
    if (!position) return;
    const client = await server.ready();
    const found = await client.sendRequest<LspLocation[] | null>('textDocument/references', {
      textDocument: { uri },
      position,
      context: { includeDeclaration: false },
    });
    const places = await client.protocol2CodeConverter.asReferences(found ?? []);
    const at = client.protocol2CodeConverter.asPosition(position);
    await vscode.commands.executeCommand('editor.action.showReferences', vscode.Uri.parse(uri, true), at, places);
  }

  const command = <A>(id: string, work: (argument?: A) => Promise<void> | void) =>
    vscode.commands.registerCommand(id, async (argument?: A) => {
      try {
        await work(argument);
      } catch (error) {
        log.error(`${id}: ${messageOf(error)}`);
        void vscode.window.showErrorMessage(messageOf(error));
      }
    });

  return vscode.Disposable.from(
    results,
    views,
    marks,
    drawResults(results),
    evaluateAgainOnSave(results, run),
    command(lensCommands.evaluate, evaluateHere),
    command(lensCommands.runTests, (lens?: LensTarget) => (lens ? tests.runIn(lens.uri, lens.test) : undefined)),
    command(lensCommands.showReferences, (lens?: LensTarget) => (lens ? showReferences(lens) : undefined)),
    command('countersign.rego.evaluateRule', () => evaluateHere()),
    command('countersign.rego.evaluatePackage', async () => {
      const at = active();
      if (at) await runAndShow(at.uri, { kind: 'package', position: at.position });
    }),
    command('countersign.rego.evaluateSelection', () => onSelection(runAndShow)),
    command('countersign.rego.evaluateQuery', evaluateQuery),
    command('countersign.rego.chooseInput', (uri?: unknown) => chooseInput(typeof uri === 'string' ? uri : undefined)),
    command('countersign.rego.showEvaluation', showToTheSide),
    command('countersign.rego.clearEvaluation', clear),
    command('countersign.rego.coverSelection', coverSelection),
    command('countersign.rego.coverTests', coverTests),
    command('countersign.rego.profileSelection', () =>
      onSelection((uri, target) => runAndShow(uri, target, { profile: true })),
    ),
    command('countersign.rego.evaluatePartially', () =>
      onSelection((uri, target) => showPartial({ server, views, log }, uri, target)),
    ),
    command('countersign.rego.compilerStages', async () => {
      const at = active();
      if (at) await showStages({ server, views, log }, { uri: at.uri, position: at.position });
    }),
  );
}

function plain({ line, character }: vscode.Position): { line: number; character: number } {
  return { line, character };
}
