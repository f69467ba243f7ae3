/** Finds the policies that a record names: the pack, a commit's, or those of the work tree by their digest. */
import type { RegoVersion } from '../../../engine/protocol.ts';
import { fileHistory } from '../../git/file-history.ts';
import { type GitRepository, resolveRevision } from '../../git/repository.ts';
import { GitError } from '../../git/run.ts';
import { readFolder, readWorkingFolder } from '../../git/tree.ts';
import { folderPolicies, home, loadPack, loadRevision } from '../../policies/load.ts';
import type { PolicySet } from '../../policies/policy-set.ts';
import type { DecisionRecord } from './record.ts';
import type { PolicyFinder } from './replay.ts';

/** Commits that changed the policies and are looked at for those with a certain digest, newest first. */
const looksBack = 200;

export interface FinderOptions {
  repository?: GitRepository;
  /** Policies that were given, such as those of a bundle; asked when the record's are in no commit. */
  given?: (record: DecisionRecord, regoVersion?: RegoVersion) => Promise<PolicySet | undefined>;
}

export function policyFinder({ repository, given }: FinderOptions): PolicyFinder {
  return async (revision, record) => {
    const regoVersion = record.custom?.countersign?.rego as RegoVersion | undefined;
    if (revision.startsWith('pack@')) {
      const pack = await loadPack();
      if (revision === pack.revision) return pack;
      return `the built-in pack ${revision.slice(5)} decided, and this is ${pack.revision.slice(5)}: replay it with that one`;
    }
    if (/^[0-9a-f]{40}([0-9a-f]{24})?$/.test(revision)) return ofCommit(repository, revision, regoVersion);
    const found = (await given?.(record, regoVersion)) ?? undefined;
    if (found?.revision === revision) return found;
    const earlier = repository && (await byDigest(repository, revision, regoVersion));
    if (earlier) return earlier;
    const other = found ? `those given have the revision ${found.revision}` : 'give them with --policy or --bundle';
    return `the policies of revision ${revision} are not here; ${other}`;
  };
}

async function ofCommit(
  repository: GitRepository | undefined,
  revision: string,
  regoVersion: RegoVersion | undefined,
): Promise<PolicySet | string> {
  if (!repository) return `the policies of commit ${revision} decided, and this is no repository`;
  try {
    await resolveRevision(repository, revision);
  } catch (error) {
    if (!(error instanceof GitError) || error.kind !== 'unknown-revision') throw error;
    return `the commit ${revision}, whose policies decided, is not in this repository: fetch it`;
  }
  const policies = await loadRevision(repository, revision, { regoVersion });
  return policies ?? `the commit ${revision}, whose policies decided, has no ${home} folder`;
}

/** The policies of the work tree, or of a commit that changed them, whose files have this digest. */
async function byDigest(
  repository: GitRepository,
  revision: string,
  regoVersion: RegoVersion | undefined,
): Promise<PolicySet | undefined> {
  if (!revision.startsWith('sha256:')) return undefined;
  const own = await readWorkingFolder(`${repository.root}/${home}`);
  const now = own && folderPolicies(own, { called: home, regoVersion });
  if (now?.revision === revision) return now;
  const changes = [...(await fileHistory(repository, home)).values()].flat();
  changes.sort((a, b) => Date.parse(b.at) - Date.parse(a.at));
  const commits = [...new Set(changes.map(({ commit }) => commit))].slice(0, looksBack);
  for (const commit of commits) {
    const content = await readFolder(repository, commit, home);
    const policies = content && folderPolicies(content, { called: home, regoVersion });
    if (policies?.revision === revision) return policies;
  }
  return undefined;
}
