/** Approving a commit: what will be signed is put together and shown first, then signed and noted. */
import type { Engine } from '../../engine/engine.ts';
import { decide } from '../decision/decide.ts';
import { parseIdent } from '../git/commit-object.ts';
import { canonicalContacts } from '../git/mailmap.ts';
import { countersignNotes, updateNotes } from '../git/notes.ts';
import { type GitRepository, resolveRevision } from '../git/repository.ts';
import { git } from '../git/run.ts';
import { findSigner, type Signer, signBytes } from '../git/signing.ts';
import { publicKeyText, readBlob } from '../git/ssh-signature.ts';
import type { Commit, Countersignature, Input } from '../input.ts';
import { readNotesFacts, withNotes } from '../notes/facts.ts';
import { withRecord } from '../notes/records.ts';
import { timestampOf } from '../timestamp.ts';
import type { Verdict, Violation } from '../verdict.ts';
import { type ApprovalProblem, problemsOf } from './approval-problems.ts';
import { checkCountersignatures } from './countersignatures.ts';
import { readEntries, toEntry } from './entries.ts';
import { preAuthenticationEncoding, sealEnvelope } from './envelope.ts';
import { type ApprovalStatement, disclosureDigest, encodeStatement, statementPayloadType } from './statement.ts';
import { choosePolicy, type FileStat, readSubject } from './subject.ts';
import { readTrust, type Trust } from './trust.ts';

/** No approval was made; `fix` says what to do, a command a line. */
export class ApprovalError extends Error {
  readonly fix: string | undefined;
  constructor(message: string, fix?: string) {
    super(message);
    this.name = 'ApprovalError';
    this.fix = fix;
  }
}

/** What an approver sees before they sign. */
export interface Approval {
  commit: Commit;
  stat: FileStat[];
  /** Of this commit alone, without what only says that a countersignature is still missing. */
  verdict: Verdict;
  policy: { label: string; revision: string };
  /** Who is going to sign: git's committer here. */
  approver: { name: string; email: string };
  /** With what; absent when nothing is set up to sign with. */
  signer?: Signer;
  /** What will be signed, but for the time. */
  statement: Omit<ApprovalStatement, 'approvedAt'>;
  /** The countersignatures that the commit has already. */
  existing: Countersignature[];
  /** What stands in the way. */
  problems: ApprovalProblem[];
  /** What a reader should know beside it. */
  notes: string[];
  trust: Trust;
}

export interface PrepareOptions {
  engine: () => Promise<Engine>;
  now: Date;
  /** Why they approve; goes into what is signed. */
  reason?: string;
  /** In place of git's `user.signingKey`. */
  key?: string;
  /** Whose policies judge; see `choosePolicy`. */
  base?: string;
  signal?: AbortSignal;
}

/**
 * Puts an approval together. Rejects with a `GitError`, and with a `DecisionError` when the
 * policy cannot judge the commit.
 */
export async function prepareApproval(
  repository: GitRepository,
  revision: string,
  { engine, now, reason, key, base, signal }: PrepareOptions,
): Promise<Approval> {
  const id = await resolveRevision(repository, revision);
  const [chosen, approver] = await Promise.all([choosePolicy(repository, id, base), committer(repository)]);
  const { policies } = chosen;
  const [subject, trust, notes, found] = await Promise.all([
    readSubject(repository, id, policies.config, signal),
    readTrust(repository, policies, { revision: chosen.base }),
    readNotesFacts(repository, [id]),
    findSigner(repository, { key, email: approver.email }),
  ]);
  const { tree, stat, patch } = subject;
  const commit = withNotes(subject.commit, notes, policies.config);
  const entries = readEntries(notes.countersign);
  const checked = await checkCountersignatures(repository, [commit], entries, trust, { now, signal });
  const [canonical] = await canonicalContacts(repository, [approver], { revision: trust.revision });
  const input: Input = {
    schema: 'countersign.input/v1',
    phase: 'change',
    now: now.toISOString(),
    repository: trust.repository,
    disclosure_profile: policies.config.disclosure.profile,
    change: { base: commit.parents[0] ?? id, head: id, files: commit.files },
    commits: [{ ...commit, countersignatures: [asIfSigned(commit, approver, canonical?.email)] }],
    exceptions: policies.exceptions,
  };
  const decision = await decide(await engine(), policies, input, { signal });
  const [verdict, countersigning] = apart(decision.verdict);
  const denied = [verdict.change, ...verdict.commits].flatMap(({ deny }) => deny.map(({ rule }) => rule));
  const statement: Approval['statement'] = {
    commit: id,
    tree,
    approver,
    ...(reason !== undefined && { reason }),
    disclosure: disclosureDigest(commit.disclosure),
    policy: {
      ...trust.policy,
      decision: verdict.decision_id,
      result: verdict.result,
      ...(denied.length > 0 && { denied: [...new Set(denied)].sort() }),
    },
    ...(patch && { patch }),
    // A folder's name is no name of a repository.
    ...(trust.repository.host !== undefined && { repository: trust.repository }),
  };
  const existing = checked.get(id) ?? [];
  const problems = await problemsOf(repository, {
    ...{ commit, approver, found, verdict, countersigning, existing, trust },
  });
  return {
    ...{ commit, stat, verdict, approver, statement, existing, problems, trust },
    policy: { label: policies.label, revision: policies.revision },
    notes: [...chosen.notes, ...decision.notes],
    ...(found.signer && { signer: found.signer }),
  };
}

