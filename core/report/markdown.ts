/**
 * Markdown for a comment on a pull or merge request and for a job's summary. Text from outside stands
 * in code spans alone: there nothing is a link, a mention, HTML, a picture or a quick action.
 */
import { count, oneLine, wellFormed } from '../printable.ts';
import type { Violation } from '../verdict.ts';
import { explanationLines } from './explain.ts';
import { changeExplanationLines } from './explain-change.ts';
import { type GateResult, outcome } from './gate-result.ts';
import { impactLines } from './impact.ts';

/** By this a later run finds its comment, to update it in place. */
export const commentMarker = '<!-- countersign:gate -->';

/** GitHub takes 65,536 characters in a comment. */
const longest = 60_000;

/** The comment, ending in a line break. */
export function markdownReport(result: GateResult): string {
  const { verdict } = result;
  const denied = verdict.result === 'deny';
  const head = [
    commentMarker,
    `## ${denied ? '❌' : '✅'} Countersign: ${denied ? 'denied' : 'allowed'}`,
    '',
    outcome(verdict),
    '',
  ];
  const foot = [
    ...exceptionLines(result),
    ...impactSection(result),
    ...shortened(
      result.notes.map((note) => `> ${code(note)}\n`),
      'note',
    ),
    `<sub>${code(result.range.label)} at ${code(result.range.head.slice(0, 10))}, judged by ${code(result.policies)}; decision ${code(verdict.decision_id)}, policy revision ${code(verdict.revision)}</sub>`,
    '',
  ].join('\n');
  const parts = sections(result);
  let text = head.join('\n');
  const room = longest - foot.length - 200;
  const fitting = parts.findIndex((_, at) => text.length + parts.slice(0, at + 1).join('').length > room);
  const shown = fitting < 0 ? parts.length : fitting;
  text += parts.slice(0, shown).join('');
  if (shown < parts.length) text += `… and ${count(parts.length - shown, 'more commit')}: see the job's log.\n\n`;
  return `${text}${foot}`;
}

function sections(result: GateResult): string[] {
  const { change, commits } = result.verdict;
  const all: string[] = [];
  if (change.deny.length + change.warn.length > 0 || result.explain) {
    const why = result.explain ? explained(changeExplanationLines(result)) : '';
    all.push(`### The change as a whole\n\n${entries(change)}${why}\n`);
  }
  for (const commit of commits) {
    const flawed = commit.deny.length + commit.warn.length > 0;
    const ignored = (result.ignored.get(commit.sha) ?? []).map(
      ({ key, value, why }) => `- 💡 ${code(`${key}: ${value}`)} is no trailer. ${code(why)}\n`,
    );
    if (!flawed && ignored.length === 0 && !result.explain) continue;
    const mark = commit.deny.length > 0 ? '❌' : commit.warn.length > 0 ? '⚠️' : '✅';
    const title = `### ${mark} ${code(commit.sha.slice(0, 10))} ${code(commit.subject || '(no subject)')}${commit.ai ? ' · AI' : ''}`;
    const why = result.explain ? explained(explanationLines(result, commit)) : '';
    all.push(`${title}\n\n${entries(commit)}${ignored.join('')}${why}\n`);
  }
  return all;
}

function entries({ deny, warn }: { deny: readonly Violation[]; warn: readonly Violation[] }): string {
  const item = (word: string, { rule, msg, field, path }: Violation): string => {
    const about = field ?? path;
    return `- **${word}** ${about === undefined ? '' : `${code(about)}: `}${code(msg)} — ${code(rule)}\n`;
  };
  const fixes = new Set([...deny, ...warn].flatMap(({ fix }) => (fix === undefined ? [] : [fix])));
  const violations = [...deny.map((one) => item('denied', one)), ...warn.map((one) => item('warning', one))];
  const mending = [...fixes].map((fix) => `- **fix** ${code(fix)}\n`);
  return [
    ...shortened(violations, 'violation', { room: longest / 10 }),
    ...shortened(mending, 'fix', { room: longest / 20, plural: 'fixes' }),
  ]
    .map((line) => `${line.trimEnd()}\n`)
    .join('');
}

function explained(lines: readonly string[]): string {
  return shortened(
    lines.map((line) => `- ${code(line)}`),
    'line',
    { room: longest / 10 },
  )
    .map((line) => `${line}\n`)
    .join('');
}

function impactSection({ impact }: GateResult): string[] {
  if (!impact) return [];
  const lines = impactLines(impact).map((line) => `- ${code(line)}`);
  return ['### The policies change', '', ...shortened(lines, 'line'), ''];
}

function exceptionLines({ verdict }: GateResult): string[] {
  if (!verdict.exceptions?.length) return [];
  return [
    '### Exceptions honoured',
    '',
    ...shortened(
      verdict.exceptions.map(
        ({ id, rules, expires, excused }) =>
          `- ${code(id)} excuses ${rules.map(code).join(', ')} (${count(excused.length, 'violation')}) until ${code(expires)}`,
      ),
      'exception',
    ),
    '',
  ];
}

/** As many lines as fit into a part of a comment, and how many are left out. */
export function shortened(
  lines: readonly string[],
  noun: string,
  { room = longest / 5, plural = `${noun}s` } = {},
): string[] {
  let length = 0;
  const fitting = lines.findIndex((line) => {
    length += line.length + 1;
    return length > room;
  });
  if (fitting < 0) return [...lines];
  return [
    ...lines.slice(0, fitting),
    `- … and ${count(lines.length - fitting, `more ${noun}`, `more ${plural}`)}: see the job's log.`,
  ];
}

/**
 * The comment of a run that could not decide: it takes the place of one that tells of a pass.
 *
 * @param why in lines
 */
export function undecidedMarkdown(why: readonly string[]): string {
  const lines = why.filter((line) => line.trim() !== '').map((line) => `- ${code(line)}`);
  const head = [commentMarker, '## ❌ Countersign: could not decide', '', 'No verdict is no pass.', ''];
  return [...head, ...shortened(lines, 'line'), ''].join('\n');
}

/** A code span, whatever the text holds (spec.commonmark.org/0.31.2/#code-spans). */
export function code(untrusted: string): string {
  const text = wellFormed(oneLine(untrusted).slice(0, 2000));
  if (text === '') return '` `';
  const runs: string[] = text.match(/`+/g) ?? [];
  let fence = '`';
  while (runs.includes(fence)) fence += '`';
  const pad = text.startsWith('`') || text.endsWith('`') ? ' ' : '';
  return `${fence}${pad}${text}${pad}${fence}`;
}
