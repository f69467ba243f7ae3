/** Which commits get other ids when the messages of some are changed, and what stands in the way. */

import { operationUnderWay } from './amend.ts';
import { type GitRepository, resolveRevision, shallowCommits } from './repository.ts';
import { GitError, git, gitBytes } from './run.ts';

export interface RewritePlan {
  /** The branch that is going to move (`refs/heads/…`), or `HEAD` where none is checked out. */
  ref: string;
  /** It is what is checked out here. */
  onHead: boolean;
  /** Where it is. Full ids here and below. */
  tip: string;
  /** The commits that were asked for, parents first. */
  targets: string[];
  /** These and their descendants on the branch, parents first: all of them get new ids. */
  rewritten: string[];
  /** Other branches, and work trees without a branch, that keep the old commits; in words, for people. */
  left: string[];
}

export interface RewriteConsent {
  /** Also what is on a remote-tracking branch or has a tag. */
  pushed?: boolean;
  /** Also while tracked files have changes that are not committed. */
  dirty?: boolean;
}

/**
 * Plans to rewrite commits: each of `targets` is a revision (that commit) or a range (`A..B`, `REV^!`).
 *
 * Errors (`GitError`): `refused` when there is no commit in them, when they are not all on one branch
 * (that of HEAD, or the one that a range ends at), when an operation is under way, and without consent
 * for what was pushed or is not committed; `shallow`; `unknown-revision`.
 */
export async function planRewrite(
  repository: GitRepository,
  targets: readonly string[],
  consent: RewriteConsent = {},
): Promise<RewritePlan> {
  const wanted = new Set<string>();
  for (const target of targets) for (const commit of await commitsOf(repository, target)) wanted.add(commit);
  if (wanted.size === 0) throw new GitError('refused', `There is no commit in ${targets.join(' ')}.`);
  const { ref, tip } = await branchOf(repository, [...wanted], targets);
  const onHead = ref === (await headRef(repository));
  if (onHead && !repository.bare) {
    const underWay = operationUnderWay(repository);
    if (underWay) throw new GitError('refused', `${underWay} is under way: finish or abort it first.`);
    if (!consent.dirty) await refuseDirty(repository);
  }
  let listed = await listCommits(repository, [tip, '--not', '--remotes', '--tags']);
  const inside = new Set(listed.map(({ id }) => id));
  const pushed = [...wanted].filter((commit) => !inside.has(commit));
  if (pushed.length > 0) {
    if (!consent.pushed) throw await alreadyPushed(repository, pushed);
    listed = await listCommits(repository, [tip]);
  }
  const rewritten = new Set<string>();
  const oldest: string[] = [];
  for (const { id, parents } of listed) {
    const follows = parents.some((parent) => rewritten.has(parent));
    if (!follows && wanted.has(id)) oldest.push(id);
    if (follows || wanted.has(id)) rewritten.add(id);
  }
  const cut = await shallowCommits(repository);
  if ([...rewritten].some((commit) => cut.has(commit))) {
    throw new GitError('shallow', 'The clone’s history begins within these commits. Run: git fetch --unshallow');
  }
  return {
    ref,
    onHead,
    tip,
    targets: [...rewritten].filter((commit) => wanted.has(commit)),
    rewritten: [...rewritten],
    left: await leftBehind(repository, ref, rewritten, oldest),
  };
}

/** Those of some commits (full ids) that are on no remote-tracking branch and have no tag above them. */
export async function unpushedAmong(repository: GitRepository, commits: readonly string[]): Promise<Set<string>> {
  if (commits.length === 0) return new Set();
  const args = ['rev-list', '--stdin', '--not', '--remotes', '--tags'];
  const unpushed = new Set(lines((await gitBytes(repository, args, `${commits.join('\n')}\n`)).toString()));
  return new Set(commits.filter((commit) => unpushed.has(commit)));
}

/** Whether a revision is written as a range. */
export function isRange(revision: string): boolean {
  return /\.\.|\^[!@-]/.test(revision);
}

/** The commits that a revision or range names, newest first. */
export async function commitsOf(repository: GitRepository, target: string): Promise<string[]> {
  if (!isRange(target)) return [await resolveRevision(repository, target)];
  if (target.startsWith('-') || target.includes('...') || /[\0\n\r]/.test(target)) {
    throw new GitError('unknown-revision', `${JSON.stringify(target)} is no range: write it as A..B.`);
  }
  const [from, to] = target.split('..');
  for (const end of target.includes('..') ? [from, to] : []) if (end) await resolveRevision(repository, end);
  return lines(await git(repository, ['rev-list', '--topo-order', target, '--']));
}

