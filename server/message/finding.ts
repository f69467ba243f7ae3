/** What the server finds in a message by itself, at every keystroke, and how each finding is mended. */
import { type Diagnostic, DiagnosticSeverity, DiagnosticTag } from 'vscode-languageserver';
import type { Home } from '../../core/disclosure/home.ts';
import type { Known } from '../../core/disclosure/known.ts';
import type { Span } from '../../core/trailers/parse.ts';
import { type MessageText, rangesOf } from './text.ts';

/** What is known beside the message. */
export interface MessageFacts {
  home: Home;
  now: Date;
  /** Absent until the repository has been looked at. */
  known?: Known;
}

export interface Finding {
  code: string;
  severity: 'error' | 'warning' | 'information' | 'hint';
  message: string;
  span: Span;
  /** The disclosure's field that it is about, and the value that is wrong; no value where the field is missing. */
  field?: string;
  value?: string;
  /** Shown as superfluous text. */
  unnecessary?: boolean;
  fixes: Fix[];
}

/** A way to mend a finding. */
export interface Fix {
  title: string;
  preferred?: boolean;
  /** The whole document afterwards; undefined when it cannot be mended so. */
  apply(): string | undefined;
}

const severities = {
  error: DiagnosticSeverity.Error,
  warning: DiagnosticSeverity.Warning,
  information: DiagnosticSeverity.Information,
  hint: DiagnosticSeverity.Hint,
} as const;

export function findingDiagnostics(text: MessageText, findings: readonly Finding[]): Diagnostic[] {
  const rangeOf = rangesOf(text);
  return findings.map(({ code, severity, message, span, unnecessary }) => ({
    range: rangeOf(span),
    severity: severities[severity],
    source: 'countersign',
    code,
    message,
    ...(unnecessary && { tags: [DiagnosticTag.Unnecessary] }),
  }));
}
