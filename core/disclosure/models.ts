/**
 * Whether a model is approved, by the policy data's `approved_models`, for the prompt: as the
 * default pack's policies/model.rego judges it, but at once. Policies decide; a test holds this
 * against the pack.
 */
import { globExpression } from '../globs.ts';
import { isRecord, records, texts } from '../plain-data.ts';

/** What is wrong with a model, in words; undefined when nothing is, or the data says nothing of models. */
export function modelProblem(data: Record<string, unknown>, value: string, now: Date): string | undefined {
  const approved = data.approved_models;
  if (!isRecord(approved)) return undefined;
  // Those of some scope tiers alone are for the policy to judge: a form knows no tier.
  const everywhere = records(approved.forbidden).filter(({ tiers }) => tiers === undefined);
  const forbidden = matching(everywhere, value)[0];
  if (forbidden) return `${value} is forbidden: ${String(forbidden.reason ?? 'see the approved models')}.`;
  const models = records(approved.models);
  const matches = matching(models, value);
  if (matches.length === 0) {
    return `${value} is not an approved model. Approved are: ${models.map(({ name }) => String(name)).join(', ')}.`;
  }
  const inRange = matches.filter(({ versions }) => satisfies(value, typeof versions === 'string' ? versions : ''));
  if (inRange.length === 0) {
    const wanted = matches.map(({ name, versions }) => `${String(name)} ${String(versions ?? '')}`.trim());
    return `${value} is not in an approved version. Approved are: ${wanted.join(', ')}.`;
  }
  const ends = inRange.map(({ expires }) => endOf(expires));
  if (ends.every((end) => end <= now.getTime())) {
    return `The approval of ${value} ended on ${String(inRange.at(-1)?.expires)}; use another model.`;
  }
  return undefined;
}

/** Models to offer: those that a form can name in full, each with what people call it. Only approved ones. */
export function modelSuggestions(data: Record<string, unknown>, now: Date): { value: string; detail?: string }[] {
  const approved = data.approved_models;
  if (!isRecord(approved)) return [];
  const offered = new Map<string, { value: string; detail?: string }>();
  for (const { name, match, versions, expires } of records(approved.models)) {
    const detail = [name, versions, expires && `until ${String(expires)}`].filter(Boolean).join(' · ');
    for (const pattern of texts(match)) {
      const value = concrete(pattern, typeof versions === 'string' ? versions : '');
      if (value === undefined || offered.has(value) || modelProblem(data, value, now) !== undefined) continue;
      offered.set(value, { value, detail });
    }
  }
  return [...offered.values()];
}

/** A model that a glob means: itself, or with its lowest version for the first star. */
function concrete(pattern: string, versions: string): string | undefined {
  if (!/[*?]/.test(pattern)) return pattern;
  const lowest = /(?:^| )(?:>=|=)([0-9.]+)/.exec(versions)?.[1];
  if (lowest === undefined || pattern.includes('?') || pattern.indexOf('*') !== pattern.lastIndexOf('*'))
    return undefined;
  return pattern.replace('*', lowest.replace('.', '-'));
}

function matching(entries: readonly Record<string, unknown>[], value: string): Record<string, unknown>[] {
  const known = spellings(value);
  return entries.filter(({ match }) =>
    texts(match).some((pattern) => {
      const expression = globExpression([pattern.toLowerCase()]);
      return known.some((spelling) => expression.test(spelling));
    }),
  );
}

/** `Claude Opus 4.6` is claude-opus-4.6, and `anthropic/claude-opus-4-6` is also claude-opus-4-6. */
function spellings(value: string): string[] {
  const id = value.trim().toLowerCase().replace(/[ _]/g, '-');
  return [id, id.slice(id.lastIndexOf('/') + 1)];
}

/** Whether the first version in a name is in a range such as `>=4.5 <6`. */
function satisfies(value: string, range: string): boolean {
  if (range === '') return true;
  const bounds = range.split(' ').map((part) => /^(>=|<=|>|<|=)([0-9]{1,4}(?:\.[0-9]{1,4}){0,3})$/.exec(part));
  const name = spellings(value)[1] ?? '';
  const found = /(?:^|[^0-9.])([0-9]{1,3}(?:\.[0-9]{1,3}){1,3}|[0-9]{1,2}-[0-9]{1,2}|[0-9]{1,3})(?:$|[^0-9.bk])/.exec(
    name,
  );
  if (!found?.[1]) return false;
  const version = numbers(found[1].replaceAll('-', '.'));
  return bounds.every((bound) => bound !== null && holds(bound[1] ?? '', compare(version, numbers(bound[2] ?? ''))));
}

function holds(operator: string, order: number): boolean {
  switch (operator) {
    case '>=':
      return order >= 0;
    case '<=':
      return order <= 0;
    case '>':
      return order > 0;
    case '<':
      return order < 0;
    default:
      return order === 0;
  }
}

function numbers(text: string): number[] {
  return [...text.split('.').map(Number), 0, 0, 0, 0].slice(0, 4);
}

function compare(a: readonly number[], b: readonly number[]): number {
  for (const [at, value] of a.entries()) {
    const other = b[at] ?? 0;
    if (value !== other) return value - other;
  }
  return 0;
}

/** When an approval ends, in milliseconds; a date alone means its start in UTC. */
function endOf(expires: unknown): number {
  if (typeof expires !== 'string') return Number.POSITIVE_INFINITY;
  const time = Date.parse(expires);
  return Number.isNaN(time) ? Number.NEGATIVE_INFINITY : time;
}