/** The branch that all the commits are on: that of HEAD, else the one that the only range ends at. */
async function branchOf(
  repository: GitRepository,
  commits: readonly string[],
  targets: readonly string[],
): Promise<{ ref: string; tip: string }> {
  const candidates = ['HEAD', ...targets.flatMap((target) => target.split('..')[1] || [])];
  for (const candidate of candidates) {
    const tip = await resolveRevision(repository, candidate).catch(() => undefined);
    const ref = candidate === 'HEAD' ? await headRef(repository) : await branchNamed(repository, candidate);
    if (tip === undefined || ref === undefined) continue;
    const outside = await gitBytes(repository, ['rev-list', '--stdin'], [...commits, `^${tip}`, ''].join('\n'));
    if (outside.length === 0) return { ref, tip };
  }
  throw new GitError(
    'refused',
    `${targets.join(' ')}: not all of these commits are on the branch that is checked out. Switch to their branch first.`,
  );
}

async function headRef(repository: GitRepository): Promise<string> {
  return git(repository, ['symbolic-ref', '--quiet', 'HEAD']).then(
    (name) => name.trim(),
    (error: unknown) => {
      if (error instanceof GitError && error.exitCode === 1) return 'HEAD';
      throw error;
    },
  );
}

async function branchNamed(repository: GitRepository, name: string): Promise<string | undefined> {
  const ref = await git(repository, ['rev-parse', '--symbolic-full-name', '--end-of-options', name]).catch(() => '');
  return lines(ref).find((line) => line.startsWith('refs/heads/'));
}

async function refuseDirty(repository: GitRepository): Promise<void> {
  const changes = await git(repository, ['status', '--porcelain=v1', '--untracked-files=no']);
  if (changes.trim() === '') return;
  throw new GitError(
    'refused',
    `There are changes that are not committed. They would stay as they are; if that is meant, add --allow-dirty:\n${changes.trimEnd()}`,
  );
}

async function alreadyPushed(repository: GitRepository, commits: readonly string[]): Promise<GitError> {
  const [oldest = ''] = commits.slice(-1);
  const where = await git(repository, [
    'for-each-ref',
    `--contains=${oldest}`,
    '--format=%(refname:short)',
    'refs/remotes',
    'refs/tags',
  ]);
  const names = lines(where).slice(0, 5).join(', ');
  const some = commits.length === 1 ? `${oldest.slice(0, 10)} is` : `${commits.length} of these commits are`;
  return new GitError(
    'refused',
    `${some} on a remote or has a tag (${names}): others may have it. Add a note beside it instead, with --note; or, if nobody builds upon it, rewrite it with --force-pushed.`,
  );
}

/** Commits with their parents, parents first. */
async function listCommits(
  repository: GitRepository,
  revisions: string[],
): Promise<{ id: string; parents: string[] }[]> {
  const listed = await git(repository, ['rev-list', '--topo-order', '--reverse', '--parents', ...revisions, '--']);
  return lines(listed).map((line) => {
    const [id = '', ...parents] = line.split(' ');
    return { id, parents };
  });
}

/** Other branches and detached work trees that hold old commits. */
async function leftBehind(
  repository: GitRepository,
  ref: string,
  rewritten: ReadonlySet<string>,
  oldest: readonly string[],
): Promise<string[]> {
  const contains = oldest.map((commit) => `--contains=${commit}`);
  const holding = await git(repository, ['for-each-ref', ...contains, '--format=%(refname)', 'refs/heads']);
  const branches = lines(holding)
    .filter((name) => name !== ref)
    .map((name) => `branch ${name.slice('refs/heads/'.length)}`);
  const trees = (await git(repository, ['worktree', 'list', '--porcelain'])).split('\n\n').flatMap((entry) => {
    const [, folder] = /^worktree (.*)$/m.exec(entry) ?? [];
    const [, head] = /^HEAD ([0-9a-f]+)$/m.exec(entry) ?? [];
    const detached = /^detached$/m.test(entry) && head !== undefined && rewritten.has(head);
    const here = ref === 'HEAD' && folder !== undefined && samePlace(folder, repository.root);
    return detached && !here ? [`work tree ${folder}`] : [];
  });
  return [...branches, ...trees];
}

function samePlace(one: string, other: string): boolean {
  const plain = (path: string) => path.replaceAll('\\', '/').replace(/\/+$/, '');
  return plain(one) === plain(other);
}

function lines(text: string): string[] {
  return text.split('\n').filter((line) => line !== '');
}
