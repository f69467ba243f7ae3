/**
 * Where the program that judges comes from. A job that installs it from the change's own package.json runs what the
 * change says, be it a program that allows everything. It cannot defend itself against that; but it can refuse to be
 * set up so where the change touches what it is installed from.
 */
import { realpath } from 'node:fs/promises';
import path from 'node:path';
import { readRevisionFile } from '../approval/files.ts';
import type { GitRepository } from '../git/repository.ts';
import type { ChangedFile } from '../input.ts';

/** Files that say which packages are installed, at the top of a work tree. */
const manifests = [
  'package.json',
  'package-lock.json',
  'npm-shrinkwrap.json',
  'yarn.lock',
  'pnpm-lock.yaml',
  'bun.lock',
];

/** Files that say from where, and what runs meanwhile. */
const settings = /^(\.npmrc|\.yarnrc(\.yml)?|\.pnpmfile\.cjs|pnpm-workspace\.yaml|bunfig\.toml|\.yarn\/.+)$/;

export interface CheckerPlace {
  /** It lies in the work tree that is judged; `changed`: and the change has a hand in it. In words. */
  note?: string;
  changed?: string;
}

/**
 * Looks whether the program lies in the work tree of the change, and whether the change touches it.
 *
 * @param program its path
 */
export async function checkerPlace(
  repository: GitRepository,
  program: string,
  change: { base: string; head: string; files: readonly ChangedFile[] },
): Promise<CheckerPlace> {
  if (repository.bare) return {};
  const [root, file] = await Promise.all([realpath(repository.root), realpath(program)]);
  const within = path.relative(root, file).split(path.sep).join('/');
  if (within === '' || within.startsWith('../') || path.isAbsolute(within)) return {};
  const note = `The program that judges is part of the work tree that it judges (${within}). Install a fixed version elsewhere, such as: npm install --prefix "$HOME/countersign" --ignore-scripts countersign@VERSION`;
  const folder = path.posix.dirname(within);
  const touched = change.files.find(
    ({ path: changed }) => changed === within || changed.startsWith(`${folder}/`) || settings.test(changed),
  );
  if (touched) return { note, changed: touched.path };
  for (const manifest of manifests) {
    if (!change.files.some(({ path: changed }) => changed === manifest)) continue;
    const [before, after] = await Promise.all(
      [change.base, change.head].map((commit) => readRevisionFile(repository, commit, manifest)),
    );
    if (mentions(before ?? '') !== mentions(after ?? '')) return { note, changed: manifest };
  }
  return { note };
}

/** What a file says of this package: each line that names it, and what follows (version, source, integrity). */
function mentions(text: string): string {
  const lines = text.split(/\r?\n/);
  return lines.flatMap((line, at) => (/countersign/i.test(line) ? lines.slice(at, at + 5) : [])).join('\n');
}
