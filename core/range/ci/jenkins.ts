/**
 * The range of a Jenkins build of a multibranch project: of a change request, or of a branch since the last build
 * that was green.
 * https://www.jenkins.io/doc/book/pipeline/multibranch/#additional-environment-variables
 * https://plugins.jenkins.io/git/#plugin-content-environment-variables
 */
import type { RangeRequest } from '../range.ts';

/** Undefined outside of Jenkins. */
export function jenkinsRange(environment: NodeJS.ProcessEnv): RangeRequest | undefined {
  const { JENKINS_URL, JENKINS_HOME, CHANGE_TARGET: target, BRANCH_NAME: branch, TAG_NAME: tag } = environment;
  if (!JENKINS_URL && !JENKINS_HOME) return undefined;
  const head = environment.GIT_COMMIT || 'HEAD';
  if (target) return { kind: 'change', target, head, source: 'Jenkins, change request' };
  const before = environment.GIT_PREVIOUS_SUCCESSFUL_COMMIT;
  const name = tag || branch || environment.GIT_LOCAL_BRANCH;
  if (!name) return undefined;
  return {
    kind: 'push',
    ref: tag ? `refs/tags/${tag}` : `refs/heads/${name}`,
    ...(before && { before }),
    after: head,
    ...(environment.BRANCH_IS_PRIMARY === 'true' && branch && { defaultBranch: branch }),
    source: 'Jenkins, branch',
  };
}
