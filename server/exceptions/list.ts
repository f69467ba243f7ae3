/** The exceptions of the workspace: with their history where git may be asked, else as their texts say. */
import type { Register, RegisteredException } from '../../core/exceptions/register.ts';
import type { ExceptionEntry, ListExceptionsResult, RepositoryExceptions } from '../protocol.ts';
import type { Runtime } from '../runtime.ts';
import type { Root, Snapshot } from '../snapshot.ts';
import { normalizeUri, uriWithin } from '../uris.ts';
import { byItself, repositoryOf } from './knowledge.ts';
import { nextMoment, registerOfRoot } from './standing.ts';

interface Parts {
  runtime: Pick<Runtime, 'repositoryWork' | 'now'>;
  log(line: string): void;
}

/**
 * @param more URIs of repositories beside those in the workspace
 * @returns `next`: when the list will be another by itself, in milliseconds since the epoch
 */
export async function listRepositories(
  snapshot: Snapshot,
  more: readonly string[],
  { runtime, log }: Parts,
): Promise<{ result: ListExceptionsResult; next: number | undefined }> {
  const now = runtime.now();
  const found = new Map<string, { register: Register; readOnly?: RepositoryExceptions['readOnly'] }>();
  const roots = [...snapshot.roots.values()].filter(({ kind }) => kind === 'countersign');
  const byUri = new Map(
    roots.flatMap((root): [string, Root][] => {
      const uri = repositoryOf(root);
      return uri === undefined ? [] : [[uri, root]];
    }),
  );
  const uris = new Set([...byUri.keys(), ...more.map((uri) => normalizeUri(uri).replace(/\/$/, ''))]);
  for (const uri of uris) {
    const read = snapshot.trusted && uri.startsWith('file:') ? await withGit(uri) : undefined;
    const root = byUri.get(uri);
    if (read) {
      // A `.countersign` folder deeper down in the repository is no repository's.
      if (read.repository === uri || !root) found.set(read.repository, { register: read.register });
      continue;
    }
    const register = root && registerOfRoot(root, byItself(uri).repository, now);
    if (register) found.set(uri, { register, readOnly: snapshot.trusted ? 'no-repository' : 'untrusted' });
  }
  const registers = [...found].sort(([one], [other]) => (one < other ? -1 : 1));
  return {
    result: registers.map(([uri, { register, readOnly }]) => toResult(uri, register, readOnly)),
    next: nextMoment(
      registers.flatMap(([, { register }]) => register.exceptions),
      now,
    ),
  };

  async function withGit(uri: string) {
    try {
      return await (await runtime.repositoryWork()).repositoryRegister(uri, now);
    } catch (error) {
      log(`${uri}: its exceptions were read without git: ${error instanceof Error ? error.message : error}`);
      return undefined;
    }
  }
}

function toResult(
  repository: string,
  { exceptions, problems }: Register,
  readOnly: RepositoryExceptions['readOnly'],
): RepositoryExceptions {
  return {
    repository,
    exceptions: exceptions.map((one) => toEntry(repository, one)),
    problems: problems.map(({ path, range, message }) => ({ uri: uriWithin(repository, path), range, message })),
    ...(readOnly && { readOnly }),
  };
}

function toEntry(
  repository: string,
  { exception, path, state, followUp, due, denied, history }: RegisteredException,
): ExceptionEntry {
  const { id, rules, commits, paths, reason, approved_by, opened, expires, ticket, follow_ups, closed } = exception;
  const last = closed ?? follow_ups?.at(-1);
  const added = history.findLast(({ change }) => change === 'added');
  return {
    id,
    uri: uriWithin(repository, path),
    rules,
    ...(commits && { commits }),
    ...(paths && { paths }),
    reason,
    approvedBy: approved_by,
    opened,
    expires,
    ...(ticket !== undefined && { ticket }),
    ...(last && { last }),
    state,
    followUp,
    due,
    denied,
    ...(added && { added: { author: added.author, at: added.at, commit: added.commit } }),
  };
}
