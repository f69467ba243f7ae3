/**
 * Checks one value while it is typed, in well under a millisecond: by the disclosure's schema and
 * the policy data. What needs more (the commit, its paths, other policies) is decided when the
 * commit is.
 */

import { isRecord, records, texts } from '../plain-data.ts';
import { timestampOf } from '../timestamp.ts';
import type { Home } from './home.ts';
import { modelProblem } from './models.ts';
import { defaultTier } from './tier.ts';

/** What is wrong and what to type instead; undefined when nothing is. */
export function fieldProblem(home: Home, field: string, value: string, now: Date): string | undefined {
  if (!Object.hasOwn(home.config.trailers, field)) {
    return `There is no field ${field}; the configuration has: ${Object.keys(home.config.trailers).join(', ')}.`;
  }
  return dataProblem(home, field, value.trim(), now) ?? schemaProblem(home, field, value.trim());
}

function schemaProblem({ policies, schema }: Home, field: string, value: string): string | undefined {
  for (const policy of policies) {
    const found = policy.validate({ [field]: [value] }).find((error) => error.field === field);
    if (!found) continue;
    const { title = field, description } = schema.properties[field] ?? {};
    return description ? `This will not do as ${title.toLowerCase()}. ${description}` : found.message;
  }
  return undefined;
}

function dataProblem({ data }: Home, field: string, value: string, now: Date): string | undefined {
  if (value === '') return undefined;
  switch (field) {
    case 'model':
      return modelProblem(data, value, now);
    case 'timestamp':
      return timestampProblem(data, value, now);
    case 'context':
      return contextProblem(data, value);
    case 'approver':
      return approverProblem(data, value);
    default:
      return undefined;
  }
}

const rfc3339 = /^\d{4}-\d{2}-\d{2}[Tt]\d{2}:\d{2}:(\d{2})(?:\.\d+)?(?:[Zz]|[+-]\d{2}:\d{2})$/;

function timestampProblem(data: Record<string, unknown>, value: string, now: Date): string | undefined {
  const example = timestampOf(now);
  const found = rfc3339.exec(value);
  // A leap second is a time, though not to Date.
  const time = found ? Date.parse(found[1] === '60' ? value.replace(':60', ':59') : value) : Number.NaN;
  if (!found || Number.isNaN(time) || !dayExists(value)) return `Give a time such as ${example} (RFC 3339).`;
  const ahead = (time - now.getTime()) / 60_000;
  return ahead > defaultTier(data).futureMinutes ? `This time is in the future; it is ${example} now.` : undefined;
}

/** Date takes 30 February for 1 March. */
function dayExists(value: string): boolean {
  const [year = 0, month = 0, day = 0] = value.slice(0, 10).split('-').map(Number);
  return day <= new Date(Date.UTC(year, month, 0)).getUTCDate();
}

/** What people put around a placeholder. */
const wrapping = /^[\s.,;:!?…<>[\](){}*_\-"'`]+|[\s.,;:!?…<>[\](){}*_\-"'`]+$/g;

function contextProblem(data: Record<string, unknown>, value: string): string | undefined {
  const words = isRecord(data.placeholders) ? texts(data.placeholders.words) : [];
  if (saysNothing(value.toLowerCase(), new Set(['', ...words.map(lower)]))) {
    return 'This is a placeholder. Say what the model was asked and what it did.';
  }
  const { contextMinLength } = defaultTier(data);
  const length = [...value].length;
  return length < contextMinLength
    ? `Say a little more of what the model did: ${length} of at least ${contextMinLength} characters.`
    : undefined;
}

/** Only placeholder words, a phrase of them, or one or two characters over and over. */
function saysNothing(text: string, words: ReadonlySet<string>): boolean {
  const bare = (part: string) => part.replace(wrapping, '');
  if (words.has(bare(text)) || text.split(' ').every((part) => words.has(bare(part)))) return true;
  const [first, second] = text;
  return [...text].every((character) => character === first || character === second);
}

function approverProblem({ approvers }: Record<string, unknown>, value: string): string | undefined {
  if (!isRecord(approvers)) return undefined;
  const people = records(approvers.people);
  const unlisted = approvers.unlisted ?? (people.length > 0 ? 'deny' : 'allow');
  if (unlisted !== 'deny') return undefined;
  const named = keysOf(value);
  const known = people.some((person) => {
    const keys = [
      ...(typeof person.name === 'string' ? [`name:${lower(person.name)}`] : []),
      ...(typeof person.email === 'string' ? [`email:${lower(person.email)}`] : []),
      ...(typeof person.login === 'string' ? [`login:${lower(person.login).replace(/^@/, '')}`] : []),
      ...texts(person.aliases).flatMap(keysOf),
    ];
    return keys.some((key) => named.includes(key));
  });
  return known
    ? undefined
    : `${value} is not among the approvers of this repository (.countersign/data/approvers.yaml).`;
}

/** The ways in which a text names someone. */
function keysOf(text: string): string[] {
  const both = /^\s*"?([^<"]*?)"?\s*<\s*([^<>\s]*)\s*>\s*$/.exec(text);
  if (both) return [`name:${lower(both[1] ?? '')}`, `email:${lower(both[2] ?? '')}`];
  const trimmed = lower(text);
  if (/^[^@\s]+@[^@\s]+$/.test(trimmed)) return [`email:${trimmed}`];
  return trimmed.startsWith('@') ? [`login:${trimmed.slice(1)}`] : [`name:${trimmed}`];
}

function lower(text: string): string {
  return text.trim().toLowerCase();
}
