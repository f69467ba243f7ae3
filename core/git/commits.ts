/** The commits of a range, in three git processes however many there are. */

import type { ChangedFile, Commit } from '../input.ts';
import { comparison, statusOf } from './changed-files.ts';
import { type CommitObject, parseCommitObject } from './commit-object.ts';
import { readMessage } from './message.ts';
import { ByteReader, type GitObject, openObjectReader } from './object-reader.ts';
import { type GitRepository, shallowCommits } from './repository.ts';
import { GitError, spawnGit } from './run.ts';

export interface CommitRange {
  /** Commits reachable from here are left out; full id. All of `head`'s history when absent. */
  base?: string;
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
  const revisions = range.base === undefined ? [range.head] : [range.head, `^${range.base}`];
  const list = spawnGit(repository, ['rev-list', '--topo-order', '--reverse', '--parents', ...revisions, '--'], signal);
  list.stdin.end();
  const objects = openObjectReader(repository, signal);
  const changes = openChangeReader(repository, signal);
  try {
    const times = new Map<string, string>();
    const lines = new ByteReader(list.stdout);
    let asked = await askBatch();
    while (asked.length > 0) {
      const commits: Commit[] = [];
      const current = asked;
      const outside = await answers(current.flatMap((entry) => entry.outside));
      for (const [id, object] of outside) if (object) times.set(id, parseCommitObject(object.bytes).committer.time);
      for (const entry of current) {
        const object = await objects.next();
        if (object?.type !== 'commit') throw missing(entry.id);
        const parsed = parseCommitObject(object.bytes);
        times.set(entry.id, parsed.committer.time);
        commits.push(toCommit(entry.id, parsed, await changes.next(entry.id), times));
      }
      // Git works on the next batch while the caller judges this one.
      asked = await askBatch();
      yield commits;
    }
    await list.ended;

    async function askBatch(): Promise<{ id: string; outside: string[] }[]> {
      const entries: { id: string; outside: string[] }[] = [];
      const inside = new Set<string>();
      const requested = new Set<string>();
      while (entries.length < (range.batch ?? 200)) {
        const line = await lines.until(10);
        if (line === undefined) break;
        const [id, ...parents] = line.toString('latin1').split(' ') as [string, ...string[]];
        const unknown = parents.filter((parent) => !times.has(parent) && !inside.has(parent) && !requested.has(parent));
        for (const parent of unknown) requested.add(parent);
        inside.add(id);
        entries.push({ id, outside: unknown });
      }
      if (entries.length === 0) await list.ended;
      objects.ask([...requested, ...entries.map((entry) => entry.id)]);
      changes.ask(entries.map((entry) => entry.id));
      return entries;
    }

    async function answers(ids: string[]): Promise<[string, GitObject | undefined][]> {
      const found: [string, GitObject | undefined][] = [];
      for (const id of ids) found.push([id, await objects.next()]);
      return found;
    }
  } finally {
    list.stop();
    await Promise.allSettled([list.ended, objects.close(), changes.close()]);
  }
}

function toCommit(sha: string, object: CommitObject, files: ChangedFile[], times: Map<string, string>): Commit {
  return {
    sha,
    parents: object.parents,
    parent_times: object.parents.flatMap((parent) => times.get(parent) ?? []),
    author: object.author,
    committer: object.committer,
    ...readMessage(object.message),
    files,
    merge: object.parents.length > 1,
  };
}

function missing(id: string): GitError {
  return new GitError('failed', `Commit ${id} is missing or damaged. See: git fsck`);
}

/** Refuses a range whose history a shallow clone has cut off: what is missing there may matter. */
async function refuseShallow(repository: GitRepository, range: CommitRange): Promise<void> {
  const cut = await shallowCommits(repository);
  if (cut.size === 0) return;
  // Also the base's side: a parent missing there could be one of the commits of the range.
  const revisions = range.base === undefined ? [range.head] : [`${range.base}...${range.head}`];
  const list = spawnGit(repository, ['rev-list', ...revisions, '--'], range.signal);
  list.stdin.end();
  const lines = new ByteReader(list.stdout);
  for (;;) {
    const line = await lines.until(10);
    if (line === undefined) break;
    const id = line.toString('latin1');
    if (!cut.has(id)) continue;
    list.stop();
    throw new GitError(
      'shallow',
      `Cannot decide: the clone is shallow and its history ends within the range, at ${id}. Run \`git fetch --unshallow\`, or set fetch-depth: 0 in CI.`,
    );
  }
  await list.ended;
}

/** `git diff-tree --stdin` as a conversation: the files of commit after commit. */
interface ChangeReader {
  ask(ids: string[]): void;
  next(id: string): Promise<ChangedFile[]>;
  close(): Promise<void>;
}

/** Ends a batch: git diff-tree echoes a line that names no object, and flushes all it has. Neither an id nor a status starts so. */
const batchEnd = '.';

function openChangeReader(repository: GitRepository, signal?: AbortSignal): ChangeReader {
  const child = spawnGit(repository, ['diff-tree', '--stdin', '--always', '--root', '-r', '-c', ...comparison], signal);
  const reader = new ByteReader(child.stdout);
  const broken = async (): Promise<never> => {
    await child.ended;
    throw new GitError('failed', 'git diff-tree ended before it had answered.');
  };
  const field = async () => (await reader.until(0))?.toString('utf8') ?? (await broken());
  const peek = async () => (await reader.peek()) ?? (await broken());
  return {
    ask(ids) {
      if (ids.length > 0) child.stdin.write(`${ids.join('\n')}\n${batchEnd}\n`);
    },
    async next(id) {
      if ((await peek()) === batchEnd) await reader.until(10);
      if ((await field()) !== id) throw missing(id);
      const files: ChangedFile[] = [];
      // Then status and path alternate until the next id or the batch's end.
      while (/[A-Z]/.test(await peek())) {
        const status = statusOf(await field());
        const path = await field();
        files.push(
          status === 'R' || status === 'C' ? { path: await field(), status, old_path: path } : { path, status },
        );
      }
      return files;
    },
    async close() {
      child.stdin.end();
      child.stop();
      await child.ended;
    },
  };
}
