/** Where a repository tells of its people: CODEOWNERS, its history, what is staged and by whom. */
import { comparison } from '../git/changed-files.ts';
import type { GitRepository } from '../git/repository.ts';
import { GitError, git } from '../git/run.ts';
import { entriesAmong } from '../git/tree.ts';
import { type Codeowners, codeownersPlaces, readCodeowners } from './codeowners.ts';
import { readRevisionFile, readWorkTreeFile } from './files.ts';
import { type Identity, readIdentity } from './identity.ts';

/** The paths that are staged. */
export async function stagedPaths(repository: GitRepository): Promise<string[]> {
  if (repository.bare) return [];
  const listed = await git(repository, [
    'diff',
    '--cached',
    '--no-ext-diff',
    ...comparison.filter((option) => option !== '--name-status'),
    '--name-only',
  ]);
  return listed.split('\0').filter((path) => path !== '');
}

/** Who commits here; undefined where git knows nobody. */
export async function committer(repository: GitRepository): Promise<string | undefined> {
  try {
    return /^(.*>) \d+ [-+]\d+\s*$/.exec(await git(repository, ['var', 'GIT_COMMITTER_IDENT']))?.[1];
  } catch (error) {
    if (error instanceof GitError && error.kind === 'failed') return undefined;
    throw error;
  }
}

/** The repository's CODEOWNERS, at a commit or in the work tree; empty when it has none. */
export async function codeownersOf(repository: GitRepository, revision: string | undefined): Promise<Codeowners> {
  if (revision !== undefined) {
    const there = await entriesAmong(repository, revision, codeownersPlaces);
    for (const place of codeownersPlaces.filter((one) => there.has(one))) {
      const text = await readRevisionFile(repository, revision, place);
      if (text !== undefined) return readCodeowners(text);
    }
    return [];
  }
  for (const place of codeownersPlaces) {
    const text = await readWorkTreeFile(repository, place);
    if (text !== undefined) return readCodeowners(text);
  }
  return [];
}

/** One part that someone took in a commit. */
export interface Contribution {
  identity: Identity;
  kind: 'commits' | 'reviews';
}

/** Trailers whose value is somebody who looked at the work. */
const reviewTrailers = ['Reviewed-by', 'AI-Approver', 'Approved-by', 'Acked-by'];

/** Who made and who reviewed the latest commits; nobody where there is no commit yet. */
export async function pastContributions(
  repository: GitRepository,
  from: string,
  count: number,
): Promise<Contribution[]> {
  const keys = reviewTrailers.map((key) => `key=${key}`).join(',');
  const format = `%an%x01%ae%x01%(trailers:${keys},valueonly,unfold,separator=%x01)%x00`;
  const args = [
    'log',
    '-z',
    `--max-count=${count}`,
    '--no-mailmap',
    '--no-show-signature',
    `--format=format:${format}`,
  ];
  const listed = await git(repository, [...args, from, '--']).catch((error: unknown) => {
    // An empty repository: nobody has committed yet.
    if (error instanceof GitError && error.exitCode === 128) return '';
    throw error;
  });
  return listed.split('\0').flatMap((entry) => {
    const [name, email, ...reviewers] = entry.split('\x01');
    if (!email) return [];
    return [
      { identity: { name, email }, kind: 'commits' as const },
      ...reviewers.filter(Boolean).map((text) => ({ identity: readIdentity(text), kind: 'reviews' as const })),
    ];
  });
}
