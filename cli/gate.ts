/** `countersign gate`: judges the commits of a change by the policy of its base. */
import { Command } from 'commander';
import type { Decision, Prepared } from '../core/decision/decide.ts';
import type { IgnoredLine } from '../core/disclosure/ignored.ts';
import type { Commit, Input } from '../core/input.ts';
import type { PolicyImpact } from '../core/policies/impact.ts';
import type { PolicySet } from '../core/policies/policy-set.ts';
import type { Range } from '../core/range/range.ts';
import type { CommitFacts, GateResult } from '../core/report/gate-result.ts';
import { exitCodes } from './exit.ts';
import { mistrustOwnProgram } from './gate-checker.ts';
import { type CommentOptions, commentOnFailure, commentOption, keepVerdictComment } from './gate-comment.ts';
import { type FactsOptions, withFactsOptions } from './gate-facts.ts';
import { gateFormatOption, plannedFormats, type RequestedFormat, writeReports } from './gate-formats.ts';
import { nullId } from './gate-input.ts';
import { type GateLog, gateLog } from './gate-log.ts';
import { decidedBy, type OpaOptions, withOpaOptions } from './gate-opa.ts';
import { choosePolicies, type PolicyOptions, withPolicyOptions } from './gate-policies.ts';
import { type RangeOptions, readAskedRange, withRangeOptions } from './gate-range.ts';
import { describeIgnored, gateReport } from './gate-report.ts';
import { readSeconds } from './options.ts';
import { block, stderr, stdout } from './terminal.ts';

interface GateOptions extends RangeOptions, PolicyOptions, OpaOptions, FactsOptions, CommentOptions {
  repo: string;
  format: RequestedFormat[];
  explain?: boolean;
  decisionLog?: string;
  timeout: number;
  verbose?: boolean;
}

export function gateCommand(): Command {
  const command = new Command('gate').description(
    'judge the commits that are in HEAD and not in BASE, and the change that they make',
  );
  return withOpaOptions(withPolicyOptions(withRangeOptions(withFactsOptions(command))))
    .option('-C, --repo <dir>', 'the repository', '.')
    .addOption(gateFormatOption())
    .addOption(commentOption())
    .option('--explain', 'say of each commit what was looked at, and why it passes or not')
    .option(
      '--decision-log <file>',
      "append the decision's record, with its input, as a line of JSON; else where config.yaml says",
    )
    .option('--timeout <seconds>', 'for evaluating the policies', readSeconds, 60)
    .option('-v, --verbose', 'list the commits that pass, too, and say what the engine does')
    .addHelpText('after', '\nExit codes: 0 allowed, 1 denied, 2 usage or configuration error, 3 could not decide.')
    .action((options: GateOptions) => commentOnFailure(options, () => gate(options)));
}

/** What is noted of the commits as they pass by. */
interface Noted {
  /** Lines that were meant as disclosure and are none for git: people want to know why. */
  ignored: Map<string, IgnoredLine[]>;
  /** Absent when no report asks for them. */
  facts?: Map<string, CommitFacts>;
  /** Commits whose message keeps jobs from running. */
  skipping: { sha: string; word: string }[];
}

async function gate(options: GateOptions): Promise<void> {
  const log = gateLog(options);
  try {
    await judgeRange(options, log);
  } catch (error) {
    await log.fail(error);
    throw error;
  }
}

async function judgeRange(options: GateOptions, log: GateLog): Promise<void> {
  const formats = plannedFormats(options.format);
  const [{ startEngine }, { openRepository }, { judge, prepare }, { readChange }, { readGateInput }] =
    await Promise.all([
      import('../engine/start.ts'),
      import('../core/git/repository.ts'),
      import('../core/decision/decide.ts'),
      import('../core/decision/input.ts'),
      import('./gate-input.ts'),
    ]);
  // The engine starts while git is read; if it cannot, `prepare` is where that is told.
  const starting = startEngine({
    log: options.verbose ? (line) => stderr.write(`${block(line, '')}\n`) : undefined,
    thrifty: true,
  });
  starting.catch(() => undefined);
  const opened = await openRepository(options.repo);
  const { range, repository } = await readAskedRange(opened, options, process.env);
  for (const text of range.notes) note(text);
  const facts = readChange(repository, range);
  const policies = await choosePolicies(repository, range.policy, options, () => starting);
  const now = new Date().toISOString();
  log.know({ root: repository.root, policies, now, phase: range.phase });
  const preparing = starting
    .then((engine) => prepare(engine, policies))
    .then((prepared) => decidedBy(prepared, options));
  preparing.catch(() => undefined);
  const folder = options.policy;
  const { frame, commits } = await readGateInput(repository, facts, { range, policies, folder, now, asked: options });
  await mistrustOwnProgram(repository, range, frame.change?.files ?? [], process.env);
  const timeoutMs = options.timeout * 1000;
  const trial = frame.change?.policy_change
    ? await (await import('./gate-impact.ts')).tryChangedPolicies(repository, frame, {
        range,
        policies,
        timeoutMs,
        testsMs: Math.max(timeoutMs, 30_000),
      })
    : undefined;
  const judgedFrame = trial?.frame ?? frame;
  const plain = !options.explain && formats.every(({ name }) => name === 'text' || name === 'json');
  const noted: Noted = { ignored: new Map(), skipping: [], ...(!plain && { facts: new Map() }) };
  const batches = noting(commits, policies, noted);
  const prepared = await preparing;
  const recording = await log.begin(prepared);
  const decision = await judge(prepared, judgedFrame, batches, { timeoutMs, ...recording });
  await log.finish(decision);
  if (decision.verdict.result === 'deny' && policies.config.notes.accept && (await facts.notes).missing) {
    note((await import('../core/notes/facts.ts')).missingNotes);
  }
  const impact = await trial?.impact(decision.verdict);
  // A report on very many commits needs the memory that the engine has.
  await prepared.engine.dispose();
  await report(decision, prepared, { frame: judgedFrame, range, noted, formats, impact }, options);
  if (decision.verdict.result !== 'allow') process.exitCode = exitCodes.denied;
}

