/** Which change on which host a run is for, and which token goes where. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import { changeOfEnvironment, changeOnForge, tokenFor } from '../../../core/forge/source.ts';

const actions = { GITHUB_ACTIONS: 'true', GITHUB_REPOSITORY: 'example/app', GITHUB_API_URL: 'https://api.github.com' };
const ours = { forge: 'github', apiUrl: 'https://api.github.com', owner: 'example', name: 'app' };

test('GitHub Actions: by the payload of the event', () => {
  const of = (payload: unknown, more = {}) => changeOfEnvironment({ ...actions, ...more }, payload);
  assert.deepEqual(of({ pull_request: { number: 7 } }), { ...ours, number: 7 });
  assert.deepEqual(of({ issue: { number: 7, pull_request: {} } }), { ...ours, number: 7 });
  assert.equal(of({ issue: { number: 7 } }), undefined);
  assert.equal(of({ ref: 'refs/heads/main' }), undefined);
  assert.equal(of(undefined), undefined);
  const group = (head_ref: string) => of({ merge_group: { head_ref } });
  const sha = 'e'.repeat(40);
  assert.deepEqual(group(`refs/heads/gh-readonly-queue/main/pr-12-${sha}`), { ...ours, number: 12, mergeQueue: true });
  assert.deepEqual(group(`refs/heads/gh-readonly-queue/rel/v1/pr-9-${sha}`), { ...ours, number: 9, mergeQueue: true });
  assert.deepEqual(group('refs/heads/pr-9-main'), { ...ours, mergeQueue: true });
  const enterprise = { GITHUB_API_URL: 'https://github.example.com/api/v3' };
  assert.equal(of({ pull_request: { number: 7 } }, enterprise)!.apiUrl, 'https://github.example.com/api/v3');
  for (const number of [0, -1, 1.5, '7; rm', null]) assert.equal(of({ pull_request: { number } }), undefined);
});

test('GitLab CI: merge requests, forks, merge trains', () => {
  const base = { GITLAB_CI: 'true', CI_API_V4_URL: 'https://gitlab.example.com/api/v4', CI_PROJECT_ID: '43' };
  const request = { CI_MERGE_REQUEST_IID: '7', CI_MERGE_REQUEST_PROJECT_ID: '42', CI_COMMIT_SHA: 'a' };
  const forge = { forge: 'gitlab', apiUrl: 'https://gitlab.example.com/api/v4', project: '42', number: 7 };
  assert.equal(changeOfEnvironment(base, undefined), undefined);
  assert.deepEqual(changeOfEnvironment({ ...base, ...request }, undefined), { ...forge, head: 'a' });
  const train = { CI_MERGE_REQUEST_EVENT_TYPE: 'merge_train', CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: 'b' };
  const trained = changeOfEnvironment({ ...base, ...request, ...train }, undefined);
  assert.deepEqual(trained, { ...forge, head: 'b', mergeQueue: true });
});

test('Jenkins and Azure Pipelines: where the change is shown', () => {
  const jenkins = (CHANGE_URL: string, more = {}) =>
    changeOfEnvironment({ JENKINS_URL: 'x', CHANGE_ID: '7', CHANGE_URL, ...more }, undefined);
  assert.deepEqual(jenkins('https://github.com/example/app/pull/7'), { ...ours, number: 7 });
  const enterprise = jenkins('https://github.example.com/example/app/pull/7');
  assert.equal(enterprise!.apiUrl, 'https://github.example.com/api/v3');
  assert.equal(jenkins('https://example.ghe.com/example/app/pull/7')!.apiUrl, 'https://api.example.ghe.com');
  assert.deepEqual(jenkins('https://gitlab.example.com/group/sub/app/-/merge_requests/7'), {
    ...{ forge: 'gitlab', apiUrl: 'https://gitlab.example.com/api/v4', project: 'group/sub/app', number: 7 },
  });
  assert.equal(jenkins('https://bitbucket.example.com/x/pull-requests/7'), undefined);
  const azure = {
    TF_BUILD: 'True',
    BUILD_REPOSITORY_PROVIDER: 'GitHub',
    BUILD_REPOSITORY_NAME: 'example/app',
    BUILD_REPOSITORY_URI: 'https://github.com/example/app',
    SYSTEM_PULLREQUEST_PULLREQUESTNUMBER: '7',
  };
  assert.deepEqual(changeOfEnvironment(azure, undefined), { ...ours, number: 7 });
  assert.equal(changeOfEnvironment({ ...azure, BUILD_REPOSITORY_PROVIDER: 'TfsGit' }, undefined), undefined);
  assert.equal(changeOfEnvironment({}, undefined), undefined);
});

test("outside of CI the remote's URL tells the repository", () => {
  const of = (forge: 'github' | 'gitlab', host: string, environment = {}) =>
    changeOnForge(forge, { environment, repository: { host, owner: 'group/sub', name: 'app' }, number: 7 });
  assert.equal(of('github', 'github.com')!.apiUrl, 'https://api.github.com');
  assert.deepEqual(of('gitlab', 'gitlab.com'), {
    ...{ forge: 'gitlab', apiUrl: 'https://gitlab.com/api/v4', project: 'group/sub/app', number: 7 },
  });
  assert.equal(
    of('gitlab', 'x', { GITLAB_URL: 'http://gitlab.example.com:8080/' })!.apiUrl,
    'http://gitlab.example.com:8080/api/v4',
  );
  assert.equal(changeOnForge('github', { environment: {}, repository: { name: 'app' } }), undefined);
});

test('a token goes to the host that it is for, and nowhere else', () => {
  const at = (forge: 'github' | 'gitlab', apiUrl: string, environment: Record<string, string>) => {
    const change = forge === 'github' ? { forge, apiUrl, owner: 'o', name: 'n' } : { forge, apiUrl, project: 'p' };
    return tokenFor(change, environment)?.token;
  };
  const github = { GITHUB_TOKEN: 'g', GH_ENTERPRISE_TOKEN: 'e' };
  assert.equal(at('github', 'https://api.github.com', github), 'g');
  assert.equal(at('github', 'https://api.example.ghe.com', { GH_TOKEN: 'h' }), 'h');
  assert.equal(at('github', 'https://github.evil.example/api/v3', github), 'e');
  assert.equal(at('github', 'https://github.evil.example/api/v3', { GITHUB_TOKEN: 'g' }), undefined);
  assert.equal(at('github', 'https://api.github.com.evil.example', { GITHUB_TOKEN: 'g' }), undefined);
  const named = { GITHUB_TOKEN: 'g', GITHUB_API_URL: 'https://github.example.com/api/v3' };
  assert.equal(at('github', 'https://github.example.com/api/v3', named), 'g');
  const gitlab = { CI_JOB_TOKEN: 'j', CI_API_V4_URL: 'https://gitlab.example.com/api/v4' };
  assert.equal(at('gitlab', 'https://gitlab.example.com/api/v4', gitlab), 'j');
  assert.equal(at('gitlab', 'https://gitlab.example.com/api/v4', { ...gitlab, GITLAB_TOKEN: 't' }), 't');
  assert.equal(at('gitlab', 'https://elsewhere.example/api/v4', { ...gitlab, GITLAB_TOKEN: 't' }), undefined);
  assert.equal(at('gitlab', 'https://gitlab.com/api/v4', { GITLAB_TOKEN: ' t\n' }), 't');
  assert.equal(at('gitlab', 'https://gitlab.com/api/v4', { GITLAB_TOKEN: ' ' }), undefined);
});
