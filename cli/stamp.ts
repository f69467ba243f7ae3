/** `countersign stamp`: adds a disclosure's trailers to a commit message, by git's own rules. */
import { Command, InvalidArgumentError } from 'commander';
import type { GitRepository } from '../core/git/repository.ts';
import { UsageError } from './exit.ts';
import { stderr } from './terminal.ts';

type FieldValue = [name: string, value: string];

interface StampOptions {
  model?: string[];
  context?: string[];
  approver?: string[];
  timestamp?: string;
  field?: FieldValue[];
  repo: string;
}

export function stampCommand(): Command {
  return new Command('stamp')
    .description("add the disclosure's trailers to a commit message file, or to HEAD's message")
    .argument('[target]', 'a message file, or a revision that is HEAD; a file goes first where both exist', 'HEAD')
    .option('--model <model>', 'the model that was used (may be repeated)', collect)
    .option('--context <text>', 'what the model was asked and did', collect)
    .option('--approver <person>', 'who countersigns: NAME <EMAIL> (may be repeated)', collect)
    .option('--timestamp <time>', 'when the model was used, as RFC 3339; now when the disclosure has none yet')
    .option('--field <name=value>', 'another field of the disclosure (may be repeated)', collectField)
    .option('-C, --repo <dir>', 'the repository', '.')
    .addHelpText(
      'after',
      `
Trailers with the same keys are replaced; all else in the message stays as it is.
Their keys come from .countersign/config.yaml in the work tree.

  countersign stamp --model claude-opus-4-6 --context "Wrote the parser's tests" --approver "Ann <ann@example.com>"
  countersign stamp --approver "Ann <ann@example.com>" .git/COMMIT_EDITMSG`,
    )
    .action(stampTarget);
}

function collect(value: string, before: string[] = []): string[] {
  return [...before, value];
}

function collectField(text: string, before: FieldValue[] = []): FieldValue[] {
  const at = text.indexOf('=');
  if (at < 1) throw new InvalidArgumentError('It is written name=value.');
  return [...before, [text.slice(0, at), text.slice(at + 1)]];
}

async function stampTarget(target: string, options: StampOptions): Promise<void> {
  const { openRepository } = await import('../core/git/repository.ts');
  const repository = await openRepository(options.repo);
  const given = givenValues(options);
  if (Object.keys(given).length === 0) {
    throw new UsageError('There is nothing to add: give --model, --context, --approver, --timestamp or --field.');
  }
  const file = await messageFile(target);
  const change =
    file === undefined ? await stampCommit(repository, target, given) : await stampFile(repository, file, given);
  stderr.write(`${change}\n`);
}

/** The values by field name. */
function givenValues({
  model = [],
  context = [],
  approver = [],
  timestamp,
  field = [],
}: StampOptions): Record<string, string[]> {
  const values: Record<string, string[]> = {};
  const all: [string, string[]][] = [
    ['model', model],
    ['context', context],
    ['approver', approver],
    ['timestamp', timestamp === undefined ? [] : [timestamp]],
    ...field.map(([name, value]): [string, string[]] => [name, [value]]),
  ];
  for (const [name, added] of all) if (added.length > 0) values[name] = [...(values[name] ?? []), ...added];
  return values;
}

/** The target as a file, when there is such a file. */
async function messageFile(target: string): Promise<string | undefined> {
  const { stat } = await import('node:fs/promises');
  const found = await stat(target).catch(() => undefined);
  if (found?.isDirectory()) throw new UsageError(`${target} is a folder, not a message file.`);
  return found ? target : undefined;
}

/** The message with the values in it; a time is added to a disclosure that has none. */
async function stampMessage(
  repository: GitRepository,
  message: string,
  given: Record<string, string[]>,
  commentPrefix?: string,
): Promise<string> {
  const [{ stamp }, { readDisclosure }, { parseTrailers }, { workTreeConfig }] = await Promise.all([
    import('../core/disclosure/stamp.ts'),
    import('../core/disclosure/read.ts'),
    import('../core/trailers/parse.ts'),
    import('../core/policies/work-tree-config.ts'),
  ]);
  const { config, problems } = await workTreeConfig(repository.root);
  if (problems.length > 0) throw new UsageError('The configuration cannot be used.', problems);
  const present = readDisclosure(parseTrailers(message, { commentPrefix }).trailers, config);
  const values = { ...given };
  if (!present?.timestamp && !values.timestamp && config.trailers.timestamp) {
    values.timestamp = [`${new Date().toISOString().slice(0, 19)}Z`];
  }
  return stamp(message, values, config, { commentPrefix });
}

async function stampFile(repository: GitRepository, file: string, given: Record<string, string[]>): Promise<string> {
  const [{ readFile }, { commentPrefix }, { replaceFile }] = await Promise.all([
    import('node:fs/promises'),
    import('../core/git/staged.ts'),
    import('../core/replace-file.ts'),
  ]);
  const bytes = await readFile(file);
  const message = bytes.toString('utf8');
  if (!Buffer.from(message, 'utf8').equals(bytes)) throw new UsageError(`${file} is not UTF-8; nothing was changed.`);
  const stamped = await stampMessage(repository, message, given, await commentPrefix(repository, message));
  if (stamped === message) return `${file} has this disclosure already.`;
  await replaceFile(file, stamped);
  return `Stamped the file ${file}.`;
}

async function stampCommit(
  repository: GitRepository,
  revision: string,
  given: Record<string, string[]>,
): Promise<string> {
  const [{ amendMessage, readCommitMessage }, { resolveRevision }] = await Promise.all([
    import('../core/git/amend.ts'),
    import('../core/git/repository.ts'),
  ]);
  const commit = await resolveRevision(repository, revision);
  const message = await readCommitMessage(repository, commit);
  const stamped = await stampMessage(repository, message, given);
  const { sha, signatureLost } = await amendMessage(repository, stamped, revision);
  if (sha === commit) return `${commit.slice(0, 10)} has this disclosure already.`;
  const lost = signatureLost ? ' Its signature is gone: sign it again with: git commit --amend --no-edit -S' : '';
  return `Stamped ${commit.slice(0, 10)}, which is now ${sha.slice(0, 10)}.${lost}`;
}
