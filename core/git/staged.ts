/** The commit that is about to be made. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ChangedFile, Commit, Signature } from '../input.ts';
import { comparison, parseNameStatus } from './changed-files.ts';
import { type CommitObject, localTime, parseCommitObject, parseIdent } from './commit-object.ts';
import { readMessage } from './message.ts';
import { type Cleanup, cleanMessage, commentPrefixOf, cutAtScissors } from './message-file.ts';
import { openObjectReader } from './object-reader.ts';
import type { GitRepository } from './repository.ts';
import { GitError, gitBytes } from './run.ts';
import { setting, settingsOf } from './settings.ts';

export interface StagedOptions {
  /** The message as it is going to be, or a message file's text; see `messageFile`. */
  message: string;
  /** `message` is the text of a message file that git is still going to clean (comments, scissors). */
  messageFile?: boolean;
  /** As `git commit --all`: the changes of all tracked files instead of the staged ones. */
  all?: boolean;
  /** As `git commit --amend`: the commit takes HEAD's place, with its author. */
  amend?: boolean;
}

/** What git is about to commit: a commit whose `sha` is empty. Git is asked all at once, as far as it can be. */
export async function readStaged(repository: GitRepository, options: StagedOptions): Promise<Commit> {
  const { amend = false, all = false } = options;
  const asked = amend || all ? undefined : begun.get(repository);
  begun.delete(repository);
  const [{ heads, author, committer, files }, message] = await Promise.all([
    asked ?? askGit(repository, amend, all),
    options.messageFile ? asCommitted(repository, options.message) : options.message,
  ]);
  return {
    sha: '',
    parents: heads.parents,
    parent_times: heads.times,
    author: heads.author ?? author ?? committer,
    committer,
    ...readMessage(message),
    files,
    merge: heads.parents.length > 1,
  };
}

const begun = new WeakMap<GitRepository, Promise<GitFacts>>();

/**
 * Asks git already now for what the next {@link readStaged} of a new commit needs; other work goes on meanwhile.
 *
 * @param known what {@link askAhead} gave for the same commit
 */
export function beginStaged(repository: GitRepository, known?: Ahead): void {
  const facts = askGit(repository, false, false, known);
  facts.catch(() => undefined);
  begun.set(repository, facts);
}

/** What git says of a new commit that does not change until it is made: plain JSON. */
export interface Ahead {
  heads: Heads;
  committer: { name: string; email: string };
}

/** Undefined for a merge, and for a commit with a committer's time of its own. */
export async function askAhead(repository: GitRepository): Promise<Ahead | undefined> {
  if (repository.environment.GIT_COMMITTER_DATE || (await mergeHeads(repository)).length > 0) return undefined;
  const [heads, { name, email }] = await Promise.all([
    currentParents(repository, false, []),
    identity(repository, 'GIT_COMMITTER_IDENT'),
  ]);
  return { heads, committer: { name, email } };
}

interface GitFacts {
  heads: Heads;
  author: Signature | undefined;
  committer: Signature;
  files: ChangedFile[];
}

async function askGit(repository: GitRepository, amend: boolean, all: boolean, known?: Ahead): Promise<GitFacts> {
  // What there is beside HEAD decides what is compared with what, and most commits have nothing.
  const others = amend ? [] : await mergeHeads(repository);
  const early = !amend && !all && others.length === 0 ? changesAgainst(repository, undefined, false) : undefined;
  early?.catch(() => undefined);
  const ahead = others.length === 0 ? known : undefined;
  const [heads, author, committer] = await Promise.all([
    ahead?.heads ?? currentParents(repository, amend, others),
    amend ? undefined : (authorOfHook(repository) ?? identity(repository, 'GIT_AUTHOR_IDENT')),
    ahead ? { ...ahead.committer, time: localTime(new Date()) } : identity(repository, 'GIT_COMMITTER_IDENT'),
  ]);
  return { heads, author, committer, files: await (early ?? filesAgainst(repository, heads.parents, all)) };
}

/** The message git would make of a message file's text, by `commit.cleanup` and the comment character. */
export async function asCommitted(repository: GitRepository, text: string): Promise<string> {
  const prefix = await commentPrefix(repository, text);
  const configured = (await setting(repository, 'commit.cleanup')) ?? 'default';
  const edited = isEdited(repository);
  const cleanup: Cleanup =
    configured === 'verbatim' || configured === 'whitespace' || configured === 'strip'
      ? configured
      : configured === 'scissors'
        ? edited
          ? 'scissors'
          : 'whitespace'
        : edited
          ? 'strip'
          : 'whitespace';
  // What --verbose adds below the scissors goes whatever the cleanup is.
  return cleanMessage(edited ? cutAtScissors(text, prefix) : text, cleanup, prefix);
}

