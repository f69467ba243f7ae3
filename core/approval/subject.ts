/** The commit that is approved, and the policy that judges it. */
import { withDisclosure } from '../disclosure/read.ts';
import { readCommits } from '../git/commits.ts';
import { openObjectReader } from '../git/object-reader.ts';
import { type Patch, patches } from '../git/patch-id.ts';
import { type GitRepository, resolveRevision } from '../git/repository.ts';
import { GitError, git } from '../git/run.ts';
import type { Commit } from '../input.ts';
import { loadPack, loadRevision } from '../policies/load.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import { treeOf } from './countersignatures.ts';

/** A file of a commit with the lines that come and go; no numbers for what git takes for binary. */
export interface FileStat {
  path: string;
  added?: number;
  deleted?: number;
}

/** All that is said of one commit. */
export interface Subject {
  commit: Commit;
  /** Full id. */
  tree: string;
  stat: FileStat[];
  patch?: Patch;
}

/** Reads a commit (full id) with the disclosure that the configuration finds in it. */
export async function readSubject(
  repository: GitRepository,
  id: string,
  config: PolicySet['config'],
  signal?: AbortSignal,
): Promise<Subject> {
  const { tree, parent } = await readHead(repository, id);
  const [commit, stat, found] = await Promise.all([
    readOne(repository, id, parent, signal),
    readStat(repository, id, parent),
    patches(repository, [id], signal),
  ]);
  const patch = found.get(id);
  return { commit: withDisclosure(commit, config), tree, stat, ...(patch && { patch }) };
}

async function readOne(repository: GitRepository, id: string, parent?: string, signal?: AbortSignal): Promise<Commit> {
  for await (const batch of readCommits(repository, { ...(parent && { base: parent }), head: id, signal })) {
    const found = batch.find(({ sha }) => sha === id);
    if (found) return found;
  }
  throw new GitError('failed', `Commit ${id} is missing or damaged. See: git fsck`);
}

/** The id of a commit's tree and of its first parent. */
async function readHead(repository: GitRepository, id: string): Promise<{ tree: string; parent?: string }> {
  const reader = openObjectReader(repository);
  try {
    reader.ask([id]);
    const object = await reader.next();
    const tree = object?.type === 'commit' ? treeOf(object.bytes) : undefined;
    if (!object || tree === undefined) {
      throw new GitError('failed', `Commit ${id} is missing or damaged. See: git fsck`);
    }
    const parent = /^tree [0-9a-f]+\nparent ([0-9a-f]+)\n/.exec(object.bytes.toString('latin1', 0, 250))?.[1];
    return { tree, ...(parent !== undefined && { parent }) };
  } finally {
    await reader.close();
  }
}

/** Against the first parent, as people read a merge. */
async function readStat(repository: GitRepository, id: string, parent?: string): Promise<FileStat[]> {
  const options = ['--numstat', '-z', '-r', '--no-renames', '--no-ext-diff', '--no-textconv', '--no-relative'];
  const range = parent === undefined ? ['--root', '--no-commit-id', id] : [parent, id];
  const listed = await git(repository, ['diff-tree', ...options, ...range]);
  return listed.split('\0').flatMap((line) => {
    const found = /^(\d+|-)\t(\d+|-)\t(.*)$/s.exec(line);
    if (!found) return [];
    const [, added, deleted, path] = found as unknown as [string, string, string, string];
    return [{ path, ...(added !== '-' && { added: Number(added), deleted: Number(deleted) }) }];
  });
}

/** What a commit (as it was read) changes, as people read it; of a merge, against its first parent. */
export async function readDiff(repository: GitRepository, { sha, parents: [parent] }: Commit): Promise<string> {
  const options = ['-p', '-M', '--no-color', '--no-ext-diff', '--no-textconv', '--no-relative'];
  return git(repository, [
    'diff-tree',
    ...options,
    ...(parent === undefined ? ['--root', '--no-commit-id', sha] : [parent, sha]),
  ]);
}

/** Which policies judge an approval, and what a reader should know of the choice. */
export interface ChosenPolicy {
  policies: PolicySet;
  /** The commit that they, `.mailmap` and the allowed signers are read from. */
  base?: string;
  notes: string[];
}

/**
 * The policies that the gate would judge a commit by: those of `base`, else of the remote's default
 * branch, else of the commit's first parent; the built-in ones where that has none.
 */
export async function choosePolicy(repository: GitRepository, id: string, base?: string): Promise<ChosenPolicy> {
  const from = await policyBase(repository, id, base);
  const policies = from && (await loadRevision(repository, from));
  if (policies) return { policies, base: from, notes: [] };
  const where = from === undefined ? 'There is no commit before it' : `${from.slice(0, 10)} has no .countersign folder`;
  const notes = [`${where}, so the built-in policies judge, and no signer is known to them.`];
  return { policies: await loadPack(), ...(from !== undefined && { base: from }), notes };
}

async function policyBase(repository: GitRepository, id: string, base?: string): Promise<string | undefined> {
  if (base !== undefined) return resolveRevision(repository, base);
  for (const name of ['refs/remotes/origin/HEAD', `${id}^`]) {
    try {
      return await resolveRevision(repository, name);
    } catch (error) {
      if (!(error instanceof GitError) || error.kind !== 'unknown-revision') throw error;
    }
  }
  return undefined;
}
