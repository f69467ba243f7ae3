/** What the readers of this folder are told: the commit to be, and what git says of it, asked once. */
import type { FormHome } from '../disclosure/home.ts';
import type { Known } from '../disclosure/known.ts';
import {
  changedPaths,
  lastChanges,
  lastCommits,
  type PastCommit,
  readHead,
  stagedPaths,
  takenOver,
} from '../git/pending.ts';
import type { GitRepository } from '../git/repository.ts';

export interface Situation {
  repository: GitRepository;
  home: FormHome;
  /** The committing process's. */
  environment: NodeJS.ProcessEnv;
  /** As far as it is written; a message file's text with its comments, too. */
  message: () => Promise<string>;
  now: Date;
  signal?: AbortSignal;
  /** Records or sessions before this time are too old to be about this commit. */
  oldest: Date;
  /** What the user said of reading session logs, when it was not said in git's configuration. */
  sessionLogs?: boolean;
  /** Says what was left out, and why; never what it held. */
  log: (text: string) => void;
  /** What was done later is about another commit: the time of a commit that is made, else the present. */
  until: () => Promise<Date>;
  /** What the commit follows, newest first; asked at once for all, since each process costs its time. */
  before: () => Promise<readonly PastCommit[]>;
  /** The paths that are staged, or that the commit changed. */
  staged: () => Promise<ReadonlySet<string>>;
  /** The commits whose work the new one takes over; full ids. */
  replaces: () => Promise<readonly string[]>;
  /**
   * Since when work on a file (its path in the repository) counts for this commit: since its last
   * commit, for several commits may be made of one session; undefined when the file is not staged.
   */
  openSince: (file: string) => Promise<Date | undefined>;
}

/** One source's reader: what it knows, without what it does not know. */
export type Reader = (situation: Situation) => Promise<Known>;

export interface SituationOptions {
  environment: NodeJS.ProcessEnv;
  message?: string;
  now: Date;
  signal?: AbortSignal;
  /** Full ids of commits that the new one takes the place of, such as the amended one. */
  replaces?: readonly string[];
  /**
   * The full id of a commit that is made already, and that is meant in place of the one to be: its
   * files, its message, the notes on it.
   */
  made?: string;
  /** As `git commit --all`: changes that are not staged come along. */
  all?: boolean;
  /**
   * Whether agents' session logs are read; by default what the user's git configuration
   * (`countersign.sessionLogs`) or the environment (`COUNTERSIGN_SESSION_LOGS=1`) says, else not.
   */
  sessionLogs?: boolean;
  /** Is told what was left out, and why. */
  log?: (text: string) => void;
}

/** Milliseconds by which other programs' times may be ahead. */
const tolerance = 60_000;

/** First parents that are looked at. */
const maxCommits = 50;

/** How long work may lie before it is committed. */
const maxDays = 7;

export function situationOf(repository: GitRepository, home: FormHome, options: SituationOptions): Situation {
  const oldest = new Date(options.now.getTime() - maxDays * 86_400_000);
  const { made } = options;
  const commit = once(async () => (made === undefined ? undefined : readHead(repository, made)));
  const from = made === undefined ? 'HEAD' : `${made}^`;
  const before = once(() => lastCommits(repository, { limit: maxCommits, from }));
  const staged = once(() =>
    made === undefined ? stagedPaths(repository, { all: options.all }) : changedPaths(repository, made),
  );
  const changes = once(async () => lastChanges(repository, await staged(), oldest, from));
  return {
    repository,
    home,
    environment: options.environment,
    message: once(async () => options.message ?? (await commit())?.message ?? ''),
    until: once(async () => new Date(((await commit())?.time ?? options.now).getTime() + tolerance)),
    now: options.now,
    signal: options.signal,
    oldest,
    sessionLogs: options.sessionLogs,
    log: options.log ?? (() => undefined),
    before,
    staged,
    replaces: once(async () => {
      const others = made === undefined ? await takenOver(repository) : [made];
      return [...new Set([...(options.replaces ?? []), ...others])];
    }),
    async openSince(file) {
      if (!(await staged()).has(file)) return undefined;
      return (await changes()).get(file) ?? oldest;
    },
  };
}

/** Asks when first asked, and then gives the same answer. */
function once<T>(ask: () => Promise<T>): () => Promise<T> {
  let answer: Promise<T> | undefined;
  return () => {
    answer ??= ask();
    return answer;
  };
}
