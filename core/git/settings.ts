/** Git's configuration as a whole, asked once. */
import type { GitRepository } from './repository.ts';
import { gitBytes } from './run.ts';

/** A setting of git's configuration, such as `commit.cleanup`; undefined when it is not set. */
export async function setting(repository: GitRepository, name: string): Promise<string | undefined> {
  const section = name.slice(0, name.indexOf('.'));
  const key = name.slice(name.lastIndexOf('.') + 1);
  const middle = name.slice(section.length, name.length - key.length);
  const wanted = section.toLowerCase() + middle + key.toLowerCase();
  return (await settingsOf(repository)).filter((one) => one.name === wanted).at(-1)?.value;
}

export interface Setting {
  /** Section and key in lower case. */
  name: string;
  value: string;
}

/** One process for all who ask in the course of one piece of work: each has its own repository object. */
const settings = new WeakMap<GitRepository, Promise<Setting[]>>();

/** All settings in git's order: what comes later goes before. */
export function settingsOf(repository: GitRepository): Promise<Setting[]> {
  const known = settings.get(repository);
  if (known) return known;
  const reading = gitBytes(repository, ['config', '--null', '--list']).then((bytes) =>
    bytes
      .toString('utf8')
      .split('\0')
      .slice(0, -1)
      .map((entry) => {
        const end = entry.indexOf('\n');
        // A key without a value is true.
        return end < 0 ? { name: entry, value: 'true' } : { name: entry.slice(0, end), value: entry.slice(end + 1) };
      }),
  );
  settings.set(repository, reading);
  return reading;
}

/** Takes them as git told them before, in the same piece of work. */
export function rememberSettings(repository: GitRepository, known: Setting[]): void {
  settings.set(repository, Promise.resolve(known));
}
