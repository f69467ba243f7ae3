/** `countersign language-server --stdio`: the language server for any editor that speaks the LSP. */
import { Command } from 'commander';
import { UsageError } from './exit.ts';

export function languageServerCommand(): Command {
  return new Command('language-server')
    .description('serve the Language Server Protocol for Rego, JSON Schema policies and configuration')
    .option('--stdio', 'speak over standard input and output')
    .action(async (options: { stdio?: boolean }) => {
      if (!options.stdio) throw new UsageError('Say how to talk to the editor: countersign language-server --stdio');
      const { main } = await import('../server/node.ts');
      main();
      // It ends the process itself, with its connection or its client.
      await new Promise(() => {});
    });
}
