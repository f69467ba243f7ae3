/** Declares in a note what a commit's message does not say: for commits that are pushed already. */

import { parseIdent } from '../git/commit-object.ts';
import { countersignNotes, updateNotes } from '../git/notes.ts';
import type { GitRepository } from '../git/repository.ts';
import { git } from '../git/run.ts';
import type { Disclosure } from '../input.ts';
import { notedDisclosure } from '../notes/facts.ts';
import { type DisclosureRecord, withoutRecords, withRecord } from '../notes/records.ts';
import { timestampOf } from '../timestamp.ts';

/**
 * Writes a disclosure into the notes of commits (by full id) in refs/notes/countersign. The fields that are
 * given replace those that a note declares; its other fields and lines stay.
 *
 * @returns the commits whose note changed
 */
export async function noteDisclosures(
  repository: GitRepository,
  disclosures: ReadonlyMap<string, Disclosure>,
  now: Date,
): Promise<string[]> {
  const { name, email } = parseIdent((await git(repository, ['var', 'GIT_COMMITTER_IDENT'])).trim());
  const at = timestampOf(now);
  const changed = new Set<string>();
  const changes = new Map(
    [...disclosures].map(([sha, given]) => [
      sha,
      (present: string | undefined): string => {
        const before = notedDisclosure(present ?? '') ?? {};
        const disclosure = { ...before, ...given };
        changed.delete(sha);
        if (JSON.stringify(before) === JSON.stringify(disclosure)) return present ?? '';
        changed.add(sha);
        const record: DisclosureRecord = { type: 'disclosure', version: 1, disclosure, by: { name, email }, at };
        return withRecord(
          withoutRecords(present ?? '', ({ type }) => type === 'disclosure'),
          record,
        );
      },
    ]),
  );
  await updateNotes(repository, countersignNotes, changes);
  return [...changed];
}
