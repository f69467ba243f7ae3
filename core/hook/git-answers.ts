/**
 * What git tells prepare-commit-msg and would tell commit-msg of the same commit again: each process that need not be
 * started is time that nobody waits for.
 */
import path from 'node:path';
import { type GitRepository, reopenRepository } from '../git/repository.ts';
import { rememberSettings, type Setting, settingsOf } from '../git/settings.ts';
import { type Ahead, askAhead, beginStaged } from '../git/staged.ts';

/** Plain JSON. */
export interface GitAnswers {
  /** Where the hooks run. */
  folder: string;
  repository: Omit<GitRepository, 'environment'>;
  settings: Setting[];
  /** Absent when the commit takes HEAD's place, or is a merge. */
  ahead?: Ahead;
}

/** Undefined when git does not answer: then commit-msg asks, and says so. */
export async function askForNext(repository: GitRepository): Promise<GitAnswers | undefined> {
  const { environment: _, ...plain } = repository;
  try {
    const [settings, ahead] = await Promise.all([settingsOf(repository), askAhead(repository)]);
    return { folder: process.cwd(), repository: plain, settings, ...(ahead && { ahead }) };
  } catch {
    return undefined;
  }
}

/**
 * The repository as it was answered of, with the question that is left put to git. Undefined when the answers are
 * not about this process's folder and the git folder in which they were found.
 */
export function reopen(
  { folder, repository, settings, ahead }: GitAnswers,
  gitDir: string,
  amend: boolean,
): GitRepository | undefined {
  if (folder !== process.cwd() || path.resolve(repository.gitDir) !== gitDir) return undefined;
  const opened = reopenRepository(repository);
  rememberSettings(opened, settings);
  if (!amend) beginStaged(opened, ahead);
  return opened;
}
