/** `countersign init`: puts a repository under Countersign, or brings it the default pack's later files. */
import { Command } from 'commander';
import type { FolderContent } from '../core/git/tree.ts';
import type { Step, UpdateOptions } from '../core/policies/pack-update.ts';
import { exitCodes, UsageError } from './exit.ts';
import { count, printable, stderr, stdout } from './terminal.ts';

interface InitOptions {
  yes?: boolean;
  tests: boolean;
  dryRun?: boolean;
  diff?: boolean;
  force?: boolean;
  repo: string;
}

export function initCommand(): Command {
  return new Command('init')
    .description(
      'write .countersign/ with the default policies, their data and tests, or bring them up to date; files that were changed are kept',
    )
    .option('-y, --yes', 'ask nothing')
    .option('--no-tests', "leave out the policies' tests")
    .option('--dry-run', 'say what would be done, and do nothing')
    .option('--diff', 'show how the files here differ from the default ones, and do nothing')
    .option('--force', 'replace files that were changed, and bring back those that were deleted')
    .option('-C, --repo <dir>', 'the repository', '.')
    .action(init);
}

async function init(options: InitOptions): Promise<void> {
  const [
    { openRepository },
    { home, packFiles },
    { toHome },
    { readWorkingFolder },
    { join },
    { changes, isMixed, planUpdate },
  ] = await Promise.all([
    import('../core/git/repository.ts'),
    import('../core/policies/load.ts'),
    import('../core/policies/initialize.ts'),
    import('../core/git/tree.ts'),
    import('node:path'),
    import('../core/policies/pack-update.ts'),
  ]);
  const repository = await openRepository(options.repo);
  const folder = join(repository.root, home);
  const [pack, here] = await Promise.all([packFiles().then(toHome), readWorkingFolder(folder)]);
  const looking = options.dryRun || options.diff;
  let wanted: UpdateOptions['wanted'] = (path) => options.tests || !isTest(path);
  if (!options.yes && !looking && here === undefined) wanted = await askForParts(folder, wanted);
  const steps = planUpdate(pack, here, { wanted, force: options.force ?? false });
  if (options.diff) return showDifferences(home, steps);
  const todo = steps.filter(changes);
  if (!options.yes && !looking && here !== undefined && todo.length > 0) {
    stdout.write(`${summary(home, steps, true)}\n`);
    if (!(await asking((yes) => yes(`Change ${printable(folder)}?`)))) throw new UsageError('Nothing was written.');
  }
  if (isMixed(here, steps)) await refuseUnsound(here, steps, options.force ?? false);
  if (!options.dryRun) await (await import('../core/policies/apply-update.ts')).applySteps(folder, steps);
  stdout.write(`${summary(home, steps, options.dryRun ?? false)}\n`);
  if (!options.dryRun && todo.length > 0) stdout.write(next(here === undefined));
}

function next(first: boolean): string {
  const message = first ? 'Put the repository under Countersign' : 'Bring the default policies up to date';
  return [
    first
      ? 'Next: put your models into .countersign/data/approved-models.yaml and your people into approvers.yaml,\ntry'
      : 'Next: try',
    ` the policies with \`countersign test\`, and commit the folder:\n  git add .countersign && git commit -m "${message}"\n`,
  ].join('');
}

/** Rejects where the folder could not judge any more, unless it could not before, either, and is to be mended by force. */
async function refuseUnsound(here: FolderContent | undefined, steps: readonly Step[], force: boolean): Promise<void> {
  const [{ startEngine }, { afterUpdate, changes, unsound }] = await Promise.all([
    import('../engine/start.ts'),
    import('../core/policies/pack-update.ts'),
  ]);
  if (!steps.some(changes)) return;
  const engine = await startEngine();
  try {
    const problems = await unsound(engine, afterUpdate(here, steps));
    if (problems.length === 0) return;
    if (force && here && (await unsound(engine, here)).length > 0) {
      const { problemLines } = await import('./failure.ts');
      stderr.write(`What the folder has beside the default files still does not fit them:\n${problemLines(problems)}`);
      process.exitCode = exitCodes.denied;
      return;
    }
    throw new UsageError(
      'Nothing was written: what was changed here does not fit the later default files, and together they would not judge. See how they differ with --diff, change them first, or replace them with --force.',
      problems,
    );
  } finally {
    await engine.dispose();
  }
}

