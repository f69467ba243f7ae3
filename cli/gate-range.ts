/** The options that say which commits are judged, and what they ask for. */
import { type Command, Option } from 'commander';
import type { GitRepository } from '../core/git/repository.ts';
import type { Range, RangeRequest, Reach } from '../core/range/range.ts';
import { UsageError } from './exit.ts';

export interface RangeOptions {
  base?: string;
  head?: string;
  /** OLD, NEW and REF. */
  push?: string[];
  mergeQueue?: string;
  remote: string;
  /** Undefined: when CI runs it. */
  deepen?: boolean;
}

/** Adds the options to a command. */
export function withRangeOptions(command: Command): Command {
  return command
    .option(
      '--base <rev>',
      "where the change begins; default: what CI's environment says, else the remote's default branch (origin/HEAD)",
    )
    .option('--head <rev>', 'where the change ends (default: HEAD)')
    .option(
      '--push <old-new-ref...>',
      'judge a push: the id that REF had (zeros: none), the one it has (zeros: deleted), and REF',
    )
    .option('--merge-queue <rev>', 'the change is queued upon this commit, which has not landed in --base yet')
    .option('--remote <name>', 'the remote that the target branch and missing history are fetched from', 'origin')
    .addOption(
      new Option('--deepen', 'fetch the target branch and the history that a shallow clone left out; default in CI'),
    )
    .addOption(new Option('--no-deepen', 'fetch nothing: what is missing cannot be decided'));
}

/**
 * What the options ask for, else what CI's environment says, else the remote's default branch.
 *
 * Rejects with {@link UsageError} when they contradict each other or nothing says where to begin.
 */
export async function askedRange(
  repository: GitRepository,
  options: RangeOptions,
  environment: NodeJS.ProcessEnv,
): Promise<RangeRequest> {
  const { base, head, push, mergeQueue, remote } = options;
  if (push !== undefined) {
    const [before, after, ref, ...more] = push;
    if (!before || !after || !ref || more.length > 0) {
      throw new UsageError('--push takes three words: OLD NEW REF, such as: --push 1a2b3c4 5d6e7f8 refs/heads/main');
    }
    if (base !== undefined || head !== undefined || mergeQueue !== undefined) {
      throw new UsageError('--push says where to begin and end: leave --base, --head and --merge-queue out.');
    }
    if (!/^refs\/(heads|tags)\/./.test(ref)) {
      throw new UsageError(`${JSON.stringify(ref)} is no branch or tag: write it in full, such as refs/heads/main.`);
    }
    return { kind: 'push', before, after, ref, source: '--push' };
  }
  if (base !== undefined) {
    const queuedUpon = mergeQueue === undefined ? {} : { queuedUpon: mergeQueue };
    return { kind: 'change', base, head: head ?? 'HEAD', ...queuedUpon, source: '--base' };
  }
  if (mergeQueue !== undefined) throw new UsageError('--merge-queue needs the branch that it is a queue for: --base.');
  const { rangeOfEnvironment } = await import('../core/range/ci/environment.ts');
  const told = await rangeOfEnvironment(environment);
  if (told !== undefined) return head === undefined || told.kind === 'push' ? told : { ...told, head };
  const { findCommit } = await import('../core/git/refs.ts');
  if ((await findCommit(repository, `refs/remotes/${remote}/HEAD`)) !== undefined) {
    return { kind: 'change', head: head ?? 'HEAD', source: `${remote}/HEAD` };
  }
  throw new UsageError('Where does the change begin? Give it with --base, such as: countersign gate --base main');
}

/** The range, and the repository with what had to be fetched for it. */
export async function readAskedRange(
  repository: GitRepository,
  options: RangeOptions,
  environment: NodeJS.ProcessEnv,
): Promise<{ range: Range; repository: GitRepository }> {
  const [{ isCi }, { readRange }] = await Promise.all([
    import('../core/range/ci/environment.ts'),
    import('../core/range/read.ts'),
  ]);
  const reach: Reach = { fetch: options.deepen ?? isCi(environment), remote: options.remote };
  return readRange(repository, await askedRange(repository, options, environment), reach);
}
