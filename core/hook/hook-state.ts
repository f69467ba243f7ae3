/**
 * What prepare-commit-msg leaves for commit-msg of the same commit, in the work tree's git folder:
 * who was asked, what was answered, what was stamped. Each prepare-commit-msg writes it anew, so
 * that what an aborted commit left behind is never taken for the next one's.
 */
import { mkdir, readFile, rename, rm, writeFile } from 'node:fs/promises';
import path from 'node:path';
import type { GitRepository } from '../git/repository.ts';
import type { Evidence } from '../input.ts';
import type { GitAnswers } from './git-answers.ts';

export interface HookState {
  version: 1;
  /** The commit it is of; see {@link commitMark}. */
  mark: string;
  /** A person was asked: not again. */
  asked: boolean;
  /** The person's word that no AI took part. */
  noAi: boolean;
  /** The commit takes HEAD's place. */
  amend: boolean;
  /** Git makes it again of what was committed before: the process's own facts say nothing of it. */
  again: boolean;
  /** What shows AI use beside the message. */
  evidence: Evidence[];
  /** The lines that were stamped. */
  lines: string[];
  /** The message before it was stamped, as git would have committed it. */
  before: string;
  /** The message came from a template, which git refuses when nobody changed it. */
  template: boolean;
  /** So that git need not be asked again. */
  git?: GitAnswers;
}

/** What tells one commit from the next: git hands the author's time to both hooks of a commit. */
export function commitMark(file: string, environment: NodeJS.ProcessEnv): string {
  const parts = [file, environment.GIT_AUTHOR_DATE, environment.GIT_AUTHOR_EMAIL, environment.GIT_INDEX_FILE];
  return parts.map((part) => part ?? '').join('\n');
}

export async function saveState(repository: GitRepository, state: HookState): Promise<void> {
  const file = stateFile(repository);
  await mkdir(path.dirname(file), { recursive: true });
  const draft = `${file}.${process.pid}`;
  await writeFile(draft, JSON.stringify(state), { mode: 0o600 });
  await rename(draft, file);
}

/** The state of this very commit; undefined when prepare-commit-msg left none. */
export async function readState(
  repository: Pick<GitRepository, 'gitDir'>,
  mark: string,
): Promise<HookState | undefined> {
  const text = await readFile(stateFile(repository), 'utf8').catch(() => undefined);
  if (text === undefined) return undefined;
  try {
    const state = JSON.parse(text) as HookState;
    return state.version === 1 && state.mark === mark ? state : undefined;
  } catch {
    // Half a file of a machine that stopped: as good as none.
    return undefined;
  }
}

export async function dropState(repository: GitRepository): Promise<void> {
  await rm(stateFile(repository), { force: true });
}

function stateFile(repository: Pick<GitRepository, 'gitDir'>): string {
  return path.join(repository.gitDir, 'countersign', 'hook.json');
}
