/** The engine's problems as LSP diagnostics. */
import { type Diagnostic, DiagnosticSeverity, DiagnosticTag } from 'vscode-languageserver';
import type { Problem } from '../../engine/protocol.ts';
import { type Root, uriOf } from '../snapshot.ts';

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
} as const;

/** Lint findings are one step milder, as in Regal's own server: red is for what does not run. */
const lintSeverities = { ...severities, error: severities.warning, warning: severities.information };

const tags = { unnecessary: DiagnosticTag.Unnecessary, deprecated: DiagnosticTag.Deprecated } as const;

export function toDiagnostic(root: Root, problem: Problem): Diagnostic {
  return {
    range: problem.range,
    severity: (problem.source === 'regal' ? lintSeverities : severities)[problem.severity],
    source: problem.source,
    code: problem.category ? `${problem.category}/${problem.code}` : problem.code,
    message: problem.message,
    ...(problem.url && { codeDescription: { href: problem.url } }),
    ...(problem.tags && { tags: problem.tags.map((tag) => tags[tag]) }),
    ...(problem.related && {
      relatedInformation: problem.related.map(({ location, message }) => ({
        location: { uri: uriOf(root, location.path), range: location.range },
        message,
      })),
    }),
  };
}
