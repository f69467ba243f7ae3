/** Exceptions as git and the disk have them; loaded when someone asks for them. */
import { URI } from 'vscode-uri';
import { approverSuggestions } from '../../core/approval/people.ts';
import { repositoryFacts } from '../../core/decision/repository-facts.ts';
import { readWorkTreeHome } from '../../core/disclosure/home.ts';
import { secretProblem } from '../../core/disclosure/secrets.ts';
import { ExceptionError, expiry, normalizedPath } from '../../core/exceptions/open.ts';
import { type Register, readRegister } from '../../core/exceptions/register.ts';
import * as write from '../../core/exceptions/write.ts';
import { lastCommitHeads } from '../../core/git/recent.ts';
import type { GitRepository } from '../../core/git/repository.ts';
import { GitError, gitBytes } from '../../core/git/run.ts';
import { placeOf } from '../../core/yaml-document.ts';
import { repositoryAt } from '../commit/repository-at.ts';
import type {
  CheckExceptionParams,
  CheckExceptionResult,
  ExceptionFormParams,
  ExceptionFormResult,
  OpenExceptionParams,
  OpenExceptionResult,
  RecordExceptionParams,
  RecordExceptionResult,
} from '../protocol.ts';
import { normalizeUri, uriWithin } from '../uris.ts';
import type { Knowledge } from './knowledge.ts';

/** The repository around a folder and its register; undefined where there is none, or it is not under Countersign. */
export async function repositoryRegister(
  uri: string,
  now: Date,
): Promise<{ repository: string; register: Register } | undefined> {
  let repository: GitRepository;
  try {
    repository = await repositoryAt(uri);
  } catch (error) {
    if (error instanceof GitError && ['not-a-repository', 'no-such-folder'].includes(error.kind)) return undefined;
    throw error;
  }
  const register = repository.bare ? undefined : await readRegister(repository, now);
  return register && { repository: uriOf(repository), register };
}

/** What git says of a repository that its exceptions are about. */
export async function exceptionKnowledge(uri: string): Promise<Knowledge> {
  const repository = await repositoryAt(uri);
  const args = ['ls-files', '-z', '--cached', '--others', '--exclude-standard'];
  const [facts, listed] = await Promise.all([repositoryFacts(repository), gitBytes(repository, args)]);
  const files = listed.toString('utf8').split('\0').filter(Boolean);
  return { repository: facts, files };
}

export async function exceptionForm({ repository: uri }: ExceptionFormParams, now: Date): Promise<ExceptionFormResult> {
  const repository = await repositoryAt(uri);
  const [register, home] = await Promise.all([readRegister(repository, now), readWorkTreeHome(repository.root)]);
  if (!register || !home) return null;
  const [people, commits] = await Promise.all([
    approverSuggestions(repository, home, { limit: 40 }),
    lastCommitHeads(repository, { limit: 50 }),
  ]);
  return { rules: register.ruleNames, people, commits };
}

export async function checkException({ field, value }: CheckExceptionParams, now: Date): Promise<CheckExceptionResult> {
  try {
    if (field === 'path') normalizedPath(value);
    if (field === 'expires') expiry(value, now);
  } catch (error) {
    if (error instanceof ExceptionError) return { message: error.message };
    throw error;
  }
  const message = field === 'text' ? await secretProblem(value) : undefined;
  return message === undefined ? {} : { message };
}

/** Rejects with an `ExceptionError`, a `GitError`, or what is wrong with another file: the new one might have its name. */
export async function openException(
  { repository: uri, ...asked }: OpenExceptionParams,
  now: Date,
): Promise<OpenExceptionResult> {
  const { repository, register } = await registerAt(uri, now);
  const [problem] = register.problems;
  if (problem) throw new ExceptionError(`${placeOf(problem)}: ${problem.message}`);
  const { exception, path, notes } = await write.openException(repository, register, asked, now);
  return { uri: uriWithin(uriOf(repository), path), id: exception.id, notes };
}

export async function recordException(
  { repository: uri, ...said }: RecordExceptionParams,
  now: Date,
): Promise<RecordExceptionResult> {
  const { repository, register } = await registerAt(uri, now);
  return { uri: uriWithin(uriOf(repository), await write.recordException(repository, register, said, now)) };
}

async function registerAt(uri: string, now: Date): Promise<{ repository: GitRepository; register: Register }> {
  const repository = await repositoryAt(uri);
  const register = await readRegister(repository, now);
  if (!register) {
    throw new ExceptionError('This repository is not under Countersign: it has no .countersign/config.yaml.');
  }
  return { repository, register };
}

function uriOf({ root }: GitRepository): string {
  return normalizeUri(URI.file(root).toString());
}
