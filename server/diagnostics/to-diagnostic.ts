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
  const related = problem.related ?? placesTold(root, problem);
  return {
    range: problem.range,
    severity: (problem.source === 'regal' ? lintSeverities : severities)[problem.severity],
    source: problem.source,
    code: problem.category ? `${problem.category}/${problem.code}` : problem.code,
    message: problem.message,
    ...(problem.url && { codeDescription: { href: problem.url } }),
    ...(problem.tags && { tags: problem.tags.map((tag) => tags[tag]) }),
    ...(related.length > 0 && {
      relatedInformation: related.map(({ location, message }) => ({
        location: { uri: uriOf(root, location.path), range: location.range },
        message,
      })),
    }),
  };
}

/** Places that OPA and Regal tell in words only: `… at policies/a.rego:4`, `Duplicate rules found at lines 14, 18`. */
function placesTold(root: Root, { path, code, source, message }: Problem): NonNullable<Problem['related']> {
  const found: [path: string, line: number][] = [];
  if (source === 'regal' && code === 'duplicate-rule') {
    const [, lines = ''] = / at lines? ([\d, ]+)$/.exec(message) ?? [];
    for (const [line] of lines.matchAll(/\d+/g)) found.push([path, Number(line)]);
  } else if (source === 'opa') {
    for (const [, where = '', line] of message.matchAll(/(?: at|redeclared:) (.+?):(\d+)(?=$|\n|, )/g)) {
      found.push([where, Number(line)]);
    }
  }
  return found.flatMap(([where, line]) => {
    const document = root.files.get(where);
    // An embedded module's lines are not those of the file that it is in.
    if (!document || document.embedded) return [];
    const text = document.text.split('\n', line)[line - 1];
    const [word] = /[^\s#]+/.exec(text ?? '') ?? [];
    if (text === undefined || word === undefined) return [];
    const character = text.indexOf(word);
    const at = { line: line - 1, character };
    const range = { start: at, end: { line: at.line, character: character + word.length } };
    return [{ location: { path: where, range }, message: 'see here' }];
  });
}
