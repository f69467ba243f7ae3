/** The form of a disclosure, as a conversation: what is asked in which order, however it is drawn. */
import type { DisclosureField } from '../../core/disclosure/form.ts';
import type { KnownValue } from '../../core/disclosure/known.ts';
import type { Question } from '../../core/hook/hook-run.ts';
import type { PromptAnswer } from '../../core/prompt-link/messages.ts';
import { block, printable } from '../terminal.ts';

/** How questions are put; each answer is undefined when the person gives up. */
export interface Dialog {
  say(text: string): void;
  complain(text: string): void;
  choose(message: string, choices: Choice[]): Promise<string | undefined>;
  type(message: string, initial: string): Promise<string | undefined>;
}

/** One of a list; the first is what Enter alone means. */
export interface Choice {
  value: string;
  label: string;
  hint?: string;
}

type Draft = Map<string, string[]>;

/** Leads through the form. */
export async function askInForm(question: Question, dialog: Dialog): Promise<PromptAnswer> {
  const { violations, known } = question;
  if (violations.length > 0) {
    dialog.say(`The policy refuses this commit as it is:\n${list(violations.map(({ msg }) => msg))}`);
  } else if (known.evidence.length > 0) {
    dialog.say(`What shows AI use in this commit:\n${list(known.evidence.map(({ detail }) => detail))}`);
  }
  const draft = draftOf(question);
  const complete = violations.length === 0 && (await isComplete(question, draft));
  if (complete) dialog.say(`The disclosure would be:\n${review(question, draft)}`);
  const choice = await dialog.choose('How was this commit made?', firstChoices(question, complete));
  if (choice === undefined || choice === 'cancel') return { kind: 'cancel' };
  if (choice === 'no-ai') return { kind: 'no-ai' };
  if (choice === 'fill' || choice === 'change') {
    for (const field of question.fields) {
      // The time is known; who goes through all fields may set it right.
      if (field.prefill !== undefined && choice === 'fill') continue;
      const values = await askField(question, field, draft.get(field.name) ?? [], dialog);
      if (values === undefined) return { kind: 'cancel' };
      draft.set(field.name, values);
    }
  }
  return { kind: 'values', values: Object.fromEntries([...draft].filter(([, values]) => values.length > 0)) };
}

function firstChoices({ values, known, violations }: Question, complete: boolean): Choice[] {
  const accept = { value: 'accept', label: 'With AI: commit with this disclosure' };
  const change = { value: 'change', label: 'With AI: change the disclosure first' };
  const fill = { value: 'fill', label: 'With AI: disclose it' };
  const none = { value: 'no-ai', label: 'No AI was used' };
  const cancel = { value: 'cancel', label: 'Cancel the commit' };
  if (complete) return [accept, change, none, cancel];
  if (Object.keys(values).length > 0) return [{ ...change, label: 'With AI: mend the disclosure' }, cancel];
  return known.evidence.length > 0 || violations.length > 0 ? [fill, none, cancel] : [none, fill, cancel];
}

/** What is declared, else what is known for this commit, each field by its best source. */
function draftOf({ fields, values, known }: Question): Draft {
  const draft: Draft = new Map();
  for (const { name, prefill } of fields) {
    const declared = values[name];
    const found = known.values.filter(({ field, source }) => field === name && source !== 'previous');
    const [best] = found;
    if (declared !== undefined) draft.set(name, [declared].flat());
    else if (best?.certainty === 'recorded') {
      const recorded = found.filter(({ certainty }) => certainty === 'recorded').map(({ value }) => value);
      draft.set(name, prefill === undefined ? [...new Set(recorded)] : [best.value]);
    } else if (best) draft.set(name, [best.value]);
    else if (prefill !== undefined) draft.set(name, [prefill]);
  }
  return draft;
}

