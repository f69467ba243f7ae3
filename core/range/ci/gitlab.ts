/**
 * The range of a GitLab CI pipeline: of a merge request, or of a push.
 * https://docs.gitlab.com/ci/variables/predefined_variables/
 */
import type { RangeRequest } from '../range.ts';

/** Undefined outside of GitLab CI, and for pipelines about no commits, such as scheduled ones. */
export function gitlabRange(environment: NodeJS.ProcessEnv): RangeRequest | undefined {
  const { GITLAB_CI, CI_PIPELINE_SOURCE: pipeline, CI_COMMIT_SHA: commit } = environment;
  if (!GITLAB_CI || !commit) return undefined;
  const source = `GitLab, pipeline ${pipeline ?? 'of unknown source'}`;
  const target = environment.CI_MERGE_REQUEST_TARGET_BRANCH_NAME;
  if (target) {
    // The source branch's commit is given where GitLab has made a merge of it, which is what CI_COMMIT_SHA then is.
    // The base of the merge request's diff may lag behind (https://gitlab.com/gitlab-org/gitlab/-/issues/442031).
    const base = environment.CI_MERGE_REQUEST_TARGET_BRANCH_SHA || environment.CI_MERGE_REQUEST_DIFF_BASE_SHA;
    return {
      kind: 'change',
      target,
      ...(base && { base }),
      head: environment.CI_MERGE_REQUEST_SOURCE_BRANCH_SHA || commit,
      source,
    };
  }
  const { CI_COMMIT_BEFORE_SHA: before, CI_COMMIT_BRANCH: branch, CI_COMMIT_TAG: tag } = environment;
  // In other pipelines, all zeros do not stand for a new branch.
  if (pipeline !== 'push' || !(branch || tag)) return undefined;
  return {
    kind: 'push',
    ref: tag ? `refs/tags/${tag}` : `refs/heads/${branch}`,
    ...(before && { before }),
    after: commit,
    ...(environment.CI_DEFAULT_BRANCH && { defaultBranch: environment.CI_DEFAULT_BRANCH }),
    source,
  };
}
