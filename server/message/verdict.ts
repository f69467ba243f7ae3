/** The policy's verdict on a message, placed in it: each violation where it can be mended. */
import { type Diagnostic, DiagnosticSeverity } from 'vscode-languageserver';
import { declaredBy } from '../../core/disclosure/profiles.ts';
import type { Span } from '../../core/trailers/parse.ts';
import type { Verdict, Violation } from '../../core/verdict.ts';
import { declares, endOfDisclosure } from './fields.ts';
import type { Finding, MessageFacts } from './finding.ts';
import { fieldOfKey } from './keys.ts';
import type { RuleSource } from './rules.ts';
import { type MessageText, rangesOf } from './text.ts';

/** What became of asking the policy about a text. */
export type Judgement = { text: string } & (
  | {
      kind: 'verdict';
      verdict: Verdict;
      notes: readonly string[];
      judged: readonly Judged[];
      /** Whether the text declared AI use. */
      declared: boolean;
      /** What the server found and the policy did not, by {@link subjectOf}. */
      overruled: ReadonlySet<string>;
    }
  /** No decision could be made; why, for people. */
  | { kind: 'undecided'; message: string }
);

/** A violation as it was found, with what it is about, so that it can be found again in a later text. */
export interface Judged {
  violation: Violation;
  level: 'deny' | 'warn';
  /** The field's values at that time; none when it was missing. Absent for what is about no field. */
  values?: readonly string[];
}

/** The violations of a verdict on this text. */
function judgedIn(verdict: Verdict, text: MessageText, { home }: Pick<MessageFacts, 'home'>): Judged[] {
  const disclosure = declaredBy(text.trailers, home.config) ?? {};
  const parts = [...verdict.commits, verdict.change];
  return (['deny', 'warn'] as const).flatMap((level) =>
    parts
      .flatMap((part) => part[level])
      .map((violation): Judged => {
        const { field } = violation;
        return field === undefined
          ? { violation, level }
          : { violation, level, values: valuesMeant(violation, disclosure[field]) };
      }),
  );
}

/** Those of a field's values that a violation quotes; all when it quotes none. */
function valuesMeant({ msg }: Violation, values: readonly string[] = []): readonly string[] {
  const written = values.filter((value) => value.trim() !== '');
  const quoted = written.filter((value) => msg.includes(value));
  return quoted.length > 0 ? quoted : written;
}

/** The violations that still hold of a text as far as the text alone can tell, each with its place. */
export function placed(
  judged: readonly Judged[],
  text: MessageText,
  { home }: Pick<MessageFacts, 'home'>,
): { judged: Judged; spans: Span[] }[] {
  return judged.flatMap((one) => {
    const { field } = one.violation;
    if (field === undefined || one.values === undefined) return { judged: one, spans: [text.title] };
    const present = text.trailers.filter(({ key }) => fieldOfKey(key, home.config) === field);
    const written = present.filter(({ value }) => value.trim() !== '');
    if (one.values.length === 0) {
      // It was missing; once it is there, the next verdict has to say.
      return written.length > 0 ? [] : [{ judged: one, spans: [present[0]?.span ?? endOfDisclosure(text)] }];
    }
    const same = written.filter(({ value }) => one.values!.includes(value.replaceAll('\r ', ' ')));
    // A field without a trailer of its own is declared in another form: the title stands for it.
    if (same.length === 0)
      return present.length > 0 || fieldHasKey(field, home) ? [] : [{ judged: one, spans: [text.title] }];
    return [{ judged: one, spans: same.map(({ valueSpan }) => valueSpan) }];
  });
}

function fieldHasKey(field: string, { config }: MessageFacts['home']): boolean {
  return Object.hasOwn(config.trailers, field);
}