/** Git's committer here. Errors: git's own, when nobody is configured. */
async function committer(repository: GitRepository): Promise<Approval['approver']> {
  const { name, email } = parseIdent((await git(repository, ['var', 'GIT_COMMITTER_IDENT'])).trimEnd());
  return { name, email };
}

/** The countersignature that is going to be, so that the policy can say what it thinks of the approver. */
function asIfSigned(commit: Commit, approver: Approval['approver'], canonical?: string): Countersignature {
  return {
    ...{ status: 'valid', detail: '', policy: 'same', verdict: 'allow', roles: [] },
    approver: { ...approver, principal: approver.email, ...(canonical !== undefined && { canonical }) },
    approved_commit: commit.sha,
  };
}

/** The verdict on the commit itself, and what there is against this countersignature. */
function apart(verdict: Verdict): [Verdict, Violation[]] {
  const about = ({ rule }: Violation) => rule.startsWith('countersignature-');
  const commits = verdict.commits.map(({ countersignatures: _, ...commit }) => ({
    ...commit,
    deny: commit.deny.filter((violation) => !about(violation)),
    warn: commit.warn.filter((violation) => !about(violation)),
  }));
  const denied = verdict.change.deny.length > 0 || commits.some(({ deny }) => deny.length > 0);
  const against = verdict.commits.flatMap(({ deny }) => deny.filter(about));
  return [{ ...verdict, commits, result: denied ? 'deny' : 'allow' }, against];
}

export interface SignOptions {
  now: Date;
  /** Overrule the problems that may be overruled; what is signed needs a reason then. */
  despite?: boolean;
  /** What ssh-keygen or gpg say to the person meanwhile. */
  onMessage?: (text: string) => void;
  signal?: AbortSignal;
}

export interface Signed {
  /** Full id. */
  commit: string;
  /** The notes ref that holds it, to be pushed. */
  ref: string;
  countersignature: Countersignature;
  notes: string[];
}

/**
 * Signs what {@link prepareApproval} put together, checks the signature as the gate will, and adds it
 * to the commit's note. Nothing is written unless all of it went well.
 *
 * Rejects with {@link ApprovalError} when a problem stands in the way, and with a `GitError`.
 */
export async function signApproval(
  repository: GitRepository,
  approval: Approval,
  { now, despite = false, onMessage, signal }: SignOptions,
): Promise<Signed> {
  const { commit, statement, signer, problems, trust } = approval;
  const blocking = problems.find((problem) => !(despite && problem.despite));
  if (blocking) throw new ApprovalError(blocking.message, blocking.fix);
  if (!signer) throw new ApprovalError('There is nothing to sign with.');
  if (problems.length > 0 && !statement.reason?.trim()) {
    throw new ApprovalError('Say why you approve it nevertheless: give a reason.');
  }
  const payload = encodeStatement({ ...statement, approvedAt: timestampOf(now) });
  const bytes = preAuthenticationEncoding(statementPayloadType, payload);
  const signature = await signBytes(repository, signer, bytes, { onMessage, signal });
  const blob = signer.format === 'ssh' ? readBlob(signature) : undefined;
  const keyid = blob?.key ?? signer.key;
  const envelope = sealEnvelope(statementPayloadType, payload, { format: signer.format, key: keyid, bytes: signature });
  const entry = toEntry(commit.sha, envelope);
  const checked = await checkCountersignatures(repository, [commit], [entry], trust, { now, signal });
  const countersignature = checked.get(commit.sha)![0]!;
  const notes: string[] = [];
  if (countersignature.status !== 'valid') {
    const line = blob && `${approval.approver.email} namespaces="countersign" ${publicKeyText(blob.publicKey)}`;
    const add = line && `Add this line to ${trust.allowedSignersName}, where the policy is read:\n${line}`;
    // Before anybody is listed, a signature can still be made; it will count once its key is listed.
    const unlisted = signer.format === 'ssh' && countersignature.status === 'untrusted' && !trust.allowedSigners;
    if (!unlisted) throw new ApprovalError(`Your signature would not count. ${countersignature.detail}`, add);
    notes.push(`It does not count yet: ${trust.allowedSignersName} is not there. ${add}`);
  }
  const record = { type: 'countersignature', version: 1, envelope: { ...envelope } } as const;
  await updateNotes(repository, countersignNotes, new Map([[commit.sha, (present) => withRecord(present, record)]]));
  return { commit: commit.sha, ref: countersignNotes, countersignature, notes };
}
