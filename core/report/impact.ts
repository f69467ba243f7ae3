/** What a change does to the policies, for people: a few lines. */

import type { LeveledViolation, PolicyImpact } from '../policies/impact.ts';
import { count, oneLine } from '../printable.ts';

/** More than this is counted, not shown. */
const shown = 10;

/** Each line with whether it is bad news; text from outside is on one line, and escaped by whoever prints it. */
export function impactLines({ files, tests, failed, would, notes }: PolicyImpact): string[] {
  const lines = [`${count(files.length, 'policy file')} changed: ${listed(files)}. The policies of the base judge it.`];
  if (tests) {
    const broken = tests.failed + tests.errors.length > 0;
    lines.push(
      `tests of the changed policies: ${tests.passed} passed, ${tests.failed} failed${broken ? '' : ', no errors'}`,
      ...failed.slice(0, shown).map((name) => `failed: ${oneLine(name)}`),
      ...tests.errors.slice(0, shown).map((error) => `error: ${oneLine(error)}`),
    );
    const rest = Math.max(0, failed.length - shown) + Math.max(0, tests.errors.length - shown);
    if (rest > 0) lines.push(`… and ${count(rest, 'more failure')}`);
  }
  if (would) {
    const same = would.added.length + would.removed.length === 0;
    const word = would.result === 'deny' ? 'deny' : 'allow';
    lines.push(`by the changed policies: they would ${word} this change${same ? ', and say the same of it' : ''}`);
    lines.push(
      ...violationLines('would also say', would.added),
      ...violationLines('would no longer say', would.removed),
    );
  }
  return [...lines, ...notes.map(oneLine)];
}

function violationLines(word: string, violations: readonly LeveledViolation[]): string[] {
  const lines = violations.slice(0, shown).map(({ level, rule, msg, commit }) => {
    const about = commit === undefined ? '' : ` of ${commit.slice(0, 10)}`;
    return `${word}: ${level}${about}, ${oneLine(rule)}: ${oneLine(msg)}`;
  });
  if (violations.length > shown) lines.push(`… and ${violations.length - shown} more that they ${word}`);
  return lines;
}

function listed(files: readonly string[]): string {
  const some = files.slice(0, shown).map(oneLine).join(', ');
  return files.length > shown ? `${some} and ${files.length - shown} more` : some;
}
