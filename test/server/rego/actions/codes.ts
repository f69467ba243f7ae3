import type { Diagnostic } from 'vscode-languageserver/node';

/** What diagnostics are called. */
export function codes(diagnostics: readonly Diagnostic[]): string[] {
  return diagnostics.map(({ code }) => String(code));
}