async function isComplete({ fields, check }: Question, draft: Draft): Promise<boolean> {
  for (const { name, required, prefill } of fields) {
    const values = draft.get(name) ?? [];
    if (values.length === 0 && required) return false;
    for (const value of values) if ((await check(name, value)) !== undefined) return false;
    if (prefill === undefined && values.length === 0 && required) return false;
  }
  return fields.some(({ name, prefill }) => prefill === undefined && (draft.get(name) ?? []).length > 0);
}

function review({ fields, known }: Question, draft: Draft): string {
  const lines = fields.flatMap(({ name, trailer }) =>
    (draft.get(name) ?? []).map((value) => {
      const origin = known.values.find((one) => one.field === name && one.value === value);
      return `${trailer}: ${value}${origin ? ` (${originOf(origin)})` : ''}`;
    }),
  );
  return list(lines);
}

const typeOther = '\u0000other';
const leaveOut = '\u0000none';

/** The field's values; an empty list leaves it out; undefined when the person gives up. */
async function askField(
  question: Question,
  field: DisclosureField,
  draft: string[],
  dialog: Dialog,
): Promise<string[] | undefined> {
  const { title, required, closed } = field;
  const message = `${title}${required ? '' : ' (may be left out)'}`;
  if (field.description) dialog.say(`${title}: ${field.description}`);
  const offered = offersFor(question, field, draft);
  let typed = draft.join('; ');
  for (;;) {
    let values: string[] | undefined;
    if (offered.length > 0) {
      const choices = offered.map(({ values: [first = '', ...more], hint }, at) => ({
        value: String(at),
        label: [first, ...more].join(', '),
        hint,
      }));
      if (!closed) choices.push({ value: typeOther, label: 'Something else: type it', hint: undefined });
      if (!required) choices.push({ value: leaveOut, label: 'Leave it out', hint: undefined });
      const chosen = await dialog.choose(message, choices);
      if (chosen === undefined) return undefined;
      if (chosen === leaveOut) return [];
      values = offered[Number(chosen)]?.values;
    }
    if (values === undefined) {
      const text = await dialog.type(message, typed);
      if (text === undefined) return undefined;
      typed = text;
      values = text.trim() === '' ? [] : [text.trim()];
    }
    const problem = await problemOf(question, field, values);
    if (problem === undefined) return values;
    dialog.complain(problem);
  }
}

async function problemOf({ check }: Question, field: DisclosureField, values: string[]): Promise<string | undefined> {
  if (values.length === 0) return field.required ? `${field.title} is required here.` : undefined;
  for (const value of values) {
    const problem = await check(field.name, value);
    if (problem !== undefined) return problem;
  }
  return undefined;
}

interface Offer {
  values: string[];
  hint?: string;
}

/** More than these would have to be scrolled. */
const mostOffers = 9;

/** What to offer, best first: the draft, what is known, what was disclosed last, what the policy data suggests. */
function offersFor({ known, values }: Question, field: DisclosureField, draft: string[]): Offer[] {
  const offers: Offer[] = [];
  const add = (offer: Offer) => {
    const same = offers.some((other) => other.values.join('\n') === offer.values.join('\n'));
    if (!same && offers.length < mostOffers) offers.push(offer);
  };
  const found = known.values.filter((one) => one.field === field.name);
  if (draft.length > 0) {
    const origin = found.find(({ value }) => value === draft[0]);
    const hint = values[field.name] !== undefined ? 'in the message' : origin && originOf(origin);
    add({ values: draft, hint });
  }
  for (const one of found) add({ values: [one.value], hint: originOf(one) });
  for (const { value, detail } of field.suggestions) add({ values: [value], hint: detail });
  // A single text is better changed than chosen.
  return field.suggestions.length === 0 && offers.length === 1 && offers[0]?.hint === undefined ? [] : offers;
}

/** Where a value is from and how sure that is, in words. */
function originOf({ source, certainty, detail }: KnownValue): string {
  const sure = source === 'previous' || source === 'git' || certainty === 'recorded';
  return sure ? printable(detail) : `likely, ${printable(detail)}`;
}

function list(lines: readonly string[]): string {
  return lines.map((line) => `- ${block(line, '  ')}`).join('\n');
}
