/** The input that policies judge, put together from git's facts. */
import type { Config } from '../config.ts';
import { withDisclosure } from '../disclosure/read.ts';
import { changedFiles } from '../git/changed-files.ts';
import { readCommits } from '../git/commits.ts';
import type { GitRepository } from '../git/repository.ts';
import type { ChangedFile, Commit, Input, Repository } from '../input.ts';
import { type NotesFacts, openNotes, withNotes } from '../notes/facts.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import { batchSize } from './decide.ts';
import { repositoryFacts } from './repository-facts.ts';

/** The commits of `head` that are not in `base`; full ids. */
export interface ChangeRange {
  base: string;
  head: string;
}

/** What git says of a change, being read; the commits come in batches that are judged together. */
export interface ChangeFacts {
  range: ChangeRange;
  repository: Promise<Repository>;
  files: Promise<ChangedFile[]>;
  commits: AsyncIterable<Commit[]>;
  /** What notes say of any commit, git-ai's aside. */
  notes: Promise<NotesFacts>;
  /** What notes say of these commits (full ids). */
  notesOf(commits: readonly string[]): Promise<NotesFacts>;
}

/** Starts reading a change, all of it at once; what fails is told by the promises and the iteration. */
export function readChange(repository: GitRepository, range: ChangeRange, signal?: AbortSignal): ChangeFacts {
  const opening = openNotes(repository);
  const facts = {
    range,
    repository: repositoryFacts(repository),
    files: changedFiles(repository, range.base, range.head),
    commits: begun(readCommits(repository, { ...range, batch: batchSize, signal })),
    notes: opening.then((notes) => notes.facts),
    notesOf: async (commits: readonly string[]) => (await opening).of(commits),
  };
  facts.repository.catch(() => undefined);
  facts.files.catch(() => undefined);
  facts.notes.catch(() => undefined);
  return facts;
}

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
  const change = { ...facts.range, files };
  const { profile } = config.disclosure;
  return {
    schema: 'countersign.input/v1',
    phase: 'change',
    now,
    repository,
    disclosure_profile: profile,
    change,
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
