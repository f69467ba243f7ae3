/** The commit that is about to be made. */

import { readFile } from 'node:fs/promises';
import path from 'node:path';
import type { ChangedFile, Commit } from '../input.ts';
import { comparison, parseNameStatus } from './changed-files.ts';
import { parseCommitObject, parseIdent } from './commit-object.ts';
import { readMessage } from './message.ts';
import { type Cleanup, cleanMessage, commentPrefixOf, cutAtScissors } from './message-file.ts';
import { openObjectReader } from './object-reader.ts';
import type { GitRepository } from './repository.ts';
import { GitError, git } from './run.ts';

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

/** What git is about to commit: a commit whose `sha` is empty. */
export async function readStaged(repository: GitRepository, options: StagedOptions): Promise<Commit> {
  const heads = await currentParents(repository, options.amend ?? false);
  const message = options.messageFile ? await asCommitted(repository, options.message) : options.message;
  const [author, committer, files] = await Promise.all([
    heads.author ?? identity(repository, 'GIT_AUTHOR_IDENT'),
    identity(repository, 'GIT_COMMITTER_IDENT'),
    filesAgainst(repository, heads.parents, options.all ?? false),
  ]);
  return {
    sha: '',
    parents: heads.parents,
    parent_times: heads.times,
    author,
    committer,
    ...readMessage(message),
    files,
    merge: heads.parents.length > 1,
  };
}

/** The message git would make of a message file's text, by `commit.cleanup` and the comment character. */
export async function asCommitted(repository: GitRepository, text: string): Promise<string> {
  const prefix = await commentPrefix(repository, text);
  const configured = (await setting(repository, 'commit.cleanup')) ?? 'default';
  // Git tells hooks by this editor that no editor is opened; then it leaves lines with # alone.
  const edited = repository.environment.GIT_EDITOR !== ':';
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
  const configured =
    (await setting(repository, 'core.commentString')) ?? (await setting(repository, 'core.commentChar'));
  return commentPrefixOf(configured, text);
}

/** A setting of git's configuration; undefined when it is not set. */
export async function setting(repository: GitRepository, name: string): Promise<string | undefined> {
  try {
    return (await git(repository, ['config', '--get', name])).replace(/\r?\n$/, '');
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 1) return undefined;
    throw error;
  }
}

interface Heads {
  parents: string[];
  times: string[];
  /** Of the commit that is amended. */
  author?: Commit['author'];
}

async function currentParents(repository: GitRepository, amend: boolean): Promise<Heads> {
  const head = await optionalCommit(repository, 'HEAD');
  const reader = openObjectReader(repository);
  const read = async (id: string) => {
    reader.ask([id]);
    const object = await reader.next();
    return object?.type === 'commit' ? parseCommitObject(object.bytes) : undefined;
  };
  try {
    let parents: string[];
    let author: Commit['author'] | undefined;
    if (amend) {
      const amended = head === undefined ? undefined : await read(head);
      if (!amended) throw new GitError('refused', 'There is no commit to amend yet.');
      ({ parents, author } = amended);
    } else {
      parents = head === undefined ? [] : [head, ...(await mergeHeads(repository))];
    }
    const times: string[] = [];
    for (const parent of parents) {
      const time = (await read(parent))?.committer.time;
      if (time !== undefined) times.push(time);
    }
    return { parents, times, ...(author ? { author } : {}) };
  } finally {
    await reader.close();
  }
}

async function optionalCommit(repository: GitRepository, name: string): Promise<string | undefined> {
  try {
    return (await git(repository, ['rev-parse', '--verify', '--quiet', `${name}^{commit}`])).trim() || undefined;
  } catch (error) {
    if (error instanceof GitError && error.exitCode === 1) return undefined;
    throw error;
  }
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

async function identity(repository: GitRepository, name: string): Promise<Commit['author']> {
  return parseIdent((await git(repository, ['var', name])).trimEnd());
}

/** The files that differ from all parents, as the files of a merge are those that the merge itself changed. */
async function filesAgainst(repository: GitRepository, parents: string[], all: boolean): Promise<ChangedFile[]> {
  const emptyTree =
    repository.objectFormat === 'sha256'
      ? '6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321'
      : '4b825dc642cb6eb9a060e54bf8d69288fbee4904';
  const against = parents.length > 0 ? parents : [emptyTree];
  const lists: ChangedFile[][] = [];
  for (const parent of against) {
    const args = ['diff', '--no-ext-diff', '--no-color', ...comparison, ...(all ? [] : ['--cached']), parent, '--'];
    lists.push(parseNameStatus(await git(repository, args)));
  }
  const [first = [], ...others] = lists;
  if (others.length === 0) return first;
  return first
    .filter((file) => others.every((list) => list.some((other) => other.path === file.path)))
    .map((file) => {
      const same = others.every((list) => list.find((other) => other.path === file.path)?.status === file.status);
      return same && file.old_path === undefined ? file : { path: file.path, status: 'M' };
    });
}
