/** What notes beside commits say of them, as far as decisions want to know. */

import type { Config } from '../config.ts';
import { mergeDisclosures } from '../disclosure/merge.ts';
import { countersignNotes, readNotes } from '../git/notes.ts';
import type { GitRepository } from '../git/repository.ts';
import { git } from '../git/run.ts';
import type { Commit, Disclosure } from '../input.ts';
import { gitAiEvidence, gitAiNotes } from '../prefill/git-ai.ts';
import { recordsOf } from './records.ts';

/** Texts of notes by full commit id; empty maps where there are none. */
export interface NotesFacts {
  /** refs/notes/countersign. */
  countersign: ReadonlyMap<string, string>;
  /** refs/notes/ai. */
  gitAi: ReadonlyMap<string, string>;
  /** There is no refs/notes/countersign here: none was written, or none was fetched. */
  missing: boolean;
}

/** What to say where notes would count and there are none: clones do not bring them along. */
export const missingNotes = `There is no ${countersignNotes} here, in which disclosures may stand. If there is one on the remote, fetch it first: git fetch origin ${countersignNotes}:${countersignNotes}`;

/** Reads the notes of a repository: one git process where there are none. */
export async function readNotesFacts(repository: GitRepository): Promise<NotesFacts> {
  const listed = await git(repository, ['for-each-ref', '--format=%(refname)', countersignNotes, gitAiNotes]);
  const refs = new Set(listed.split('\n'));
  const [countersign, gitAi] = await Promise.all(
    [countersignNotes, gitAiNotes].map(async (ref) =>
      refs.has(ref) ? readNotes(repository, ref) : new Map<string, string>(),
    ),
  );
  return { countersign: countersign ?? new Map(), gitAi: gitAi ?? new Map(), missing: !refs.has(countersignNotes) };
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