/** What the policy said, as far as it still holds of this text. */
export function judgementDiagnostics(
  judgement: Judgement | undefined,
  text: MessageText,
  facts: Pick<MessageFacts, 'home'>,
  rules: readonly RuleSource[],
): Diagnostic[] {
  const rangeOf = rangesOf(text);
  if (judgement?.kind === 'undecided') {
    const message = `The policy could not decide on this commit: ${judgement.message}`;
    const range = rangeOf(text.title);
    return [{ range, severity: DiagnosticSeverity.Warning, source: 'countersign', code: 'undecided', message }];
  }
  if (!judgement) return [];
  // What was about the whole message is open again once it declares something, or nothing any more.
  const turned = judgement.declared !== declares(text, facts);
  const judged = judgement.judged.filter(({ values }) => values !== undefined || !turned);
  return placed(judged, text, facts).flatMap(({ judged: { violation, level }, spans }) => {
    const { rule, msg, path } = violation;
    const sources = rules.filter(
      (source) => source.rule === rule && (!source.field || source.field === violation.field),
    );
    const [source] = sources;
    return spans.map(
      (span): Diagnostic => ({
        range: rangeOf(span),
        severity: level === 'deny' ? DiagnosticSeverity.Error : DiagnosticSeverity.Warning,
        source: 'countersign',
        code: rule,
        codeDescription: { href: source ? linkTo(source) : `${packDocs}#the-rules` },
        message: path === undefined ? msg : `${path}: ${msg}`,
        ...(sources.length > 0 && {
          relatedInformation: sources.map((one) => ({
            location: { uri: one.uri, range: { start: one.position, end: one.position } },
            message: one.title ?? one.description ?? `the rule ${rule}`,
          })),
        }),
      }),
    );
  });
}

/** Where the default pack's rules are described. */
const packDocs = 'https://countersign.dev/docs/policies';

/** A link that editors open at the line. */
export function linkTo({ uri, position }: Pick<RuleSource, 'uri' | 'position'>): string {
  return `${uri}#L${position.line + 1}`;
}

/** The judgement that a verdict on this text is. */
export function judgementOf(
  { verdict, notes }: { verdict: Verdict; notes: readonly string[] },
  text: MessageText,
  facts: Pick<MessageFacts, 'home'>,
  findings: readonly Finding[],
): Judgement {
  const judged = judgedIn(verdict, text, facts);
  const overruled = findings.filter((finding) => !isConfirmed(finding, judged)).flatMap((one) => subjectOf(one) ?? []);
  return {
    kind: 'verdict',
    text: text.source,
    verdict,
    notes,
    judged,
    declared: declares(text, facts),
    overruled: new Set(overruled),
  };
}

/** The findings that the policy did not overrule. */
export function withoutOverruled(findings: readonly Finding[], judgement: Judgement | undefined): readonly Finding[] {
  if (judgement?.kind !== 'verdict' || judgement.overruled.size === 0) return findings;
  return findings.filter((finding) => !judgement.overruled.has(subjectOf(finding) ?? ''));
}

/** The findings that are told besides the policy's own: what it says of the same thing, it says better. */
export function besides(findings: readonly Finding[], judgement: Judgement | undefined): readonly Finding[] {
  if (judgement?.kind !== 'verdict') return findings;
  const { judged } = judgement;
  return findings.filter((finding) => subjectOf(finding) === undefined || !isConfirmed(finding, judged));
}

/**
 * What a finding is about, to know it again in a later text; undefined for what the policy does not
 * judge. Where the policy was asked and said nothing of it, the policy is right: the server knows the
 * default scope tier alone, the policy that of the commit.
 */
function subjectOf({ code, field, value }: Finding): string | undefined {
  if (code === 'undisclosed') return code;
  return code === 'missing-field' || code === 'value' ? `${code} ${field} ${value ?? ''}` : undefined;
}

function isConfirmed({ code, field, value }: Finding, judged: readonly Judged[]): boolean {
  return judged.some(({ violation, values }) => {
    if (code === 'undisclosed') return violation.field === undefined && violation.path === undefined;
    if (violation.field !== field) return false;
    return value === undefined ? values?.length === 0 : values?.includes(value);
  });
}
