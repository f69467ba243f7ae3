/** `countersign check`: are the policies well-formed? Parses, compiles and lints; judges nothing. */
import { Command } from 'commander';
import type { Target } from '../core/policies/targets.ts';
import type { Engine } from '../engine/engine.ts';
import type { Problem, RegoVersion } from '../engine/protocol.ts';
import { exitCodes, UsageError } from './exit.ts';
import { type Format, formatOption, regoOption } from './options.ts';
import { count, stderr, stdout } from './terminal.ts';

interface CheckOptions {
  format: Format;
  rego?: RegoVersion;
  lint: boolean;
  strict?: boolean;
}

export function checkCommand(): Command {
  return new Command('check')
    .description('parse, compile and lint policies, and validate their data, configuration and schemas')
    .argument('[path...]', 'policy folders or files; the .countersign folder here when absent')
    .option('--no-lint', 'parse and compile only')
    .option('--strict', "OPA's strict mode: unused variables and imports are errors")
    .addOption(regoOption())
    .addOption(formatOption())
    .action(check);
}

async function check(paths: string[], options: CheckOptions): Promise<void> {
  const [{ startEngine }, { loadPolicyTargets }] = await Promise.all([
    import('../engine/start.ts'),
    import('./targets.ts'),
  ]);
  const starting = startEngine();
  starting.catch(() => undefined);
  const targets = await loadPolicyTargets(paths, options.rego);
  const engine = await starting;
  const problems: Problem[] = [];
  let files = 0;
  for (const [index, target] of targets.entries()) {
    const { policies, only } = target;
    const found = await checkTarget(engine, `check-${index}`, target, options);
    problems.push(...(only ? found.filter(({ path }) => only.has(path)) : found));
    files += only?.size ?? policies.files.length + policies.testFiles.length + policies.schemaTests.length;
  }
  await engine.dispose();
  await report(sortedOnce(problems), files, options.format);
}

/** All that is wrong with one policy set. */
async function checkTarget(engine: Engine, workspace: string, target: Target, options: CheckOptions) {
  const [{ compileSchemas }, { discoverSchemaTests }] = await Promise.all([
    import('../core/policies/schema-policy.ts'),
    import('../core/policies/schema-test.ts'),
  ]);
  const { policies } = target;
  const problems = [...policies.problems, ...compileSchemas(policies.schemas).problems];
  for (const file of policies.schemaTests) problems.push(...discoverSchemaTests(file).problems);
  const files = [...policies.files, ...policies.testFiles, ...policies.lintFiles];
  const opened = await engine.call('workspace/open', { workspace, files, regoVersion: policies.regoVersion });
  problems.push(...opened.problems);
  problems.push(...(await engine.call('check', { workspace, strict: options.strict })).problems);
  if (options.lint) problems.push(...(await engine.call('lint', { workspace })).problems);
  return problems;
}

async function report(problems: Problem[], files: number, format: Format): Promise<void> {
  const errors = problems.filter(({ severity }) => severity === 'error').length;
  if (format === 'json') {
    stdout.write(`${JSON.stringify({ files, errors, problems })}\n`);
  } else {
    const { problemLines } = await import('./failure.ts');
    stdout.write(problemLines(problems, stdout.style, problems.length));
    const rest = problems.length - errors;
    const found = problems.length === 0 ? 'no problems' : `${count(errors, 'error')}, ${count(rest, 'warning')}`;
    stderr.write(`${count(files, 'file')} checked: ${found}.\n`);
  }
  if (files === 0) throw new UsageError('There are no policies to check.');
  if (errors > 0) process.exitCode = exitCodes.denied;
}

/** By place, each once: opening and checking both tell of syntax errors. */
function sortedOnce(problems: readonly Problem[]): Problem[] {
  const order = (problem: Problem): string =>
    [
      problem.path,
      String(problem.range.start.line).padStart(8, '0'),
      String(problem.range.start.character).padStart(8, '0'),
      problem.code,
      problem.message,
    ].join('\0');
  const once = new Map(problems.map((problem) => [order(problem), problem]));
  return [...once].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, problem]) => problem);
}