/** What starts a comment in a message file of this repository. */
export async function commentPrefix(repository: GitRepository, text: string): Promise<string> {
  return commentPrefixOf(await commentSetting(repository), text, isEdited(repository));
}

/** Git tells hooks by this editor that no editor is opened; then it leaves lines with # alone. */
function isEdited({ environment }: GitRepository): boolean {
  return environment.GIT_EDITOR !== ':';
}

/** The comment character as it is configured, for `commentPrefixOf`; undefined when it is not. */
export async function commentSetting(repository: GitRepository): Promise<string | undefined> {
  const settings = (await settingsOf(repository)).filter(({ name }) => /^core\.comment(?:char|string)$/.test(name));
  if (!settings.some(({ name }) => name === 'core.commentstring')) return settings.at(-1)?.value;
  // They are one setting since 2.45; before, the second is none of git's.
  const [, major, minor] = /(\d+)\.(\d+)/.exec((await gitBytes(repository, ['version'])).toString()) ?? [];
  const one = Number(major) > 2 || (Number(major) === 2 && Number(minor) >= 45);
  return settings.filter(({ name }) => one || name === 'core.commentchar').at(-1)?.value;
}

export interface Heads {
  parents: string[];
  times: string[];
  /** Of the commit that is amended. */
  author?: Signature;
}

async function currentParents(repository: GitRepository, amend: boolean, others: string[]): Promise<Heads> {
  const reader = openObjectReader(repository);
  const read = async (names: string[]) => {
    reader.ask(names);
    const commits: (({ id: string } & CommitObject) | undefined)[] = [];
    for (const _ of names) {
      const object = await reader.next();
      commits.push(object?.type === 'commit' ? { id: object.id, ...parseCommitObject(object.bytes) } : undefined);
    }
    return commits;
  };
  try {
    const [head, ...merged] = await read(['HEAD', ...others]);
    if (!amend) return { parents: [...(head ? [head.id] : []), ...others], times: timesOf([head, ...merged]) };
    if (!head) throw new GitError('refused', 'There is no commit to amend yet.');
    return { parents: head.parents, times: timesOf(await read(head.parents)), author: head.author };
  } finally {
    await reader.close();
  }
}

function timesOf(commits: readonly (CommitObject | undefined)[]): string[] {
  return commits.flatMap((commit) => commit?.committer.time ?? []);
}

/** The other parents of a merge that is under way. */
async function mergeHeads(repository: GitRepository): Promise<string[]> {
  const file = path.join(repository.gitDir, 'MERGE_HEAD');
  const text = await readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return '';
    throw error;
  });
  return text.split('\n').filter((line) => line !== '');
}

async function identity(repository: GitRepository, name: string): Promise<Signature> {
  return parseIdent((await gitBytes(repository, ['var', name])).toString('utf8').trimEnd());
}

/** The author as git tells hooks: made out already, with the time in seconds. */
function authorOfHook({ environment }: GitRepository): Signature | undefined {
  const { GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date } = environment;
  if (!name || email === undefined || !/^@\d+ [-+]\d{4}$/.test(date ?? '')) return undefined;
  return parseIdent(`${name} <${email}> ${date?.slice(1)}`);
}

/** The files that differ from all parents, as the files of a merge are those that the merge itself changed. */
async function filesAgainst(repository: GitRepository, parents: string[], all: boolean): Promise<ChangedFile[]> {
  const emptyTree =
    repository.objectFormat === 'sha256'
      ? '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321'
      : '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
  const against = parents.length > 0 ? parents : [emptyTree];
  const lists: ChangedFile[][] = [];
  for (const parent of against) lists.push(await changesAgainst(repository, parent, all));
  const [first = [], ...others] = lists;
  if (others.length === 0) return first;
  return first
    .filter((file) => others.every((list) => list.some((other) => other.path === file.path)))
    .map((file) => {
      const same = others.every((list) => list.find((other) => other.path === file.path)?.status === file.status);
      return same && file.old_path === undefined ? file : { path: file.path, status: 'M' };
    });
}

/** The staged changes, or those of all tracked files; against HEAD, where there is one, when `parent` is absent. */
async function changesAgainst(
  repository: GitRepository,
  parent: string | undefined,
  all: boolean,
): Promise<ChangedFile[]> {
  const options = ['diff', '--no-ext-diff', '--no-color', ...comparison, ...(all ? [] : ['--cached'])];
  const args = [...options, ...(parent === undefined ? [] : [parent]), '--'];
  return parseNameStatus((await gitBytes(repository, args)).toString('utf8'));
}
