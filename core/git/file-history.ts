/** Who changed the files of a folder, and when. */

import { readHead } from './pending.ts';
import type { GitRepository } from './repository.ts';
import { git } from './run.ts';

/** One commit's change of one file. */
export interface FileChange {
  commit: string;
  /** `Name <address>`, as .mailmap has it. */
  author: string;
  /** RFC 3339: when it was committed. */
  at: string;
  change: 'added' | 'changed' | 'deleted';
  subject: string;
}

/**
 * The changes of each file below a folder (relative to the top, `/` separated) that HEAD's history has,
 * oldest first. A renamed file is one that was deleted and another that was added. Empty before the
 * first commit.
 */
export async function fileHistory(repository: GitRepository, folder: string): Promise<Map<string, FileChange[]>> {
  const format = '--format=%x01%H%x02%aN <%aE>%x02%cI%x02%s';
  const args = ['log', '--no-show-signature', '--no-renames', '--name-status', '-z', '--reverse', '--encoding=UTF-8'];
  if ((await readHead(repository)) === undefined) return new Map();
  const text = await git(repository, [...args, format, 'HEAD', '--', folder]);
  const history = new Map<string, FileChange[]>();
  for (const entry of text.split('\u0001').slice(1)) {
    const [header = '', ...rest] = entry.split('\0').map((part) => part.replace(/^\n/, ''));
    const [commit = '', author = '', at = '', subject = ''] = header.split('\u0002');
    const parts = rest.filter((part) => part !== '');
    for (let index = 0; index + 1 < parts.length; index += 2) {
      const [status, path] = [parts[index] as string, parts[index + 1] as string];
      const change = status.startsWith('A') ? 'added' : status.startsWith('D') ? 'deleted' : 'changed';
      const changes = history.get(path) ?? [];
      history.set(path, [...changes, { commit, author, at, change, subject }]);
    }
  }
  return history;
}
