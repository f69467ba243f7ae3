/** `countersign decision`: what the decision log says, whether it is whole, and whether it holds. */
import { Command, InvalidArgumentError } from 'commander';
import type { ReplayOptions } from './decision-replay.ts';
import type { ShowOptions } from './decision-show.ts';
import type { UploadOptions } from './decision-upload.ts';
import type { VerifyOptions } from './decision-verify.ts';
import { withPolicyOptions } from './gate-policies.ts';
import { collect, formatOption, readSeconds } from './options.ts';

export function decisionCommand(): Command {
  const show = new Command('show')
    .description('list the decisions that logs tell of')
    .argument('<file...>', 'decision logs, in the order they were written')
    .option('--denied', 'only those that denied, or failed')
    .option('--commit <id>', 'only those that judged this commit (at least 7 digits of its id)', readCommit)
    .option('--since <time>', 'only those made at this time (RFC 3339, or a day) or later', readTime)
    .option('--last <n>', 'only the last ones', readCount)
    .addOption(formatOption())
    .action(async (files: string[], options: ShowOptions) => {
      await (await import('./decision-show.ts')).showDecisions(files, options);
    });
  const verify = new Command('verify')
    .description('check that no record is missing, altered, or in another place')
    .argument('<file...>', 'decision logs, in the order they were written')
    .option(
      '--expect <digest>',
      'a digest that was kept elsewhere: its record must be there (may be repeated)',
      collect,
    )
    .option('--from <digest>', 'the digest of the record before the first one: the earlier ones are kept elsewhere')
    .addOption(formatOption())
    .action(async (files: string[], options: VerifyOptions) => {
      await (await import('./decision-verify.ts')).verifyDecisions(files, options);
    });
  const replay = withPolicyOptions(new Command('replay'))
    .description('decide again what logs tell of, with the policies of then: the results must be the same')
    .argument('<file...>', 'decision logs')
    .option('-C, --repo <dir>', 'the repository with the policies', '.')
    .option('--timeout <seconds>', 'for evaluating the policies', readSeconds, 60)
    .option('-v, --verbose', 'list the decisions that are the same, too')
    .addOption(formatOption())
    .addHelpText(
      'after',
      '\nExit codes: 0 all the same, 1 another result or an altered record, 3 some cannot be replayed.',
    )
    .action(async (files: string[], options: ReplayOptions) => {
      await (await import('./decision-replay.ts')).replayDecisions(files, options);
    });
  const upload = new Command('upload')
    .description("send logs to what takes OPA's decision logs; what was taken before is not sent again")
    .argument('<file...>', 'decision logs, in the order they were written')
    .requiredOption('--to <url>', 'the service, without the path /logs')
    .option('--partition <name>', 'sends to /logs/NAME')
    .option('--token-env <name>', 'the environment variable with the bearer token', 'COUNTERSIGN_DECISION_LOG_TOKEN')
    .option('--limit <bytes>', 'how large a request may be, compressed', readCount, 32_768)
    .option('--give-up-after <seconds>', 'for how long to try again while the service takes nothing', readSeconds, 300)
    .option('--timeout <seconds>', 'for one request', readSeconds, 60)
    .addHelpText(
      'after',
      '\nExit codes: 0 all is there, 2 the service refuses it, 3 it could not be sent; call it again.',
    )
    .action(async (files: string[], options: UploadOptions) => {
      await (await import('./decision-upload.ts')).uploadDecisions(files, options);
    });
  return new Command('decision')
    .description('look at, check, replay and upload decision logs')
    .addCommand(show)
    .addCommand(verify)
    .addCommand(replay)
    .addCommand(upload);
}

function readCommit(value: string): string {
  if (/^[0-9a-f]{7,64}$/i.test(value)) return value.toLowerCase();
  throw new InvalidArgumentError('It is a commit id of at least 7 digits.');
}

function readTime(value: string): number {
  const time = Date.parse(value);
  if (Number.isNaN(time)) throw new InvalidArgumentError('It is a time such as 2026-01-31 or 2026-01-31T12:00:00Z.');
  return time;
}

function readCount(value: string): number {
  const count = Number(value);
  if (Number.isSafeInteger(count) && count > 0) return count;
  throw new InvalidArgumentError('It is a whole number above zero.');
}