/** What each step says, in the words of what was done. */
const words: Record<Step['fate'], string> = {
  write: 'wrote  ',
  update: 'updated',
  replace: 'wrote  ',
  remove: 'removed',
  same: '',
  keep: 'kept   ',
  behind: 'kept   ',
  absent: 'left   ',
};

/** Why a file is told by itself. */
const reasons: Partial<Record<Step['fate'], string>> = {
  replace: 'it was changed here',
  remove: 'it is none of the default files any more',
  keep: 'it was changed here',
  behind: 'it was changed here, and the default one since: countersign init --diff',
  absent: 'it was deleted here; --force brings it back',
};

/** What was written, folder by folder, and each file that is something else than that or unchanged. */
function summary(home: string, steps: readonly Step[], planned: boolean): string {
  const lines: string[] = [];
  const folderOf = (path: string): string => (path.includes('/') ? `${path.slice(0, path.indexOf('/'))}/` : path);
  const word = (fate: Step['fate']): string => stdout.style(reasons[fate] ? 'dim' : 'green', words[fate]);
  for (const fate of ['write', 'update'] as const) {
    const own = steps.filter((step) => step.fate === fate);
    for (const folder of new Set(own.map(({ path }) => folderOf(path)))) {
      const files = own.filter(({ path }) => folderOf(path) === folder).length;
      const many = folder.endsWith('/') ? `  ${count(files, 'file')}` : '';
      lines.push(`${word(fate)} ${home}/${printable(folder)}${many}`);
    }
  }
  for (const { path, fate } of steps) {
    const reason = reasons[fate];
    if (reason) lines.push(`${word(fate)} ${home}/${printable(path)}  ${stdout.style('dim', reason)}`);
  }
  const many = (...fates: Step['fate'][]) => steps.filter(({ fate }) => fates.includes(fate)).length;
  const gone = many('remove') > 0 ? `, ${many('remove')} removed` : '';
  const would = planned ? ' would be' : '';
  const kept = many('same', 'keep', 'behind');
  lines.push(
    '',
    `${count(many('write', 'update', 'replace'), 'file')}${would} written${gone}, ${kept} kept as they were.`,
  );
  return lines.join('\n');
}

/** The files that are here and differ from the pack's, as a patch that would make them equal. */
async function showDifferences(home: string, steps: readonly Step[]): Promise<void> {
  const { createTwoFilesPatch } = await import('diff');
  const { lockFile } = await import('../core/policies/pack-lock.ts');
  const text = (bytes: Uint8Array | undefined): string =>
    Buffer.from(bytes ?? [])
      .toString('utf8')
      .replaceAll('\r\n', '\n');
  for (const { path, fate, here, pack } of steps) {
    if (fate === 'same' || path === lockFile || here === undefined) continue;
    const theirs = pack ? `b/${home}/${path}` : '/dev/null';
    const patch = createTwoFilesPatch(`a/${home}/${path}`, theirs, text(here), text(pack), 'here', 'default');
    stdout.write(printable(patch.replace(/^=+\n/, '')));
  }
}

/** Which parts to write; rejects with {@link UsageError} where the answer is none. */
async function askForParts(folder: string, wanted: UpdateOptions['wanted']): Promise<UpdateOptions['wanted']> {
  return asking(async (yes) => {
    if (!(await yes(`Write ${printable(folder)}?`))) throw new UsageError('Nothing was written.');
    const policies = await yes('With a copy of the default policies, to change as you like?');
    const tests = policies && wanted('_test.rego') && (await yes("With the policies' tests?"));
    return (path) => (policies || !path.startsWith('policies/')) && (tests || !isTest(path));
  });
}

/** Puts questions. Rejects with {@link UsageError} where nobody could answer. */
async function asking<T>(put: (yes: (question: string) => Promise<boolean>) => Promise<T>): Promise<T> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new UsageError(
      'There is no terminal to ask in. To write everything without questions: countersign init --yes',
    );
  }
  const { createInterface } = await import('node:readline/promises');
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    return await put(async (question) => {
      for (;;) {
        const answer = (await prompt.question(`${question} [Y/n] `)).trim().toLowerCase();
        if (answer === '' || answer === 'y' || answer === 'yes') return true;
        if (answer === 'n' || answer === 'no') return false;
      }
    });
  } finally {
    prompt.close();
  }
}

function isTest(path: string): boolean {
  return /_test\.(rego|ya?ml|json)$/.test(path);
}
