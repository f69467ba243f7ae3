/**
 * Whether a recorded exception excuses a violation of a JSON Schema policy. The pack's Rego does
 * the same for its own rules (policies/exceptions.rego); a schema has no rules to say it in.
 */
import { isEmergencyRecord } from '../exceptions/terms.ts';
import type { Exception } from '../input.ts';

/**
 * An exception excuses what it names, from its opening until it expires. One that is limited to
 * paths excuses nothing here, since a schema judges a value, not a path; nor does one that is incomplete,
 * or the record of an emergency.
 *
 * @param now RFC 3339
 * @param commit the id, empty for a commit being made; absent for a violation of the change
 */
export function isExcused(
  exceptions: readonly Exception[],
  now: string,
  rule: string,
  commit: string | undefined,
): boolean {
  return exceptions.some(
    (exception) =>
      exception.rules.includes(rule) &&
      !isEmergencyRecord(exception.id) &&
      exception.paths === undefined &&
      (exception.commits === undefined || exception.commits.some((prefix) => names(prefix, commit))) &&
      exception.closed === undefined &&
      exception.reason.trim() !== '' &&
      exception.approved_by.trim() !== '' &&
      // A time that cannot be read is NaN, and no comparison with it holds.
      Date.parse(exception.opened) <= Date.parse(now) &&
      Date.parse(now) < Date.parse(exception.expires),
  );
}

function names(prefix: string, commit: string | undefined): boolean {
  return /^[0-9a-f]{7,64}$/i.test(prefix) && (commit ?? '').startsWith(prefix.toLowerCase());
}
