/** `countersign input`: the very input that the gate or the hook judges, for whatever else reads it. Judges nothing. */
import { Command, Option } from 'commander';
import type { GitRepository } from '../core/git/repository.ts';
import type { Commit, Input } from '../core/input.ts';
import type { Engine } from '../engine/engine.ts';
import { UsageError } from './exit.ts';
import { type FactsOptions, withFactsOptions } from './gate-facts.ts';
import { choosePolicies, type PolicyOptions, withPolicyOptions } from './gate-policies.ts';
import { type RangeOptions, readAskedRange, withRangeOptions } from './gate-range.ts';
import { block, stderr } from './terminal.ts';

interface InputOptions extends RangeOptions, PolicyOptions, FactsOptions {
  repo: string;
  staged?: boolean;
  message?: string;
  file?: string;
  all?: boolean;
  amend?: boolean;
  batches?: boolean;
}

export function inputCommand(): Command {
  const command = new Command('input').description(
    'print the input that policies judge, as JSON, for opa eval, conftest and others',
  );
  return withPolicyOptions(withRangeOptions(withFactsOptions(command)))
    .addOption(new Option('--staged', 'the commit that would be made now, as the hook judges it').conflicts(rangeNames))
    .option('-m, --message <text>', 'with --staged: its message')
    .addOption(
      new Option('-F, --file <file>', 'with --staged: the file with its message; - is stdin').conflicts('message'),
    )
    .option('-a, --all', 'with --staged: of all tracked files, as git commit --all')
    .option('--amend', "with --staged: in HEAD's place, as git commit --amend")
    .option('--batches', 'one document a line for each 1,000 commits, as the gate judges them')
    .option('-C, --repo <dir>', 'the repository', '.')
    .addHelpText('after', '\nExit codes: 0 printed, 2 usage or configuration error, 3 it could not be put together.')
    .action(input);
}

const rangeNames = ['base', 'head', 'push', 'mergeQueue'];

async function input(options: InputOptions): Promise<void> {
  const { openRepository } = await import('../core/git/repository.ts');
  const opened = await openRepository(options.repo);
  if (options.staged) return printStaged(opened, options);
  const misplaced = (['message', 'file', 'all', 'amend'] as const).find((name) => options[name] !== undefined);
  if (misplaced !== undefined)
    throw new UsageError(`--${misplaced} says what would be committed: it goes with --staged.`);
  let engine: Promise<Engine> | undefined;
  const start = (): Promise<Engine> => {
    engine ??= import('../engine/start.ts').then(({ startEngine }) => startEngine());
    return engine;
  };
  try {
    const [{ range, repository }, { readChange }, { readGateInput }] = await Promise.all([
      readAskedRange(opened, options, process.env),
      import('../core/decision/input.ts'),
      import('./gate-input.ts'),
    ]);
    for (const text of range.notes) stderr.write(`${stderr.style('yellow', 'note')}: ${block(text, '      ')}\n`);
    const facts = readChange(repository, range);
    const policies = await choosePolicies(repository, range.policy, options, start);
    const now = new Date().toISOString();
    const read = await readGateInput(repository, facts, {
      range,
      policies,
      folder: options.policy,
      now,
      asked: options,
    });
    for await (const text of options.batches ? lines(read.frame, read.commits) : document(read.frame, read.commits)) {
      await write(text);
    }
  } finally {
    await engine?.then((started) => started.dispose());
  }
}

async function printStaged(repository: GitRepository, options: InputOptions): Promise<void> {
  const { stagedInput } = await import('../core/decision/decide-commit.ts');
  const { all, amend, file, message = '' } = options;
  const text = file === undefined ? message : await readMessage(file);
  const staged = { message: text, messageFile: file !== undefined, ...(all && { all }), ...(amend && { amend }) };
  await write(`${JSON.stringify(await stagedInput(repository, staged, new Date()))}\n`);
}

async function readMessage(file: string): Promise<string> {
  if (file === '-') {
    const { text } = await import('node:stream/consumers');
    return text(process.stdin);
  }
  const { readFile } = await import('node:fs/promises');
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`The message ${file} cannot be read: ${error.code}.`);
  });
}

type Frame = Omit<Input, 'commits'>;

/** One document, of which no more than a batch is in memory. */
async function* document(frame: Frame, commits: AsyncIterable<Commit[]>): AsyncGenerator<string> {
  // A frame has members, so that a comma may follow.
  yield `${JSON.stringify(frame).slice(0, -1)},"commits":[`;
  let first = true;
  for await (const batch of commits) {
    const text = batch.map((commit) => JSON.stringify(commit)).join(',\n');
    yield `${first ? '' : ','}\n${text}`;
    first = false;
  }
  yield '\n]}\n';
}

async function* lines(frame: Frame, commits: AsyncIterable<Commit[]>): AsyncGenerator<string> {
  let some = false;
  for await (const batch of commits) {
    some = true;
    yield `${JSON.stringify({ ...frame, commits: batch })}\n`;
  }
  if (!some) yield `${JSON.stringify({ ...frame, commits: [] })}\n`;
}

/** Writes no faster than it is read. A reader that goes away has had enough. */
async function write(text: string): Promise<void> {
  if (process.stdout.destroyed || process.stdout.write(text)) return;
  await new Promise<void>((resolve) => {
    const done = (): void => {
      for (const event of events) process.stdout.off(event, done);
      resolve();
    };
    const events = ['drain', 'close', 'error'] as const;
    for (const event of events) process.stdout.once(event, done);
  });
}