/** Notes what the reports tell of the commits beside the verdict. */
async function* noting(
  batches: AsyncIterable<Commit[]>,
  { config }: PolicySet,
  { ignored, facts, skipping }: Noted,
): AsyncGenerator<Commit[]> {
  const [{ ignoredLines }, { skipInstruction }, { memoryKeeper }] = await Promise.all([
    import('../core/disclosure/ignored.ts'),
    import('../core/range/skip-ci.ts'),
    import('./memory.ts'),
  ]);
  const passed = await memoryKeeper();
  for await (const batch of batches) {
    for (const commit of batch) {
      const lines = ignoredLines(`${commit.subject}\n\n${commit.body}`, config);
      if (lines.length > 0) ignored.set(commit.sha, lines);
      const word = skipInstruction(`${commit.subject}\n${commit.body}`);
      if (word !== undefined) skipping.push({ sha: commit.sha, word });
      facts?.set(commit.sha, {
        author: `${commit.author.name} <${commit.author.email}>`,
        authored: commit.author.time,
        disclosure: commit.disclosure,
        disclosureSource: commit.disclosure_source,
        evidence: commit.evidence,
        files: commit.files.length,
        firstFile: commit.files[0]?.path,
      });
    }
    yield batch;
    passed(batch.length);
  }
}

async function report(
  decision: Decision,
  prepared: Prepared,
  judged: {
    frame: Omit<Input, 'commits'>;
    range: Range;
    noted: Noted;
    formats: readonly RequestedFormat[];
    impact?: PolicyImpact;
  },
  options: GateOptions,
): Promise<void> {
  const [{ rulePlaces }, { rulesOf }, { skipNote }, { default: packageJson }] = await Promise.all([
    import('../core/decision/places.ts'),
    import('../core/report/rules.ts'),
    import('../core/range/skip-ci.ts'),
    import('../package.json', { with: { type: 'json' } }),
  ]);
  const { verdict } = decision;
  const { frame, range, noted, formats, impact } = judged;
  const skips = range.phase === 'change' ? skipNote(noted.skipping) : undefined;
  if (skips !== undefined) note(skips);
  for (const text of decision.notes) note(text);
  if (decision.output) stderr.write(`${block(decision.output, '')}\n`);
  if (formats.every(({ name }) => name !== 'text')) {
    for (const [sha, lines] of noted.ignored) {
      for (const line of lines) note(`${sha.slice(0, 10)}: ${describeIgnored(line)}`);
    }
  }
  const named = [verdict.change, ...verdict.commits].flatMap(({ deny, warn }) =>
    [...deny, ...warn].map(({ rule }) => rule),
  );
  const result: GateResult = {
    verdict,
    range: { base: range.base ?? nullId, head: range.head ?? nullId, label: `${range.baseName}..${range.headName}` },
    repository: frame.repository,
    policies: prepared.policies.label,
    rules: noted.facts ? rulesOf(prepared, named) : new Map(),
    facts: noted.facts ?? new Map(),
    ignored: noted.ignored,
    notes: [
      ...range.notes,
      ...(frame.unknown ?? []).map(({ fact, why }) => `${fact} is not known: ${why}`),
      ...decision.notes,
      ...(skips === undefined ? [] : [skips]),
    ],
    now: frame.now,
    version: packageJson.version,
    explain: options.explain ?? false,
    ...(impact && { impact }),
    ...(frame.change && { change: frame.change }),
    ...(frame.facts && { sources: frame.facts }),
  };
  const text = (toFile: boolean): string => {
    const places = rulePlaces(prepared, named);
    return gateReport(result, { places, verbose: options.verbose ?? false }, toFile ? (_, said) => said : stdout.style);
  };
  await writeReports(formats, result, text, stdout.write);
  await keepVerdictComment(options, result);
}

function note(text: string): void {
  stderr.write(`${stderr.style('yellow', 'note')}: ${block(text, '      ')}\n`);
}
