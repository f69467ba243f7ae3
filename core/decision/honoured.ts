/**
 * Which exceptions made a difference: what the policies would say without exceptions, and do not say
 * with them, was excused. So it is told of any policy that honours exceptions, in whatever way.
 */
import { globExpression } from '../globs.ts';
import type { ChangedFile, Exception, Input } from '../input.ts';
import type { HonouredException, Violation } from '../verdict.ts';

/** Whether any exception is in force: else there is nothing to find out. */
export function anyInForce({ exceptions, now }: Pick<Input, 'exceptions' | 'now'>): boolean {
  return exceptions.some((exception) => isInForce(exception, now));
}

/** From its opening until it expires or is closed; a time that cannot be read is never. */
export function isInForce({ opened, expires, closed }: Exception, now: string): boolean {
  const at = Date.parse(now);
  return closed === undefined && Date.parse(opened) <= at && at < Date.parse(expires);
}

/** The violations that are among the first and not among the second. */
export function excusedAmong(without: readonly Violation[], withThem: readonly Violation[]): Violation[] {
  const kept = new Set(withThem.map(keyOf));
  return without.filter((violation) => !kept.has(keyOf(violation)));
}

function keyOf({ rule, msg, commit, field, path }: Violation): string {
  return JSON.stringify([rule, msg, commit, field, path]);
}

/** The exceptions that speak of excused violations, by id; a violation of which several speak is in each. */
export function honouredExceptions(
  { exceptions, now, commits, change }: Pick<Input, 'exceptions' | 'now' | 'commits' | 'change'>,
  excused: readonly Violation[],
): HonouredException[] {
  const bySha = new Map(commits.map((commit) => [commit.sha, commit]));
  return exceptions.flatMap((exception) => {
    if (!isInForce(exception, now)) return [];
    const own = excused.filter((violation) =>
      violation.commit === undefined
        ? speaksOf(exception, violation, change?.head ?? '', change?.files ?? [])
        : speaksOf(exception, violation, violation.commit, bySha.get(violation.commit)?.files ?? []),
    );
    if (own.length === 0) return [];
    const rules = [...new Set(own.map(({ rule }) => rule))].sort();
    return [{ id: exception.id, rules, expires: exception.expires, excused: own }];
  });
}

/** Of a violation of the change as a whole, that is its last commit, and all that it touches. */
function speaksOf(
  { rules, commits, paths }: Exception,
  violation: Violation,
  sha: string,
  files: readonly ChangedFile[],
): boolean {
  if (!rules.includes(violation.rule)) return false;
  if (commits && !commits.some((prefix) => sha.startsWith(prefix.toLowerCase()))) return false;
  if (!paths) return true;
  const expression = globExpression(paths);
  const touched = files.flatMap(({ path, status, old_path }) =>
    status === 'R' && old_path !== undefined ? [path, old_path] : [path],
  );
  return (
    (violation.path !== undefined && expression.test(violation.path)) ||
    (touched.length > 0 && touched.every((path) => expression.test(path)))
  );
}

/** The same exceptions from several batches, once each. */
export function mergeHonoured(list: readonly HonouredException[]): HonouredException[] {
  const merged = new Map<string, HonouredException>();
  for (const one of list) {
    const before = merged.get(one.id);
    const excused = [...(before?.excused ?? []), ...one.excused];
    const rules = [...new Set(excused.map(({ rule }) => rule))].sort();
    merged.set(one.id, { ...one, rules, excused });
  }
  return [...merged.values()].sort((a, b) => (a.id < b.id ? -1 : 1));
}
