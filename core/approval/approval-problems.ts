/** What stands in the way of an approval, in words and with what to do. */

import type { GitRepository } from '../git/repository.ts';
import type { FoundSigner } from '../git/signing.ts';
import type { Commit, Countersignature } from '../input.ts';
import { isRecord, texts } from '../plain-data.ts';
import type { Verdict, Violation } from '../verdict.ts';
import { admitsUnlisted, entriesOf, listedPeople, resolvedKeys, rolesOf } from './roles.ts';
import type { Trust } from './trust.ts';

export interface ApprovalProblem {
  kind: 'own-commit' | 'denied' | 'not-approver' | 'no-signing-key' | 'already';
  message: string;
  /** What to do: commands, a line each, or a sentence. */
  fix?: string;
  /** It may be overruled, with a reason that is signed. */
  despite: boolean;
}

interface Facts {
  commit: Commit;
  approver: { name: string; email: string };
  found: FoundSigner;
  verdict: Verdict;
  /** What the policy says against a countersignature of this approver. */
  countersigning: Violation[];
  existing: Countersignature[];
  trust: Trust;
}

/** All of them, the gravest first. */
export async function problemsOf(repository: GitRepository, facts: Facts): Promise<ApprovalProblem[]> {
  const { approver, commit, trust } = facts;
  const questions = [{ identities: [approver], commit }];
  const { revision } = trust;
  const [[roles = []], names] = await Promise.all([
    rolesOf(repository, questions, trust.data, { revision }),
    resolvedKeys(repository, [approver], { revision }),
  ]);
  // The name is anybody's own word.
  const accounts = (names.get(approver) ?? []).filter((key) => !key.startsWith('name:'));
  return [
    ...ownCommit(facts, roles),
    ...notApprover(facts, accounts),
    ...noSigningKey(facts),
    ...already(facts),
    ...denied(facts),
  ];
}

function ownCommit({ approver, commit }: Facts, roles: string[]): ApprovalProblem[] {
  if (roles.length === 0) return [];
  const what = roles.map((role) => (role === 'co-author' ? 'a co-author' : `the ${role}`)).join(' and ');
  const message = `${approver.name} <${approver.email}> is ${what} of ${commit.sha.slice(0, 10)}; someone else has to approve it.`;
  return [{ kind: 'own-commit', message, despite: false }];
}

function notApprover({ approver, countersigning, trust: { data } }: Facts, accounts: string[]): ApprovalProblem[] {
  const who = `${approver.name} <${approver.email}>`;
  const bots = isRecord(data.approvers) ? texts(data.approvers.bots) : [];
  if (bots.some((pattern) => matches(pattern, who.toLowerCase()))) {
    return [{ kind: 'not-approver', message: `${who} is a bot; a person has to approve.`, despite: false }];
  }
  const listed = entriesOf(listedPeople(data), accounts).size > 0;
  if (admitsUnlisted(data) || listed) return countersigning.map(notCounting);
  const message = `${who} is not among the approvers of this repository (.countersign/data/approvers.yaml).`;
  return [{ kind: 'not-approver', message, fix: 'Ask one of the approvers, or have yourself listed.', despite: false }];
}

function notCounting({ msg }: Violation): ApprovalProblem {
  return { kind: 'not-approver', message: `By the policy, ${msg}.`, despite: false };
}

/** A pattern that does not compile is for the policy to deny. */
function matches(pattern: string, text: string): boolean {
  try {
    return new RegExp(pattern, 'u').test(text);
  } catch (error) {
    if (error instanceof SyntaxError) return false;
    throw error;
  }
}

function noSigningKey({ found }: Facts): ApprovalProblem[] {
  if (found.signer) return [];
  const fix = [
    'ssh-keygen -t ed25519 -f ~/.ssh/id_ed25519    (where you have no key yet)',
    'git config --global gpg.format ssh',
    'git config --global user.signingKey ~/.ssh/id_ed25519.pub',
  ].join('\n');
  return [{ kind: 'no-signing-key', message: `Git has nothing to sign with here. ${found.why}`, fix, despite: false }];
}

function already({ approver, commit, existing }: Facts): ApprovalProblem[] {
  const mine = existing.find(
    (one) => one.status === 'valid' && one.policy === 'same' && one.approver?.email === approver.email,
  );
  if (!mine) return [];
  const message = `${commit.sha.slice(0, 10)} has your countersignature already, of ${mine.signed_at}.`;
  return [{ kind: 'already', message, despite: false }];
}

function denied({ verdict, commit }: Facts): ApprovalProblem[] {
  if (verdict.result === 'allow') return [];
  const rules = [verdict.change, ...verdict.commits].flatMap(({ deny }) => deny.map(({ rule }) => rule));
  const message = `The policy denies ${commit.sha.slice(0, 10)}: ${[...new Set(rules)].sort().join(', ')}.`;
  const fix = 'Have the commit mended first. To approve it nevertheless, say so and why: --despite --reason "…"';
  return [{ kind: 'denied', message, fix, despite: true }];
}
