/** `countersign hook`: the hooks that make every commit come by the policy, wherever it is made. */
import { Command, Option } from 'commander';
import type { GitRepository } from '../core/git/repository.ts';
import type { Change } from '../core/hook/hook-files.ts';
import type { HooksStatus } from '../core/hook/status.ts';
import type { Engine } from '../engine/engine.ts';
import { UsageError } from './exit.ts';
import { preReceiveCommand } from './hook/pre-receive.ts';
import { type Format, formatOption } from './options.ts';
import { printable, stderr, stdout } from './terminal.ts';

interface Options {
  repo: string;
}

interface InstallOptions extends Options {
  manager?: 'none' | 'husky' | 'lefthook' | 'pre-commit';
  global?: boolean;
  useNodeModules?: boolean;
  plain?: boolean;
  print?: boolean;
  server?: boolean;
}

export function hookCommand(): Command {
  const command = new Command('hook').description('commit hooks: ask for the disclosure, and let the policy decide');
  command.addCommand(
    repoOption(new Command('install'))
      .description(
        'install prepare-commit-msg, commit-msg and post-rewrite; hooks that are there are kept and called, too',
      )
      .addOption(
        new Option('--manager <manager>', 'the hook manager, in place of the one that the files show').choices([
          'none',
          'husky',
          'lefthook',
          'pre-commit',
        ]),
      )
      .option('--global', 'install into the folder that core.hooksPath names for all repositories')
      .option('--use-node-modules', 'let the hooks run the countersign of the repository in node_modules')
      .option('--plain', 'ask in plain lines, for screen readers and simple terminals')
      .option('--server', 'on a git server: install pre-receive, which judges every push to this repository')
      .option('--print', 'print what would be put into the configuration of a hook manager, and write nothing')
      .addHelpText(
        'after',
        `
In a repository or branch without .countersign/config.yaml the hooks do nothing.
With husky, lefthook and pre-commit the hooks come into their files, for all who work on the repository.`,
      )
      .action(install),
  );
  command.addCommand(
    repoOption(new Command('uninstall'))
      .description('take the hooks away: every file is what it was before')
      .option('--global', 'from the folder that core.hooksPath names for all repositories')
      .option('--server', 'take away pre-receive')
      .action(uninstall),
  );
  command.addCommand(
    repoOption(new Command('status'))
      .description('say what is installed where; exit code 1 when git would not call the hooks that commits come by')
      .addOption(formatOption())
      .action(status),
  );
  command.addCommand(preReceiveCommand());
  // Only described here: cli/main.ts lets it past the command line's parser.
  command.addCommand(
    new Command('run')
      .description(
        'what the installed hooks call: run prepare-commit-msg FILE [SOURCE [REVISION]], run commit-msg FILE, run post-rewrite COMMAND',
      )
      .argument('<hook>', 'prepare-commit-msg, commit-msg or post-rewrite')
      .argument('<file>', 'the message file; of post-rewrite the command')
      .argument('[more...]', 'what else git says')
      .option('--plain', 'ask in plain lines'),
  );
  return command;
}

function repoOption(command: Command): Command {
  return command.option('-C, --repo <dir>', 'the repository', '.');
}

async function install(options: InstallOptions): Promise<void> {
  const { installHooks, printedEntryFor } = await import('../core/hook/install.ts');
  const repository = await openAt(options.repo);
  if (options.print) {
    stdout.write(await orUsage(printedEntryFor(repository, options.manager)));
    return;
  }
  const { realpathSync } = await import('node:fs');
  const pinned = { node: posixPath(process.execPath), cli: posixPath(realpathSync(process.argv[1] ?? '')) };
  if (options.server) {
    const { installServerHook } = await import('../core/hook/server-hook.ts');
    stdout.write(changeLines([await orUsage(installServerHook(repository, pinned, options.global ?? false))]));
    return;
  }
  const changes = await orUsage(
    installHooks(repository, {
      manager: options.manager,
      global: options.global ?? false,
      pinned,
      useNodeModules: options.useNodeModules ?? false,
      plain: options.plain ?? false,
    }),
  );
  stdout.write(changeLines(changes));
  await makeReady(repository);
}

