/** `countersign version`: our version, and those of the engine and what it links. */
import { Command } from 'commander';
import packageJson from '../package.json' with { type: 'json' };
import { type Format, formatOption } from './options.ts';
import { stdout } from './terminal.ts';

export function versionCommand(): Command {
  return new Command('version')
    .description('show the versions of countersign and of its policy engine')
    .addOption(formatOption())
    .action(async ({ format }: { format: Format }) => {
      const { startEngine } = await import('../engine/start.ts');
      const engine = await startEngine();
      const versions = { countersign: packageJson.version, ...(await engine.call('version', {})) };
      await engine.dispose();
      if (format === 'json') stdout.write(`${JSON.stringify(versions)}\n`);
      else for (const [name, value] of Object.entries(versions)) stdout.write(`${name.padEnd(12)} ${value}\n`);
    });
}
