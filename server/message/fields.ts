/** Findings about what the trailers say: fields that are missing, empty, malformed or not approved. */
import { type DisclosureField, disclosureFields } from '../../core/disclosure/form.ts';
import { declaredBy } from '../../core/disclosure/profiles.ts';
import { fieldProblem } from '../../core/disclosure/validate-field.ts';
import type { Trailer } from '../../core/input.ts';
import type { ParsedTrailer, Span } from '../../core/trailers/parse.ts';
import { replaced, withTrailerLines } from './edits.ts';
import type { Finding, Fix, MessageFacts } from './finding.ts';
import { editDistance, fieldOfKey } from './keys.ts';
import { offeredLines } from './line-forms.ts';
import type { MessageText } from './text.ts';

export function fieldFindings(text: MessageText, facts: MessageFacts): Finding[] {
  const fields = disclosureFields(facts.home, facts.now);
  return [...missingFields(text, facts, fields), ...wrongValues(text, facts, fields)];
}

/** Where something belongs that is not there: the end of the block, else of the title. */
export function endOfDisclosure({ trailers, title }: MessageText): Span {
  const last = trailers.at(-1);
  return last ? { start: last.keySpan.start, end: last.span.end } : title;
}

/** Whether the message declares AI use, in any form that the configuration reads. */
export function declares(text: MessageText, { home }: Pick<MessageFacts, 'home'>): boolean {
  return declaredBy(text.trailers, home.config) !== undefined;
}

/**
 * The fields that a complete disclosure still lacks, each with the value that is known for it; empty
 * values are for people to fill in.
 */
export function lackingFields(
  text: MessageText,
  { home, known }: MessageFacts,
  fields: readonly DisclosureField[],
): { field: DisclosureField; value: string; from?: string }[] {
  const present = declaredBy(text.trailers, home.config) ?? {};
  return fields
    .filter(({ name, required }) => required && !(present[name] ?? []).some((value) => value.trim() !== ''))
    .map((field) => {
      const first = known?.values.find((value) => value.field === field.name && value.source !== 'previous');
      if (first) return { field, value: first.value, from: first.detail };
      return { field, value: field.prefill ?? '' };
    });
}

function missingFields(text: MessageText, facts: MessageFacts, fields: readonly DisclosureField[]): Finding[] {
  const { profile } = facts.home.config.disclosure;
  if (text.title.start === text.title.end) return [];
  const lacking = lackingFields(text, facts, fields);
  const all = addAll(text, lacking);
  if (!declares(text, facts)) {
    const evidence = facts.known?.evidence ?? [];
    if (evidence.length === 0) return [];
    const shown = evidence.map(({ detail }) => detail).join('; ');
    const message = `AI seems to have taken part (${shown}), and the message does not say so.`;
    const lines = offeredLines(facts, fields).slice(0, 3);
    const fixes = profile === 'countersign' ? [all] : lines.map((line) => addLine(text, line));
    return [{ code: 'undisclosed', severity: 'warning', message, span: text.title, fixes }];
  }
  // Other forms of disclosure have their own fields, of which the policy speaks.
  if (profile !== 'countersign') return [];
  return lacking.map((lack): Finding => {
    const { name, trailer, title } = lack.field;
    // An empty trailer is told by its own finding.
    const empty = text.trailers.find(({ key }) => fieldOfKey(key, facts.home.config) === name);
    const values = lack.value === '' ? valuesFor(lack.field, facts, '').slice(0, 3) : [lack.value];
    const fixes = values.length > 0 ? values : [''];
    return {
      code: 'missing-field',
      severity: 'error',
      message: `The disclosure has no ${trailer} (${title.toLowerCase()}), which is required.`,
      span: empty?.span ?? endOfDisclosure(text),
      field: name,
      fixes: [
        ...(lacking.length > 1 ? [all] : []),
        ...fixes.map((value): Fix => {
          const from = value === lack.value && lack.from ? ` (${lack.from})` : '';
          return {
            title: value === '' ? `Add ${trailer}` : `Add ${trailer}: ${value}${from}`,
            preferred: lacking.length === 1,
            apply: () =>
              empty ? withValue(text, empty, value) : withTrailerLines(text.source, text, [`${trailer}: ${value}`]),
          };
        }),
      ],
    };
  });
}

