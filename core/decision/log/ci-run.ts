/** Who started a run, and where it can be read about, as the CI's environment says; nothing when none does. */
import type { RecordDetails } from './record.ts';

export interface CiRun {
  requestedBy?: string;
  details: Pick<RecordDetails, 'run'>;
}

type Environment = Readonly<Record<string, string | undefined>>;

/**
 * GitHub (docs.github.com/actions/reference/workflows-and-actions/variables), GitLab
 * (docs.gitlab.com/ci/variables/predefined_variables), Azure (learn.microsoft.com/azure/devops/pipelines/build/variables)
 * and Jenkins (its build-user-vars plugin for the person).
 */
export function ciRun(environment: Environment): CiRun {
  const { requestedBy, run } = told(environment);
  return { ...(requestedBy && { requestedBy }), details: run && /^https?:\/\//.test(run) ? { run } : {} };
}

function told(environment: Environment): { requestedBy?: string; run?: string } {
  const of = (name: string) => environment[name] || undefined;
  if (environment.GITHUB_ACTIONS === 'true') {
    const { GITHUB_SERVER_URL: server, GITHUB_REPOSITORY: repository, GITHUB_RUN_ID: id } = environment;
    const attempt = environment.GITHUB_RUN_ATTEMPT ?? '1';
    return {
      requestedBy: of('GITHUB_TRIGGERING_ACTOR') ?? of('GITHUB_ACTOR'),
      run: server && repository && id ? `${server}/${repository}/actions/runs/${id}/attempts/${attempt}` : undefined,
    };
  }
  if (environment.GITLAB_CI === 'true') return { requestedBy: of('GITLAB_USER_LOGIN'), run: of('CI_JOB_URL') };
  if (/^true$/i.test(environment.TF_BUILD ?? '')) {
    const { SYSTEM_COLLECTIONURI: collection, SYSTEM_TEAMPROJECT: project, BUILD_BUILDID: id } = environment;
    const page = collection && project && id;
    return {
      requestedBy: of('BUILD_REQUESTEDFOR'),
      run: page ? `${collection}${encodeURIComponent(project)}/_build/results?buildId=${id}` : undefined,
    };
  }
  if (environment.JENKINS_URL) return { requestedBy: of('BUILD_USER_ID'), run: of('BUILD_URL') };
  return {};
}
