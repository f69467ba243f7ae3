/** Quick fixes: each finding's ways to mend it, as edits. */
import { type CodeAction, CodeActionKind, type Diagnostic, type Range } from 'vscode-languageserver';
import { disclosureFields } from '../../core/disclosure/form.ts';
import { editBetween } from './edits.ts';
import { valueFixes } from './fields.ts';
import type { Finding } from './finding.ts';
import { rangesOf } from './text.ts';
import { placed } from './verdict.ts';
import type { MessageView } from './view.ts';

/** What the policy alone objects to, at values that the server found nothing wrong with: other values for them. */
function deniedValues({ text, facts, findings, judgement }: MessageView): Finding[] {
  if (judgement?.kind !== 'verdict') return [];
  const fields = disclosureFields(facts.home, facts.now);
  return placed(judgement.judged, text, facts).flatMap(({ judged: { violation }, spans }) =>
    spans.flatMap((span): Finding[] => {
      const trailer = text.trailers.find(({ valueSpan }) => valueSpan === span);
      const field = fields.find(({ name }) => name === violation.field);
      const known = findings.some((finding) => finding.code === 'value' && finding.span.start === span.start);
      if (!trailer || !field || known) return [];
      const fixes = valueFixes(text, trailer, field, facts);
      return [{ code: violation.rule, severity: 'error', message: violation.msg, span, fixes }];
    }),
  );
}

/** The actions for what was found in a range; `shown` are the diagnostics that the client shows there. */
export function quickFixes(view: MessageView, range: Range, shown: readonly Diagnostic[]): CodeAction[] {
  const { source } = view.text;
  const rangeOf = rangesOf(view.text);
  const actions = new Map<string, CodeAction>();
  for (const finding of [...view.findings, ...deniedValues(view)]) {
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
