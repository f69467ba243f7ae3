/** Refs, and what they and other names lead to. */

import type { GitRepository } from './repository.ts';
import { GitError, git } from './run.ts';

/** The full id of the commit that a name or id leads to, through tags; undefined when there is none here. */
export async function findCommit(repository: GitRepository, name: string): Promise<string | undefined> {
  if (name === '' || name.startsWith('-') || /[\0\n\r]/.test(name)) return undefined;
  return quietly(git(repository, ['rev-parse', '--verify', '--quiet', '--end-of-options', `${name}^{commit}`]));
}

/**
 * The refs that a short name such as `origin/main` could stand for, where they are at different commits; else
 * none. Git takes the tag, and a tag of that name can be pushed by people who may not push to the branch.
 */
export async function ambiguousRefs(repository: GitRepository, name: string): Promise<string[]> {
  const [short = ''] = name.split(/[~^:]|@\{/, 1);
  if (short === '' || short === 'HEAD' || short.startsWith('refs/') || short.startsWith('-')) return [];
  const refs = ['tags', 'heads', 'remotes'].map((kind) => `refs/${kind}/${short}`);
  const listed = await git(repository, ['for-each-ref', '--format=%(refname) %(objectname) %(*objectname)', ...refs]);
  const there = listed
    .split('\n')
    .map((line) => line.split(' '))
    // A pattern finds what lies below it, too.
    .filter(([ref]) => ref !== undefined && refs.includes(ref));
  const commits = new Set(there.map(([, id, marked]) => marked || id));
  return commits.size > 1 ? there.map(([ref = '']) => ref) : [];
}

/** The type of the object that a full id names, with tags followed to what they mark; undefined when it is not here. */
export async function objectType(repository: GitRepository, id: string): Promise<string | undefined> {
  return quietly(git(repository, ['cat-file', '-t', `${id}^{}`]));
}

/** Whether all of the first commit's history is in the second's; full ids. */
export async function isAncestor(repository: GitRepository, one: string, other: string): Promise<boolean> {
  const args = ['-c', 'core.commitGraph=false', 'merge-base', '--is-ancestor', one, other];
  return git(repository, args).then(
    () => true,
    (error: unknown) => {
      if (error instanceof GitError && error.kind === 'failed' && error.exitCode === 1) return false;
      throw error;
    },
  );
}

/** The ref that a symbolic ref such as `HEAD` names, whether or not it exists; undefined when it names none. */
export async function symbolicRef(repository: GitRepository, name: string): Promise<string | undefined> {
  return quietly(git(repository, ['symbolic-ref', '--quiet', name]));
}

/** The ids that refs below these prefixes have, each once: objects of any type. */
export async function idsOfRefs(repository: GitRepository, prefixes: readonly string[]): Promise<string[]> {
  const listed = await git(repository, [
    'for-each-ref',
    '--format=%(objecttype) %(objectname) %(*objecttype) %(*objectname)',
    ...prefixes,
  ]);
  const commits = listed.split('\n').flatMap((line) => {
    const [type, id, markedType, marked] = line.split(' ');
    if (type === 'commit') return [id!];
    return markedType === 'commit' ? [marked!] : [];
  });
  return [...new Set(commits)];
}

/** What git printed; undefined where it said no. */
function quietly(work: Promise<string>): Promise<string | undefined> {
  return work.then(
    (text) => text.trim() || undefined,
    (error: unknown) => {
      if (error instanceof GitError && (error.kind === 'failed' || error.kind === 'unknown-revision')) return undefined;
      throw error;
    },
  );
}
