/** Takes what refs/notes/countersign says of commits along when they get other ids. */

import { countersignNotes, hasNotes, readNotes, updateNotes } from '../git/notes.ts';
import type { GitRepository } from '../git/repository.ts';
import { mergeNotes } from './records.ts';

/**
 * Gives new commits the records of the old ones, beside those that they have. Several old commits may
 * have become one. The old notes stay: a reflog or another branch may still need them.
 *
 * @param renamed old and new full ids, as git hands them to a post-rewrite hook
 * @returns how many commits got a record
 */
export async function carryNotes(
  repository: GitRepository,
  renamed: readonly (readonly [old: string, current: string])[],
): Promise<number> {
  if (renamed.length === 0 || !(await hasNotes(repository, countersignNotes))) return 0;
  const notes = await readNotes(
    repository,
    countersignNotes,
    renamed.map(([old]) => old),
  );
  const carried = new Map<string, string[]>();
  for (const [old, current] of renamed) {
    const text = notes.get(old);
    if (text === undefined || old === current) continue;
    carried.set(current, [...(carried.get(current) ?? []), text]);
  }
  const changes = new Map(
    [...carried].map(([current, texts]) => [
      current,
      (present: string | undefined) => mergeNotes([...(present === undefined ? [] : [present]), ...texts]),
    ]),
  );
  await updateNotes(repository, countersignNotes, changes);
  return carried.size;
}
