/** Approving from the editor: what is signed is what was shown. */
import { type Approval, ApprovalError, prepareApproval as prepare, signApproval } from '../../core/approval/approve.ts';
import { lastCommitHeads } from '../../core/git/recent.ts';
import type { GitRepository } from '../../core/git/repository.ts';
import type { Engine } from '../../engine/engine.ts';
import type {
  ApproveParams,
  ApproveResult,
  PrepareApprovalParams,
  PrepareApprovalResult,
  RecentCommitsParams,
  RecentCommitsResult,
} from '../protocol.ts';
import { repositoryAt } from './repository-at.ts';

/** How many prepared approvals wait to be signed. */
const maxPrepared = 8;

let count = 0;
const prepared = new Map<number, { repository: GitRepository; approval: Approval }>();

export async function recentCommits({ repository, limit }: RecentCommitsParams): Promise<RecentCommitsResult> {
  return lastCommitHeads(await repositoryAt(repository), { limit });
}

export async function prepareApproval(
  { repository: uri, commit: id, reason }: PrepareApprovalParams,
  engine: () => Promise<Engine>,
  now: Date,
  signal: AbortSignal,
): Promise<PrepareApprovalResult> {
  const repository = await repositoryAt(uri);
  const approval = await prepare(repository, id, { engine, now, reason, signal });
  count += 1;
  prepared.set(count, { repository, approval });
  for (const old of [...prepared.keys()].slice(0, -maxPrepared)) prepared.delete(old);
  const { commit, stat, verdict, policy, approver, signer, problems, notes } = approval;
  const lines = new Map(stat.map(({ path, added, deleted }) => [path, { added, deleted }]));
  return {
    id: count,
    commit: {
      sha: commit.sha,
      parent: commit.parents[0],
      subject: commit.subject,
      body: commit.body,
      author: `${commit.author.name} <${commit.author.email}>`,
      disclosure: commit.disclosure ?? {},
    },
    files: commit.files.map((file) => ({ ...file, ...lines.get(file.path) })),
    verdict,
    policy: policy.label,
    approver: `${approver.name} <${approver.email}>`,
    ...(signer && { signer: `${signer.format} · ${signer.key}` }),
    problems: problems.map(({ message, fix, despite }) => ({ message, fix, despite })),
    notes,
  };
}

/** Rejects with an error whose message says what to do. */
export async function approve({ id, despite }: ApproveParams, now: Date, signal: AbortSignal): Promise<ApproveResult> {
  const found = prepared.get(id);
  if (!found) throw new Error('This approval was prepared too long ago: look at the commit once more.');
  try {
    const signed = await signApproval(found.repository, found.approval, { now, despite, signal });
    prepared.delete(id);
    return { ref: signed.ref, notes: signed.notes };
  } catch (error) {
    if (error instanceof ApprovalError && error.fix)
      throw new Error(`${error.message}\n${error.fix}`, { cause: error });
    throw error;
  }
}
