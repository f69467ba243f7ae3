/** `countersign exception`: opens, lists, follows up and closes recorded permissions. */
import { Command, Option } from 'commander';
import type { Register, RegisteredException } from '../core/exceptions/register.ts';
import type { GitRepository } from '../core/git/repository.ts';
import { block, count } from '../core/printable.ts';
import type { IssueChoice } from './exception-issue.ts';
import { exceptionEntry } from './exception-report.ts';
import { exitCodes, UsageError } from './exit.ts';
import { collect } from './options.ts';
import { stderr, stdout } from './terminal.ts';

interface OpenOptions {
  rule: string[];
  commit?: string[];
  path?: string[];
  anyCommit?: boolean;
  reason: string;
  approvedBy: string;
  expires?: string;
  ticket?: string;
  id?: string;
  repo: string;
}

interface NoteOptions {
  note: string;
  by?: string;
  repo: string;
}

interface ListOptions {
  state?: string[];
  format: 'text' | 'json' | 'markdown';
  repo: string;
}

interface DueOptions extends Omit<ListOptions, 'state'> {
  issue?: IssueChoice;
}

export function exceptionCommand(): Command {
  const open = repoOption(new Command('open'))
    .description('write a new exception to .countersign/exceptions/, for review')
    .requiredOption('--rule <rule>', 'a rule to excuse, by its exact name (may be repeated)', collect)
    .option('--commit <rev>', 'only this commit (may be repeated)', collect)
    .option('--path <glob>', 'only these paths (may be repeated)', collect)
    .option('--any-commit', 'every commit and path: without it, an exception must name some')
    .requiredOption('--reason <text>', 'why')
    .requiredOption('--approved-by <person>', 'who gives it: NAME <EMAIL>')
    .option('--expires <when>', 'a date, a time, or 12h, 7d, 2w from now (default: 7d)')
    .option('--ticket <link>', 'where it is discussed')
    .option('--id <name>', "the file's name; made of the day and the rules when absent")
    .action(openException);
  const list = repoOption(new Command('list'))
    .description('list the exceptions: what they excuse, until when, and what they owe')
    .option('--state <state>', 'only these: pending, active, expired, closed, overdue (may be repeated)', collect)
    .addOption(new Option('--format <format>', 'how to print them').choices(['text', 'json']).default('text'))
    .action(listExceptions);
  const due = repoOption(new Command('due'))
    .description('list the follow-ups that are owed; exit code 1 when one is overdue')
    .addOption(
      new Option('--format <format>', 'how to print them').choices(['text', 'json', 'markdown']).default('text'),
    )
    .addOption(new Option('--issue <forge>', 'keep one issue that lists them').choices(['github', 'gitlab']))
    .action(dueFollowUps);
  const followUp = noted(repoOption(new Command('follow-up')), 'record what was found, or done about it')
    .requiredOption('--note <text>', 'what was found or done')
    .action((id: string, options: NoteOptions) => record('follow-up', id, options));
  const close = noted(repoOption(new Command('close')), 'end an exception; its file stays, as a record')
    .option('--note <text>', 'how it was settled', 'Closed.')
    .action((id: string, options: NoteOptions) => record('close', id, options));
  const command = new Command('exception').description('recorded permissions to depart from rules, which expire');
  for (const one of [open, list, followUp, close, due]) command.addCommand(one);
  return command;
}

function repoOption(command: Command): Command {
  return command.option('-C, --repo <dir>', 'the repository', '.');
}

function noted(command: Command, description: string): Command {
  return command
    .description(description)
    .argument('<id>', "the exception's id: its file's name without the ending")
    .option('--by <person>', 'who; you, as git knows you, when absent');
}

async function openException(options: OpenOptions): Promise<void> {
  const { openException: write } = await import('../core/exceptions/write.ts');
  const { repository, register, now } = await readAll(options.repo);
  const asked = { ...options, rules: options.rule, commits: options.commit, paths: options.path };
  const { exception, path, notes } = await write(repository, register, asked, now).catch(explained);
  stdout.write(`${path}\n`);
  for (const text of notes) note(text);
  const { expires, id } = exception;
  note(`It holds once it is in the base of a change, until ${expires}. Have it reviewed: git add ${path}`);
  note(`It owes a follow-up: countersign exception follow-up ${id} --note "…"`);
}

async function listExceptions({ state = [], format, repo }: ListOptions): Promise<void> {
  const known = ['pending', 'active', 'expired', 'closed', 'overdue'];
  const wrong = state.find((one) => !known.includes(one));
  if (wrong !== undefined) throw new UsageError(`--state ${wrong} is none of: ${known.join(', ')}.`);
  const { register } = await readAll(repo);
  const isOverdue = ({ followUp }: RegisteredException): boolean => followUp === 'overdue' || followUp === 'denied';
  const shown = register.exceptions.filter(
    (one) => state.length === 0 || state.includes(one.state) || (state.includes('overdue') && isOverdue(one)),
  );
  if (format === 'json') {
    const { registerJson } = await import('../core/exceptions/report.ts');
    stdout.write(registerJson(shown));
    return;
  }
  stdout.write(shown.map((one) => exceptionEntry(one, stdout.style)).join('\n'));
  stderr.write(`${count(shown.length, 'exception')}.\n`);
}

async function dueFollowUps({ format, repo, issue }: DueOptions): Promise<void> {
  const { owedBy, owedJson, owedMarkdown } = await import('../core/exceptions/report.ts');
  const { register, repository } = await readAll(repo);
  const owed = owedBy(register.exceptions);
  if (format === 'json') stdout.write(owedJson(owed));
  else if (format === 'markdown') stdout.write(owedMarkdown(owed));
  else {
    stdout.write([...owed.overdue, ...owed.due].map((one) => exceptionEntry(one, stdout.style)).join('\n'));
    stderr.write(`${count(owed.overdue.length, 'follow-up')} overdue, ${owed.due.length} due.\n`);
  }
  if (issue) await (await import('./exception-issue.ts')).keepOwedIssue(issue, owed, repository);
  if (owed.overdue.length > 0) process.exitCode = exitCodes.denied;
}

async function record(what: 'follow-up' | 'close', id: string, options: NoteOptions): Promise<void> {
  const { recordException } = await import('../core/exceptions/write.ts');
  const { repository, register, now } = await readAll(options.repo);
  const { note: said, by } = options;
  const path = await recordException(repository, register, { id, what, note: said, by }, now).catch(explained);
  stdout.write(`${path}\n`);
}

/** The repository, its register and the time; a file that is no exception is in nobody's list, so it stops everything. */
async function readAll(repo: string): Promise<{ repository: GitRepository; register: Register; now: Date }> {
  const [{ openRepository }, { readRegister }] = await Promise.all([
    import('../core/git/repository.ts'),
    import('../core/exceptions/register.ts'),
  ]);
  const repository = await openRepository(repo);
  const now = new Date();
  const register = await readRegister(repository, now);
  if (register === undefined) {
    throw new UsageError('This repository has no .countersign/config.yaml. Make one with: countersign init');
  }
  if (register.problems.length > 0) throw new UsageError('Not every exception can be read.', register.problems);
  return { repository, register, now };
}

/** What cannot be done as it was asked is a mistake of usage. */
async function explained(error: unknown): Promise<never> {
  const { ExceptionError } = await import('../core/exceptions/open.ts');
  throw error instanceof ExceptionError ? new UsageError(error.message) : error;
}

function note(text: string): void {
  stderr.write(`${stderr.style('yellow', 'note')}: ${block(text, '      ')}\n`);
}
