/** Repositories under Countersign with its hooks installed, and real git commits in them. */
import { spawn } from 'node:child_process';
import { chmodSync, mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { toHome } from '../../core/policies/initialize.ts';
import { packFiles } from '../../core/policies/load.ts';
import { entry, type Ran, temporaryFolder, writeFiles } from './harness.ts';

/** What a commit has to say here so that the default policies let it pass. */
export const disclosure = [
  'AI-Model: claude-opus-4-6',
  'AI-Context: Wrote the parser and its tests',
  'AI-Approver: Bo Example <bo@example.com>',
];

export const time = /^AI-Timestamp: \d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/;

/** A line by which Claude Code names itself; the default policies take it for evidence. */
export const coAuthor = 'Co-Authored-By: Claude Opus 4.6 <noreply@anthropic.com>';

export interface Run {
  env?: Record<string, string>;
  /** Lines of sh that edit the file `$1`; without it no editor may open. */
  editor?: string;
  /** For `git rebase -i`: lines of sh that edit the list `$1`. */
  list?: string;
  input?: string;
}

export interface HookedRepository {
  folder: string;
  /** The environment of the user: none of the machine's. */
  env: Record<string, string>;
  /** Runs git, whatever comes of it. */
  try(args: string[], run?: Run): Promise<Ran>;
  /** Runs git, which must do well; says its output, trimmed. */
  git(args: string[], run?: Run): Promise<string>;
  /** Writes files and stages them. */
  stage(files: Record<string, string>): Promise<void>;
  /** A commit's message as it is stored. */
  message(revision?: string): Promise<string>;
  /** Its trailers as git reads them, a line each. */
  trailers(revision?: string): Promise<string[]>;
  /** Runs `countersign` there. */
  countersign(args: string[], env?: Record<string, string>): Promise<Ran>;
}

let home: Promise<Record<string, string>> | undefined;

/** What `countersign init` writes, by path. */
function homeFiles(): Promise<Record<string, string>> {
  home ??= packFiles().then((files) =>
    Object.fromEntries(
      toHome(files)
        .filter(({ path }) => !/_test\.(rego|yaml)$/.test(path))
        .map(({ path, bytes }) => [`.countersign/${path}`, Buffer.from(bytes).toString()]),
    ),
  );
  return home;
}

export interface RepositoryOptions {
  /** Default true. */
  hooks?: boolean;
  /** Default true: with `.countersign`. */
  home?: boolean;
  /** More lines of `.countersign/config.yaml`. */
  config?: string;
}

/** One commit on `main`, made before the hooks were installed. */
export async function hookedRepository(options: RepositoryOptions = {}): Promise<HookedRepository> {
  const outer = temporaryFolder();
  const folder = join(outer, 'wörk tree');
  mkdirSync(folder);
  const env = plainEnvironment(outer);
  const tryGit = async (args: string[], given: Run = {}): Promise<Ran> => {
    const scripts: Record<string, string> = {
      GIT_EDITOR: editor(outer, given.editor ?? 'echo "no editor" >&2; exit 1'),
    };
    if (given.list !== undefined) scripts.GIT_SEQUENCE_EDITOR = editor(outer, given.list);
    return run('git', args, folder, { ...env, ...scripts, ...given.env }, given.input);
  };
  const git = async (args: string[], given?: Run): Promise<string> => {
    const ran = await tryGit(args, given);
    if (ran.code !== 0) throw new Error(`git ${args.join(' ')} (${ran.code}): ${ran.stdout}${ran.stderr}`);
    return ran.stdout.trim();
  };
  const repository: HookedRepository = {
    folder,
    env,
    try: tryGit,
    git,
    async stage(files) {
      for (const [file, text] of Object.entries(files)) writeFileSync(join(folder, file), text);
      await git(['add', '--all', '--force']);
    },
    async message(revision = 'HEAD') {
      const object = (await tryGit(['cat-file', 'commit', revision])).stdout;
      return object.slice(object.indexOf('\n\n') + 2);
    },
    async trailers(revision = 'HEAD') {
      const text = await git(['log', '-1', '--format=%(trailers:only,unfold)', revision]);
      return text.split('\n').filter((line) => line !== '');
    },
    countersign: (args, more = {}) => run(process.execPath, [entry, ...args], folder, { ...env, ...more }),
  };
  await git(['init', '--quiet', '--initial-branch=main']);
  await git(['config', 'core.autocrlf', 'false']);
  if (options.home ?? true) writeFiles(folder, await homeFiles());
  if (options.config) {
    writeFileSync(join(folder, '.countersign', 'config.yaml'), `version: 1\n${options.config}\n`);
  }
  await repository.stage({ 'README.md': 'A repository.\n' });
  await git(['commit', '--quiet', '-m', 'Start']);
  if (options.hooks ?? true) {
    const installed = await repository.countersign(['hook', 'install']);
    if (installed.code !== 0) throw new Error(installed.stderr);
  }
  return repository;
}

let scripts = 0;

/** A program that edits a file, as the command line that git takes for an editor. */
function editor(folder: string, lines: string): string {
  const file = join(folder, `editor-${scripts++}.sh`);
  writeFileSync(file, `set -e\n${lines}\n`);
  chmodSync(file, 0o755);
  return `sh '${file}'`;
}

/** Without the machine's git configuration, without agents' variables, in no terminal. */
function plainEnvironment(home: string): Record<string, string> {
  return {
    PATH: process.env.PATH ?? '',
    HOME: home,
    XDG_RUNTIME_DIR: home,
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_AUTHOR_NAME: 'Ada Example',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Ada Example',
    GIT_COMMITTER_EMAIL: 'ada@example.com',
    LC_ALL: 'C',
  };
}

function run(program: string, args: string[], cwd: string, env: Record<string, string>, input = ''): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.stdin.on('error', () => {});
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(input);
  });
}
