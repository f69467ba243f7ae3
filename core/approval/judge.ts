/** What one countersignature is worth: its signature, who made it, and whether it is about the commit. */
import { checkGpg } from '../git/gpg-signature.ts';
import type { Patch } from '../git/patch-id.ts';
import type { GitRepository } from '../git/repository.ts';
import type { SignatureFormat } from '../git/signing-program.ts';
import { checkSsh, type SignatureCheck } from '../git/ssh-signature.ts';
import type { Commit, Countersignature } from '../input.ts';
import type { Entry } from './entries.ts';
import { preAuthenticationEncoding } from './envelope.ts';
import { type Identity, readIdentity } from './identity.ts';
import { resolvedKeys } from './roles.ts';
import { type ApprovalStatement, disclosureDigest } from './statement.ts';
import type { Trust } from './trust.ts';

/** How far clocks may differ, in milliseconds. */
const leeway = 5 * 60_000;

/** A commit and a countersignature that may be about it. */
export interface Pair {
  commit: Commit;
  entry: Entry;
}

/** The signature that counts, and by which of git's programs it was made. */
export type Checked = SignatureCheck & { format: SignatureFormat };

/** Checks the signatures of an envelope; the first good one counts. */
export async function checkSignature(
  repository: GitRepository,
  { envelope, statement }: Entry,
  { settings, allowedSigners }: Trust,
  signal?: AbortSignal,
): Promise<Checked> {
  const bytes = preAuthenticationEncoding(envelope!.payloadType, envelope!.payload);
  const time = new Date(statement!.approvedAt);
  let last: Checked | undefined;
  for (const { signature, format } of envelope!.signatures) {
    const program = settings.programs[format];
    const common = { program, signature, bytes, signal };
    const check =
      format === 'ssh'
        ? await checkSsh(repository, { ...common, allowedSigners, expected: [statement!.approver.email], time })
        : await checkGpg(repository, { ...common, format });
    if (check.result === 'good') return { ...check, format };
    if (last?.result !== 'unknown') last = { ...check, format };
  }
  return last!;
}

/** What else is known when a countersignature is judged. */
export interface Circumstances {
  trust: Trust;
  now: Date;
  /** The commit's own tree. */
  tree: string | undefined;
  /** The commit's own patch. */
  patch: Patch | undefined;
}

/** What a countersignature is worth for a commit, `roles` and `policy` aside. */
export async function judge(
  repository: GitRepository,
  { commit, entry }: Pair,
  signature: Checked | undefined,
  around: Circumstances,
): Promise<Countersignature> {
  const { statement, fault } = entry;
  if (!statement || !signature || signature.result === 'bad') {
    return { status: 'broken', detail: fault ?? signature?.why ?? 'It cannot be read.' };
  }
  const facts: Countersignature = {
    status: 'valid',
    detail: '',
    approver: { ...statement.approver },
    ...(signature.key !== undefined && { key: signature.key }),
    format: signature.format,
    signed_at: statement.approvedAt,
    approved_commit: statement.commit,
    policy_revision: statement.policy.revision,
    verdict: statement.policy.result,
    ...(statement.reason !== undefined && { reason: statement.reason }),
  };
  const being = (status: Countersignature['status'], detail: string) => ({ ...facts, status, detail });
  if (signature.result === 'unknown') return being('untrusted', signature.why);
  const principal = await principalOf(repository, statement, signature.principals, around.trust);
  if (principal === undefined) {
    const { name, email } = statement.approver;
    const owner = signature.principals.join(', ') || 'nobody with an address';
    return being('untrusted', `It speaks for ${name} <${email}>, and the key is that of ${owner}.`);
  }
  facts.approver!.principal = principal;
  const wrongTime = timeProblem(statement, commit, around.now);
  if (wrongTime !== undefined) return being('untrusted', wrongTime);
  const [status, detail] = fits(statement, commit, around);
  return being(status, detail);
}

/** The principal that is the approver, under whatever name; undefined when the key is somebody else's. */
async function principalOf(
  repository: GitRepository,
  { approver }: ApprovalStatement,
  principals: readonly string[],
  { revision }: Trust,
): Promise<string | undefined> {
  const exact = principals.find((principal) => principal.toLowerCase() === approver.email.toLowerCase());
  if (exact !== undefined) return exact;
  const claimed: Identity = { ...approver };
  const named = principals.map((principal) => readIdentity(/[@\s]/.test(principal) ? principal : `@${principal}`));
  const keys = await resolvedKeys(repository, [claimed, ...named], { revision });
  const accounts = (identity: Identity) => (keys.get(identity) ?? []).filter((key) => !key.startsWith('name:'));
  const at = named.findIndex((identity) => accounts(identity).some((key) => accounts(claimed).includes(key)));
  return principals[at];
}

/** The time is the signer's own word: it must at least be possible. */
function timeProblem(
  { approvedAt, commit: approved }: ApprovalStatement,
  commit: Commit,
  now: Date,
): string | undefined {
  const time = Date.parse(approvedAt);
  if (time > now.getTime() + leeway) return `It says it was signed at ${approvedAt}, which is still to come.`;
  if (approved === commit.sha && time < Date.parse(commit.committer.time) - leeway) {
    return `It says it was signed at ${approvedAt}, before the commit was made.`;
  }
  return undefined;
}

/** Whether what was approved is this commit, or what a rebase made of it. */
function fits(
  statement: ApprovalStatement,
  commit: Commit,
  around: Circumstances,
): [Countersignature['status'], string] {
  const short = statement.commit.slice(0, 10);
  const declared = disclosureDigest(commit.disclosure) === statement.disclosure;
  if (statement.commit === commit.sha) {
    if (around.tree !== statement.tree) return ['broken', 'The tree that it names is not that of the commit.'];
    return declared ? ['valid', ''] : ['stale', 'What the commit declares is not what was approved.'];
  }
  const { patch } = around;
  if (!patch || !statement.patch || patch.id !== statement.patch.id) {
    return ['stale', `It approves ${short}, whose change is another.`];
  }
  if (patch.sha256 !== statement.patch.sha256) return ['stale', `It approves ${short}, whose white space differs.`];
  if (!declared) return ['stale', `It approves ${short}, which declares something else.`];
  if (elsewhere(statement, around.trust)) return ['stale', `It approves ${short} in another repository.`];
  return ['rebased', `It approves ${short}, which makes the same change and declares the same.`];
}

/** Only what is known on both sides can differ. */
function elsewhere({ repository: there }: ApprovalStatement, { repository: here }: Trust): boolean {
  if (!there?.host || !here.host) return false;
  const name = ({ host, owner, name }: typeof here) => [host, owner, name].join('/').toLowerCase();
  return name(there) !== name(here);
}

/** Whether the policy that the approver went by is today's. */
export function policyOf(
  { policy }: ApprovalStatement,
  trust: Trust,
  known: ReadonlySet<string>,
): Countersignature['policy'] {
  const sameTree = policy.tree !== undefined && policy.tree === trust.policy.tree;
  if (sameTree || policy.revision === trust.policy.revision) return 'same';
  return known.has(policy.revision) || /^pack@/.test(policy.revision) ? 'other' : 'unknown';
}
