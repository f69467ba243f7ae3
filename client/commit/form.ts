/**
 * The prompt as a whole. Where nothing shows AI use, it asks whether there was any; then for the
 * message (if there is none yet) and the fields that are not known. Where something was known, all of
 * it is shown before it is committed.
 */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type {
  DisclosureField,
  Evidence,
  FieldValues,
  KnownValue,
  PromptAnswer,
  PromptRequest,
} from '../../server/protocol.ts';
import { disclosureOf, type Entry, entriesOf, isOfThisCommit } from './entries.ts';
import { evidenceLine } from './provenance.ts';
import { askStep, keep, problemsOf } from './questions.ts';
import { askWhetherAi, review } from './review.ts';

export interface Form {
  client: LanguageClient;
  /** Its root, as the server knows it. */
  repository: string;
  title: string;
  fields: readonly DisclosureField[];
  known: readonly KnownValue[];
  evidence: readonly Evidence[];
  /** Typed before for this commit; kept up to date. */
  typed: FieldValues;
  /** Chosen for the last commit. */
  offered: FieldValues;
  /** What the policy denied before anyone was asked. */
  violations: PromptRequest['violations'];
  /** The user has said that AI was used. */
  disclosing: boolean;
  /** The commit message is asked for first when there is none. */
  askMessage: boolean;
  message: string;
  onMessage(message: string): void;
  onValues(values: FieldValues): void;
  /** Cancelled, the prompt closes. */
  token?: vscode.CancellationToken;
}

/** The title that every step carries. */
export const promptTitle = () => vscode.l10n.t('Commit with AI Disclosure');

/**
 * Asks for what is needed, or only for the field `from` and those after it. What was typed has been
 * handed to `onMessage` and `onValues` when the user leaves. Rejects when the server does.
 */
export async function fillIn(form: Form, from?: string): Promise<PromptAnswer> {
  const entries = entriesOf(form);
  const inReview = form.violations.length > 0 || form.evidence.length > 0 || form.known.some(isOfThisCommit);
  const starts = !inReview && from === undefined && !form.disclosing;
  if (starts && !form.askMessage) {
    const answer = await whetherAi(form);
    if (answer) return answer;
  }
  const asked = await stepsOf(form, entries, inReview, from);
  let at = inReview
    ? 0
    : Math.max(
        0,
        asked.findIndex((step) => step !== 'message' && step.field.name === from),
      );
  let reviewed = inReview;
  while (at < asked.length) {
    const step = asked[at] ?? 'message';
    const answer = await askStep(form, entries, step, {
      at,
      of: asked.length,
      back: at > 0 || (starts && !form.askMessage),
    });
    if (answer.kind === 'cancel') return answer;
    if (answer.kind === 'review') {
      reviewed = true;
      break;
    }
    if (answer.kind === 'back' && at === 0) {
      form.disclosing = false;
      return fillIn(form);
    }
    // The message is asked for once, and for work with and without AI.
    if (answer.kind === 'value' && step === 'message' && starts) {
      const whether = await whetherAi(form);
      if (whether) return whether;
    }
    at += answer.kind === 'back' ? -1 : 1;
  }
  return reviewed ? reviewAll(form, entries) : { kind: 'values', values: disclosureOf(entries) };
}

/** Undefined: AI was used, and the form goes on. */
async function whetherAi(form: Form): Promise<PromptAnswer | undefined> {
  const listed = new Set(form.fields.filter(({ suggestions }) => suggestions.length > 0).map(({ name }) => name));
  const begun = Object.keys(form.typed).some((name) => !listed.has(name));
  const answer = await askWhetherAi(begun, {
    title: form.title,
    placeholder: vscode.l10n.t('Did AI take part in this change?'),
    token: form.token,
  });
  if (answer !== 'ai') return { kind: answer ?? 'cancel' };
  form.disclosing = true;
  return undefined;
}

type Asked = 'message' | Entry;

/** What is asked step by step: everything, or, where much is known, what is missing or wrong. */
async function stepsOf(form: Form, entries: readonly Entry[], inReview: boolean, from?: string): Promise<Asked[]> {
  const message: Asked[] = form.askMessage ? ['message'] : [];
  if (!inReview) return [...message, ...entries];
  const named = entries.find(({ field }) => field.name === from);
  if (named) return [named];
  // What the policy denied is shown first, with the fields it is about.
  if (form.violations.length > 0) return message;
  const problems = await problemsOf(form, entries);
  // Which model it was is said for each commit anew; who approves is often the same person.
  const unsaid = ({ offered, field }: Entry) => offered && field.name === 'model';
  return [...message, ...entries.filter((entry, at) => problems[at] !== undefined || unsaid(entry))];
}

async function reviewAll(form: Form, entries: Entry[]): Promise<PromptAnswer> {
  let { violations } = form;
  for (;;) {
    const problems = await problemsOf(form, entries);
    const facts = evidenceLine(form.evidence);
    const answer = await review({
      entries,
      problems,
      violations,
      title: form.title,
      placeholder: facts
        ? vscode.l10n.t('AI took part: {0}', facts)
        : vscode.l10n.t('What this commit says of its AI use'),
      token: form.token,
    });
    if (answer.kind === 'commit') return { kind: 'values', values: disclosureOf(entries) };
    if (answer.kind === 'no-ai' || answer.kind === 'cancel') return answer;
    if (answer.kind === 'remove') {
      entries.splice(answer.at, 1);
      keep(form, entries);
      continue;
    }
    const entry = answer.kind === 'add' ? { field: answer.field, value: '' } : entries[answer.at];
    if (!entry) continue;
    if (answer.kind === 'add') {
      const last = entries.findLastIndex(({ field }) => field.name === answer.field.name);
      entries.splice(last + 1, 0, entry);
    }
    const given = await askStep(form, entries, entry, { at: 0, of: 1, back: true });
    if (form.token?.isCancellationRequested) return { kind: 'cancel' };
    // Left without a value: an added line goes again, another stays as it was typed.
    if (answer.kind === 'add' && (given.kind !== 'value' || !entry.value.trim()))
      entries.splice(entries.indexOf(entry), 1);
    if (given.kind === 'cancel') return given;
    // What the policy said of a field holds no longer once it was changed.
    if (given.kind === 'value') violations = violations.filter(({ field }) => field !== entry.field.name);
  }
}
