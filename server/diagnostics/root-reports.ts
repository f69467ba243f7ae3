/** What is wrong with one root, in two reports: `check` with the syntax errors of what is not open, and `lint`. */
import type { Diagnostic } from 'vscode-languageserver';
import type { Problem } from '../../engine/protocol.ts';
import { derived } from '../derived.ts';
import { checkRoot, keep } from '../rego/check.ts';
import { templateProblems } from '../rego/embedded/problems.ts';
import { isModule, isRego } from '../rego/engine-files.ts';
import type { KeptFindings } from '../rego/kept-findings.ts';
import { lintRoot } from '../rego/lint.ts';
import { syntaxProblems } from '../rego/syntax-problems.ts';
import { settingsFor } from '../settings.ts';
import { type Root, type Snapshot, uriOf } from '../snapshot.ts';
import { normalizeUri } from '../uris.ts';
import { type Context, checkOther, isChecked, type RootReportKind } from './reports.ts';
import { toDiagnostic } from './to-diagnostic.ts';

/** A report on a root while it is made. */
interface Report {
  readonly snapshot: Snapshot;
  readonly root: Root;
  readonly context: Context;
  readonly kept: KeptFindings | undefined;
  add(uri: string, diagnostics: readonly Diagnostic[]): void;
  addProblems(problems: readonly Problem[]): void;
  has(uri: string): boolean;
}

/**
 * A root's diagnostics by URI, for every document that has any. Takes seconds in a large root.
 *
 * @param progress is told how many modules are done, where that is known
 */
export async function reportRoot(
  kind: RootReportKind,
  snapshot: Snapshot,
  root: Root,
  context: Context,
  signal: AbortSignal,
  progress: (done: number, all: number) => void,
): Promise<Map<string, Diagnostic[]>> {
  const reports = new Map<string, Diagnostic[]>();
  const add = (uri: string, diagnostics: readonly Diagnostic[]) => {
    if (diagnostics.length > 0) reports.set(uri, [...(reports.get(uri) ?? []), ...diagnostics]);
  };
  // What the linter says of its own rules, the check says, too.
  const isOurs = kind === 'lint' ? isModule : isRego;
  const addProblems = (problems: readonly Problem[]) => {
    for (const problem of problems) {
      const document = root.files.get(problem.path);
      const isConfig = problem.code === 'lint_config_error';
      // What is wrong with the configuration is told once, of the root around.
      if (isConfig && root.kind === 'embedded') continue;
      if (isConfig || (document && isOurs(problem.path, document))) {
        // A configuration from above the folder has its URI for a path.
        add(problem.path.includes('://') ? problem.path : uriOf(root, problem.path), [toDiagnostic(root, problem)]);
      }
    }
  };
  // Blocks in YAML are few and quick; their places are not those of their texts.
  const kept = root.kind === 'embedded' ? undefined : await context.findings?.of(root);
  const report: Report = { snapshot, root, context, kept, add, addProblems, has: (uri) => reports.has(uri) };
  await (kind === 'lint' ? lintReport(report, signal, progress) : checkReport(report, signal));
  return reports;
}

async function lintReport(
  { snapshot, root, context, kept, addProblems }: Report,
  signal: AbortSignal,
  progress: (done: number, all: number) => void,
): Promise<void> {
  if (!settingsFor(snapshot.settings, root.base).lint) return;
  const lint = () => lintRoot(snapshot, root, kept, signal, progress);
  const found = await (root.kind === 'embedded' ? keep(lintedBlocks(root), root, lint) : lint());
  if (found.failure !== undefined) context.log(`${root.id}: the lint rules that look across files: ${found.failure}`);
  await kept?.save();
  context.across.set(root.id, found.across);
  addProblems(found.single);
  addProblems(found.across.problems);
}

/** Templates are many, and seldom change: each is linted once. */
const lintedBlocks = derived((_: Root) => new Map<Root, ReturnType<typeof lintRoot>>());

async function checkReport(report: Report, signal: AbortSignal): Promise<void> {
  const { snapshot, root, context, kept, add, addProblems, has } = report;
  if (root.template && !snapshot.open.has(normalizeUri(root.template.document.uri))) {
    add(root.template.document.uri, templateProblems(root));
  }
  const [checked, fields] = await Promise.all([checkRoot(snapshot, root, signal, kept), checkFields(report, signal)]);
  for (const problem of checked) {
    const document = root.files.get(problem.path);
    if (problem.code !== 'rego_parse_error' || !document || !isRego(problem.path, document)) addProblems([problem]);
    // In the words of the report on open documents, which have it as a report of its own.
    else if (!snapshot.open.has(normalizeUri(document.uri))) {
      const own = syntaxProblems(root, problem.path, document);
      if (own.length === 0) addProblems([problem]);
      else if (!has(document.uri)) add(document.uri, own);
    }
  }
  addProblems(fields);
  for (const [path, document] of root.files) {
    if (!isRego(path, document)) add(document.uri, await checkOther(root, path, document, context));
    else if (!isChecked(root, path, document) && !snapshot.open.has(normalizeUri(document.uri)))
      add(document.uri, syntaxProblems(root, path, document));
  }
}

/** What our own schemas have against the modules. */
async function checkFields(
  { snapshot, root, context, kept }: Report,
  signal: AbortSignal,
): Promise<readonly Problem[]> {
  const earlier = kept?.whole('fields');
  if (earlier) return earlier;
  const [{ unknownEverywhere }, { builtinsOf }] = await Promise.all([
    import('../rego/types/unknown-everywhere.ts'),
    import('../rego/builtins.ts'),
  ]);
  const found: Problem[] = [];
  const builtins = await builtinsOf(snapshot.ask, root);
  await context.inSlices(unknownEverywhere(root, builtins, found), false, signal);
  kept?.keepWhole('fields', found);
  return found;
}
