/** Why a commit passed, or not: what was looked at, and what was found. */
import { count, oneLine } from '../printable.ts';
import type { CommitVerdict } from '../verdict.ts';
import { type ChangeExplanation, changeExplanation } from './explain-change.ts';
import type { GateResult } from './gate-result.ts';

/** As `--format json --explain` has it. */
export interface Explanation {
  policies: string;
  /** The rules that were asked, by name. */
  rules: { rule: string; policy?: string; description?: string }[];
  change: ChangeExplanation;
  commits: CommitExplanation[];
}

export interface CommitExplanation {
  sha: string;
  disclosure?: Record<string, string[]>;
  /** Where the disclosure stands; absent without one. */
  disclosure_source?: 'message' | 'note';
  /** Evidence from outside the message. */
  evidence: { source: string; detail: string; model?: string }[];
  files: number;
  why: string;
}

/** All of it, for programs. */
export function explanation(result: GateResult): Explanation {
  return {
    policies: result.policies,
    rules: [...result.rules.values()].map(({ name, path, line, description }) => ({
      rule: name,
      ...(path !== undefined && { policy: line === undefined ? path : `${path}:${line}` }),
      ...(description !== undefined && { description }),
    })),
    change: changeExplanation(result),
    commits: result.verdict.commits.map((commit) => {
      const facts = result.facts.get(commit.sha);
      return {
        sha: commit.sha,
        ...(facts?.disclosure && {
          disclosure: facts.disclosure,
          disclosure_source: facts.disclosureSource ?? 'message',
        }),
        evidence: facts?.evidence ?? [],
        files: facts?.files ?? 0,
        why: whyOf(result, commit),
      };
    }),
  };
}

/** The same of one commit, for people: a few lines, nothing in them that could forge more. */
export function explanationLines(result: GateResult, commit: CommitVerdict): string[] {
  const facts = result.facts.get(commit.sha);
  const lines = [whyOf(result, commit)];
  for (const [field, values] of Object.entries(facts?.disclosure ?? {})) {
    lines.push(`${oneLine(field)}: ${values.map((value) => shorten(oneLine(value)) || '(empty)').join('; ')}`);
  }
  for (const { source, detail } of facts?.evidence ?? []) {
    lines.push(`evidence from ${oneLine(source)}: ${shorten(oneLine(detail))}`);
  }
  if (facts) lines.push(`${count(facts.files, 'path')} touched`);
  return lines;
}

/** One sentence on a commit's verdict; no text from outside but rules' names and exceptions' ids. */
function whyOf(result: GateResult, commit: CommitVerdict): string {
  const facts = result.facts.get(commit.sha);
  const rules = (of: readonly { rule: string }[]): string =>
    [...new Set(of.map(({ rule }) => oneLine(rule)))].join(', ');
  const excused = (result.verdict.exceptions ?? []).filter((exception) =>
    exception.excused.some(({ commit: sha }) => sha === commit.sha),
  );
  const by = excused.length > 0 ? ` Excused by ${excused.map(({ id }) => oneLine(id)).join(', ')}.` : '';
  const declared = facts?.disclosure
    ? `It declares AI use${facts.disclosureSource === 'note' ? ' in a git note' : ''}`
    : 'It declares no AI use';
  if (commit.deny.length > 0) return `${declared}, and is denied by ${rules(commit.deny)}.${by}`;
  const asked = `none of ${count(result.rules.size, 'rule')} denies it`;
  const warned = commit.warn.length > 0 ? `, and ${rules(commit.warn)} warns` : '';
  const shown = facts?.disclosure ? '' : commit.ai ? ', shows some' : ', and nothing suggests any';
  return `${declared}${shown}: ${asked}${warned}.${by}`;
}

function shorten(text: string): string {
  return text.length > 200 ? `${text.slice(0, 199)}…` : text;
}
