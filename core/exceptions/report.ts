/** The register as other programs and tracking issues read it. */
import { count } from '../printable.ts';
import { jsonText } from '../report/json.ts';
import { code, shortened } from '../report/markdown.ts';
import type { RegisteredException } from './register.ts';

/** By this a later run finds its issue or comment, to update it in place. */
export const dueMarker = '<!-- countersign:exceptions -->';

/** Those that owe a follow-up in time, and those that owe it already: `countersign exception due`. */
export interface Owed {
  overdue: RegisteredException[];
  due: RegisteredException[];
}

/** What is owed, the oldest first. */
export function owedBy(register: readonly RegisteredException[]): Owed {
  const byDue = [...register].sort((a, b) => (a.due < b.due ? -1 : 1));
  return {
    overdue: byDue.filter(({ followUp }) => followUp === 'overdue' || followUp === 'denied'),
    due: byDue.filter(({ followUp }) => followUp === 'due'),
  };
}

/** A JSON document: `{exceptions: […]}`, ending in a line break. */
export function registerJson(register: readonly RegisteredException[]): string {
  return jsonText({ exceptions: register.map(asJson) });
}

/** A JSON document: `{overdue: […], due: […]}`, ending in a line break. */
export function owedJson({ overdue, due }: Owed): string {
  return jsonText({ overdue: overdue.map(asJson), due: due.map(asJson) });
}

function asJson({ exception, path, state, followUp, due, denied, history }: RegisteredException) {
  return {
    ...exception,
    path,
    state,
    follow_up: { state: followUp, due, denied },
    history: history.map(({ commit, author, at, change, subject }) => ({ commit, author, at, change, subject })),
  };
}

function owedEntry({ exception, path, due, denied, followUp }: RegisteredException): string {
  const late = followUp === 'denied' ? 'changes are denied since' : 'changes are denied from';
  const which = exception.rules.map(code).join(', ');
  return [
    `- ${code(exception.id)} (${which}): due ${code(due)}, ${late} ${code(denied)}`,
    `  - why: ${code(exception.reason)}; approved by ${code(exception.approved_by)}; in ${code(path)}`,
    ...(exception.ticket === undefined ? [] : [`  - ticket: ${code(exception.ticket)}`]),
  ].join('\n');
}

/** Markdown for a tracking issue; text from outside stands in code spans alone. */
export function owedMarkdown(owed: Owed): string {
  const { overdue, due } = owed;
  const lines = [dueMarker, '## Follow-ups of exceptions', ''];
  if (overdue.length === 0 && due.length === 0) lines.push('Nothing is owed.', '');
  for (const [title, list] of [
    ['Overdue', overdue],
    ['Due', due],
  ] as const) {
    if (list.length === 0) continue;
    lines.push(`### ${title}: ${count(list.length, 'exception')}`, '');
    // An issue takes as much as a comment.
    lines.push(...shortened(list.map(owedEntry), 'exception', { room: 25_000 }), '');
  }
  if (overdue.length + due.length > 0) {
    lines.push('Record what was done: `countersign exception follow-up ID --note "…"`, or close it.', '');
  }
  return lines.join('\n');
}
