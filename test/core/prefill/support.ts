/** A repository under Countersign with staged files, and everything that gathering is told of it. */
import { mkdir, readFile, utimes, writeFile } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { type Home, readWorkTreeHome } from '../../../core/disclosure/home.ts';
import type { Known } from '../../../core/disclosure/known.ts';
import { type GitRepository, openRepository } from '../../../core/git/repository.ts';
import { type GatherOptions, gatherKnown } from '../../../core/prefill/gather.ts';
import { makeRepository, type TestLike, type TestRepository } from '../../support/repository.ts';

export interface TestProject extends TestRepository {
  repository: GitRepository;
  home: Home;
  /** The user's home folder. */
  userHome: string;
  /** What was left out. */
  logged: string[];
  gather: (options?: Partial<GatherOptions>) => Promise<Known>;
  /** Writes a file below the user's home, as of now or another time. */
  writeHome: (file: string, text: string, modified?: Date) => Promise<void>;
}

/** Makes a project whose first commit is an hour old, with `src/a.ts` staged. */
export async function project(t: TestLike, files: Record<string, string> = {}): Promise<TestProject> {
  const repo = await makeRepository(t);
  await repo.write('.countersign/config.yaml', 'version: 1\n');
  for (const [path, text] of Object.entries(files)) await repo.write(path, text);
  const hourAgo = Math.floor(Date.now() / 1000) - 3600;
  await repo.commit('Start\n', { date: `${hourAgo} +0000` });
  await repo.write('src/a.ts', '1\n');
  await repo.git('add', 'src/a.ts');
  return openProject(repo);
}

/** The same of a repository that is made already. */
export async function openProject(repo: TestRepository): Promise<TestProject> {
  const repository = await openRepository(repo.root, { environment: repo.environment });
  const home = await readWorkTreeHome(repo.root);
  if (!home) throw new Error('There is no configuration.');
  const userHome = dirname(repo.root);
  const logged: string[] = [];
  return {
    ...repo,
    repository,
    home,
    userHome,
    logged,
    // Opened anew each time, as each hook does: what is asked of one is asked once.
    gather: async (options = {}) =>
      gatherKnown(await openRepository(repo.root, { environment: repo.environment }), home, {
        environment: { HOME: userHome },
        now: new Date(),
        // A loaded machine may be slow; what is tested is not how fast it is.
        budgetMs: 60_000,
        log: (text) => logged.push(text),
        ...options,
      }),
    async writeHome(file, text, modified) {
      const full = join(userHome, file);
      await mkdir(dirname(full), { recursive: true });
      await writeFile(full, text);
      if (modified) await utimes(full, modified, modified);
    },
  };
}

/** A sample with its places and times filled in; they stand in JSON texts. */
export async function sample(name: string, places: Record<string, string> = {}): Promise<string> {
  const text = await readFile(join(import.meta.dirname, 'fixtures', name), 'utf8');
  return text.replace(/\{\{(\w+)\}\}/g, (_, key: string) => JSON.stringify(places[key] ?? '').slice(1, -1));
}

/** `field=value source certainty`, in order. */
export function told({ values }: Known, field?: string): string[] {
  return values
    .filter((value) => field === undefined || value.field === field)
    .map(({ field: name, value, source, certainty }) => `${name}=${value} ${source} ${certainty}`);
}
