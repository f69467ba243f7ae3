/** The steps of Azure Pipelines: run in a checkout of a change that would judge itself. */
import assert from 'node:assert/strict';
import { existsSync, readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { parse } from 'yaml';
import { type Ran, temporaryFolder } from '../cli/harness.ts';
import { startGithub } from '../support/forge-servers/github.ts';
import { startForgeServer } from '../support/forge-servers/server.ts';
import { packedCommand } from './package.ts';
import { checkout, runProgram, scenario } from './scenario.ts';

const root = join(import.meta.dirname, '..', '..');
const package_ = await packedCommand();
const forge = scenario();
const token = 'ghs_0123456789abcdefghijABCDEFGHIJ012345';

interface AzureStep {
  bash?: string;
  env?: Record<string, string>;
}

/** The only script of the Azure template, in a checkout, as the agent runs it. */
async function azure(
  folder: string,
  given: Record<string, unknown>,
  variables: Record<string, string>,
): Promise<Ran & { reports: string }> {
  const template = parse(readFileSync(join(root, 'templates/azure-pipelines/countersign.yml'), 'utf8')) as {
    parameters: { name: string; default: unknown }[];
    steps: AzureStep[];
  };
  const step = template.steps.find(({ bash }) => bash !== undefined);
  assert.ok(step?.bash && !step.bash.includes('${{'));
  const values: Record<string, unknown> = { package: package_, ...given };
  const env: Record<string, string> = {};
  for (const [name, text] of Object.entries(step.env ?? {})) {
    const parameter = /^\$\{\{ parameters\.(\w+) \}\}$/.exec(text)?.[1] ?? '';
    const found = template.parameters.find((one) => one.name === parameter);
    // The agent fills in its own variables.
    if (text === '$(System.AccessToken)') continue;
    assert.ok(found, text);
    const value = values[parameter] ?? found.default;
    // As the agent writes booleans.
    env[name] = typeof value === 'boolean' ? (value ? 'True' : 'False') : String(value);
  }
  const temp = temporaryFolder();
  const script = join(temp, 'step.sh');
  writeFileSync(script, step.bash);
  const ran = await runProgram(['bash', '--noprofile', '--norc', script], folder, {
    ...env,
    TF_BUILD: 'True',
    AGENT_TEMPDIRECTORY: temp,
    BUILD_REPOSITORY_PROVIDER: 'GitHub',
    BUILD_REPOSITORY_NAME: 'example/project',
    ...variables,
  });
  return { ...ran, reports: join(temp, 'countersign-report') };
}

test('Azure Pipelines: a pull request on GitHub', async () => {
  const github = await startGithub(
    {
      owner: 'example',
      name: 'project',
      users: { ada: { role: 'write' }, 'countersign[bot]': { type: 'Bot' } },
      pulls: {
        7: {
          title: 'Topic',
          author: 'ada',
          base: { ref: 'main', sha: forge.base },
          head: { ref: 'topic', sha: forge.bad },
        },
      },
      branches: { main: { sha: forge.base } },
    },
    { tokens: { [token]: 'countersign[bot]' } },
  );
  after(() => github.close());
  const folder = checkout(forge, 'refs/pull/7/merge');
  const given = { githubToken: token, comment: true, arguments: '--timeout\n45\n' };
  const ran = await azure(folder, given, {
    BUILD_REASON: 'PullRequest',
    BUILD_SOURCEBRANCH: 'refs/pull/7/merge',
    BUILD_SOURCEVERSION: forge.merge,
    SYSTEM_PULLREQUEST_PULLREQUESTNUMBER: '7',
    SYSTEM_PULLREQUEST_TARGETBRANCH: 'main',
    SYSTEM_PULLREQUEST_SOURCECOMMITID: forge.bad,
    GITHUB_API_URL: github.url,
  });
  assert.equal(ran.code, 1, ran.stdout + ran.stderr);
  assert.match(ran.stdout, /^##vso\[task\.logissue type=error;/m);
  assert.match(ran.stdout, /^##vso\[task\.uploadsummary\].*summary\.md$/m);
  const expected = ['decisions.jsonl', 'decisions.jsonl.head', 'gate.sarif', 'junit.xml', 'summary.md'];
  assert.deepEqual(readdirSync(ran.reports).sort(), expected);
  assert.match(github.comments[0]?.body ?? '', /## ❌ Countersign: denied/, ran.stderr);
  assert.ok(!existsSync(join(folder, 'pwned')));
});

test('Azure Pipelines: a branch, since the last run that passed', async () => {
  const earlier: { result: string; sourceVersion: string }[] = [];
  const server = await startForgeServer(({ method, path, query, headers }) => {
    const asked = [method, path, query.get('branchName'), headers.authorization].join(' ');
    return asked === `GET /collection/p1/_apis/build/builds refs/heads/topic Bearer ${token}`
      ? { body: { count: earlier.length, value: earlier } }
      : undefined;
  });
  after(() => server.close());
  const run = (token_: string) =>
    azure(
      checkout(forge, 'refs/heads/topic'),
      {},
      {
        BUILD_REASON: 'IndividualCI',
        BUILD_SOURCEBRANCH: 'refs/heads/topic',
        BUILD_SOURCEVERSION: forge.bad,
        SYSTEM_COLLECTIONURI: `${server.url}/collection/`,
        SYSTEM_TEAMPROJECTID: 'p1',
        SYSTEM_DEFINITIONID: '5',
        SYSTEM_ACCESSTOKEN: token_,
      },
    );
  const first = await run(token);
  assert.equal(first.code, 1, first.stdout + first.stderr);
  assert.match(first.stdout, /No run of refs\/heads\/topic has passed yet[\s\S]*1 denied, 0 passed/);
  earlier.push({ result: 'failed', sourceVersion: forge.good }, { result: 'succeeded', sourceVersion: forge.base });
  assert.match((await run(token)).stdout, /1 denied, 1 passed/);
  const refused = await run('wrong');
  assert.equal(refused.code, 3, refused.stdout + refused.stderr);
  assert.match(refused.stderr, /did not tell of earlier runs: 404/);
});
