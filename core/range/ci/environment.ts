/** The range that CI's environment tells. */
import type { RangeRequest } from '../range.ts';
import { azureRange } from './azure.ts';
import { githubRange } from './github.ts';
import { gitlabRange } from './gitlab.ts';
import { jenkinsRange } from './jenkins.ts';

/**
 * What the run is about, by the variables that the CI system sets; undefined where there are none, or
 * where they tell of no commits.
 *
 * Rejects with `DecisionError` when the system says that there is an event, and it cannot be read.
 */
export async function rangeOfEnvironment(environment: NodeJS.ProcessEnv): Promise<RangeRequest | undefined> {
  return (
    (await githubRange(environment)) ?? gitlabRange(environment) ?? azureRange(environment) ?? jenkinsRange(environment)
  );
}

/** Whether this runs in a CI system (https://github.com/watson/ci-info is where the names are collected). */
export function isCi({ CI, TF_BUILD, JENKINS_URL, BUILD_NUMBER }: NodeJS.ProcessEnv): boolean {
  return (CI !== undefined && CI !== '' && CI !== 'false') || [TF_BUILD, JENKINS_URL, BUILD_NUMBER].some(Boolean);
}
