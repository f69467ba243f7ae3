/** What countersignatures are measured by: all of it policy, read where the policy is read. */
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { repositoryFacts } from '../decision/repository-facts.ts';
import type { GitRepository } from '../git/repository.ts';
import { GitError, git } from '../git/run.ts';
import { type SigningSettings, signingSettings } from '../git/signing-program.ts';
import type { Repository } from '../input.ts';
import { home } from '../policies/load.ts';
import { type PolicySet, policyData } from '../policies/policy-set.ts';
import { readRevisionFile } from './files.ts';

export interface Trust {
  /** The text of the file of allowed signers; undefined when the policy has none. */
  allowedSigners: string | undefined;
  /** How that file is called, for messages. */
  allowedSignersName: string;
  /** The policy data, merged at its root: approvers.yaml is part of it. */
  data: Record<string, unknown>;
  /** The policy's own revision, and the id of the tree that `.countersign` is there. */
  policy: { revision: string; tree?: string };
  /** Where `.mailmap` is read; the work tree when absent. */
  revision?: string;
  repository: Repository;
  settings: SigningSettings;
}

export interface TrustOptions {
  /** The folder that the policies were loaded from, when it was one. */
  folder?: string;
  /** A file of allowed signers in place of the policy's. */
  allowedSigners?: string;
  /** Where `.mailmap` is read when the policies are of no revision. */
  revision?: string;
}

/** Reads what a policy set says of trust. Rejects when a file that is named cannot be read. */
export async function readTrust(
  repository: GitRepository,
  policies: PolicySet,
  { folder, allowedSigners: file, revision: given }: TrustOptions = {},
): Promise<Trust> {
  const inHome = policies.config.approval.allowedSigners;
  const revision = policies.origin === 'revision' ? policies.revision : undefined;
  const read = (): Promise<string | undefined> => {
    if (file !== undefined) return readFile(file, 'utf8');
    // A bundle has policies; who may sign for this repository is the repository's own to say.
    const own = policies.origin === 'bundle' ? given : revision;
    if (own !== undefined) return readRevisionFile(repository, own, `${home}/${inHome}`);
    return folder === undefined ? Promise.resolve(undefined) : readFile(join(folder, inHome), 'utf8').catch(absent);
  };
  const [allowedSigners, facts, settings, tree] = await Promise.all([
    read(),
    repositoryFacts(repository),
    signingSettings(repository),
    revision === undefined ? undefined : policyTree(repository, revision),
  ]);
  return {
    allowedSigners,
    allowedSignersName: file ?? `${home}/${inHome}`,
    data: policyData(policies),
    policy: { revision: policies.revision, ...(tree !== undefined && { tree }) },
    revision: revision ?? given,
    repository: facts,
    settings,
  };
}

/** The id of the tree that `.countersign` is at a commit (full id); undefined when there is none. */
async function policyTree(repository: GitRepository, commit: string): Promise<string | undefined> {
  try {
    return (await git(repository, ['rev-parse', '--verify', '--quiet', `${commit}:${home}`])).trim() || undefined;
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 1) return undefined;
    throw error;
  }
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT' || error.code === 'ENOTDIR') return undefined;
  throw error;
}
