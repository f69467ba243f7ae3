/**
 * Runs git: the only place that starts a process in core. Ordinary commands go through
 * simple-git; those that stream or need standard input are spawned here.
 */

import { type ChildProcessByStdio, spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import type { Readable, Writable } from 'node:stream';

// Windows would otherwise prefer a git.exe that a repository brings along in its top folder.
if (process.platform === 'win32') process.env.NoDefaultCurrentDirectoryInExePath ??= '1';

/** Why git could not answer; `message` is for people and says what to do. */
export type GitErrorKind =
  | 'git-missing'
  | 'no-such-folder'
  | 'not-a-repository'
  | 'unsafe-ownership'
  | 'unknown-revision'
  | 'shallow'
  | 'unrelated'
  | 'refused'
  | 'aborted'
  | 'failed';

export class GitError extends Error {
  readonly kind: GitErrorKind;
  /** Git's exit code, when git ran. */
  readonly exitCode: number | undefined;

  constructor(kind: GitErrorKind, message: string, exitCode?: number) {
    super(message);
    this.name = 'GitError';
    this.kind = kind;
    this.exitCode = exitCode;
  }
}

/** Where and with which environment git runs: a `GitRepository` is one. */
export interface GitPlace {
  root: string;
  environment: NodeJS.ProcessEnv;
}

/** What git calls the repository's local variables (`git rev-parse --local-env-vars`) that say which repository is meant. */
const repositoryVariables = [
  'GIT_DIR',
  'GIT_WORK_TREE',
  'GIT_COMMON_DIR',
  'GIT_INDEX_FILE',
  'GIT_OBJECT_DIRECTORY',
  'GIT_ALTERNATE_OBJECT_DIRECTORIES',
  'GIT_QUARANTINE_PATH',
  'GIT_SHALLOW_FILE',
  'GIT_NAMESPACE',
  'GIT_PREFIX',
];

/** Variables that would change what git prints, or make it run other programs. */
const disturbing =
  /^(GIT_TRACE.*|GIT_TR2_.*|GIT_PAGER|GIT_PAGER_IN_USE|PAGER|GIT_EXTERNAL_DIFF|GIT_DIFF_OPTS|GIT_(NO)?GLOB_PATHSPECS|GIT_ICASE_PATHSPECS|GIT_REDIRECT_.*|GIT_GRAFT_FILE|GIT_REPLACE_REF_BASE)$/i;

/**
 * The environment git runs in. `inherit` keeps the variables that name a repository, as hooks need
 * it (they get GIT_DIR and GIT_INDEX_FILE); without it the folder alone decides.
 * Output is untranslated, nothing asks on a terminal, no lock is taken for mere convenience, paths
 * are literal, and replacement objects do not stand in for what was really committed.
 */
export function gitEnvironment(from: NodeJS.ProcessEnv, inherit: boolean): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(from)) {
    if (disturbing.test(name) || (!inherit && repositoryVariables.includes(name.toUpperCase()))) continue;
    environment[name] = value;
  }
  return {
    ...environment,
    LC_ALL: 'C',
    LANGUAGE: '',
    GIT_OPTIONAL_LOCKS: '0',
    GIT_TERMINAL_PROMPT: '0',
    GIT_LITERAL_PATHSPECS: '1',
    GIT_NO_REPLACE_OBJECTS: '1',
  };
}

/** Runs an ordinary git command and returns what it printed. Errors: `GitError`. */
export async function git(place: GitPlace, args: string[]): Promise<string> {
  if (!existsSync(place.root)) throw new GitError('no-such-folder', `There is no folder ${place.root}.`);
  // It takes a while to load, and a commit's hook does without it.
  const { simpleGit } = await import('simple-git');
  let failed: GitError | undefined;
  const runner = simpleGit({
    baseDir: place.root,
    // simple-git drops every GIT_ variable that is not named; ours were chosen by `gitEnvironment`.
    allowEnvironment: Object.keys(place.environment),
    unsafe: ownEnvironment,
    completion: { onClose: true, onExit: false },
    errors(error, result) {
      if (result.exitCode === 0) return error;
      failed = failure(Buffer.concat(result.stdErr).toString(), result.exitCode, error);
      return failed;
    },
  });
  try {
    return await runner.env(place.environment).raw(args);
  } catch (error) {
    throw failed ?? failure(error instanceof Error ? error.message : String(error), undefined, error);
  }
}

