/** Which of a change's files are policy: what lies in the policy folder, however a file system might spell that. */
import type { ChangedFile } from '../input.ts';
import { home } from './load.ts';

/** The changed paths in the policy folder, each once, sorted; a rename has two. */
export function changedPolicyFiles(files: readonly ChangedFile[]): string[] {
  const paths = files.flatMap(({ path, old_path, status }) =>
    old_path !== undefined && status === 'R' ? [path, old_path] : [path],
  );
  return [...new Set(paths.filter((path) => isHome(path.split('/', 1)[0] ?? '')))].sort();
}

/**
 * Whether a name means the policy folder. Policies are read from git by the exact name, but Windows and macOS would
 * check `.Countersign`, `.countersign.` or `COUNTE~1` out into its place, where the hook reads them; as git has it for
 * `.git` (https://git-scm.com/docs/git-config#Documentation/git-config.txt-coreprotectHFS).
 */
function isHome(name: string): boolean {
  const plain = name
    .normalize('NFKD')
    .replace(/[\u200b-\u200f\u202a-\u202e\u2060-\u206f\ufeff]/g, '')
    .replace(/(:.*)?[. ]*$/, '')
    .toLowerCase();
  return plain === home || /^counte~\d$/.test(plain);
}
