/** The form of a disclosure: its fields from configuration and schema, its suggestions from the policy data. */
import { isRecord, records } from '../plain-data.ts';
import { timestampOf } from '../timestamp.ts';
import type { FormHome } from './home.ts';
import { modelSuggestions } from './models.ts';
import { defaultTier } from './tier.ts';

/** One field of the disclosure, as the repository's schema and configuration describe it. */
export interface DisclosureField {
  /** Its name in `Commit.disclosure`, such as `model`. */
  name: string;
  /** The trailer's key, such as `AI-Model`. */
  trailer: string;
  title: string;
  /** Markdown. */
  description: string;
  required: boolean;
  /** Values to offer, best first: approved models, known approvers. Others may be typed unless `closed`. */
  suggestions: { value: string; detail?: string }[];
  closed: boolean;
  /** A value known now: the present time, for a timestamp. */
  prefill?: string;
}

export function disclosureFields(home: FormHome, now: Date): DisclosureField[] {
  const required = new Set([...home.schema.required, ...defaultTier(home.data).required]);
  return Object.entries(home.config.trailers).map(([name, trailer]) => {
    const schema = home.schema.properties[name] ?? home.schema.others ?? {};
    const choices = (schema.items?.enum ?? []).map((value) => ({ value: String(value) }));
    return {
      name,
      trailer,
      title: schema.title ?? name.charAt(0).toUpperCase() + name.slice(1).replaceAll('_', ' '),
      description: schema.markdownDescription ?? schema.description ?? '',
      required: required.has(name),
      // Found when they are asked for: each model is judged for it, and a hook mostly asks nobody.
      get suggestions() {
        return choices.length > 0 ? choices : suggestionsFor(name, home, now);
      },
      closed: choices.length > 0,
      ...(name === 'timestamp' && { prefill: timestampOf(now) }),
    };
  });
}

function suggestionsFor(name: string, { data }: FormHome, now: Date): DisclosureField['suggestions'] {
  if (name === 'model') return modelSuggestions(data, now);
  if (name === 'approver') return isRecord(data.approvers) ? records(data.approvers.people).flatMap(person) : [];
  return [];
}

/** An approver as a trailer names people. */
function person({ name, email, login }: Record<string, unknown>): DisclosureField['suggestions'] {
  if (typeof email === 'string' && typeof name === 'string') return [{ value: `${name} <${email}>` }];
  if (typeof email === 'string') return [{ value: email }];
  const detail = typeof name === 'string' ? name : undefined;
  return typeof login === 'string' ? [{ value: `@${login.replace(/^@/, '')}`, detail }] : [];
}
