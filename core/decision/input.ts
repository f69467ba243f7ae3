/** The input that policies judge, put together from git's facts. */
import type { Config } from '../config.ts';
import { withDisclosure } from '../disclosure/read.ts';
import { changedFiles } from '../git/changed-files.ts';
import { readCommits } from '../git/commits.ts';
import type { GitRepository } from '../git/repository.ts';
import type { Commit, Exception, Input } from '../input.ts';
import { batchSize } from './decide.ts';

/** The commits of `head` that are not in `base`; full ids. */
export interface ChangeRange {
  base: string;
  head: string;
}

/**
 * All of a change's input but its commits.
 *
 * @param now RFC 3339
 */
export async function changeFrame(
  repository: GitRepository,
  { base, head }: ChangeRange,
  exceptions: Exception[],
  now: string,
): Promise<Omit<Input, 'commits'>> {
  const files = await changedFiles(repository, base, head);
  return {
    schema: 'countersign.input/v1',
    phase: 'change',
    now,
    repository: { name: 'unknown' },
    change: { base, head, files },
    exceptions,
  };
}

/** A change's commits as policies see them, parents first, in batches that are judged together. */
export async function* changeCommits(
  repository: GitRepository,
  { base, head }: ChangeRange,
  config: Pick<Config, 'trailers'>,
  signal?: AbortSignal,
): AsyncGenerator<Commit[]> {
  for await (const batch of readCommits(repository, { base, head, batch: batchSize, signal })) {
    yield batch.map((commit) => withDisclosure(commit, config));
  }
}
