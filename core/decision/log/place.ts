/** Where a repository's own configuration may have its decisions recorded: in the repository, and nowhere else. */
import { realpath } from 'node:fs/promises';
import { basename, dirname, join, relative, sep } from 'node:path';

/**
 * The file that `decisions.log` names. Rejects when its folder is missing, or when links lead out of the
 * repository or into its git folder: a configuration must not write to any other file of the user's.
 */
export async function configuredLog(root: string, log: string): Promise<string> {
  const asked = join(root, log);
  const folder = await realpath(dirname(asked)).catch(() => undefined);
  if (folder === undefined) throw new Error(`decisions.log names ${log}, whose folder is missing.`);
  const file = (await realpath(asked).catch(() => undefined)) ?? join(folder, basename(asked));
  const path = relative(await realpath(root), file).split(sep);
  if (path[0] === '..' || path.includes('.git') || path.length === 0 || /^[A-Za-z]:/.test(path[0] ?? '')) {
    throw new Error(`decisions.log names ${log}, which leads out of the repository.`);
  }
  return file;
}
