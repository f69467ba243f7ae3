/** The single questions of the prompt. */
import * as vscode from 'vscode';
import type { DisclosureField, ValidateFieldParams, ValidateFieldResult } from '../../server/protocol.ts';
import { validateField } from '../../server/protocol.ts';
import { type Entry, isOfThisCommit, typedValues } from './entries.ts';
import type { Form } from './form.ts';
import { type Answer, ask, type Step, type Suggestion } from './prompt.ts';
import { fullProvenance, provenance } from './provenance.ts';

/** What is wrong with each entry; undefined where nothing is. */
export function problemsOf(form: Form, entries: readonly Entry[]): Promise<(string | undefined)[]> {
  return Promise.all(entries.map(({ field, value }) => problemOf(form, field, value)));
}

async function problemOf(form: Form, field: DisclosureField, value: string): Promise<string | undefined> {
  if (!value.trim()) return field.required ? vscode.l10n.t('{0} is required.', field.title) : undefined;
  const params: ValidateFieldParams = { repository: form.repository, field: field.name, value };
  return (await form.client.sendRequest<ValidateFieldResult>(validateField, params)).message;
}

/** Shows one step: the message's, or an entry's. */
export function askStep(
  form: Form,
  entries: readonly Entry[],
  step: 'message' | Entry,
  { at, of, back }: { at: number; of: number; back: boolean },
): Promise<Answer> {
  const what =
    step === 'message'
      ? vscode.l10n.t('Message')
      : step.field.required
        ? step.field.title
        : vscode.l10n.t('{0} (optional)', step.field.title);
  const place = { title: `${form.title}: ${what}`, step: at + 1, totalSteps: of, back, token: form.token };
  return step === 'message'
    ? ask({ ...place, review: false, ...messageStep(form) })
    : ask({ ...place, review: of > 1, ...fieldStep(form, entries, step) });
}

/** Remembers what was typed. */
export function keep(form: Form, entries: readonly Entry[]): void {
  form.typed = typedValues(entries, form);
  form.onValues(form.typed);
}

type Question = Pick<
  Step,
  'prompt' | 'placeholder' | 'value' | 'suggestions' | 'closed' | 'optional' | 'check' | 'changed'
>;

function messageStep(form: Form): Question {
  return {
    prompt: vscode.l10n.t('What the change does, in one line.'),
    placeholder: vscode.l10n.t('Commit message'),
    value: form.message,
    suggestions: [],
    closed: false,
    optional: false,
    check: async (value) => (value.trim() ? undefined : vscode.l10n.t('A commit needs a message.')),
    changed(value) {
      form.message = value;
      form.onMessage(value);
    },
  };
}

function fieldStep(form: Form, entries: readonly Entry[], entry: Entry): Question {
  const { field, known } = entry;
  const prompt = plain(field.description) || field.title;
  return {
    prompt: known ? `${prompt} (${fullProvenance(known)})` : prompt,
    placeholder: field.trailer,
    value: entry.value,
    suggestions: suggestionsFor(form, field),
    closed: field.closed,
    optional: !field.required,
    check: (value) => problemOf(form, field, value),
    changed(value) {
      entry.value = value;
      entry.offered = false;
      entry.known = form.known.find((one) => one.field === field.name && one.value === value && isOfThisCommit(one));
      keep(form, entries);
    },
  };
}

/** What is known comes first, with where it is from; then what the policy's data offers. */
function suggestionsFor(form: Form, field: DisclosureField): Suggestion[] {
  if (field.suggestions.length === 0) return [];
  const known = form.known.filter((one) => one.field === field.name);
  const first = new Map(known.map((one) => [one.value, one] as const).reverse());
  const details = new Map(field.suggestions.map(({ value, detail }) => [value, detail] as const));
  return [
    ...[...first.values()].reverse().map((one) => ({
      value: one.value,
      detail: provenance(one),
      origin: one.detail || details.get(one.value),
    })),
    ...field.suggestions.filter(({ value }) => !first.has(value)),
  ];
}

/** The first sentence of a little Markdown as plain text: VS Code shows prompts verbatim, on one line. */
function plain(markdown: string): string {
  const [paragraph = ''] = markdown.split(/\r?\n\s*\r?\n/);
  return paragraph
    .replace(/(?<=[.!?])\s.*/s, '')
    .replace(/\[([^\]]*)\]\([^)]*\)/g, '$1')
    .replace(/[`*]/g, '')
    .replace(/\s+/g, ' ')
    .trim();
}
