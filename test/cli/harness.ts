/** The command as a process, over real repositories in temporary folders. */
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { after } from 'node:test';

const root = join(import.meta.dirname, '..', '..');
const built = join(root, 'dist', 'cli.js');

/** The bundle where it is built and asked for (CI, `npm test`), else the sources. */
export const entry = process.env.COUNTERSIGN_CLI ?? (existsSync(built) ? built : join(root, 'cli', 'main.ts'));

export interface Ran {
  code: number | null;
  stdout: string;
  stderr: string;
}

/** Runs `countersign` with arguments in a folder. */
export function countersign(
  args: string[],
  options: { cwd?: string; env?: Record<string, string>; input?: string } = {},
): Promise<Ran> {
  return new Promise((resolve, reject) => {
    const env = { ...outsideOfCi(process.env), NO_COLOR: '', FORCE_COLOR: '', ...options.env };
    for (const name of ['NO_COLOR', 'FORCE_COLOR'] as const) if (env[name] === '') delete env[name];
    const child = spawn(process.execPath, [entry, ...args], { cwd: options.cwd ?? root, env });
    let stdout = '';
    let stderr = '';
    child.stdout.setEncoding('utf8').on('data', (text) => {
      stdout += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text) => {
      stderr += text;
    });
    child.on('error', reject);
    child.on('close', (code) => resolve({ code, stdout, stderr }));
    child.stdin.end(options.input ?? '');
  });
}

/** Without what build servers tell of themselves: where these tests run must not change what they see. */
export function outsideOfCi(environment: NodeJS.ProcessEnv): NodeJS.ProcessEnv {
  const told =
    /^(CI|CI_.*|GITHUB_.*|GITLAB_CI|TF_BUILD|SYSTEM_.*|BUILD_.*|JENKINS_.*|CHANGE_.*|BRANCH_.*|TAG_NAME|GIT_.*COMMIT)$/;
  return Object.fromEntries(Object.entries(environment).filter(([name]) => !told.test(name)));
}

/** An empty temporary folder, removed after the tests. Its name has a space and a letter beyond ASCII. */
export function temporaryFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'countersign tést '));
  after(() => rmSync(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Writes files below a folder. */
export function writeFiles(folder: string, files: Record<string, string>): void {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  }
}

/** What git is run with, so that no machine's configuration and no clock changes what a test sees. */
const environment = {
  ...process.env,
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_AUTHOR_NAME: 'Ada Author',
  GIT_AUTHOR_EMAIL: 'ada@example.com',
  GIT_COMMITTER_NAME: 'Ada Author',
  GIT_COMMITTER_EMAIL: 'ada@example.com',
};

export interface TestRepository {
  folder: string;
  git(args: string[], input?: string | Uint8Array, env?: Record<string, string>): string;
  /** Makes a commit on HEAD with an exact message, and says its id. */
  commit(message: string | Uint8Array, options?: CommitOptions): string;
}

export interface CommitOptions {
  files?: Record<string, string>;
  /** In place of HEAD. */
  parents?: string[];
  author?: string;
  committer?: string;
  /** Unix seconds; each commit is one minute after the last by default. */
  time?: number;
  /** The header `encoding`. */
  encoding?: string;
}

/** A new repository with one commit. */
export function newRepository(options: { objectFormat?: string } = {}): TestRepository {
  const folder = temporaryFolder();
  let clock = Math.floor(Date.now() / 1000) - 100_000;
  const git = (args: string[], input: string | Uint8Array = '', env: Record<string, string> = {}): string => {
    const ran = spawnSync('git', args, { cwd: folder, input, env: { ...environment, ...env }, maxBuffer: 1e9 });
    if (ran.status !== 0) throw new Error(`git ${args.join(' ')}: ${ran.stderr}`);
    return ran.stdout.toString().trim();
  };
  git(['init', '--quiet', '-b', 'main', ...(options.objectFormat ? [`--object-format=${options.objectFormat}`] : [])]);
  git(['config', 'core.autocrlf', 'false']);
  const commit = (message: string | Uint8Array, given: CommitOptions = {}): string => {
    writeFiles(folder, given.files ?? {});
    if (given.files) git(['add', '--all', '--force']);
    clock = given.time ?? clock + 60;
    const parents = given.parents ?? headOf(folder);
    const person = given.author ?? 'Ada Author <ada@example.com>';
    const head = [
      `tree ${git(['write-tree'])}`,
      ...parents.map((parent) => `parent ${parent}`),
      `author ${person} ${clock} +0000`,
      `committer ${given.committer ?? person} ${clock} +0000`,
      ...(given.encoding ? [`encoding ${given.encoding}`] : []),
    ].join('\n');
    const object = Buffer.concat([Buffer.from(`${head}\n\n`), Buffer.from(message)]);
    const sha = git(['hash-object', '-t', 'commit', '-w', '--stdin'], object);
    git(['update-ref', 'HEAD', sha]);
    return sha;
  };
  const repository = { folder, git, commit };
  repository.commit('Start\n', { files: { 'README.md': 'A repository.\n' } });
  return repository;
}

function headOf(folder: string): string[] {
  const ran = spawnSync('git', ['rev-parse', '--verify', '-q', 'HEAD'], { cwd: folder, env: environment });
  return ran.status === 0 ? [ran.stdout.toString().trim()] : [];
}
