/** The prompt as a whole: the message (if there is none yet) and the disclosure's fields, one after another. */
import * as vscode from 'vscode';
import type { LanguageClient } from 'vscode-languageclient/node';
import type { DisclosureField, ValidateFieldParams, ValidateFieldResult } from '../../server/protocol.ts';
import { validateField } from '../../server/protocol.ts';
import type { Values } from './drafts.ts';
import { ask, type Step } from './prompt.ts';

export interface Form {
  client: LanguageClient;
  /** Its root, as the server knows it. */
  repository: string;
  fields: readonly DisclosureField[];
  /** What was typed before. */
  values: Values;
  /** The commit message is asked for first when there is none. */
  askMessage: boolean;
  message: string;
  onMessage(message: string): void;
  onValues(values: Values): void;
}

/** The title that every step carries. */
export const promptTitle = () => vscode.l10n.t('Commit with AI Disclosure');

/**
 * Asks for everything, from the field `from` on (from the first when it is absent or unknown).
 * Resolves to the values, or to undefined when the user leaves; what was typed has by then been
 * handed to `onMessage` and `onValues`. Rejects when the server does.
 */
export async function fillIn(form: Form, from?: string): Promise<Values | undefined> {
  const values = { ...form.values };
  for (const { name, prefill } of form.fields) values[name] ??= prefill ?? '';
  const names = [...(form.askMessage ? [undefined] : []), ...form.fields.map(({ name }) => name)];
  let at = Math.max(0, from === undefined ? 0 : names.indexOf(from));
  while (at < names.length) {
    const field = form.fields.find(({ name }) => name === names[at]);
    const what = !field
      ? vscode.l10n.t('Message')
      : field.required
        ? field.title
        : vscode.l10n.t('{0} (optional)', field.title);
    const place = { title: `${promptTitle()}: ${what}`, step: at + 1, totalSteps: names.length };
    const answer = await ask({ ...place, ...(field ? fieldStep(form, field, values) : messageStep(form)) });
    if (answer.kind === 'cancel') return undefined;
    at += answer.kind === 'back' ? -1 : 1;
  }
  return values;
}

type Question = Omit<Step, 'title' | 'step' | 'totalSteps'>;

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

function fieldStep(form: Form, field: DisclosureField, values: Values): Question {
  return {
    prompt: plain(field.description) || field.title,
    placeholder: field.trailer,
    value: values[field.name] ?? '',
    suggestions: field.suggestions,
    closed: field.closed,
    optional: !field.required,
    async check(value) {
      if (!value.trim()) return field.required ? vscode.l10n.t('{0} is required.', field.title) : undefined;
      const params: ValidateFieldParams = { repository: form.repository, field: field.name, value };
      return (await form.client.sendRequest<ValidateFieldResult>(validateField, params)).message;
    },
    changed(value) {
      values[field.name] = value;
      form.values = worthKeeping(form.fields, values);
      form.onValues(form.values);
    },
  };
}

/** Without the values that were merely filled in for the user: the time of day is no one's typing. */
function worthKeeping(fields: readonly DisclosureField[], values: Values): Values {
  return Object.fromEntries(
    Object.entries(values).filter(
      ([name, value]) => value && value !== fields.find((field) => field.name === name)?.prefill,
    ),
  );
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
