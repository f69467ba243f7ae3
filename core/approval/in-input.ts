/** What the input says of approvers: who the declared ones are to the commit, and what was countersigned. */
import { canonicalContacts } from '../git/mailmap.ts';
import type { GitRepository } from '../git/repository.ts';
import type { Commit, DeclaredApprover } from '../input.ts';
import type { NotesFacts } from '../notes/facts.ts';
import { type PolicySet, policyData } from '../policies/policy-set.ts';
import { checkCountersignatures } from './countersignatures.ts';
import { readEntries } from './entries.ts';
import { readRevisionFile, readWorkTreeFile } from './files.ts';
import { readIdentity } from './identity.ts';
import { rolesOf } from './roles.ts';
import { readTrust } from './trust.ts';

export interface ApprovalSource {
  policies: PolicySet;
  /** The folder that the policies were loaded from, when it was one. */
  folder?: string;
  /** Full id: where `.mailmap` is read. */
  base: string;
  notes: Promise<NotesFacts>;
  now: Date;
  signal?: AbortSignal;
}

/**
 * Commits with what there is to say of their approvers. Git is asked nothing unless there are notes, or
 * a commit names an approver.
 *
 * Rejects when a signature cannot be checked, for want of ssh-keygen or gpg: then nothing is decided.
 */
export async function* withApprovals(
  repository: GitRepository,
  batches: AsyncIterable<Commit[]>,
  { now, signal, ...source }: ApprovalSource,
): AsyncGenerator<Commit[]> {
  const reading = readNotesAndTrust(repository, source);
  // It is awaited with the first batch; until then its failure is not an unhandled one.
  reading.catch(() => undefined);
  const data = policyData(source.policies);
  let read: Promise<string | undefined> | undefined;
  const mailmap = () => {
    read ??= readRevisionFile(repository, source.base, '.mailmap');
    return read;
  };
  for await (const batch of batches) {
    const commits = await withDeclaredApprovers(repository, batch, data, source.base, mailmap);
    const found = await reading;
    if (!found) {
      yield commits;
      continue;
    }
    const checked = await checkCountersignatures(repository, commits, found.entries, found.trust, { now, signal });
    yield commits.map((commit) => ({ ...commit, countersignatures: checked.get(commit.sha) ?? [] }));
  }
}

/** Undefined when there are no notes in this clone: then nothing can be said. */
async function readNotesAndTrust(
  repository: GitRepository,
  { policies, folder, base, notes }: Omit<ApprovalSource, 'now' | 'signal'>,
) {
  const { countersign, missing } = await notes;
  if (missing) return undefined;
  const entries = readEntries(countersign);
  const trust = await readTrust(repository, policies, { ...(folder !== undefined && { folder }), revision: base });
  return { entries, trust };
}

/**
 * The commits with the approvers that their disclosures name, resolved through `.mailmap`: as they were
 * where there is none.
 *
 * @param revision where `.mailmap` is read (full id); the work tree when absent
 * @param readMailmap reads it, where that is done once for many batches
 */
export async function withDeclaredApprovers(
  repository: GitRepository,
  commits: Commit[],
  data: Record<string, unknown>,
  revision?: string,
  readMailmap: () => Promise<string | undefined> = () =>
    revision === undefined
      ? readWorkTreeFile(repository, '.mailmap')
      : readRevisionFile(repository, revision, '.mailmap'),
): Promise<Commit[]> {
  const named = commits.flatMap((commit) =>
    (commit.disclosure?.approver ?? [])
      .filter((value) => value.trim() !== '')
      .map((value) => ({ commit, value, identity: readIdentity(value) })),
  );
  if (named.length === 0) return commits;
  if ((await readMailmap()) === undefined) return commits;
  const contacts = named.map(({ identity: { name = '', email = '' } }) => ({ name, email }));
  const questions = named.map(({ commit, identity }) => ({ commit, identities: [identity] }));
  const [canonical, roles] = await Promise.all([
    canonicalContacts(repository, contacts, { revision }),
    rolesOf(repository, questions, data, { revision }),
  ]);
  const approvers = new Map<Commit, DeclaredApprover[]>();
  for (const [at, { commit, value }] of named.entries()) {
    const { name, email } = canonical[at]!;
    const one = { value, ...(name !== '' && { name }), ...(email !== '' && { email }), roles: roles[at]! };
    approvers.set(commit, [...(approvers.get(commit) ?? []), one]);
  }
  return commits.map((commit) => {
    const own = approvers.get(commit);
    return own ? { ...commit, approvers: own } : commit;
  });
}
