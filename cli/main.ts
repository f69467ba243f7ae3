#!/usr/bin/env node
/**
 * The `countersign` command. Subcommands are described here by their own files and load what they
 * need only when they run, so that `--help` and `--version` answer at once.
 */
import { Command, CommanderError } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { checkCommand } from './check.ts';
import { exitCodes } from './exit.ts';
import { gateCommand } from './gate.ts';
import { initCommand } from './init.ts';
import { languageServerCommand } from './language-server.ts';
import { stampCommand } from './stamp.ts';
import { flush } from './terminal.ts';
import { testCommand } from './test.ts';
import { versionCommand } from './version.ts';

const exitCodeHelp = `
Exit codes: 0 allowed, 1 denied, 2 usage or configuration error, 3 could not decide.`;

/** The whole command line, ready to parse. */
function program(): Command {
  const commands = [
    initCommand(),
    gateCommand(),
    checkCommand(),
    testCommand(),
    stampCommand(),
    languageServerCommand(),
    versionCommand(),
  ];
  const root = new Command('countersign')
    .description('Policy as code and AI disclosure: the same rules in the editor, the commit and CI.')
    .version(packageJson.version, '-V, --version', 'show the version')
    .helpCommand(false)
    .addHelpText('after', exitCodeHelp)
    .showHelpAfterError('(countersign --help shows what there is)');
  for (const command of commands) root.addCommand(command);
  for (const command of [root, ...commands]) {
    command.exitOverride().configureOutput({ outputError: (text, write) => write(text) });
  }
  return root;
}

/** Runs the command line and says the exit code. */
async function run(args: string[]): Promise<number> {
  try {
    await program().parseAsync(args, { from: 'user' });
    return Number(process.exitCode ?? exitCodes.ok);
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? exitCodes.ok : exitCodes.usage;
    const { reportFailure } = await import('./failure.ts');
    return reportFailure(error);
  }
}

process.once('SIGINT', () => process.exit(130));
process.once('SIGTERM', () => process.exit(143));

const code = await run(process.argv.slice(2));
await flush();
process.exit(code);
