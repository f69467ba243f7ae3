/** Opening an exception and recording what became of it, in a work tree's files. */
import { join } from 'node:path';
import { keysOf, readIdentity } from '../approval/identity.ts';
import { mayApprove, readDirectory, resolvePerson } from '../approval/people.ts';
import { committer } from '../approval/people-sources.ts';
import { type GitRepository, resolveRevision } from '../git/repository.ts';
import type { Exception } from '../input.ts';
import { writeNew } from '../policies/initialize.ts';
import { replaceFile } from '../replace-file.ts';
import { timestampOf } from '../timestamp.ts';
import { type Asked, ExceptionError, newException } from './open.ts';
import { recorded } from './record.ts';
import type { Register } from './register.ts';

/**
 * Writes the file of a new exception; commits may be named as git names them. Rejects with
 * {@link ExceptionError} when it will not do, and with a `GitError` for a revision that there is not.
 *
 * @returns the file, relative to the repository, and what whoever opened it should know
 */
export async function openException(
  repository: GitRepository,
  register: Register,
  asked: Asked,
  now: Date,
): Promise<{ exception: Exception; path: string; notes: string[] }> {
  const commits = await Promise.all((asked.commits ?? []).map((commit) => resolveRevision(repository, commit)));
  const taken = new Set(register.exceptions.map(({ exception }) => exception.id));
  const { exception, name, text } = await newException({ ...asked, commits }, taken, now);
  const path = `${register.folder}/${name}`;
  const files = [{ path: name, bytes: Buffer.from(text) }];
  const [result] = await writeNew(join(repository.root, register.folder), files);
  if (!result?.written) throw new ExceptionError(`${path} is there already: choose another id.`);
  return { exception, path, notes: await notesOn(repository, register, exception) };
}

async function notesOn(
  repository: GitRepository,
  { rules: known, data }: Register,
  { rules, approved_by }: Exception,
): Promise<string[]> {
  const notes = rules
    .filter((name) => !known.has(name))
    .map((rule) => `No policy here names the rule ${rule}: an exception to it excuses nothing.`);
  const directory = await readDirectory(repository, data);
  const { person } = resolvePerson(directory, approved_by);
  if (!person || !mayApprove(directory, person)) {
    notes.push(`${approved_by} is nobody whom .countersign/data/approvers.yaml lets approve.`);
  }
  const me = await committer(repository);
  const mine = me === undefined ? [] : keysOf(readIdentity(me));
  if (keysOf(readIdentity(approved_by)).some((key) => mine.includes(key))) {
    notes.push('You name yourself as the one who gives it: have someone else approve the change that brings it.');
  }
  return notes;
}

/**
 * Adds a follow-up to an exception's file, or closes it. Rejects with {@link ExceptionError}.
 *
 * @param by who, as `Name <address>`; whoever commits here when absent
 * @returns the file, relative to the repository
 */
export async function recordException(
  repository: GitRepository,
  register: Register,
  { id, what, note, by }: { id: string; what: 'follow-up' | 'close'; note: string; by?: string },
  now: Date,
): Promise<string> {
  const found = register.exceptions.find(({ exception }) => exception.id === id);
  if (!found) {
    const ids = register.exceptions.map(({ exception }) => exception.id).join(', ');
    throw new ExceptionError(
      `There is no exception ${JSON.stringify(id)}. ${ids === '' ? 'There are none.' : `There are: ${ids}.`}`,
    );
  }
  const who = by ?? (await committer(repository));
  const said = { at: timestampOf(now), ...(who !== undefined && { by: who }), note };
  await replaceFile(join(repository.root, found.path), await recorded(found, what, said));
  return found.path;
}
