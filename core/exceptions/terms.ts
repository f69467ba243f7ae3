/** How soon an exception owes a follow-up: policies/follow_up.rego says the same in Rego. */
import { globExpression, matchesAnything } from '../globs.ts';
import type { Exception, Repository } from '../input.ts';
import { isRecord, records, texts } from '../plain-data.ts';

/** Hours from the exception's opening until the follow-up is due, and from then until it is denied. */
export interface Terms {
  due: number;
  grace: number;
}

/**
 * The shortest terms of the tiers that the exception's paths are in; of all tiers when it is not
 * limited to paths. The record of an emergency (`emergency-…`) has its own, where they are shorter.
 *
 * @param scope the policy data's `scope`
 * @param rules the policy data's `rules`
 */
export function termsOf(
  { id, paths }: Pick<Exception, 'id' | 'paths'>,
  scope: unknown,
  repository: Repository,
  rules?: unknown,
): Terms {
  const data = isRecord(scope) ? scope : {};
  const tiers = records(data.tiers);
  const anywhere = paths === undefined || paths.some(matchesAnything);
  const names = new Set(anywhere ? [] : paths.map((path) => tierName(path, data, repository)));
  const own = anywhere ? tiers : tiers.filter(({ name }) => names.has(name));
  const shortest = (key: string, otherwise: number): number =>
    Math.min(...(own.length > 0 ? own : [{}]).map((tier) => hours((tier as Record<string, unknown>)[key], otherwise)));
  const terms = { due: shortest('follow_up_hours', 48), grace: shortest('follow_up_grace_hours', 24) };
  const emergency = isRecord(rules) && isRecord(rules.emergency) ? rules.emergency : undefined;
  if (emergency === undefined || !isEmergencyRecord(id)) return terms;
  return {
    due: Math.min(terms.due, hours(emergency.follow_up_hours, 24)),
    grace: Math.min(terms.grace, hours(emergency.follow_up_grace_hours, 0)),
  };
}

/** Whether an exception is the record of an emergency, by its id: such a one excuses nothing. */
export function isEmergencyRecord(id: string): boolean {
  return id.startsWith('emergency-');
}

function hours(value: unknown, otherwise: number): number {
  return typeof value === 'number' ? value : otherwise;
}

/** The tier that a glob, read as a path, has: that of the first rule that matches it. */
function tierName(path: string, scope: Record<string, unknown>, repository: Repository): unknown {
  const rule = records(scope.rules).find(
    ({ paths, repositories }) =>
      (repositories === undefined ||
        names(repository).some((name) => globExpression(texts(repositories)).test(name))) &&
      (paths === undefined || globExpression(texts(paths)).test(path)),
  );
  return rule ? rule.tier : scope.default;
}

/** `name`, `owner/name` and `host/owner/name`, as far as they are known. */
function names({ host, owner, name }: Repository): string[] {
  const parts = [host, owner, name].filter((part) => part !== undefined);
  return parts.map((_, start) => parts.slice(start).join('/'));
}