function addAll(text: MessageText, lacking: ReturnType<typeof lackingFields>): Fix {
  const lines = lacking
    .filter(({ field }) => !text.trailers.some(({ key }) => key.toLowerCase() === field.trailer.toLowerCase()))
    .map(({ field, value }) => `${field.trailer}: ${value}`);
  return {
    title: `Add the disclosure: ${lacking.map(({ field }) => field.trailer).join(', ')}`,
    preferred: true,
    apply: () => (lines.length === 0 ? undefined : withTrailerLines(text.source, text, lines)),
  };
}

function addLine(text: MessageText, { key, value }: Trailer): Fix {
  const line = `${key}: ${value}`;
  return { title: `Add ${line}`, apply: () => withTrailerLines(text.source, text, [line]) };
}

function wrongValues(text: MessageText, facts: MessageFacts, fields: readonly DisclosureField[]): Finding[] {
  return text.trailers.flatMap((trailer): Finding[] => {
    const name = fieldOfKey(trailer.key, facts.home.config);
    const field = fields.find((one) => one.name === name);
    if (!field || trailer.value.trim() === '') return [];
    const message = fieldProblem(facts.home, field.name, trailer.value, facts.now);
    if (message === undefined) return [];
    return [
      {
        code: 'value',
        severity: 'error',
        message,
        span: trailer.valueSpan,
        field: field.name,
        value: trailer.value,
        fixes: valueFixes(text, trailer, field, facts),
      },
    ];
  });
}

/** Other values for a trailer, the closest first. */
export function valueFixes(
  text: MessageText,
  trailer: ParsedTrailer,
  field: DisclosureField,
  facts: MessageFacts,
): Fix[] {
  return valuesFor(field, facts, trailer.value)
    .filter((value) => value !== trailer.value)
    .slice(0, 3)
    .map((value, at) => ({
      title: `Change it to ${value}`,
      preferred: at === 0,
      apply: () => withValue(text, trailer, value),
    }));
}

/** Values that pass, the closest to what is written first; then in the order in which they are offered. */
function valuesFor(field: DisclosureField, { home, known, now }: MessageFacts, written: string): string[] {
  const offered = [
    ...(field.prefill === undefined ? [] : [field.prefill]),
    ...(known?.values ?? []).filter((value) => value.field === field.name).map(({ value }) => value),
    ...field.suggestions.map(({ value }) => value),
  ];
  const passing = [...new Set(offered)].filter((value) => fieldProblem(home, field.name, value, now) === undefined);
  if (written === '') return passing;
  const plain = written.trim().toLowerCase().replaceAll(/[ _]/g, '-');
  const distance = new Map(passing.map((value) => [value, closeness(plain, value.toLowerCase())]));
  return passing.sort((a, b) => distance.get(a)! - distance.get(b)!);
}

/** How far two values are apart; a common beginning counts most. */
function closeness(written: string, value: string): number {
  let common = 0;
  while (common < written.length && written[common] === value[common]) common++;
  return editDistance(written.slice(0, 64), value.slice(0, 64), 64) - common;
}

function withValue(text: MessageText, { keySpan, valueSpan, span }: ParsedTrailer, value: string): string {
  if (valueSpan.start !== valueSpan.end) return replaced(text.source, valueSpan, value);
  // After the separator, with one blank.
  const separator = text.source.indexOf(':', keySpan.end) + 1;
  return replaced(text.source, { start: separator, end: Math.max(separator, span.end) }, ` ${value}`);
}
