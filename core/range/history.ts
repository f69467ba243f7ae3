/** How much of the history is here, and which branch is the default one. */
import { cutOff } from '../git/commits.ts';
import { remoteDefaultBranch } from '../git/fetch.ts';
import { findCommit, symbolicRef } from '../git/refs.ts';
import { type GitRepository, mergeBases } from '../git/repository.ts';
import type { Reach } from './range.ts';

/** Whether a shallow clone has all that tells which commits of `head` the others have not. */
export async function isWhole(repository: GitRepository, head: string, others: readonly string[]): Promise<boolean> {
  if (!repository.shallow) return true;
  if ((await cutOff(repository, { head, exclude: others })) !== undefined) return false;
  for (const other of others) if ((await mergeBases(repository, head, other)).length === 0) return false;
  return true;
}

/** A default branch: its name without `refs/heads/`, and the commit it is at. */
export interface DefaultBranch {
  name: string;
  /** Full id; absent when the branch is not here. */
  tip?: string;
}

/**
 * The repository's default branch: the one that is named, else the one that the remote's HEAD names, else
 * (in a repository without remotes) its own HEAD. Undefined when nobody knows.
 */
export async function findDefaultBranch(
  repository: GitRepository,
  named: string | undefined,
  reach: Reach,
): Promise<DefaultBranch | undefined> {
  const prefix = `refs/remotes/${reach.remote}/`;
  const tracked = named === undefined ? await symbolicRef(repository, `${prefix}HEAD`) : undefined;
  let name = named ?? (tracked?.startsWith(prefix) ? tracked.slice(prefix.length) : undefined);
  if (name === undefined && reach.fetch)
    name = await remoteDefaultBranch(repository, reach.remote).catch(() => undefined);
  if (name === undefined) return undefined;
  const tip = (await findCommit(repository, prefix + name)) ?? (await findCommit(repository, `refs/heads/${name}`));
  return { name, ...(tip !== undefined && { tip }) };
}

/** The branch of a server's repository that its HEAD names; undefined when HEAD is detached. */
export async function serverDefaultBranch(repository: GitRepository): Promise<DefaultBranch | undefined> {
  const ref = await symbolicRef(repository, 'HEAD');
  if (!ref?.startsWith('refs/heads/')) return undefined;
  const tip = await findCommit(repository, ref);
  return { name: ref.slice('refs/heads/'.length), ...(tip !== undefined && { tip }) };
}
