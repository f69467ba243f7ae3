/**
 * Runs a workflow's job as GitHub's runner does, as far as our templates go: expressions, `if`, `with`, `env`,
 * composite actions, and the files that steps write to. Others' actions are what a test says they are.
 */
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { parse } from 'yaml';
import { runProgram } from './scenario.ts';

const root = join(import.meta.dirname, '..', '..');

interface Step {
  id?: string;
  uses?: string;
  run?: string;
  shell?: string;
  if?: string;
  with?: Record<string, unknown>;
  env?: Record<string, string>;
  'continue-on-error'?: boolean;
}

export interface JobRun {
  /** Of the job: the steps' own exit codes. */
  failed: boolean;
  /** Standard output of all steps: what the runner reads commands from. */
  log: string;
  summary: string;
  outputs: Record<string, Record<string, string>>;
  /** The steps that ran, by `uses` without its revision. */
  ran: { uses: string; with: Record<string, string> }[];
}

export interface JobContext {
  /** The `github` context. */
  github: { token: string; event: object; event_name: string; repository: string; [name: string]: unknown };
  env: Record<string, string>;
  checkout: string;
  temp: string;
  /** Put over the `with` of our own action. */
  with?: Record<string, string>;
}

/** Runs the only job of a workflow file. */
export async function runWorkflow(file: string, context: JobContext): Promise<JobRun> {
  const { jobs } = parse(readFileSync(join(root, file), 'utf8')) as { jobs: Record<string, { steps: Step[] }> };
  const [job, ...more] = Object.values(jobs);
  if (!job || more.length > 0) throw new Error(`${file} has not one job`);
  const run: JobRun = { failed: false, log: '', summary: '', outputs: {}, ran: [] };
  for (const step of job.steps) await runStep(step, context, run);
  return run;
}

async function runStep(step: Step, context: JobContext, run: JobRun): Promise<void> {
  const scope = { github: context.github, steps: stepsOf(run.outputs), inputs: {} };
  const wanted = step.if === undefined ? !run.failed : evaluate(step.if, scope, run.failed);
  if (!wanted) return;
  const given = Object.fromEntries(
    Object.entries(step.with ?? {}).map(([name, value]) => [name, fill(String(value), scope)]),
  );
  const uses = step.uses?.replace(/@.*/, '') ?? '';
  run.ran.push({ uses, with: given });
  if (uses !== 'countersign/countersign') return;
  const ok = await runAction({ ...given, ...context.with }, step.id ?? '', context, run);
  if (!ok && !step['continue-on-error']) run.failed = true;
}

/** Runs action.yml, a composite action. */
export async function runAction(
  given: Record<string, string>,
  id: string,
  context: JobContext,
  run: JobRun,
): Promise<boolean> {
  const action = parse(readFileSync(join(root, 'action.yml'), 'utf8')) as {
    inputs: Record<string, { default?: string }>;
    outputs: Record<string, { value: string }>;
    runs: { steps: Step[] };
  };
  const unknown = Object.keys(given).find((name) => !(name in action.inputs));
  if (unknown) throw new Error(`action.yml has no input ${unknown}`);
  const { github, temp } = context;
  const inputs = Object.fromEntries(
    Object.entries(action.inputs).map(([name, input]) => [
      name,
      given[name] ?? fill(input.default ?? '', { github, steps: {}, inputs: {} }),
    ]),
  );
  const outputs: Record<string, Record<string, string>> = {};
  let ok = true;
  for (const step of action.runs.steps) {
    const scope = { github, inputs, steps: stepsOf(outputs) };
    if (step.shell !== 'bash' || step.run === undefined) throw new Error('action.yml has a step that is no bash');
    const files = mkdtempSync(join(temp, 'files-'));
    const [output, summary, script] = ['output', 'summary', 'script.sh'].map((name) => join(files, name)) as [
      string,
      string,
      string,
    ];
    for (const file of [output, summary]) writeFileSync(file, '');
    writeFileSync(script, fill(step.run, scope));
    const env = Object.fromEntries(Object.entries(step.env ?? {}).map(([name, text]) => [name, fill(text, scope)]));
    // As the runner starts `shell: bash`.
    const paths = { GITHUB_OUTPUT: output, GITHUB_STEP_SUMMARY: summary, GITHUB_ACTION_PATH: root, RUNNER_TEMP: temp };
    const bash = ['bash', '--noprofile', '--norc', '-eo', 'pipefail', script];
    const ran = await runProgram(bash, context.checkout, { ...context.env, ...paths, ...env });
    run.log += ran.stdout + ran.stderr;
    run.summary += readFileSync(summary, 'utf8');
    const lines = readFileSync(output, 'utf8').split('\n').filter(Boolean);
    outputs[step.id ?? ''] = Object.fromEntries(lines.map((line) => line.split(/=(.*)/s).slice(0, 2)));
    if (ran.code !== 0) ok = false;
  }
  const scope = { github, inputs, steps: stepsOf(outputs) };
  run.outputs[id] = Object.fromEntries(
    Object.entries(action.outputs).map(([name, { value }]) => [name, fill(value, scope)]),
  );
  return ok;
}

function stepsOf(outputs: Record<string, Record<string, string>>): object {
  return Object.fromEntries(Object.entries(outputs).map(([id, values]) => [id, { outputs: values }]));
}

/** Text with its `${{ }}` replaced. */
function fill(text: string, scope: object): string {
  return text.replace(/\$\{\{(.*?)\}\}/gs, (_, expression: string) =>
    String(evaluated(expression, scope, false) ?? ''),
  );
}

function evaluate(expression: string, scope: object, failed: boolean): boolean {
  const value = evaluated(expression.replace(/^\$\{\{(.*)\}\}$/s, '$1'), scope, failed);
  // A condition without a status function means: and nothing has failed.
  return Boolean(value) && (!failed || /always\(\)/.test(expression));
}

/**
 * What our templates use of GitHub's expressions: `||`, `&&`, `==`, `!=`, texts, names, always().
 * https://docs.github.com/en/actions/reference/workflows-and-actions/expressions
 */
function evaluated(expression: string, scope: object, failed: boolean): unknown {
  const tokens = expression.match(/'(?:[^']|'')*'|\|\||&&|==|!=|[()]|[\w.-]+/g) ?? [];
  if (tokens.join('') !== expression.replace(/\s+(?=(?:[^']*'[^']*')*[^']*$)/g, '')) {
    throw new Error(`Cannot read the expression ${expression}`);
  }
  let at = 0;
  const take = (token: string): boolean => tokens[at] === token && ++at > 0;
  const or = (): unknown => {
    let value = and();
    while (take('||')) value = [value, and()].find(Boolean);
    return value;
  };
  const and = (): unknown => {
    let value = compared();
    while (take('&&')) {
      const next = compared();
      value = value ? next : value;
    }
    return value;
  };
  const compared = (): unknown => {
    const left = single();
    if (take('==')) return same(left, single());
    return take('!=') ? !same(left, single()) : left;
  };
  const single = (): unknown => {
    if (take('(')) {
      const value = or();
      take(')');
      return value;
    }
    const token = tokens[at++] ?? '';
    if (token.startsWith("'")) return token.slice(1, -1).replaceAll("''", "'");
    if (token === 'always' && take('(') && take(')')) return true;
    if (token === 'failure' && take('(') && take(')')) return failed;
    return token
      .split('.')
      .reduce<unknown>((value, name) => (value as Record<string, unknown> | undefined)?.[name], scope);
  };
  // Nothing and the empty text are the same.
  const same = (left: unknown, right: unknown): boolean => (left ?? '') === (right ?? '');
  return or();
}
