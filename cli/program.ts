/** The whole command line. Subcommands are described by their own files and load what they need only when they run. */
import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { approveCommand } from './approve.ts';
import { checkCommand } from './check.ts';
import { decisionCommand } from './decision.ts';
import { declareCommand } from './declare.ts';
import { doctorCommand } from './doctor.ts';
import { exceptionCommand } from './exception.ts';
import { factsCommand } from './facts.ts';
import { gateCommand } from './gate.ts';
import { hookCommand } from './hook.ts';
import { initCommand } from './init.ts';
import { inputCommand } from './input.ts';
import { languageServerCommand } from './language-server.ts';
import { mcpCommand } from './mcp.ts';
import { stampCommand } from './stamp.ts';
import { testCommand } from './test.ts';
import { verifyCommand } from './verify.ts';
import { versionCommand } from './version.ts';

const exitCodeHelp = `
Exit codes: 0 allowed, 1 denied, 2 usage or configuration error, 3 could not decide.`;

/** The whole command line, ready to parse. */
export function program(): Command {
  const commands = [
    initCommand(),
    gateCommand(),
    factsCommand(),
    inputCommand(),
    checkCommand(),
    testCommand(),
    stampCommand(),
    doctorCommand(),
    exceptionCommand(),
    decisionCommand(),
    declareCommand(),
    approveCommand(),
    verifyCommand(),
    hookCommand(),
    languageServerCommand(),
    mcpCommand(),
    versionCommand(),
  ];
  const root = new Command('countersign')
    .description('Policy as code and AI disclosure: the same rules in the editor, the commit and CI.')
    .version(packageJson.version, '-V, --version', 'show the version')
    .helpCommand(false)
    .addHelpText('after', exitCodeHelp)
    .showHelpAfterError('(countersign --help shows what there is)');
  for (const command of commands) root.addCommand(command);
  for (const command of [root, ...commands, ...commands.flatMap((parent) => parent.commands)]) {
    command.exitOverride().configureOutput({ outputError: (text, write) => write(text) });
  }
  return root;
}
