/**
 * GitHub's workflow commands: annotations on the run and, where there is a file, in the change.
 * Escaping as github.com/actions/runner undoes it (src/Runner.Common/ActionCommand.cs).
 */
import { count, oneLine, printable } from '../printable.ts';
import { type Finding, findingsOf, type GateResult, placeOfFinding } from './gate-result.ts';

/** GitHub shows that many errors and that many warnings of a step, and drops the rest without a word. */
const shownOfEach = 10;

/** The commands, a line each; empty when there is nothing to say. */
export function githubReport(result: GateResult): string {
  const findings = findingsOf(result.verdict);
  const lines = (['deny', 'warn'] as const).flatMap((level) => {
    const of = findings.filter((finding) => finding.level === level);
    const name = level === 'deny' ? 'error' : 'warning';
    // The last one that is shown tells of those that are not.
    const shown = of.length > shownOfEach ? of.slice(0, shownOfEach - 1) : of;
    const lines = shown.map((finding) => annotation(result, name, finding));
    if (shown.length === of.length) return lines;
    const more = `${count(of.length - shown.length, `more ${name}`)}: see the log and the job's summary.`;
    return [...lines, command(name, { title: 'countersign' }, more)];
  });
  return lines.map((line) => `${line}\n`).join('');
}

function annotation(result: GateResult, name: string, finding: Finding): string {
  const { violation, commit } = finding;
  const place = placeOfFinding(result, finding);
  const about = commit ? `${commit.sha.slice(0, 10)} ${oneLine(commit.subject)}` : 'The change as a whole';
  const field = violation.field === undefined ? '' : `${printable(violation.field)}: `;
  const fix = violation.fix === undefined ? '' : `\nFix: ${printable(violation.fix)}`;
  const properties = {
    ...(place && { file: printable(place.path), line: String(place.line ?? 1) }),
    title: `countersign: ${oneLine(violation.rule)}`,
  };
  return command(name, properties, `${about}\n${field}${printable(violation.msg)}${fix}`);
}

function command(name: string, properties: Record<string, string>, message: string): string {
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapedProperty(value)}`);
  return `::${name} ${list.join(',')}::${escapedData(message)}`;
}

/** `%` first. `##[` is another form of command, which the runner looks for anywhere in a line. */
function escapedData(text: string): string {
  return text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A').replaceAll('##[', '# #[');
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(':', '%3A').replaceAll(',', '%2C');
}