/** So that the first commit need not wait for the engine. Where it cannot be done, each commit asks the engine. */
async function makeReady(repository: GitRepository): Promise<void> {
  const [{ keepWorkTreePolicies }, { startEngine }] = await Promise.all([
    import('../core/decision/decide-commit.ts'),
    import('../engine/start.ts'),
  ]);
  let started: Promise<Engine> | undefined;
  const engine = () => {
    started ??= startEngine();
    return started;
  };
  try {
    const why = await keepWorkTreePolicies(repository, engine);
    if (why !== undefined) stderr.write(`The policies are decided by the engine at each commit: ${printable(why)}\n`);
  } catch (error) {
    const message = error instanceof Error ? error.message : String(error);
    stderr.write(`The policies cannot decide yet: ${printable(message)} See: countersign check\n`);
  } finally {
    await started?.then((running) => running.dispose()).catch(() => undefined);
  }
  await compileAhead(repository.root);
}

/** So that the first commit need not wait while Node compiles what hooks run. A commit does without, more slowly. */
async function compileAhead(root: string): Promise<void> {
  const { Worker } = await import('node:worker_threads');
  const argv = ['hook', 'run', 'ready', root];
  await new Promise<void>((done) => {
    const worker = new Worker(process.argv[1] ?? '', { argv, stdout: true, stderr: true });
    worker.once('error', () => done());
    worker.once('exit', () => done());
  });
}

async function uninstall(options: Options & { global?: boolean; server?: boolean }): Promise<void> {
  const { uninstallHooks } = await import('../core/hook/uninstall.ts');
  const repository = await openAt(options.repo);
  if (options.server) {
    const { uninstallServerHook } = await import('../core/hook/server-hook.ts');
    const change = await orUsage(uninstallServerHook(repository, options.global ?? false));
    stdout.write(change ? changeLines([change]) : 'There is no pre-receive hook of Countersign here.\n');
    return;
  }
  const changes = await orUsage(uninstallHooks(repository, { global: options.global ?? false }));
  stdout.write(changes.length === 0 ? 'There are no hooks of Countersign here.\n' : changeLines(changes));
}

async function status(options: Options & { format: Format }): Promise<void> {
  const { hooksStatus } = await import('../core/hook/status.ts');
  const found = await hooksStatus(await openAt(options.repo));
  stdout.write(options.format === 'json' ? `${JSON.stringify(found, null, 2)}\n` : statusLines(found));
  process.exitCode = found.installed ? 0 : 1;
}

async function openAt(folder: string) {
  const { openRepository } = await import('../core/git/repository.ts');
  return openRepository(folder, { inherit: false });
}

/** Resolves as the promise does; what stands in the way is a matter of usage: exit 2. */
async function orUsage<T>(work: Promise<T>): Promise<T> {
  const { InstallError } = await import('../core/hook/hook-files.ts');
  return work.catch((error: unknown) => {
    throw error instanceof InstallError ? new UsageError(error.message) : error;
  });
}

/** The sh of Git for Windows reads these slashes, too. */
function posixPath(file: string): string {
  return process.platform === 'win32' ? file.replaceAll('\\', '/') : file;
}

function changeLines(changes: readonly Change[]): string {
  const width = Math.max(...changes.map(({ done }) => done.length));
  const lines = changes.map(({ file, done }) => `${stdout.style('green', done.padEnd(width))}  ${printable(file)}\n`);
  const next = new Set(changes.flatMap((change) => change.next ?? []));
  return [...lines, ...[...next].map((sentence) => `${sentence}\n`)].join('');
}

function statusLines({ place, hooks, installed }: HooksStatus): string {
  const { folder, scope, setIn, manager } = place;
  const lines = [
    installed ? 'Git calls the hooks of Countersign here.' : 'Git does not call the hooks of Countersign here.',
    `folder   ${printable(folder)}${scope ? ` (core.hooksPath, ${scope}: ${printable(setIn ?? '')})` : ''}`,
    `manager  ${manager}`,
  ];
  for (const { hook, file, state, executable, chained } of hooks) {
    const facts = [
      state,
      ...(state !== 'missing' && !executable ? ['not executable'] : []),
      ...(chained ? ['calls the earlier hook'] : []),
    ];
    lines.push(`${hook}  ${facts.join(', ')}: ${printable(file)}`);
  }
  if (!installed) lines.push('To install them: countersign hook install');
  return `${lines.join('\n')}\n`;
}
