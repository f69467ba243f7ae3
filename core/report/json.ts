/** The verdict as JSON: the document that other programs read, and how every report writes JSON. */
import type { Verdict, Violation } from '../verdict.ts';
import { explanation } from './explain.ts';
import type { GateResult } from './gate-result.ts';

/** The verdict, ending in a line break; with `explain`, why each commit passed or not is beside it. */
export function jsonReport(result: GateResult): string {
  const { impact, explain } = result;
  return jsonText({
    ...publicVerdict(result.verdict),
    ...(impact && { policy_change: impact }),
    ...(explain && { explanation: explanation(result) }),
  });
}

/** A commit's violations need not name their commit again. */
function publicVerdict(verdict: Verdict): Verdict {
  const bare = (violations: Violation[]): Violation[] => violations.map(({ commit: _, ...rest }) => rest);
  const commits = verdict.commits.map(({ deny, warn, ...rest }) => ({ ...rest, deny: bare(deny), warn: bare(warn) }));
  return { ...verdict, commits };
}

/**
 * JSON that may pass through a build's log: `##`, with which build servers' commands begin, is
 * escaped, and what hides or reorders text, too. It reads back as the same value.
 */
export function jsonText(value: unknown): string {
  return `${escaped(JSON.stringify(value, null, 2))}\n`;
}

/** The same in one line. */
export function jsonLine(value: unknown): string {
  return `${escaped(JSON.stringify(value))}\n`;
}

function escaped(json: string): string {
  return json
    .replace(/#(?=[\p{Cf}\p{M}]*#)/gu, '\\u0023')
    .replace(
      /[\u007f-\u009f\u200b\u200e\u200f\u2028\u2029\u202a-\u202e\u2060-\u2069\ufeff]/g,
      (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`,
    );
}
