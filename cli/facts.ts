/** `countersign facts`: what a code host tells of a change, as `gate --facts FILE` takes it. */
import { Command } from 'commander';
import { UsageError } from './exit.ts';
import { type FactsOptions, noteUnknown, readGateFacts, withFactsOptions } from './gate-facts.ts';
import { choosePolicies, type PolicyOptions, withPolicyOptions } from './gate-policies.ts';
import { type RangeOptions, readAskedRange, withRangeOptions } from './gate-range.ts';
import { stdout } from './terminal.ts';

interface Options extends FactsOptions, RangeOptions, PolicyOptions {
  repo: string;
}

export function factsCommand(): Command {
  const command = new Command('facts').description(
    'print what the code host tells of the change: its reviews, labels, checks, as gate --facts FILE takes it',
  );
  return withPolicyOptions(withRangeOptions(withFactsOptions(command)))
    .option('-C, --repo <dir>', 'the repository', '.')
    .addHelpText('after', '\nThe range and the policies tell which commit it is about, and which teams to ask for.')
    .action(facts);
}

async function facts(options: Options): Promise<void> {
  const [{ openRepository }, { readChange }, { factsFile }, { ownedPaths }] = await Promise.all([
    import('../core/git/repository.ts'),
    import('../core/decision/input.ts'),
    import('../core/forge/facts-file.ts'),
    import('../core/forge/in-input.ts'),
  ]);
  const opened = await openRepository(options.repo);
  const { range, repository } = await readAskedRange(opened, options, process.env);
  const read = readChange(repository, range);
  const policies = await choosePolicies(repository, range.policy, options, async () => {
    const { startEngine } = await import('../engine/start.ts');
    return startEngine();
  });
  const { policy, head, phase } = range;
  const owners = policy === undefined ? undefined : await ownedPaths(repository, policy, await read.files);
  const asked = { options, environment: process.env, repository: await read.repository, git: repository, phase };
  const told = await readGateFacts({ ...asked, head, policies, owners });
  if (told === undefined) {
    throw new UsageError('Who is to be asked? Outside of CI, add --facts github or --facts gitlab.');
  }
  noteUnknown(told);
  if (told.head === undefined) throw new UsageError('The code host shows no such change.');
  stdout.write(`${JSON.stringify(factsFile(told, new Date().toISOString()), null, 2)}\n`);
}
