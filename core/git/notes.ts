/** Git notes: texts beside commits, in refs of their own. */

import { openObjectReader } from './object-reader.ts';
import type { GitRepository } from './repository.ts';
import { GitError, git, gitBytes } from './run.ts';

/** Where Countersign keeps what it says of commits: JSON lines, see `core/notes/records.ts`. */
export const countersignNotes = 'refs/notes/countersign';

/**
 * The notes of a ref by full commit id; of `commits` alone when they are given. Empty when there is no
 * such ref. Two git processes, however many notes; bytes that are no UTF-8 become U+FFFD.
 *
 * @param ref in full, such as `refs/notes/countersign`
 */
export async function readNotes(
  repository: GitRepository,
  ref: string,
  commits?: readonly string[],
): Promise<Map<string, string>> {
  return readListedNotes(repository, await listNotes(repository, ref), commits);
}

/** The ids of the notes' texts, by full commit id. */
export async function listNotes(repository: GitRepository, ref: string): Promise<Map<string, string>> {
  const listed = new Map<string, string>();
  for (const line of (await git(repository, ['notes', `--ref=${checked(ref)}`, 'list'])).split('\n')) {
    const [blob, commit] = line.split(' ');
    if (blob && commit) listed.set(commit, blob);
  }
  return listed;
}

/** The texts of notes that are {@link listNotes listed}; of `commits` alone when they are given. */
export async function readListedNotes(
  repository: GitRepository,
  listed: ReadonlyMap<string, string>,
  commits: readonly string[] = [...listed.keys()],
): Promise<Map<string, string>> {
  const wanted = [...new Set(commits)].flatMap((commit): [string, string][] => {
    const blob = listed.get(commit);
    return blob === undefined ? [] : [[commit, blob]];
  });
  const notes = new Map<string, string>();
  if (wanted.length === 0) return notes;
  const reader = openObjectReader(repository);
  try {
    reader.ask(wanted.map(([, blob]) => blob));
    for (const [commit] of wanted) {
      const object = await reader.next();
      if (!object) throw new GitError('failed', `The note of ${commit} is missing or damaged here. See: git fsck`);
      notes.set(commit, object.bytes.toString('utf8'));
    }
  } finally {
    await reader.close();
  }
  return notes;
}

/** Whether there is such a notes ref at all. */
export async function hasNotes(repository: GitRepository, ref: string): Promise<boolean> {
  return (await tipOf(repository, checked(ref))) !== undefined;
}

/**
 * Puts a note to a commit (full id), in place of the one that is there; an empty text takes it away.
 * No other ref is touched. Errors: see {@link updateNotes}.
 */
export async function writeNote(repository: GitRepository, ref: string, commit: string, text: string): Promise<void> {
  await updateNotes(repository, ref, new Map([[commit, () => text]]));
}

/**
 * Changes the notes of several commits (full ids) at once: each is given its present text, if any, and
 * says the new one; empty takes the note away. What others wrote to the ref meanwhile is not lost: the
 * changes are then made anew upon theirs.
 *
 * Errors (`GitError`): `refused` when the ref keeps changing; `failed` for git's own, such as no identity.
 */
export async function updateNotes(
  repository: GitRepository,
  ref: string,
  changes: ReadonlyMap<string, (present: string | undefined) => string>,
): Promise<void> {
  if (changes.size === 0) return;
  const committer = (await git(repository, ['var', 'GIT_COMMITTER_IDENT'])).trim();
  for (let attempt = 0; ; attempt++) {
    const tip = await tipOf(repository, checked(ref));
    const present =
      tip === undefined ? new Map<string, string>() : await readNotes(repository, ref, [...changes.keys()]);
    const texts = [...changes].flatMap(([commit, change]): [string, string][] => {
      const text = change(present.get(commit));
      return text === (present.get(commit) ?? '') ? [] : [[commit, text]];
    });
    if (texts.length === 0) return;
    try {
      // It checks the ref's old value, as `git notes` itself does not.
      await gitBytes(
        repository,
        ['fast-import', '--quiet', '--date-format=raw'],
        importStream(ref, tip, committer, texts),
      );
      return;
    } catch (error) {
      const moved = (await tipOf(repository, ref)) !== tip;
      if (!moved || !(error instanceof GitError)) throw error;
      if (attempt >= 5) {
        throw new GitError(
          'refused',
          `${ref} is being changed by something else all the time; nothing was written. Try again.`,
        );
      }
    }
  }
}

/**
 * Copies notes from old commits to new ones in the refs that the user's `notes.rewriteRef` names, as git
 * does itself when it amends (`amend`) or rebases.
 */
export async function copyConfiguredNotes(
  repository: GitRepository,
  renamed: readonly (readonly [old: string, current: string])[],
  command: 'amend' | 'rebase',
): Promise<void> {
  if (renamed.length === 0) return;
  const lines = renamed.map(([old, current]) => `${old} ${current}\n`).join('');
  await gitBytes(repository, ['notes', 'copy', `--for-rewrite=${command}`, '--stdin'], lines);
}

function importStream(
  ref: string,
  tip: string | undefined,
  committer: string,
  texts: readonly (readonly [commit: string, text: string])[],
): string {
  const message = 'Notes written by countersign\n';
  const parts = [`commit ${ref}\ncommitter ${committer}\n${data(message)}`];
  if (tip !== undefined) parts.push(`from ${tip}\n`);
  for (const [commit, text] of texts) {
    parts.push(text === '' ? `N ${'0'.repeat(commit.length)} ${commit}\n` : `N inline ${commit}\n${data(text)}`);
  }
  return `${parts.join('')}\n`;
}

function data(text: string): string {
  return `data ${Buffer.byteLength(text)}\n${text}\n`;
}

async function tipOf(repository: GitRepository, ref: string): Promise<string | undefined> {
  try {
    return (await git(repository, ['rev-parse', '--verify', '--quiet', ref])).trim() || undefined;
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 1) return undefined;
    throw error;
  }
}

/** Git would put `refs/notes/` before anything else. */
function checked(ref: string): string {
  if (/^refs\/notes\/[^\s~^:?*[\\]+$/.test(ref)) return ref;
  throw new GitError('refused', `${JSON.stringify(ref)} is not the full name of a notes ref (refs/notes/…).`);
}
