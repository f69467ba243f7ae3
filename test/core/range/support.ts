/** What a range request comes to in a real repository: which commits, which files, whose policy. */
import path from 'node:path';
import { readChange } from '../../../core/decision/input.ts';
import { openRepository } from '../../../core/git/repository.ts';
import type { Range, RangeRequest, Reach } from '../../../core/range/range.ts';
import { readRange } from '../../../core/range/read.ts';
import type { TestRepository } from '../../support/repository.ts';

export interface Judged {
  range: Range;
  /** The subjects of the commits, sorted. */
  commits: string[];
  /** `M path`, sorted. */
  files: string[];
}

/** Nothing is fetched. */
export const here: Reach = { fetch: false, remote: 'origin' };
export const fetching: Reach = { fetch: true, remote: 'origin' };

/** What is judged of a repository in a folder. */
export async function judged(
  { root, environment }: Pick<TestRepository, 'root' | 'environment'>,
  request: RangeRequest,
  reach: Reach = here,
): Promise<Judged> {
  const { range, repository } = await readRange(await openRepository(root, { environment }), request, reach);
  const facts = readChange(repository, range);
  const commits: string[] = [];
  for await (const batch of facts.commits) commits.push(...batch.map(({ subject }) => subject));
  const files = (await facts.files).map(({ status, path, old_path }) =>
    old_path === undefined ? `${status} ${path}` : `${status} ${old_path} ${path}`,
  );
  return { range, commits: commits.sort(), files: files.sort() };
}

let clones = 0;

/** Clones a repository, beside it, over a protocol that can cut history off. */
export async function cloneOf(origin: TestRepository, ...options: string[]): Promise<TestRepository> {
  const root = path.join(path.dirname(origin.root), `clone ${clones++}`);
  await origin.git('clone', '--quiet', ...options, `file://${origin.root}`, root);
  return { ...origin, root, git: (...args) => origin.git('-C', root, ...args) };
}
