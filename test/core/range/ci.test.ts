import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { test } from 'node:test';
import { isCi, rangeOfEnvironment } from '../../../core/range/ci/environment.ts';
import { temporaryFolder } from '../../support/repository.ts';

const [a, b, none] = ['a'.repeat(40), 'b'.repeat(40), '0'.repeat(40)];

test('GitHub tells the range by the event', async (t) => {
  const file = path.join(await temporaryFolder(t), 'event.json');
  const told = async (name: string, event: unknown) => {
    await writeFile(file, typeof event === 'string' ? event : JSON.stringify(event));
    return rangeOfEnvironment({ GITHUB_EVENT_NAME: name, GITHUB_EVENT_PATH: file });
  };
  const pull = { pull_request: { base: { ref: 'main', sha: a }, head: { ref: 'topic', sha: b } } };
  for (const name of ['pull_request', 'pull_request_target', 'pull_request_review']) {
    const expected = { kind: 'change', target: 'main', base: a, head: b, source: `GitHub, event ${name}` };
    assert.deepEqual(await told(name, pull), expected);
  }
  assert.deepEqual(
    await told('merge_group', { merge_group: { base_ref: 'refs/heads/main', base_sha: a, head_sha: b } }),
    {
      ...{ kind: 'change', target: 'main', base: a, queuedUpon: a, head: b },
      source: 'GitHub, event merge_group',
    },
  );
  const push = { ref: 'refs/heads/main', before: a, after: b, repository: { default_branch: 'main' } };
  assert.deepEqual(await told('push', push), {
    ...{ kind: 'push', ref: 'refs/heads/main', before: a, after: b, defaultBranch: 'main' },
    source: 'GitHub, event push',
  });
  assert.equal(await told('schedule', { schedule: '0 0 * * *' }), undefined);
  await assert.rejects(told('pull_request', { pull_request: {} }), /Cannot decide: .* has no pull_request\.base\.ref/);
  await assert.rejects(told('push', '{"ref": '), /Cannot decide: .* cannot be read/);
  await assert.rejects(told('push', '[]'), /holds no event/);
  await assert.rejects(
    rangeOfEnvironment({ GITHUB_EVENT_NAME: 'push', GITHUB_EVENT_PATH: `${file}.not` }),
    /Cannot decide: .* cannot be read/,
  );
});

test('GitLab tells the range of merge requests, merge trains and pushes', async () => {
  const gitlab = { GITLAB_CI: 'true', CI_COMMIT_SHA: b, CI_COMMIT_BEFORE_SHA: none, CI_DEFAULT_BRANCH: 'main' };
  const request = {
    ...gitlab,
    CI_PIPELINE_SOURCE: 'merge_request_event',
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
    CI_MERGE_REQUEST_DIFF_BASE_SHA: a,
    CI_MERGE_REQUEST_TARGET_BRANCH_SHA: '',
    CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: '',
  };
  const change = { kind: 'change', target: 'main', base: a, head: b, source: 'GitLab, pipeline merge_request_event' };
  assert.deepEqual(await rangeOfEnvironment(request), change);
  const [target, source] = ['c'.repeat(40), 'd'.repeat(40)];
  assert.deepEqual(
    await rangeOfEnvironment({
      ...request,
      CI_MERGE_REQUEST_TARGET_BRANCH_SHA: target,
      CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: source,
    }),
    { ...change, base: target, head: source },
  );
  const push = { ...gitlab, CI_PIPELINE_SOURCE: 'push', CI_COMMIT_BRANCH: 'topic', CI_COMMIT_BEFORE_SHA: a };
  const arrived = { kind: 'push', before: a, after: b, defaultBranch: 'main', source: 'GitLab, pipeline push' };
  assert.deepEqual(await rangeOfEnvironment(push), { ...arrived, ref: 'refs/heads/topic' });
  assert.deepEqual(await rangeOfEnvironment({ ...push, CI_COMMIT_BRANCH: '', CI_COMMIT_TAG: 'v1' }), {
    ...{ ...arrived, ref: 'refs/tags/v1' },
  });
  assert.equal(
    await rangeOfEnvironment({ ...push, CI_PIPELINE_SOURCE: 'schedule', CI_COMMIT_BEFORE_SHA: none }),
    undefined,
  );
});

test('Azure Pipelines and Jenkins tell what they know', async () => {
  const azure = { TF_BUILD: 'True', BUILD_SOURCEVERSION: b, BUILD_SOURCEBRANCH: 'refs/heads/main' };
  assert.deepEqual(
    await rangeOfEnvironment({
      ...azure,
      BUILD_REASON: 'PullRequest',
      SYSTEM_PULLREQUEST_TARGETBRANCH: 'refs/heads/main',
      SYSTEM_PULLREQUEST_SOURCECOMMITID: a,
    }),
    { kind: 'change', target: 'main', head: a, source: 'Azure Pipelines, PullRequest' },
  );
  assert.deepEqual(await rangeOfEnvironment({ ...azure, BUILD_REASON: 'IndividualCI' }), {
    ...{ kind: 'push', ref: 'refs/heads/main', after: b, source: 'Azure Pipelines, IndividualCI' },
  });
  assert.equal(await rangeOfEnvironment({ ...azure, BUILD_REASON: 'Schedule' }), undefined);

  const jenkins = { JENKINS_URL: 'https://ci.example.com/', GIT_COMMIT: b };
  assert.deepEqual(await rangeOfEnvironment({ ...jenkins, CHANGE_TARGET: 'main', BRANCH_NAME: 'PR-1' }), {
    ...{ kind: 'change', target: 'main', head: b, source: 'Jenkins, change request' },
  });
  const branch = { ...jenkins, BRANCH_NAME: 'main', BRANCH_IS_PRIMARY: 'true', GIT_PREVIOUS_SUCCESSFUL_COMMIT: a };
  const arrived = { kind: 'push', ref: 'refs/heads/main', after: b, defaultBranch: 'main', source: 'Jenkins, branch' };
  assert.deepEqual(await rangeOfEnvironment(branch), { ...arrived, before: a });
  assert.deepEqual(await rangeOfEnvironment({ ...branch, GIT_PREVIOUS_SUCCESSFUL_COMMIT: '' }), arrived);
});

test('elsewhere nothing is told', async () => {
  assert.equal(await rangeOfEnvironment({ CI: 'true', CHANGE_TARGET: 'main', CI_COMMIT_SHA: a }), undefined);
  assert.deepEqual(
    [{ CI: 'true' }, { TF_BUILD: 'True' }, { JENKINS_URL: 'x' }, { CI: 'false' }, { CI: '' }, {}].map(isCi),
    [true, true, true, false, false, false],
  );
});
