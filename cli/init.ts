/** `countersign init`: puts a repository under Countersign. Never overwrites what is there. */
import { Command } from 'commander';
import { UsageError } from './exit.ts';
import { count, printable, stdout } from './terminal.ts';

interface InitOptions {
  yes?: boolean;
  tests: boolean;
  repo: string;
}

export function initCommand(): Command {
  return new Command('init')
    .description('write .countersign/ with the default policies, their data and tests; existing files are kept')
    .option('-y, --yes', 'ask nothing')
    .option('--no-tests', "leave out the policies' tests")
    .option('-C, --repo <dir>', 'the repository', '.')
    .action(init);
}

async function init(options: InitOptions): Promise<void> {
  const [{ openRepository }, { home, packFiles }, { toHome, writeNew }, { join }] = await Promise.all([
    import('../core/git/repository.ts'),
    import('../core/policies/load.ts'),
    import('../core/policies/initialize.ts'),
    import('node:path'),
  ]);
  const repository = await openRepository(options.repo);
  const folder = join(repository.root, home);
  let files = toHome(await packFiles());
  if (!options.tests) files = files.filter(({ path }) => !isTest(path));
  if (!options.yes) files = await ask(folder, files);
  const results = await writeNew(folder, files);
  const written = results.filter((result) => result.written);
  stdout.write(`${summary(home, results)}\n`);
  if (written.length > 0) {
    stdout.write(
      [
        'Next: put your models into .countersign/data/approved-models.yaml and your people into approvers.yaml,',
        'try the policies with `countersign test`, and commit the folder:',
        '  git add .countersign && git commit -m "Put the repository under Countersign"\n',
      ].join('\n'),
    );
  }
}

/** What was written, folder by folder, and each file that was kept. */
function summary(home: string, results: readonly { path: string; written: boolean }[]): string {
  const lines: string[] = [];
  const written = results.filter((result) => result.written);
  const folderOf = (path: string): string => (path.includes('/') ? `${path.slice(0, path.indexOf('/'))}/` : path);
  for (const folder of new Set(written.map(({ path }) => folderOf(path)))) {
    const files = written.filter(({ path }) => folderOf(path) === folder).length;
    const many = folder.endsWith('/') ? `  ${count(files, 'file')}` : '';
    lines.push(`${stdout.style('green', 'wrote')}  ${home}/${printable(folder)}${many}`);
  }
  for (const { path } of results.filter((result) => !result.written)) {
    lines.push(`${stdout.style('dim', 'kept ')}  ${home}/${printable(path)}`);
  }
  lines.push('', `${count(written.length, 'file')} written, ${results.length - written.length} kept as they were.`);
  return lines.join('\n');
}

/** Asks which parts to write. Rejects with {@link UsageError} where nobody could answer. */
async function ask<T extends { path: string }>(folder: string, files: T[]): Promise<T[]> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new UsageError(
      'There is no terminal to ask in. To write everything without questions: countersign init --yes',
    );
  }
  const { createInterface } = await import('node:readline/promises');
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  const yes = async (question: string): Promise<boolean> => {
    for (;;) {
      const answer = (await prompt.question(`${question} [Y/n] `)).trim().toLowerCase();
      if (answer === '' || answer === 'y' || answer === 'yes') return true;
      if (answer === 'n' || answer === 'no') return false;
    }
  };
  try {
    if (!(await yes(`Write ${printable(folder)}?`))) throw new UsageError('Nothing was written.');
    const policies = await yes('With a copy of the default policies, to change as you like?');
    const tests = policies && (await yes("With the policies' tests?"));
    return files.filter(({ path }) => (policies || !path.startsWith('policies/')) && (tests || !isTest(path)));
  } finally {
    prompt.close();
  }
}

function isTest(path: string): boolean {
  return /_test\.(rego|ya?ml|json)$/.test(path);
}
