/** `countersign test`: runs Rego tests and JSON Schema tests. */
import { Command } from 'commander';
import type { Target } from '../core/policies/targets.ts';
import type { Engine } from '../engine/engine.ts';
import type { RegoVersion } from '../engine/protocol.ts';
import { exitCodes, UsageError } from './exit.ts';
import { type Format, formatOption, readSeconds, regoOption } from './options.ts';
import { stdout } from './terminal.ts';
import type { TestReport } from './test-report.ts';

interface TestOptions {
  filter?: string;
  coverage?: boolean;
  timeout: number;
  verbose?: boolean;
  format: Format;
  rego?: RegoVersion;
}

export function testCommand(): Command {
  return new Command('test')
    .description('run the tests of policies: Rego test_ rules and JSON Schema test files')
    .argument('[path...]', 'policy folders or files; the .countersign folder here when absent')
    .option('--filter <regexp>', 'only tests whose full name matches')
    .option('--coverage', 'show which lines of the policies the tests reach')
    .option('--timeout <seconds>', 'for each test', readSeconds, 30)
    .option('-v, --verbose', 'list the tests that pass, too')
    .addOption(regoOption())
    .addOption(formatOption())
    .action(test);
}

async function test(paths: string[], options: TestOptions): Promise<void> {
  const filter = readFilter(options.filter);
  const [{ startEngine }, { loadPolicyTargets }, { coveragePercent, testReport }] = await Promise.all([
    import('../engine/start.ts'),
    import('./targets.ts'),
    import('./test-report.ts'),
  ]);
  const starting = startEngine();
  starting.catch(() => undefined);
  const targets = await loadPolicyTargets(paths, options.rego);
  const engine = await starting;
  const report: TestReport = { tests: [], problems: [], ...(options.coverage && { coverage: [] }) };
  for (const [index, target] of targets.entries()) {
    await runTarget(engine, `test-${index}`, target, options, filter, report);
  }
  await engine.dispose();
  if (options.format === 'json') {
    const percent = report.coverage && coveragePercent(report.coverage);
    stdout.write(`${JSON.stringify({ ...report, ...(percent !== undefined && { percent }) })}\n`);
  } else {
    stdout.write(testReport(report, options.verbose ?? false, stdout.style));
  }
  const failed = report.tests.some(({ outcome }) => outcome === 'fail' || outcome === 'error');
  if (failed || report.problems.some(({ severity }) => severity === 'error')) process.exitCode = exitCodes.denied;
  else if (report.tests.length === 0)
    throw new UsageError(`No test was found${options.filter ? ' that matches' : ''}.`);
}

async function runTarget(
  engine: Engine,
  workspace: string,
  { policies, only }: Target,
  options: TestOptions,
  filter: RegExp | undefined,
  report: TestReport,
): Promise<void> {
  const { runSchemaTests } = await import('../core/policies/schema-test.ts');
  report.problems.push(...policies.problems);
  const asked = (file: { path: string }): boolean => !only || only.has(file.path);
  const bySchema = runSchemaTests(policies.schemaTests.filter(asked), policies.schemas, filter);
  report.tests.push(...bySchema.tests);
  report.problems.push(...bySchema.problems);
  const files = [...policies.files, ...policies.testFiles];
  if (!files.some(({ kind }) => kind === 'module')) return;
  const opened = await engine.call('workspace/open', { workspace, files, regoVersion: policies.regoVersion });
  if (opened.problems.some(({ severity }) => severity === 'error')) {
    report.problems.push(...opened.problems);
    return;
  }
  const run = await engine.call('test', {
    workspace,
    filter: options.filter,
    paths: only && [...only].filter((path) => path.endsWith('.rego')),
    coverage: options.coverage,
    timeoutMs: options.timeout * 1000,
  });
  report.tests.push(...run.tests);
  report.problems.push(...run.problems);
  const tests = new Set(policies.testFiles.map(({ path }) => path));
  report.coverage?.push(...(run.coverage?.files ?? []).filter(({ path }) => !tests.has(path)));
}

function readFilter(filter: string | undefined): RegExp | undefined {
  if (filter === undefined) return undefined;
  try {
    return new RegExp(filter);
  } catch (error) {
    throw new UsageError(`--filter is no regular expression: ${error instanceof Error ? error.message : error}`);
  }
}
