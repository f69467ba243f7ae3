/** Quick fixes: each finding's ways to mend it, as edits. */
import { type CodeAction, CodeActionKind, type Diagnostic, type Range } from 'vscode-languageserver';
import { editBetween } from './edits.ts';
import type { Finding } from './finding.ts';
import { rangesIn } from './text.ts';
import type { MessageView } from './view.ts';

/** The actions for what was found in a range; `shown` are the diagnostics that the client shows there. */
export function quickFixes(view: MessageView, range: Range, shown: readonly Diagnostic[]): CodeAction[] {
  const { source } = view.text;
  const rangeOf = rangesIn(source);
  const actions = new Map<string, CodeAction>();
  for (const finding of view.findings) {
    const at = rangeOf(finding.span);
    if (!touches(at, range)) continue;
    const mended = shown.filter((diagnostic) => isAbout(diagnostic, finding, at));
    for (const { title, preferred, apply } of finding.fixes) {
      const after = apply();
      if (after === undefined || after === source) continue;
      const known = actions.get(title);
      if (known) {
        known.diagnostics = [...new Set([...(known.diagnostics ?? []), ...mended])];
        continue;
      }
      actions.set(title, {
        title,
        kind: CodeActionKind.QuickFix,
        diagnostics: mended,
        ...(preferred && { isPreferred: true }),
        edit: { changes: { [view.document.uri]: [editBetween(source, after)] } },
      });
    }
  }
  return [...actions.values()];
}

/** The server's own report of a finding, or the policy's at the same place. */
function isAbout({ code, range }: Diagnostic, finding: Finding, at: Range): boolean {
  return code === finding.code ? touches(range, at) : JSON.stringify(range) === JSON.stringify(at);
}

function touches(one: Range, other: Range): boolean {
  return !isBefore(one.end, other.start) && !isBefore(other.end, one.start);
}

function isBefore(one: Range['start'], other: Range['start']): boolean {
  return one.line < other.line || (one.line === other.line && one.character < other.character);
}
