/** Why a change passed, or not: who looked at it, and from where that is known. */
import type { Approval } from '../input.ts';
import { count, oneLine } from '../printable.ts';
import type { GateResult } from './gate-result.ts';

/** As `--format json --explain` has it; what is not known is absent. */
export interface ChangeExplanation {
  id?: string;
  author?: string;
  draft?: boolean;
  labels?: string[];
  approvals?: Approval[];
  /** Which facts are from where. */
  facts?: { fact: string; source: string; at: string }[];
  why: string;
}

/** All of it, for programs. */
export function changeExplanation(result: GateResult): ChangeExplanation {
  const { id, author, draft, labels, approvals } = result.change ?? {};
  return {
    ...(id !== undefined && { id }),
    ...(author !== undefined && { author }),
    ...(draft !== undefined && { draft }),
    ...(labels && { labels }),
    ...(approvals && { approvals }),
    ...(result.sources && { facts: result.sources }),
    why: whyOf(result),
  };
}

/** The same for people: a few lines, nothing in them that could forge more. */
export function changeExplanationLines(result: GateResult): string[] {
  const { author, draft, labels, approvals } = result.change ?? {};
  const lines = [whyOf(result)];
  if (author !== undefined) lines.push(`opened by ${oneLine(author)}${draft ? ', a draft' : ''}`);
  if (labels && labels.length > 0) lines.push(`labels: ${labels.map(oneLine).join(', ')}`);
  if (approvals) lines.push(...(approvals.length > 0 ? approvals.map(reviewLine) : ['nobody has reviewed it']));
  const asked = new Set((result.sources ?? []).map(({ source }) => oneLine(source)));
  if (asked.size > 0) lines.push(`as ${[...asked].join(', ')} tells`);
  return lines;
}

function whyOf({ verdict, rules }: GateResult): string {
  const named = (of: readonly { rule: string }[]): string =>
    [...new Set(of.map(({ rule }) => oneLine(rule)))].join(', ');
  const { deny, warn } = verdict.change;
  if (deny.length > 0) return `It is denied by ${named(deny)}.`;
  const warned = warn.length > 0 ? `, and ${named(warn)} warns` : '';
  return `None of ${count(rules.size, 'rule')} denies it${warned}.`;
}

function reviewLine({ login, kind, state, commit, permission, teams = [], stale, author }: Approval): string {
  const about = [
    ...(kind === 'bot' ? ['a bot'] : []),
    ...(author ? ['the author'] : []),
    ...(permission === undefined ? [] : [`permission ${oneLine(permission)}`]),
    ...teams.map((team) => `of ${oneLine(team)}`),
    ...(stale ? ['commits came since'] : []),
  ];
  const at = commit === undefined ? '' : ` at ${oneLine(commit).slice(0, 10)}`;
  return `review by ${oneLine(login)}: ${state.replaceAll('_', ' ')}${at}${about.length > 0 ? ` (${about.join(', ')})` : ''}`;
}
