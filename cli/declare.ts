/** `countersign declare`: agents say before the commit which model did what; people see it in the disclosure's form. */
import { Command } from 'commander';
import type { Declaration, GivenDeclaration } from '../core/prefill/declarations.ts';
import { UsageError } from './exit.ts';
import { collect, collectField, type Format, formatOption } from './options.ts';
import { count, printable, stderr, stdout } from './terminal.ts';

interface DeclareOptions {
  model?: string[];
  context?: string[];
  timestamp?: string;
  field?: [name: string, value: string][];
  tool?: string;
  session?: string;
  files?: string[];
  show?: boolean;
  clear?: boolean;
  format: Format;
  repo: string;
}

export function declareCommand(): Command {
  return new Command('declare')
    .description('declare before a commit which AI model did what; the next commit takes it into its disclosure')
    .option('--model <model>', 'the model that was used (may be repeated)', collect)
    .option('--context <text>', 'what the model was asked and did', collect)
    .option('--timestamp <time>', 'when the model was last used, as RFC 3339; now when absent')
    .option('--field <name=value>', 'another field of the disclosure (may be repeated)', collectField)
    .option('--tool <name>', 'the agent that ran the model; by default the one that runs this command')
    .option('--session <id>', "the agent's session")
    .option('--files <path...>', "the files it is about; by default all of the next commit's")
    .option('--show', 'print what is declared and waits for a commit')
    .option('--clear', 'drop what is declared')
    .addOption(formatOption())
    .option('-C, --repo <dir>', 'the repository', '.')
    .addHelpText(
      'after',
      `
Declarations wait in the git folder of this work tree, for seven days at most.
They are never committed; people see them, and may change them, when they commit.

  countersign declare --model claude-opus-4-6 --context "Wrote the parser's tests from the grammar"
  countersign declare --model gpt-5.2 --files src/parser.ts src/parser.test.ts
  countersign declare --show`,
    )
    .action(declareUse);
}

async function declareUse(options: DeclareOptions): Promise<void> {
  const [{ openRepository }, declarations] = await Promise.all([
    import('../core/git/repository.ts'),
    import('../core/prefill/declarations.ts'),
  ]);
  const repository = await openRepository(options.repo);
  const given = givenBy(options);
  if ((options.show || options.clear) && (Object.keys(given.values).length > 0 || (options.show && options.clear))) {
    throw new UsageError('Give either values, or --show, or --clear.');
  }
  const now = new Date();
  if (options.clear) {
    const dropped = await declarations.clearDeclarations(repository);
    stderr.write(`${count(dropped, 'declaration')} dropped.\n`);
  } else if (options.show) {
    const found = await declarations.readDeclarations(repository, now);
    for (const problem of found.problems) stderr.write(`left alone: ${printable(problem)}\n`);
    show(found.declarations, options.format);
  } else {
    await write(given, options, repository, now);
  }
}

function givenBy({
  model = [],
  context = [],
  timestamp,
  field = [],
  tool,
  session,
  files,
}: DeclareOptions): GivenDeclaration {
  const values: Record<string, string[]> = {};
  const all: [name: string, added: string[]][] = [
    ['model', model],
    ['context', context],
    ['timestamp', timestamp === undefined ? [] : [timestamp]],
    ...field.map(([name, value]): [string, string[]] => [name, [value]]),
  ];
  for (const [name, added] of all) if (added.length > 0) values[name] = [...(values[name] ?? []), ...added];
  return {
    values,
    ...(tool !== undefined && { tool }),
    ...(session !== undefined && { session }),
    ...(files && { files }),
  };
}

async function write(
  given: GivenDeclaration,
  { format, repo }: DeclareOptions,
  repository: Awaited<ReturnType<typeof import('../core/git/repository.ts').openRepository>>,
  now: Date,
): Promise<void> {
  const [{ declare, DeclarationError }, { readWorkTreeHome }, { fieldProblem }, { pathsBelow }] = await Promise.all([
    import('../core/prefill/declarations.ts'),
    import('../core/disclosure/home.ts'),
    import('../core/disclosure/validate-field.ts'),
    import('../core/prefill/paths.ts'),
  ]);
  const home = await readWorkTreeHome(repository.root);
  if (!home) {
    stderr.write(
      'This repository is not under Countersign (it has no .countersign/config.yaml): nothing is declared.\n',
    );
    return;
  }
  const files = given.files && (await pathsBelow(repository.root, repo, given.files));
  const declaration = await declare(
    repository,
    home,
    { ...given, ...(files && { files }) },
    { now, environment: process.env },
  ).catch((error: Error) => {
    throw error instanceof DeclarationError ? new UsageError(error.message) : error;
  });
  for (const [field, values] of Object.entries(declaration.values)) {
    for (const value of values) {
      const problem = fieldProblem(home, field, value, now);
      // It is declared all the same: the policy decides, and nobody is to name another model for that.
      if (problem) stderr.write(`${stderr.style('yellow', 'note')}: ${printable(field)}: ${printable(problem)}\n`);
    }
  }
  if (home.config.disclosure.profile === 'forbid') stderr.write(`${stderr.style('yellow', 'note')}: ${aiForbidden}\n`);
  if (format === 'json') stdout.write(`${JSON.stringify(declaration)}\n`);
  else stderr.write(`Declared for the next commit${about(declaration)}: ${printable(summary(declaration))}\n`);
}

const aiForbidden = 'this project takes no contributions made with AI: the commit will be refused.';

function about({ files }: Declaration): string {
  return files === undefined
    ? ''
    : ` of ${files.length === 1 ? printable(files[0] ?? '') : count(files.length, 'file')}`;
}

function summary({ values, tool }: Declaration): string {
  const told = Object.entries(values).flatMap(([field, all]) => all.map((value) => `${field} ${value}`));
  return [...told, ...(tool === undefined ? [] : [`by ${tool}`])].join(', ');
}

function show(declarations: readonly Declaration[], format: Format): void {
  if (format === 'json') {
    stdout.write(`${JSON.stringify(declarations)}\n`);
    return;
  }
  for (const declaration of declarations) {
    const when = stdout.style('dim', declaration.declared.replace(/\.\d+Z$/, 'Z'));
    stdout.write(`${when}  ${printable(summary(declaration)).replaceAll('\n', ' ')}${about(declaration)}\n`);
  }
  if (declarations.length === 0) stderr.write('Nothing is declared for the next commit.\n');
}