/** The environment is the user's own, as git itself reads it; hooks always get GIT_EDITOR and GIT_EXEC_PATH. */
const ownEnvironment = {
  allowUnsafeAskPass: true,
  allowUnsafeConfigEnvCount: true,
  allowUnsafeConfigPaths: true,
  allowUnsafeEditor: true,
  allowUnsafeExec: true,
  allowUnsafeGitProxy: true,
  allowUnsafeSshCommand: true,
  allowUnsafeTemplateDir: true,
};

/** Makes of git's complaint an error whose kind the callers can tell apart. */
function failure(complaint: string, exitCode: number | undefined, cause?: unknown): GitError {
  const said = complaint.trim() || (cause instanceof Error ? cause.message : '');
  if (/spawn git ENOENT|ENOENT.*spawn git/.test(said) || (cause as NodeJS.ErrnoException)?.code === 'ENOENT') {
    return new GitError(
      'git-missing',
      'Git was not found. Install it (https://git-scm.com) and see that it is in PATH.',
    );
  }
  if (/detected dubious ownership/.test(said)) {
    return new GitError(
      'unsafe-ownership',
      `Git refuses this repository, because another user owns it: ${said.replace(/\s+/g, ' ')}`,
      exitCode,
    );
  }
  if (/not a git repository/i.test(said)) {
    return new GitError('not-a-repository', 'This folder is in no Git repository.', exitCode);
  }
  const silently =
    exitCode === undefined
      ? 'Git was ended before it had answered: by somebody, or because no memory was left. Try again.'
      : `git ended with exit code ${exitCode}`;
  return new GitError('failed', said || silently, exitCode);
}

/** A running git with its streams; `ended` resolves when it ended well and rejects with a `GitError` otherwise. */
export interface GitProcess {
  stdin: Writable;
  stdout: Readable;
  ended: Promise<void>;
  /** Ends it early; `ended` then resolves. */
  stop(): void;
}

/** Starts git with its standard input and output as streams. */
export function spawnGit(place: GitPlace, args: string[], signal?: AbortSignal): GitProcess {
  const child: ChildProcessByStdio<Writable, Readable, Readable> = spawn('git', ['--no-pager', ...args], {
    cwd: place.root,
    env: place.environment,
    stdio: ['pipe', 'pipe', 'pipe'],
    windowsHide: true,
  });
  let stopped = false;
  const stop = () => {
    stopped = true;
    // What was printed and not read would keep the process's end from being seen.
    child.stdout.destroy();
    child.kill();
  };
  const onAbort = () => child.kill();
  signal?.addEventListener('abort', onAbort, { once: true });
  if (signal?.aborted) onAbort();

  let complaint = '';
  child.stderr.setEncoding('utf8');
  child.stderr.on('data', (text: string) => {
    if (complaint.length < 10_000) complaint += text;
  });
  // Git may end before it has read all we write; its exit code tells the reason better than EPIPE.
  child.stdin.on('error', () => {});
  const ended = new Promise<void>((resolve, reject) => {
    child.on('error', (error) => reject(failure(error.message, undefined, error)));
    child.on('close', (code) => {
      signal?.removeEventListener('abort', onAbort);
      if (signal?.aborted) reject(new GitError('aborted', 'Reading from git was cancelled.'));
      else if (code === 0 || stopped) resolve();
      else reject(failure(complaint, code ?? undefined));
    });
  });
  // Whoever reads the streams awaits `ended` at the end; until then a rejection is not unhandled.
  ended.catch(() => {});
  return { stdin: child.stdin, stdout: child.stdout, ended, stop };
}

/** Runs git with `input` on its standard input and returns its raw output. */
export async function gitBytes(place: GitPlace, args: string[], input: string | Uint8Array = ''): Promise<Buffer> {
  const child = spawnGit(place, args);
  child.stdin.end(input);
  const chunks: Buffer[] = [];
  child.stdout.on('data', (chunk: Buffer) => chunks.push(chunk));
  await child.ended;
  return Buffer.concat(chunks);
}
