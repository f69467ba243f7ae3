/** A verdict as a developer reads it: what is wrong, where the rule stands, and what mends it. */
import type { IgnoredLine } from '../core/disclosure/ignored.ts';
import { explanationLines } from '../core/report/explain.ts';
import { changeExplanationLines } from '../core/report/explain-change.ts';
import type { GateResult } from '../core/report/gate-result.ts';
import { impactLines } from '../core/report/impact.ts';
import type { CommitVerdict, Verdict, Violation } from '../core/verdict.ts';
import { block, count, type Output, printable } from './terminal.ts';

export interface ReportFacts {
  /** `file:line` by rule name. */
  places: ReadonlyMap<string, string>;
  /** List the commits that pass, too. */
  verbose: boolean;
}

type Style = Output['style'];

/** The report, ending in a line break. */
export function gateReport(result: GateResult, facts: ReportFacts, style: Style): string {
  const { verdict, ignored, explain } = result;
  const parts = [heading(result, style)];
  for (const commit of verdict.commits) {
    const flawed = commit.deny.length + commit.warn.length > 0 || ignored.has(commit.sha);
    if (flawed || facts.verbose || explain) parts.push(commitPart(result, commit, facts, style));
  }
  const { deny, warn } = verdict.change;
  if (deny.length + warn.length > 0 || explain) {
    const title = `${mark(deny.length, warn.length, style)} ${style('bold', 'the change as a whole')}`;
    const why = explain ? whyLines(changeExplanationLines(result), style) : '';
    parts.push(`${title}\n${entries(deny, warn, facts, style)}${why}`);
  }
  if (result.impact) {
    const lines = impactLines(result.impact).map((line) => `    ${block(line, '      ')}\n`);
    parts.push(`${style('bold', 'the policies change')}\n${lines.join('')}`);
  }
  parts.push(exceptionLines(verdict, style) + summary(verdict, style));
  return `${parts.join('\n')}`;
}

function heading({ verdict, range, policies, rules, explain }: GateResult, style: Style): string {
  const commits = count(verdict.commits.length, 'commit');
  const asked = explain ? `${style('dim', `rules: ${[...rules.keys()].map(printable).join(', ')}`)}\n` : '';
  return `${style('bold', 'countersign gate')} ${printable(range.label)}: ${commits}, judged by ${printable(policies)}\n${asked}`;
}

function exceptionLines({ exceptions = [] }: Verdict, style: Style): string {
  const lines = exceptions.map(
    ({ id, rules, expires, excused }) =>
      `${style('cyan', 'exception')} ${printable(id)} excuses ${count(excused.length, 'violation')} of ${printable(rules.join(', '))}, until ${printable(expires)}\n`,
  );
  return lines.length > 0 ? `${lines.join('')}\n` : '';
}

function commitPart(result: GateResult, commit: CommitVerdict, facts: ReportFacts, style: Style): string {
  const { deny, warn } = commit;
  const subject = commit.subject === '' ? style('dim', '(no subject)') : style('bold', printable(commit.subject));
  const ai = commit.ai ? style('cyan', ' [AI]') : '';
  const source = commit.disclosure_source === 'note' ? style('dim', ' (disclosed in a note)') : '';
  const line = `${mark(deny.length, warn.length, style)} ${style('yellow', commit.sha.slice(0, 10))} ${subject}${ai}${source}\n`;
  let notes = '';
  for (const ignored of result.ignored.get(commit.sha) ?? []) {
    notes += `    ${style('yellow', 'note')} ${block(describeIgnored(ignored), '         ')}\n`;
  }
  const why = result.explain ? whyLines(explanationLines(result, commit), style) : '';
  return line + entries(deny, warn, facts, style) + signedLines(commit, style) + notes + why;
}

function whyLines(lines: readonly string[], style: Style): string {
  return lines.map((said) => `    ${style('dim', `why  ${block(said, '         ')}`)}\n`).join('');
}

/** Who countersigned a commit. */
function signedLines({ countersignatures = [] }: CommitVerdict, style: Style): string {
  return countersignatures
    .map(({ status, approver, detail }) => {
      const who = approver ? `${approver.name} <${approver.email}>: ` : '';
      const word = status === 'valid' || status === 'rebased' ? 'green' : 'yellow';
      return `    ${style(word, 'signed')} ${block(`${who}${status}${detail ? `. ${detail}` : ''}`, '           ')}\n`;
    })
    .join('');
}

/** Why a line that was meant as disclosure is none, and what to do. */
export function describeIgnored({ key, value, why }: IgnoredLine): string {
  return `"${key}: ${value}" is no trailer. ${why}`;
}

function mark(denied: number, warned: number, style: Style): string {
  if (denied > 0) return style('red', '✗');
  return warned > 0 ? style('yellow', '!') : style('green', '✓');
}

/** The violations of one commit, each with its own line, then once what mends them. */
export function entries(
  deny: readonly Violation[],
  warn: readonly Violation[],
  facts: Pick<ReportFacts, 'places'>,
  style: Style,
): string {
  let text = '';
  for (const [violations, level, colour] of [
    [deny, 'deny', 'red'],
    [warn, 'warn', 'yellow'],
  ] as const) {
    for (const { rule, msg, field, path } of violations) {
      const about = field ?? path;
      const place = facts.places.get(rule);
      const source = style('dim', `${printable(rule)}${place ? `, ${printable(place)}` : ''}`);
      text += `    ${style(colour, level)} ${about ? `${style('bold', printable(about))}: ` : ''}${block(msg, '         ')}\n`;
      text += `         ${source}\n`;
    }
  }
  const fixes = new Set([...deny, ...warn].flatMap(({ fix }) => (fix ? [fix] : [])));
  for (const fix of fixes) text += `    ${style('green', 'fix')}  ${block(fix, '         ')}\n`;
  return text;
}

function summary(verdict: Verdict, style: Style): string {
  const { commits, change } = verdict;
  const denied = commits.filter(({ deny }) => deny.length > 0);
  const warned = commits.filter(({ deny, warn }) => deny.length === 0 && warn.length > 0);
  const clean = commits.length - denied.length - warned.length;
  const ai = commits.filter((commit) => commit.ai).length;
  const parts = [
    denied.length > 0 ? style('red', `${denied.length} denied`) : '',
    warned.length > 0 ? style('yellow', `${warned.length} with warnings`) : '',
    style('green', `${clean} passed`),
  ].filter((part) => part !== '');
  const ofChange =
    change.deny.length > 0 ? `, and the change itself has ${count(change.deny.length, 'violation')}` : '';
  const word = verdict.result === 'deny' ? style(['red', 'bold'], 'Denied') : style(['green', 'bold'], 'Allowed');
  const aiPart = commits.length > 0 ? ` ${ai === 0 ? 'None shows' : ai === 1 ? '1 shows' : `${ai} show`} AI use.` : '';
  const list = commits.length === 0 ? 'no commits to judge' : parts.join(', ');
  return `${word}: ${list}${ofChange}.${aiPart}\n${style('dim', `decision ${verdict.decision_id}, policy revision ${printable(verdict.revision)}`)}\n`;
}
