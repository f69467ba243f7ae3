/** The input that policies judge, put together from git's facts. */
import type { Config } from '../config.ts';
import { withDisclosure } from '../disclosure/read.ts';
import { changedFiles, differingFiles } from '../git/changed-files.ts';
import { readCommits } from '../git/commits.ts';
import type { GitRepository } from '../git/repository.ts';
import type { ChangedFile, Commit, Input, Repository } from '../input.ts';
import { type NotesFacts, openNotes, withNotes } from '../notes/facts.ts';
import { changedPolicyFiles } from '../policies/changed-policies.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import type { Range } from '../range/range.ts';
import { batchSize } from './decide.ts';
import { repositoryFacts } from './repository-facts.ts';

/** What git says of a change, being read; the commits come in batches that are judged together. */
export interface ChangeFacts {
  range: Range;
  repository: Promise<Repository>;
  files: Promise<ChangedFile[]>;
  commits: AsyncIterable<Commit[]>;
  /** What notes say of any commit, git-ai's aside. */
  notes: Promise<NotesFacts>;
  /** What notes say of these commits (full ids). */
  notesOf(commits: readonly string[]): Promise<NotesFacts>;
}

/** Starts reading a change, all of it at once; what fails is told by the promises and the iteration. */
export function readChange(repository: GitRepository, range: Range, signal?: AbortSignal): ChangeFacts {
  const opening = openNotes(repository);
  const facts = {
    range,
    repository: repositoryFacts(repository),
    files: filesOf(repository, range),
    commits: begun(commitsOf(repository, range, signal)),
    notes: opening.then((notes) => notes.facts),
    notesOf: async (commits: readonly string[]) => (await opening).of(commits),
  };
  facts.repository.catch(() => undefined);
  facts.files.catch(() => undefined);
  facts.notes.catch(() => undefined);
  return facts;
}

async function filesOf(repository: GitRepository, { base, head, compare }: Range): Promise<ChangedFile[]> {
  if (head === undefined) return [];
  if (base === undefined) return differingFiles(repository, emptyTree[repository.objectFormat], head);
  return compare === 'base' ? differingFiles(repository, base, head) : changedFiles(repository, base, head);
}

async function* commitsOf(
  repository: GitRepository,
  { base, head, exclude, phase }: Range,
  signal: AbortSignal | undefined,
): AsyncGenerator<Commit[], void> {
  if (head === undefined) return;
  const own = phase === 'change' && base !== undefined ? { base } : {};
  yield* readCommits(repository, { ...own, exclude, head, batch: batchSize, signal });
}

/** The folder without files, which git knows everywhere. */
const emptyTree = {
  sha1: '4b825dc642cb6eb9a060e54bf8d69288fbee4904',
  sha256: '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321',
};

/** A generator whose first value is asked for at once. */
async function* begunWith<T>(
  first: Promise<IteratorResult<T, void>>,
  rest: AsyncGenerator<T, void>,
): AsyncGenerator<T> {
  try {
    for (let next = await first; !next.done; next = await rest.next()) yield next.value;
  } finally {
    await rest.return();
  }
}

function begun<T>(values: AsyncGenerator<T, void>): AsyncGenerator<T> {
  const first = values.next();
  first.catch(() => undefined);
  return begunWith(first, values);
}

/**
 * All of a change's input but its commits.
 *
 * @param now RFC 3339
 */
export async function changeFrame(
  facts: ChangeFacts,
  { exceptions, config }: Pick<PolicySet, 'exceptions' | 'config'>,
  now: string,
): Promise<Omit<Input, 'commits'>> {
  const [repository, files] = await Promise.all([facts.repository, facts.files]);
  const { phase, base, head, push, mergeQueue } = facts.range;
  const ownPolicies = changedPolicyFiles(files);
  const change = head !== undefined && {
    base: base ?? '0'.repeat(head.length),
    head,
    ...(mergeQueue && { merge_queue: true }),
    files,
    ...(ownPolicies.length > 0 && { policy_change: { files: ownPolicies } }),
  };
  const { profile } = config.disclosure;
  return {
    schema: 'countersign.input/v1',
    phase,
    now,
    repository,
    disclosure_profile: profile,
    ...(change && { change }),
    ...(push && { push }),
    exceptions,
  };
}

/** A change's commits as policies see them, parents first. */
export async function* changeCommits(facts: ChangeFacts, config: Config): AsyncGenerator<Commit[]> {
  for await (const batch of facts.commits) {
    const notes = await facts.notesOf(batch.map(({ sha }) => sha));
    yield batch.map((commit) => withNotes(withDisclosure(commit, config), notes, config));
  }
}
