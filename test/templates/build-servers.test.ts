/** The templates of the other build servers: run in a checkout of a change that would judge itself. */
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { existsSync, lstatSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cp } from 'node:fs/promises';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { type Ran, temporaryFolder } from '../cli/harness.ts';
import { startGitlab } from '../support/forge-servers/gitlab.ts';
import { packedCommand } from './package.ts';
import { checkout, runProgram, scenario } from './scenario.ts';

const root = join(import.meta.dirname, '..', '..');
const package_ = await packedCommand();
const forge = scenario();
const token = 'glpat-0123456789abcdefghij';

const gitlab = await startGitlab(
  {
    id: 42,
    path: 'group/project',
    users: { ada: { id: 1, name: 'Ada Example', access: 40 }, bot: { id: 2, name: 'Bot', bot: true, access: 30 } },
    mergeRequests: {
      7: {
        title: 'Topic',
        author: 'ada',
        source: { branch: 'topic', sha: forge.bad },
        target: { branch: 'main', sha: forge.base },
      },
    },
  },
  { tokens: { [token]: 'bot' } },
);
after(() => gitlab.close());

/** Nothing that the change brings was run, and its link was not written through. */
function untouched(folder: string): void {
  assert.ok(!existsSync(join(folder, 'pwned')));
  assert.ok(!existsSync(join(folder, '.git', 'decisions.jsonl')));
  if (existsSync(join(folder, 'countersign-report'))) {
    assert.ok(!lstatSync(join(folder, 'countersign-report')).isSymbolicLink());
  }
}

/** The pipeline of a project that includes the component, by gitlab-ci-local, which checks GitLab's schema first. */
async function pipeline(ref: string, variables: Record<string, string>): Promise<Ran & { folder: string }> {
  const folder = checkout(forge, ref);
  await cp(join(root, 'templates', 'countersign'), join(folder, 'templates', 'countersign'), { recursive: true });
  const inputs = { package: package_, comment: true, arguments: '--timeout\n45\n' };
  const include = [{ local: 'templates/countersign/template.yml', inputs }];
  // JSON is YAML.
  writeFileSync(join(folder, '.gitlab-ci.yml'), JSON.stringify({ include }));
  // It takes local files only when git knows them.
  await runProgram(['git', 'add', '--force', '.gitlab-ci.yml', 'templates'], folder, {});
  const given = {
    GITLAB_CI: 'true',
    CI_API_V4_URL: `${gitlab.url}/api/v4`,
    CI_PROJECT_ID: '42',
    CI_DEFAULT_BRANCH: 'main',
    GITLAB_TOKEN: token,
    ...variables,
  };
  const program = join(root, 'node_modules', 'gitlab-ci-local', 'dist', 'index.js');
  const args = ['--force-shell-executor', '--home', temporaryFolder(), '--no-color'];
  for (const [name, value] of Object.entries(given)) args.push('--variable', `${name}=${value}`);
  return { ...(await runProgram([process.execPath, program, ...args], folder, {})), folder };
}

// gitlab-ci-local copies the checkout with it.
const hasRsync = spawnSync('rsync', ['--version']).status === 0;
const skip = !hasRsync && !process.env.CI && 'no rsync';

