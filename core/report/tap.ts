/** TAP 14 (testanything.org/tap-version-14-specification.html): a test point for each commit, one for the change. */
import { stringify } from 'yaml';
import { oneLine, printable } from '../printable.ts';
import type { Violation } from '../verdict.ts';
import { explanationLines } from './explain.ts';
import { changeExplanationLines } from './explain-change.ts';
import { type GateResult, outcome } from './gate-result.ts';

/** The report, ending in a line break. */
export function tapReport(result: GateResult): string {
  const { change, commits } = result.verdict;
  const points = [
    point(1, 'The change as a whole', change, result.explain ? changeExplanationLines(result) : []),
    ...commits.map((commit, at) => {
      const name = `${commit.sha.slice(0, 10)} ${oneLine(commit.subject) || '(no subject)'}`;
      return point(at + 2, name, commit, result.explain ? explanationLines(result, commit) : []);
    }),
  ];
  const comments = [
    outcome(result.verdict),
    ...(result.verdict.exceptions ?? []).map(
      ({ id, rules, expires }) => `exception ${id}: ${rules.join(', ')} until ${expires}`,
    ),
    ...result.notes,
  ].map((note) => `# ${oneLine(note)}\n`);
  return `TAP version 14\n1..${points.length}\n${points.join('')}${comments.join('')}`;
}

function point(
  number: number,
  name: string,
  { deny, warn }: { deny: readonly Violation[]; warn: readonly Violation[] },
  explanation: readonly string[],
): string {
  const line = `${deny.length > 0 ? 'not ok' : 'ok'} ${number} - ${escaped(name)}\n`;
  const diagnostics = {
    ...(deny.length > 0 && { deny: deny.map(diagnostic) }),
    ...(warn.length > 0 && { warn: warn.map(diagnostic) }),
    ...(explanation.length > 0 && { why: explanation }),
  };
  if (Object.keys(diagnostics).length === 0) return line;
  // Quoted, each value stands on one line: none can end the block.
  const yaml = stringify(diagnostics, { lineWidth: 0, defaultStringType: 'QUOTE_DOUBLE', defaultKeyType: 'PLAIN' });
  return `${line}  ---\n${yaml.trimEnd().replace(/^/gm, '  ')}\n  ...\n`;
}

function diagnostic({ rule, msg, field, path, fix }: Violation): Record<string, string> {
  const said = { rule, message: msg, field, path, fix };
  return Object.fromEntries(
    Object.entries(said).flatMap(([key, value]) => (value === undefined ? [] : [[key, printable(value)]])),
  );
}

/** `#` begins a directive, and a backslash escapes. */
function escaped(description: string): string {
  return description.replace(/[\\#]/g, '\\$&');
}
