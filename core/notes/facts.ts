/** What notes beside commits say of them, as far as decisions want to know. */

import type { Config } from '../config.ts';
import { mergeDisclosures } from '../disclosure/merge.ts';
import { countersignNotes, listNotes, readListedNotes, readNotes } from '../git/notes.ts';
import type { GitRepository } from '../git/repository.ts';
import { git } from '../git/run.ts';
import type { Commit, Disclosure } from '../input.ts';
import { gitAiEvidence, gitAiNotes } from '../prefill/git-ai.ts';
import { recordsOf } from './records.ts';

/** Texts of notes by full commit id; empty maps where there are none. */
export interface NotesFacts {
  /** refs/notes/countersign. */
  countersign: ReadonlyMap<string, string>;
  /** refs/notes/ai, of the commits that were asked for. */
  gitAi: ReadonlyMap<string, string>;
  /** There is no refs/notes/countersign here: none was written, or none was fetched. */
  missing: boolean;
}

/** What to say where notes would count and there are none: clones do not bring them along. */
export const missingNotes = `There is no ${countersignNotes} here, in which disclosures may stand. If there is one on the remote, fetch it first: git fetch origin ${countersignNotes}:${countersignNotes}`;

/** What notes say, read bit by bit: git-ai's are long and many. */
export interface OpenNotes {
  /** Without git-ai's notes. */
  facts: NotesFacts;
  /** With git-ai's notes of these commits (full ids). */
  of(commits: readonly string[]): Promise<NotesFacts>;
}

/** Opens the notes of a repository: one git process where there are none. */
export async function openNotes(repository: GitRepository): Promise<OpenNotes> {
  const listed = await git(repository, ['for-each-ref', '--format=%(refname)', countersignNotes, gitAiNotes]);
  const refs = new Set(listed.split('\n'));
  const none = new Map<string, string>();
  const [countersign, gitAi] = await Promise.all([
    refs.has(countersignNotes) ? readNotes(repository, countersignNotes) : none,
    refs.has(gitAiNotes) ? listNotes(repository, gitAiNotes) : none,
  ]);
  const facts = { countersign, gitAi: none, missing: !refs.has(countersignNotes) };
  return { facts, of: async (commits) => ({ ...facts, gitAi: await readListedNotes(repository, gitAi, commits) }) };
}

/** What notes say of these commits (full ids), read at once. */
export async function readNotesFacts(repository: GitRepository, commits: readonly string[]): Promise<NotesFacts> {
  return (await openNotes(repository)).of(commits);
}

/**
 * The commit with what notes say: git-ai's as evidence; the disclosure of refs/notes/countersign where the
 * message has none and the configuration accepts it.
 */
export function withNotes(commit: Commit, facts: NotesFacts, { notes }: Pick<Config, 'notes'>): Commit {
  const evidence = gitAiEvidence(facts.gitAi.get(commit.sha) ?? '');
  const known = evidence.length > 0 ? { ...commit, evidence: [...(commit.evidence ?? []), ...evidence] } : commit;
  if (!notes.accept || known.disclosure !== undefined) return known;
  const disclosure = notedDisclosure(facts.countersign.get(commit.sha) ?? '');
  return disclosure === undefined ? known : { ...known, disclosure, disclosure_source: 'note' };
}

/** The disclosure that a note of refs/notes/countersign declares; several are merged, the oldest first. */
export function notedDisclosure(text: string): Disclosure | undefined {
  const records = recordsOf(text, 'disclosure').sort((one, other) => (one.at < other.at ? -1 : 1));
  const merged = mergeDisclosures(records.map(({ disclosure }) => disclosure));
  return Object.keys(merged).length > 0 ? merged : undefined;
}