test('GitLab: a merge request', { skip }, async () => {
  const ran = await pipeline('refs/heads/topic', {
    CI_PIPELINE_SOURCE: 'merge_request_event',
    CI_COMMIT_SHA: forge.bad,
    CI_MERGE_REQUEST_IID: '7',
    CI_MERGE_REQUEST_PROJECT_ID: '42',
    CI_MERGE_REQUEST_TARGET_BRANCH_NAME: 'main',
    CI_MERGE_REQUEST_DIFF_BASE_SHA: forge.base,
    CI_MERGE_REQUEST_SOURCE_BRANCH_SHA: '',
  });
  assert.notEqual(ran.code, 0, ran.stdout + ran.stderr);
  assert.match(ran.stdout, /Denied: 1 denied, 1 passed/, ran.stderr);
  untouched(ran.folder);
  const report = (name: string): string => readFileSync(join(ran.folder, 'countersign-report', name), 'utf8');
  assert.equal(JSON.parse(report('code-quality.json')).length, 1);
  assert.match(report('junit.xml'), /<failure /);
  assert.match(report('decisions.jsonl'), /"result":"deny"/);
  assert.match(gitlab.notes[0]?.body ?? '', /## ❌ Countersign: denied/);
  assert.equal(gitlab.notes.length, 1);
  for (const name of readdirSync(join(ran.folder, 'countersign-report'))) assert.ok(!report(name).includes(token));
  assert.ok(!`${ran.stdout}${ran.stderr}`.includes(token));
});

test('GitLab: what arrives on the default branch, and the schedule', { skip }, async () => {
  const pushed = await pipeline('refs/heads/topic', {
    CI_PIPELINE_SOURCE: 'push',
    CI_COMMIT_BRANCH: 'main',
    CI_COMMIT_BEFORE_SHA: forge.base,
    CI_COMMIT_SHA: forge.bad,
    CI_COMMIT_REF_NAME: 'main',
  });
  assert.notEqual(pushed.code, 0, pushed.stdout + pushed.stderr);
  assert.match(pushed.stdout, /countersign-push .*Denied: 1 denied, 1 passed/, pushed.stderr);
  untouched(pushed.folder);
  const scheduled = await pipeline('refs/heads/main', { CI_PIPELINE_SOURCE: 'schedule', CI_COMMIT_BRANCH: 'main' });
  assert.notEqual(scheduled.code, 0, scheduled.stdout + scheduled.stderr);
  assert.match(gitlab.issues[0]?.title ?? '', /1 overdue/, scheduled.stdout + scheduled.stderr);
});

/** The `sh` steps of a file, as Groovy reads `'''…'''`. */
function shellSteps(file: string): string[] {
  const text = readFileSync(join(root, file), 'utf8');
  return [...text.matchAll(/\bsh '''(.*?)'''/gs)].map(([, script = '']) => script);
}

/** As Jenkins' `sh` step runs it. */
async function shell(script: string, folder: string, env: Record<string, string>): Promise<Ran> {
  const file = join(temporaryFolder(), 'script.sh');
  writeFileSync(file, script);
  return runProgram(['sh', '-xe', file], folder, { COUNTERSIGN_PACKAGE: package_, COUNTERSIGN_INTEGRITY: '', ...env });
}

const change = {
  JENKINS_URL: 'https://jenkins.example.com/',
  CHANGE_ID: '7',
  CHANGE_TARGET: 'main',
  CHANGE_BRANCH: 'topic',
  BRANCH_NAME: 'PR-7',
  BUILD_NUMBER: '1',
};

test('Jenkins: the declarative pipeline', async () => {
  const [gate, exceptions, ...more] = shellSteps('templates/jenkins/Jenkinsfile');
  assert.ok(gate && exceptions && more.length === 0);
  const folder = checkout(forge, 'refs/heads/topic');
  const judged = await shell(gate, folder, { ...change, GIT_COMMIT: forge.bad });
  assert.equal(judged.code, 1, judged.stdout + judged.stderr);
  assert.match(judged.stdout, /Denied: 1 denied, 1 passed/);
  assert.match(readFileSync(join(folder, 'countersign-report/junit.xml'), 'utf8'), /<failure /);
  untouched(folder);
  const main = { JENKINS_URL: change.JENKINS_URL, BRANCH_NAME: 'topic', GIT_COMMIT: forge.bad };
  const branch = await shell(gate, folder, main);
  assert.match(branch.stdout, /No build of this branch has passed yet[\s\S]*1 denied, 0 passed/, branch.stderr);
  const due = await shell(exceptions, checkout(forge, 'refs/heads/main'), { BRANCH_NAME: 'main' });
  assert.equal(due.code, 1, due.stdout + due.stderr);
  assert.match(due.stdout, /follow-up overdue/);
});

test('Jenkins: the shared step', async () => {
  const [script, ...more] = shellSteps('templates/jenkins/vars/countersign.groovy');
  assert.ok(script && more.length === 0);
  const folder = checkout(forge, 'refs/heads/topic');
  const prepare = /sh '([^']+)'/.exec(
    readFileSync(join(root, 'templates/jenkins/vars/countersign.groovy'), 'utf8'),
  )?.[1];
  assert.equal((await shell(prepare ?? 'false', folder, {})).code, 0);
  const lines = ['gate', '--format', 'json', '--timeout', '45'];
  writeFileSync(join(folder, 'countersign-report/arguments'), `${lines.join('\n')}\n`);
  const judged = await shell(script, folder, { ...change, GIT_COMMIT: forge.bad });
  assert.equal(judged.code, 1, judged.stdout + judged.stderr);
  assert.equal(JSON.parse(judged.stdout).result, 'deny');
  untouched(folder);
});

test('the generic script: any build server, and none', async () => {
  const script = join(root, 'templates', 'countersign-gate.sh');
  const run = (folder: string, args: string[], env: Record<string, string> = {}): Promise<Ran> =>
    runProgram(['sh', script, ...args], folder, { COUNTERSIGN_PACKAGE: package_, ...env });
  const folder = checkout(forge, 'refs/heads/topic');
  const denied = await run(folder, ['gate', '--base', 'origin/main', '--format', 'json']);
  assert.equal(denied.code, 1, denied.stderr);
  assert.equal(JSON.parse(denied.stdout).commits.length, 2);
  const allowed = await run(folder, ['gate', '--base', 'origin/main', '--head', forge.good]);
  assert.equal(allowed.code, 0, allowed.stderr);
  assert.ok(!existsSync(join(folder, 'pwned')));
  assert.equal((await run(folder, [], { COUNTERSIGN_PACKAGE: 'countersign@^0.1.0' })).code, 2);
});

test('every template installs alike, in the version of this package', () => {
  const files = [
    'templates/countersign-gate.sh',
    'templates/countersign/template.yml',
    'templates/azure-pipelines/countersign.yml',
    'templates/jenkins/Jenkinsfile',
    'templates/jenkins/vars/countersign.groovy',
  ];
  const { version } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as { version: string };
  const blocks = files.flatMap((file) => {
    const text = readFileSync(join(root, file), 'utf8');
    const versions = [...text.matchAll(/countersign@v?(\d+\.\d+\.\d+)/g)].map(([, one]) => one);
    assert.ok(versions.length > 0, file);
    for (const one of versions) assert.ok(one === version || one === '1.2.3', `${file}: ${one}`);
    const found = [...text.matchAll(/^( *)echo '\{ "private": true \}' .*?^\1fi\n/gms)];
    assert.ok(found.length > 0, file);
    return found.map(([block, indent = '']) => block.replaceAll(new RegExp(`^${indent}`, 'gm'), ''));
  });
  assert.equal(new Set(blocks).size, 1, [...new Set(blocks)].join('\n---\n'));
});
