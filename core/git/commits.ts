/** The commits of a range: what they are, read from the objects themselves, and what they change. */

import type { ChangedFile, Commit } from '../input.ts';
import { commitChanges } from './commit-changes.ts';
import { type CommitObject, parseCommitObject } from './commit-object.ts';
import { readMessage } from './message.ts';
import { ByteReader, type GitObject, openObjectReader } from './object-reader.ts';
import { type GitRepository, shallowCommits } from './repository.ts';
import { GitError, spawnGit } from './run.ts';

export interface CommitRange {
  /** Commits reachable from here are left out; full id. All of `head`'s history when absent. */
  base?: string;
  /** The same of further commits; full ids. */
  exclude?: readonly string[];
  /** Full id. */
  head: string;
  signal?: AbortSignal;
  /** How many commits come at a time; default 200. */
  batch?: number;
}

/**
 * The commits of `base..head` in batches, parents before children, without `disclosure` (which
 * takes a configuration; see `core/disclosure/read.ts`).
 *
 * - Memory holds a batch or two, and the committer time of each commit of the range.
 * - The files of a merge are those that differ from all of its parents: what the merge itself
 *   changed. The rest came with commits that are judged on their own.
 * - Replacement objects and grafts are ignored: what was really committed is judged.
 *
 * Errors (`GitError`): `shallow` when the clone's cut-off touches the range, `aborted`, `failed`.
 */
export async function* readCommits(repository: GitRepository, range: CommitRange): AsyncGenerator<Commit[], void> {
  await refuseShallow(repository, range);
  const { signal } = range;
  // By standard input, for a server's refs can be too many for a command line.
  const list = spawnGit(repository, ['-c', 'core.commitGraph=false', 'rev-list', ...listing], signal);
  list.stdin.end([range.head, ...excluded(range).map((commit) => `^${commit}`), ''].join('\n'));
  const objects = openObjectReader(repository, signal);
  try {
    const times = new Map<string, string>();
    const listed = new ByteReader(list.stdout);
    let asked = await askBatch();
    while (asked.entries.length > 0) {
      const commits: Commit[] = [];
      const current = asked;
      const outside = await answers(current.outside);
      for (const [id, object] of outside) if (object) times.set(id, parseCommitObject(object.bytes).committer.time);
      for (const id of current.entries) {
        const object = await objects.next();
        if (object?.type !== 'commit') throw missing(id);
        const parsed = parseCommitObject(object.bytes);
        times.set(id, parsed.committer.time);
        commits.push(toCommit(id, parsed, times));
      }
      const changes = await current.changes;
      for (const commit of commits) commit.files = changes.get(commit.sha) ?? [];
      // Git works on the next batch while the caller judges this one.
      asked = await askBatch();
      yield commits;
    }
    await list.ended;

    async function askBatch(): Promise<Asked> {
      const entries = new Set<string>();
      const outside = new Set<string>();
      while (entries.size < (range.batch ?? 200)) {
        const line = await listed.until(10);
        if (line === undefined) break;
        const [id, ...parents] = line.toString('latin1').split(' ') as [string, ...string[]];
        for (const parent of parents) if (!times.has(parent) && !entries.has(parent)) outside.add(parent);
        entries.add(id);
      }
      if (entries.size === 0) await list.ended;
      const asked = { entries: [...entries], outside: [...outside] };
      const changes = commitChanges(repository, asked.entries, signal);
      // It is awaited when the objects have been read; until then its failure is not an unhandled one.
      changes.catch(() => undefined);
      objects.ask([...asked.outside, ...asked.entries]);
      return { ...asked, changes };
    }

    async function answers(ids: string[]): Promise<[string, GitObject | undefined][]> {
      const found: [string, GitObject | undefined][] = [];
      for (const id of ids) found.push([id, await objects.next()]);
      return found;
    }
  } finally {
    list.stop();
    await Promise.allSettled([list.ended, objects.close()]);
  }
}

function toCommit(sha: string, object: CommitObject, times: Map<string, string>): Commit {
  return {
    sha,
    parents: object.parents,
    parent_times: object.parents.flatMap((parent) => times.get(parent) ?? []),
    author: object.author,
    committer: object.committer,
    ...readMessage(object.message),
    files: [],
    merge: object.parents.length > 1,
  };
}

function missing(id: string): GitError {
  return new GitError('failed', `Commit ${id} is missing or damaged. See: git fsck`);
}

/** Options that give the id and the parents of each commit, parents first. */
const listing = ['--topo-order', '--reverse', '--parents', '--stdin'];

/** A batch that git has been asked for. */
interface Asked {
  entries: string[];
  /** Their parents whose times are not known yet. */
  outside: string[];
  changes: Promise<Map<string, ChangedFile[]>>;
}

/** Refuses a range whose history a shallow clone has cut off: what is missing there may matter. */
async function refuseShallow(repository: GitRepository, range: CommitRange): Promise<void> {
  const at = await cutOff(repository, range);
  if (at === undefined) return;
  throw new GitError(
    'shallow',
    `Cannot decide: the clone is shallow and its history ends within the range, at ${at}. Run \`git fetch --unshallow\`, or set fetch-depth: 0 in CI.`,
  );
}

/**
 * Where a shallow clone has cut off the history of a range: the first such commit; undefined when all of the
 * range is there, and all that tells what is not in it.
 */
export async function cutOff(repository: GitRepository, range: CommitRange): Promise<string | undefined> {
  const cut = await shallowCommits(repository);
  if (cut.size === 0) return undefined;
  const others = excluded(range);
  const found = await firstAmong(repository, cut, [range.head, ...others.map((commit) => `^${commit}`)], range.signal);
  // Also the base's side: a parent missing there could be one of the commits of the range.
  if (found !== undefined || others.length === 0) return found;
  return firstAmong(repository, cut, [...others, `^${range.head}`], range.signal);
}

function excluded({ base, exclude = [] }: CommitRange): string[] {
  return base === undefined ? [...exclude] : [base, ...exclude];
}

/** The first commit of a revision list that is one of `sought`. */
async function firstAmong(
  repository: GitRepository,
  sought: ReadonlySet<string>,
  revisions: readonly string[],
  signal: AbortSignal | undefined,
): Promise<string | undefined> {
  const list = spawnGit(repository, ['rev-list', '--stdin'], signal);
  list.stdin.end(`${revisions.join('\n')}\n`);
  const lines = new ByteReader(list.stdout);
  for (;;) {
    const line = await lines.until(10);
    if (line === undefined) break;
    const id = line.toString('latin1');
    if (!sought.has(id)) continue;
    list.stop();
    return id;
  }
  await list.ended;
  return undefined;
}
