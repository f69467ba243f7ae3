/** The action and GitHub's workflows, run step by step in a checkout of a change that would judge itself. */
import assert from 'node:assert/strict';
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { after, test } from 'node:test';
import { temporaryFolder } from '../cli/harness.ts';
import { type GithubServer, startGithub } from '../support/forge-servers/github.ts';
import { type JobContext, type JobRun, runAction, runWorkflow } from './github-runner.ts';
import { packedCommand } from './package.ts';
import { checkout, type Scenario, scenario } from './scenario.ts';

const token = 'ghs_0123456789abcdefghijABCDEFGHIJ012345';
const package_ = await packedCommand();
const forge = scenario();

async function host({ base, good, bad }: Scenario, readOnly: boolean): Promise<GithubServer> {
  const side = { title: 'Topic', author: 'ada', base: { ref: 'main', sha: base } };
  const server = await startGithub(
    {
      owner: 'example',
      name: 'project',
      users: { ada: { role: 'write' }, 'github-actions[bot]': { type: 'Bot' } },
      pulls: {
        7: { ...side, head: { ref: 'topic', sha: bad } },
        8: { ...side, head: { ref: 'topic', sha: good, fork: 'mallory' } },
      },
      branches: { main: { sha: base } },
    },
    { tokens: { [token]: 'github-actions[bot]' }, forbidden: readOnly ? [/^(POST|PATCH|DELETE) \/repos/] : [] },
  );
  after(() => server.close());
  return server;
}

interface Given {
  ref: string;
  readOnly?: boolean;
  with?: Record<string, string>;
  env?: Record<string, string>;
}

/** The context that GitHub gives a job, and the server it speaks to. */
async function job(eventName: string, event: object, given: Given): Promise<JobContext & { server: GithubServer }> {
  const server = await host(forge, given.readOnly ?? false);
  const temp = join(temporaryFolder(), 'temp');
  mkdirSync(temp);
  const payload = { ...event, repository: { full_name: 'example/project', default_branch: 'main' } };
  const file = join(temp, 'event.json');
  writeFileSync(file, JSON.stringify(payload));
  const work = checkout(forge, given.ref);
  return {
    server,
    checkout: work,
    temp,
    with: { package: package_, ...given.with },
    github: { token, event: payload, event_name: eventName, repository: 'example/project', run_id: 1, run_attempt: 1 },
    env: {
      CI: 'true',
      GITHUB_ACTIONS: 'true',
      GITHUB_EVENT_NAME: eventName,
      GITHUB_EVENT_PATH: file,
      GITHUB_REPOSITORY: 'example/project',
      GITHUB_SERVER_URL: server.url,
      GITHUB_API_URL: server.url,
      GITHUB_WORKSPACE: work,
      GITHUB_REF: given.ref,
      ...given.env,
    },
  };
}

function pull(number: number, head: string, fork = 'example'): object {
  const side = (ref: string, sha: string, owner: string) => ({ ref, sha, repo: { full_name: `${owner}/project` } });
  const sides = { base: side('main', forge.base, 'example'), head: side('topic', head, fork) };
  return { action: 'synchronize', number, pull_request: { number, title: 'Topic', ...sides } };
}

