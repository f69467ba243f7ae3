/** What a run of the gate gave, as the reports tell it. */
import type { IgnoredLine } from '../disclosure/ignored.ts';
import type { Change, Disclosure, Evidence, FactSource, Repository } from '../input.ts';
import type { PolicyImpact } from '../policies/impact.ts';
import type { CommitVerdict, Verdict, Violation } from '../verdict.ts';
import type { RuleFacts } from './rules.ts';

export interface GateResult {
  verdict: Verdict;
  /** What was judged: full ids, and how the user named them, such as `main..feature`. */
  range: { base: string; head: string; label: string };
  repository: Repository;
  /** Which policies judged, in words. */
  policies: string;
  /** The rules that the policies have, by name, and every rule that the verdict names. */
  rules: ReadonlyMap<string, RuleFacts>;
  /** What each commit was judged by. Commits that nobody asked about may be missing. */
  facts: ReadonlyMap<string, CommitFacts>;
  /** By commit: lines that were meant as disclosure and that git does not read. */
  ignored: ReadonlyMap<string, IgnoredLine[]>;
  /** What a reader should know beside the verdict. */
  notes: readonly string[];
  /** What was known of the change as a whole, and from where. */
  change?: Change;
  sources?: FactSource[];
  /** RFC 3339: the time of the decision. */
  now: string;
  /** The version of this program. */
  version: string;
  /** Say of what passes, too, why. */
  explain: boolean;
  /** What the change does to the policies themselves; absent when it leaves them alone. */
  impact?: PolicyImpact;
}

/** What a commit is known by and was judged by. */
export interface CommitFacts {
  /** `Name <address>`. */
  author: string;
  /** RFC 3339; a rebase keeps it, and the author, where the id changes. */
  authored: string;
  disclosure?: Disclosure;
  disclosureSource?: 'note';
  /** From outside the message; what stands in the message, the policies find by themselves. */
  evidence?: Evidence[];
  /** The paths it touches: how many, and the first. */
  files: number;
  firstFile?: string;
}

/** One violation with what it is about. */
export interface Finding {
  level: 'deny' | 'warn';
  violation: Violation;
  /** Absent for what concerns the change as a whole. */
  commit?: CommitVerdict;
}

/** All violations, those of the change first, then commit by commit, denials before warnings. */
export function findingsOf({ change, commits }: Verdict): Finding[] {
  const findings: Finding[] = [];
  for (const about of [undefined, ...commits]) {
    const { deny, warn } = about ?? change;
    for (const level of ['deny', 'warn'] as const) {
      for (const violation of level === 'deny' ? deny : warn) {
        findings.push({ level, violation, ...(about && { commit: about }) });
      }
    }
  }
  return findings;
}

/** A file of the repository, and from one the line. */
export interface Place {
  path: string;
  line?: number;
  /** The path that the violation names, the rule that made it, or a file that its commit touches. */
  what: 'violation' | 'policy' | 'commit';
}

/**
 * Where a reader of files is best led to: a commit has no file of its own. Absent when there is
 * nothing that lies in the repository, as with the built-in policies and a commit without files.
 */
export function placeOfFinding(result: GateResult, { violation, commit }: Finding): Place | undefined {
  if (violation.path !== undefined && isInRepository(violation.path))
    return { path: violation.path, what: 'violation' };
  const rule = result.rules.get(violation.rule);
  if (rule?.path !== undefined && isInRepository(rule.path) && !rule.path.startsWith('pack/')) {
    return { path: rule.path, ...(rule.line !== undefined && { line: rule.line }), what: 'policy' };
  }
  const file = commit && result.facts.get(commit.sha)?.firstFile;
  return file === undefined ? undefined : { path: file, what: 'commit' };
}

function isInRepository(path: string): boolean {
  return path !== '' && !/^(?:[A-Za-z]:|[\\/])|(?:^|[\\/])\.\.(?:[\\/]|$)/.test(path);
}

/** `Denied: 1 of 3 commits.` and its kin, in one sentence, without anything from outside. */
export function outcome({ result, change, commits }: Verdict): string {
  const denied = commits.filter(({ deny }) => deny.length > 0).length;
  const warned = commits.filter(({ deny, warn }) => deny.length === 0 && warn.length > 0).length;
  const ai = commits.filter((commit) => commit.ai).length;
  const parts = [
    ...(denied > 0 ? [`${denied} denied`] : []),
    ...(warned > 0 ? [`${warned} with warnings`] : []),
    `${commits.length - denied - warned} passed`,
  ];
  const ofChange = change.deny.length > 0 ? `; the change itself has ${change.deny.length} violations` : '';
  const use = ai === 0 ? 'None shows AI use.' : ai === 1 ? '1 shows AI use.' : `${ai} show AI use.`;
  const word = result === 'deny' ? 'Denied' : 'Allowed';
  return commits.length === 0
    ? `${word}: no commits to judge${ofChange}.`
    : `${word}: ${parts.join(', ')}${ofChange}. ${use}`;
}
