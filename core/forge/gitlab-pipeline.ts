/** What GitLab's pipelines tell of their merge request, for jobs whose token may not ask. */
import { type ForgeFacts, type Gathering, known } from './gathering.ts';
import type { GitlabChange } from './source.ts';

/** What a pipeline's own variables tell, for what a job's token may not ask. */
export function shownByPipeline(gathered: Gathering, change: GitlabChange): ForgeFacts['change'] {
  const { environment } = gathered.options;
  const own = environment.GITLAB_CI === 'true' && Number(environment.CI_MERGE_REQUEST_IID) === change.number;
  if (!own) return {};
  const of = (name: string): string | undefined => environment[`CI_MERGE_REQUEST_${name}`] || undefined;
  const labels = environment.CI_MERGE_REQUEST_LABELS;
  const { CI_MERGE_REQUEST_PROJECT_URL: project } = environment;
  const whole = of('DESCRIPTION_IS_TRUNCATED') !== 'true';
  const told: ForgeFacts['change'] = {
    id: String(change.number),
    ...(project && { url: `${project}/-/merge_requests/${change.number}` }),
    ...(of('TITLE') && { title: of('TITLE') }),
    ...(of('DESCRIPTION') && whole && { body: of('DESCRIPTION') }),
    ...(of('TARGET_BRANCH_NAME') && { base_branch: of('TARGET_BRANCH_NAME') }),
    ...(of('SOURCE_BRANCH_NAME') && { head_branch: of('SOURCE_BRANCH_NAME') }),
    ...(of('DRAFT') && { draft: of('DRAFT') === 'true' }),
    ...(of('SOURCE_PROJECT_ID') && { from_fork: of('SOURCE_PROJECT_ID') !== of('PROJECT_ID') }),
    merge_queue: change.mergeQueue ?? false,
    ...(labels !== undefined && { labels: labels.split(',').filter((label) => label !== '') }),
  };
  for (const key of Object.keys(told)) known(gathered, `change.${key}`, 'environment gitlab');
  return told;
}