const uses = (run: JobRun): string[] => run.ran.map((step) => step.uses.replace(/^.*\//, ''));

test('a pull request: denied, told where people look, and nothing that it brings has a say', async () => {
  const context = await job('pull_request', pull(7, forge.bad), { ref: 'refs/pull/7/merge' });
  const run = await runWorkflow('templates/github/countersign.yml', context);
  assert.equal(run.failed, true, run.log);
  const outputs = run.outputs.gate ?? {};
  assert.equal(outputs.result, 'deny', run.log);
  assert.match(run.log, /^::error file=\.countersign\/policies\/team\.rego,line=3,title=countersign%3A no-marks::/m);
  assert.match(run.log, /Denied: 1 denied, 1 passed/);
  assert.match(run.summary, /## ❌ Countersign: denied/);
  assert.equal(context.server.comments.length, 1, run.log);
  assert.match(context.server.comments[0]?.body ?? '', /## ❌ Countersign: denied/);
  assert.deepEqual(uses(run), ['checkout', 'countersign', 'upload-artifact', 'upload-sarif']);
  const [log = '', head = ''] = run.ran[2]?.with.path?.trim().split(/\s*\n\s*/) ?? [];
  assert.equal(log, outputs['decision-log']);
  assert.ok(existsSync(head));
  assert.equal(run.ran[3]?.with.sarif_file, outputs['sarif-file']);
  const records = readFileSync(outputs['decision-log'] ?? '', 'utf8');
  assert.match(records, /"result":"deny"/);
  assert.equal(JSON.parse(readFileSync(outputs['sarif-file'] ?? '', 'utf8')).runs[0].results.length, 1);
  assert.ok(!existsSync(join(context.checkout, 'pwned')));
  assert.ok(!`${run.log}${run.summary}${records}`.includes(token));
});

test("a fork's pull request: judged with a token that may only read", async () => {
  const context = await job('pull_request', pull(8, forge.good, 'mallory'), {
    ref: 'refs/pull/8/merge',
    readOnly: true,
  });
  const run = await runWorkflow('templates/github/countersign.yml', context);
  assert.equal(run.outputs.gate?.result, 'allow', run.log);
  assert.equal(run.failed, false);
  assert.match(run.log, /The comment could not be written; the verdict stands/);
  assert.equal(context.server.comments.length, 0);
  // Code scanning takes none from a fork.
  assert.deepEqual(uses(run), ['checkout', 'countersign', 'upload-artifact']);
});

test('a merge queue and a push: the same rules again, over what they would make', async () => {
  const ref = 'refs/heads/gh-readonly-queue/main/pr-7-0123456789012345678901234567890123456789';
  forge.origin.git(['update-ref', ref, forge.merge]);
  const group = { head_sha: forge.merge, head_ref: ref, base_sha: forge.base, base_ref: 'refs/heads/main' };
  const event = { action: 'checks_requested', merge_group: group };
  const queued = await runWorkflow(
    'templates/github/countersign.yml',
    await job('merge_group', event, { ref, env: { GITHUB_SHA: forge.merge } }),
  );
  assert.equal(queued.outputs.gate?.result, 'deny', queued.log);

  const before = forge.origin.git(['rev-parse', 'main']);
  const squashed = forge.origin.commit('Topic (#7)\n\nClaude was here.\n', { parents: [before] });
  const sent = { ref: 'refs/heads/main', before, after: squashed, created: false, deleted: false, forced: false };
  const pushed = await runWorkflow(
    'templates/github/countersign-push.yml',
    await job('push', sent, { ref: 'refs/heads/main', env: { GITHUB_SHA: squashed } }),
  );
  forge.origin.git(['update-ref', 'refs/heads/main', before]);
  assert.equal(pushed.outputs.gate?.result, 'deny', pushed.log);
  assert.deepEqual(uses(pushed), ['checkout', 'countersign', 'upload-artifact']);
});

test('a schedule keeps the issue of follow-ups, and fails when one is overdue', async () => {
  const context = await job('schedule', { schedule: '17 * * * *' }, { ref: 'refs/heads/main' });
  const run = await runWorkflow('templates/github/countersign-exceptions.yml', context);
  assert.equal(run.failed, true, run.log);
  assert.match(context.server.issues[0]?.title ?? '', /1 overdue/);
});

test('inputs are values, never shell text; what is not pinned or not the expected package does not run', async () => {
  const context = await job('pull_request', pull(8, forge.good), { ref: 'refs/pull/8/merge' });
  const attempts: [Record<string, string>, string, RegExp][] = [
    [{ package: 'countersign@latest' }, 'error', /is no one version/],
    [{ package: '/nowhere/countersign.tgz' }, 'undecided', /could not be installed/],
    [{ integrity: 'sha512-AAAA' }, 'undecided', /is sha512-.*, not sha512-AAAA/],
    [{ command: 'gate; touch pwned' }, 'error', /command is gate or exceptions/],
    [{ 'sarif-file': 'a\nresult=allow' }, 'error', /paths in one line/],
    [
      { base: '$(touch pwned)`touch pwned`"; touch pwned; "', arguments: '--timeout\n`touch pwned`' },
      'error',
      /touch pwned/,
    ],
  ];
  for (const [given, result, said] of attempts) {
    const run: JobRun = { failed: false, log: '', summary: '', outputs: {}, ran: [] };
    const ok = await runAction({ package: package_, ...given }, 'gate', context, run);
    assert.equal(ok, false, JSON.stringify(given));
    assert.equal(run.outputs.gate?.result, result, `${JSON.stringify(given)}: ${run.log}`);
    assert.match(run.log, said);
    assert.ok(!existsSync(join(context.checkout, 'pwned')), JSON.stringify(given));
  }
});
