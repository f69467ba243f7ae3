/** What each CI's environment says of a run, by the variables that its documentation names. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { ciRun } from '../../../../core/decision/log/ci-run.ts';

const github = {
  GITHUB_ACTIONS: 'true',
  GITHUB_SERVER_URL: 'https://github.example.com',
  GITHUB_REPOSITORY: 'example/project',
  GITHUB_RUN_ID: '7',
  GITHUB_RUN_ATTEMPT: '2',
  GITHUB_ACTOR: 'ann',
};

test('GitHub, also who started a run again', () => {
  const run = 'https://github.example.com/example/project/actions/runs/7/attempts/2';
  assert.deepEqual(ciRun(github), { requestedBy: 'ann', details: { run } });
  assert.equal(ciRun({ ...github, GITHUB_TRIGGERING_ACTOR: 'bo' }).requestedBy, 'bo');
});

test('GitLab, Azure and Jenkins', () => {
  const job = 'https://gitlab.example.com/example/project/-/jobs/7';
  assert.deepEqual(ciRun({ GITLAB_CI: 'true', GITLAB_USER_LOGIN: 'ann', CI_JOB_URL: job }), {
    requestedBy: 'ann',
    details: { run: job },
  });
  const azure = {
    TF_BUILD: 'True',
    SYSTEM_COLLECTIONURI: 'https://dev.azure.com/example/',
    SYSTEM_TEAMPROJECT: 'My Project',
    BUILD_BUILDID: '7',
    BUILD_REQUESTEDFOR: 'Ann Example',
  };
  assert.deepEqual(ciRun(azure), {
    requestedBy: 'Ann Example',
    details: { run: 'https://dev.azure.com/example/My%20Project/_build/results?buildId=7' },
  });
  const jenkins = {
    JENKINS_URL: 'https://ci.example.com/',
    BUILD_URL: 'https://ci.example.com/job/a/7/',
    BUILD_USER_ID: 'ann',
  };
  assert.deepEqual(ciRun(jenkins), { requestedBy: 'ann', details: { run: 'https://ci.example.com/job/a/7/' } });
});

test('what is not known is absent', () => {
  for (const environment of [{}, { GITHUB_ACTOR: 'ann' }, { GITLAB_CI: 'true', CI_JOB_URL: 'javascript:x' }]) {
    assert.deepEqual(ciRun(environment), { details: {} });
  }
});
