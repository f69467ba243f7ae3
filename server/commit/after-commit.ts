/** Commits that are made already: whether they should have disclosed, and the disclosure given afterwards. */
import { readSubject } from '../../core/approval/subject.ts';
import { disclosureFields } from '../../core/disclosure/form.ts';
import { readWorkTreeHome } from '../../core/disclosure/home.ts';
import { stamp } from '../../core/disclosure/stamp.ts';
import { amendMessage, operationUnderWay, readCommitMessage } from '../../core/git/amend.ts';
import { parseIdent } from '../../core/git/commit-object.ts';
import { countersignNotes, readNotes } from '../../core/git/notes.ts';
import { lastMove } from '../../core/git/recent.ts';
import { type GitRepository, resolveRevision } from '../../core/git/repository.ts';
import { planRewrite } from '../../core/git/rewrite-plan.ts';
import { GitError, git } from '../../core/git/run.ts';
import type { Commit } from '../../core/input.ts';
import { recordsOf } from '../../core/notes/records.ts';
import { takeDeclarations } from '../../core/prefill/declarations.ts';
import { gatherKnown } from '../../core/prefill/gather.ts';
import { noteDisclosures } from '../../core/stamping/note.ts';
import type {
  CommitMadeParams,
  DiscloseCommitParams,
  DiscloseCommitResult,
  ReviewCommitParams,
  ReviewCommitResult,
} from '../protocol.ts';
import { repositoryAt } from './repository-at.ts';

/** A commit is somebody's work of now for so long, in milliseconds. */
const freshMs = 10 * 60_000;

export async function reviewCommit(
  { repository: uri, commit: id, sessionLogs }: ReviewCommitParams & { sessionLogs: boolean },
  now: Date,
  signal: AbortSignal,
): Promise<ReviewCommitResult> {
  const repository = await repositoryAt(uri);
  const home = await readWorkTreeHome(repository.root);
  if (!home || home.config.hook.ask === 'never' || operationUnderWay(repository)) return null;
  const { commit } = await readSubject(repository, id, home.config, signal);
  if (commit.disclosure || commit.merge || !(await isOwnAndNew(repository, commit, now))) return null;
  const notes = await readNotes(repository, countersignNotes, [id]);
  if (recordsOf(notes.get(id) ?? '', 'disclosure').length > 0) return null;
  const options = { environment: {}, made: id, now, signal };
  const { values, evidence } = await gatherKnown(repository, home, sessionLogs ? { ...options, sessionLogs } : options);
  if (evidence.length === 0) return null;
  return {
    subject: commit.subject,
    fields: disclosureFields(home, now),
    known: values,
    evidence,
    mend: (await isAmendable(repository, id)) ? 'amend' : 'note',
  };
}

/** Made by this user a moment ago, by `git commit`: not fetched, not checked out, not replayed. */
async function isOwnAndNew(repository: GitRepository, commit: Commit, now: Date): Promise<boolean> {
  if (now.getTime() - Date.parse(commit.committer.time) > freshMs) return false;
  const move = await lastMove(repository);
  if (move?.sha !== commit.sha || !move.action.startsWith('commit')) return false;
  const { email } = parseIdent((await git(repository, ['var', 'GIT_COMMITTER_IDENT'])).trimEnd());
  return commit.committer.email.toLowerCase() === email.toLowerCase();
}

async function isAmendable(repository: GitRepository, id: string): Promise<boolean> {
  try {
    // Amending only the message touches neither index nor work tree.
    const plan = await planRewrite(repository, [id], { dirty: true });
    return plan.tip === id;
  } catch (error) {
    // It was pushed, or something is under way.
    if (error instanceof GitError) return false;
    throw error;
  }
}

/** Rejects with a `GitError` or `StampError` when the commit cannot take it; nothing has changed then. */
export async function discloseCommit(
  { repository: uri, commit: id, values, mend }: DiscloseCommitParams,
  now: Date,
): Promise<DiscloseCommitResult> {
  const repository = await repositoryAt(uri);
  const home = await readWorkTreeHome(repository.root);
  if (!home) throw new Error('This repository is not under Countersign.');
  const given = Object.fromEntries(
    Object.entries(values).map(([field, value]) => [field, [value].flat().filter((one) => one.trim() !== '')]),
  );
  const { commit } = await readSubject(repository, id, home.config);
  const files = commit.files.map(({ path }) => path);
  if (mend === 'note') {
    // What could not be a trailer is no disclosure in a note, either.
    stamp('Check\n', given, { trailers: home.config.trailers });
    await noteDisclosures(repository, new Map([[id, given]]), now);
    await takeDeclarations(repository, { files, now });
    return { commit: id, signatureLost: false };
  }
  const message = stamp(await readCommitMessage(repository, id), given, home.config);
  const { sha, signatureLost } = await amendMessage(repository, message, id);
  await takeDeclarations(repository, { files, now });
  return { commit: sha, signatureLost };
}

/** After a commit from the editor: what was declared for its files is used up. */
export async function commitMade({ repository: uri, asked }: CommitMadeParams, now: Date): Promise<void> {
  const repository = await repositoryAt(uri);
  const home = await readWorkTreeHome(repository.root);
  if (!home) return;
  const { commit } = await readSubject(repository, await resolveRevision(repository, 'HEAD'), home.config);
  await takeDeclarations(repository, { files: commit.files.map(({ path }) => path), now, before: new Date(asked) });
}
