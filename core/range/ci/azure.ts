/**
 * The range of an Azure Pipelines run.
 * https://learn.microsoft.com/azure/devops/pipelines/build/variables
 */
import type { RangeRequest } from '../range.ts';

/** Undefined outside of Azure Pipelines, and for runs about no commits. */
export function azureRange(environment: NodeJS.ProcessEnv): RangeRequest | undefined {
  const { TF_BUILD, BUILD_REASON: reason, BUILD_SOURCEVERSION: commit, BUILD_SOURCEBRANCH: ref } = environment;
  if (!TF_BUILD || !commit) return undefined;
  const source = `Azure Pipelines, ${reason ?? 'unknown reason'}`;
  const target = environment.SYSTEM_PULLREQUEST_TARGETBRANCH;
  if (target) {
    // What is built is a merge of the source's commit into the target.
    const head = environment.SYSTEM_PULLREQUEST_SOURCECOMMITID || commit;
    return { kind: 'change', target: target.replace(/^refs\/heads\//, ''), head, source };
  }
  // A run does not know what its branch was before.
  if ((reason !== 'IndividualCI' && reason !== 'BatchedCI') || !ref?.startsWith('refs/')) return undefined;
  return { kind: 'push', ref, after: commit, source };
}
