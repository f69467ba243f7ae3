/** Regal's findings as actions need them: from the diagnostics that the client shows, or asked for anew. */
import type { Diagnostic } from 'vscode-languageserver';
import { EngineError } from '../../../engine/engine.ts';
import { toDiagnostic } from '../../diagnostics/to-diagnostic.ts';
import { settingsFor } from '../../settings.ts';
import { Stale } from '../../snapshot.ts';
import { lintModule } from '../lint.ts';
import { offsetAt } from '../places.ts';
import type { Span } from '../syntax/tree.ts';
import type { Subject } from './action.ts';

export interface Finding {
  readonly diagnostic: Diagnostic;
  readonly category: string;
  /** The rule's title. */
  readonly rule: string;
  readonly span: Span;
}

/** Those among diagnostics that are Regal's; the code is the rule, with or without its category. */
export function findingsIn({ document }: Pick<Subject, 'document'>, diagnostics: readonly Diagnostic[]): Finding[] {
  return diagnostics.flatMap((diagnostic) => {
    if (diagnostic.source !== 'regal' || typeof diagnostic.code !== 'string') return [];
    const [rule = '', category = ''] = diagnostic.code.split('/').reverse();
    const { start, end } = diagnostic.range;
    return [{ diagnostic, category, rule, span: { start: offsetAt(document, start), end: offsetAt(document, end) } }];
  });
}

/** What the rules that look at one file find in the module. */
export async function findingsOf(subject: Subject): Promise<Finding[]> {
  const { snapshot, root, path, signal } = subject;
  if (!settingsFor(snapshot.settings, root.base).lint) return [];
  const problems = await lintModule(snapshot, root, path, signal);
  return findingsIn(
    subject,
    problems.map((problem) => toDiagnostic(root, problem)),
  );
}

/** Those that the client shows at the place; for one that asks for fixes and shows none, those that are there. */
export async function findingsAt(subject: Subject): Promise<Finding[]> {
  if (subject.diagnostics.length > 0 || !subject.asksForFixes) return findingsIn(subject, subject.diagnostics);
  const { start, end } = subject.span;
  try {
    return (await findingsOf(subject)).filter(({ span }) => span.start <= end && start <= span.end);
  } catch (error) {
    // The diagnostics tell of an engine that fails; what needs no engine is offered all the same.
    if (error instanceof EngineError || error instanceof Stale) return [];
    throw error;
  }
}
