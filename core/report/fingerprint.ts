/** What makes a finding the same from run to run, so that a report's reader shows it as one. */
import { createHash } from 'node:crypto';
import { type Finding, findingsOf, type GateResult } from './gate-result.ts';

/**
 * All findings, each with its fingerprint (32 hex digits). It holds what a rebase and an amended
 * message leave as they are: the rule, field and path, and the commit's author, time of authoring and
 * subject, but not its id or the wording; the second of two that are alike gets another one.
 */
export function fingerprinted(result: GateResult): { finding: Finding; fingerprint: string }[] {
  const seen = new Map<string, number>();
  return findingsOf(result.verdict).map((finding) => {
    const { violation, commit } = finding;
    const { rule, field = '', path = '' } = violation;
    const facts = commit && result.facts.get(commit.sha);
    const who = commit ? [facts?.author ?? '', facts?.authored ?? commit.sha, commit.subject] : [];
    const same = JSON.stringify([rule, field, path, who]);
    const nth = seen.get(same) ?? 0;
    seen.set(same, nth + 1);
    const fingerprint = createHash('sha256').update(`${same}\0${nth}`).digest('hex').slice(0, 32);
    return { finding, fingerprint };
  });
}
