/** What is wrong with the syntax of a module, known at once: no engine is asked. */
import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import type { Document, Root } from '../snapshot.ts';
import { versionOf } from './module-version.ts';
import { treeOf } from './names/trees.ts';
import { rangeOf } from './places.ts';

/** Empty where OPA’s parser accepts the text; until then OPA could say nothing else of it. */
export function syntaxProblems(root: Root, path: string, document: Document): Diagnostic[] {
  return treeOf(document, versionOf(root, path, document)).errors.map(({ start, end, message }) => ({
    range: rangeOf(document, { start, end }),
    severity: DiagnosticSeverity.Error,
    source: 'countersign',
    code: 'rego_parse_error',
    message,
  }));
}
