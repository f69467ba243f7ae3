/**
 * Real git repositories in temporary folders, for tests. Names have spaces and letters beyond ASCII
 * on purpose. Identities and dates are fixed, so commit ids are the same on every machine; the
 * machine's own git configuration is left out.
 *
 *     const repo = await makeRepository(t);            // removed when the test ends
 *     await repo.write('src/a.ts', 'one');
 *     const sha = await repo.commit('Add a\n\nAI-Model: example-1\n');
 *     await repo.git('tag', 'v1');
 *
 * For thousands of commits: `await repo.fastImport(manyCommits(100_000, 10, i => `Change ${i}\n`))`.
 */

import { spawn } from 'node:child_process';
import { mkdir, mkdtemp, realpath, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';

/** What `t` of node:test offers of itself here. */
export interface TestLike {
  after(fn: () => Promise<void> | void): void;
}

export interface CommitOptions {
  /** `Name <address>`. */
  author?: string;
  committer?: string;
  /** Seconds since the epoch and zone, such as `1700000000 +0100`; a minute later each time by default. */
  date?: string;
  /** Of committing, when it is another. */
  committerDate?: string;
  /** Parents instead of HEAD: `[]` makes a root, several a merge. The tree is that of the index. */
  parents?: string[];
  /** More header lines, such as `encoding ISO-8859-1`. */
  headers?: string[];
}

export interface TestRepository {
  /** The work tree's folder; native separators. */
  root: string;
  /** The environment its git runs with. */
  environment: NodeJS.ProcessEnv;
  /** Runs git there and returns its standard output; rejects when it fails. */
  git(...args: string[]): Promise<string>;
  /** The same, with bytes in and out. */
  gitBytes(args: string[], input?: string | Uint8Array): Promise<Buffer>;
  /** Writes a file, with its folders. */
  write(file: string, content: string | Uint8Array): Promise<void>;
  /** Stages everything, commits with this very message (nothing cleaned) and returns the id. */
  commit(message: string | Uint8Array, options?: CommitOptions): Promise<string>;
  /** Feeds `git fast-import`. */
  fastImport(stream: string): Promise<void>;
}

export interface RepositoryOptions {
  objectFormat?: 'sha1' | 'sha256';
  bare?: boolean;
  /** The folder to make it in, instead of a temporary one. */
  at?: string;
}

/** A fixed point in time: 2024-01-01T00:00:00Z. */
export const firstDate = 1_704_067_200;

/** The environment without the machine's git configuration, with fixed identities. */
export function testEnvironment(home: string): NodeJS.ProcessEnv {
  const environment: NodeJS.ProcessEnv = {};
  for (const [name, value] of Object.entries(process.env)) if (!/^GIT_/i.test(name)) environment[name] = value;
  return {
    ...environment,
    HOME: home,
    XDG_CONFIG_HOME: path.join(home, '.config'),
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_CONFIG_GLOBAL: path.join(home, '.gitconfig'),
    GIT_AUTHOR_NAME: 'Ada Example',
    GIT_AUTHOR_EMAIL: 'ada@example.com',
    GIT_COMMITTER_NAME: 'Carl Example',
    GIT_COMMITTER_EMAIL: 'carl@example.com',
    GIT_AUTHOR_DATE: `${firstDate} +0000`,
    GIT_COMMITTER_DATE: `${firstDate} +0000`,
    LC_ALL: 'C',
  };
}

/** A temporary folder, with a space and an umlaut in its name, that goes when the test ends. */
export async function temporaryFolder(t: TestLike): Promise<string> {
  const folder = await realpath(await mkdtemp(path.join(tmpdir(), 'countersign tést ')));
  t.after(() => rm(folder, { recursive: true, force: true, maxRetries: 5 }));
  return folder;
}

/** Makes an empty repository with the branch `main`. */
export async function makeRepository(t: TestLike, options: RepositoryOptions = {}): Promise<TestRepository> {
  const root = options.at ?? path.join(await temporaryFolder(t), 'repo ü');
  await mkdir(root, { recursive: true });
  const environment = testEnvironment(path.dirname(root));
  const gitBytes = (args: string[], input: string | Uint8Array = '', more: NodeJS.ProcessEnv = {}) =>
    run('git', args, root, { ...environment, ...more }, input);
  const git = async (...args: string[]) => (await gitBytes(args)).toString('utf8');
  await git(
    'init',
    '--quiet',
    '--initial-branch=main',
    `--object-format=${options.objectFormat ?? 'sha1'}`,
    ...(options.bare ? ['--bare'] : []),
  );
  let clock = firstDate;

  return {
    root,
    environment,
    git,
    gitBytes,
    async write(file, content) {
      const full = path.join(root, file);
      await mkdir(path.dirname(full), { recursive: true });
      await writeFile(full, content);
    },
    async commit(message, commit = {}) {
      await git('add', '--all');
      const tree = (await git('write-tree')).trim();
      const head = await git('rev-parse', '--verify', '--quiet', 'HEAD').then(
        (id) => [id.trim()],
        () => [],
      );
      clock += 60;
      const date = commit.date ?? `${clock} +0000`;
      const text = [
        `tree ${tree}`,
        ...(commit.parents ?? head).map((parent) => `parent ${parent}`),
        `author ${commit.author ?? 'Ada Example <ada@example.com>'} ${date}`,
        `committer ${commit.committer ?? 'Carl Example <carl@example.com>'} ${commit.committerDate ?? date}`,
        ...(commit.headers ?? []),
        '',
        '',
      ].join('\n');
      const bytes = Buffer.concat([Buffer.from(text), Buffer.from(message)]);
      const sha = (await gitBytes(['hash-object', '-t', 'commit', '-w', '--literally', '--stdin'], bytes))
        .toString()
        .trim();
      await git('update-ref', 'HEAD', sha);
      return sha;
    },
    async fastImport(stream) {
      await gitBytes(['fast-import', '--quiet', '--force'], stream);
    },
  };
}

/** A `git fast-import` stream of `count` commits on `main`; every `filesEvery`th changes one file. */
export function manyCommits(count: number, filesEvery: number, message: (index: number) => string): string {
  const parts: string[] = [];
  for (let index = 0; index < count; index++) {
    const text = message(index);
    const content = `content ${index}\n`;
    const when = `${firstDate + index} +0000`;
    parts.push(
      `commit refs/heads/main\nauthor Ada Example <ada@example.com> ${when}\ncommitter Carl Example <carl@example.com> ${when}\n`,
      `data ${Buffer.byteLength(text)}\n${text}\n`,
    );
    if (index % filesEvery === 0) {
      parts.push(`M 100644 inline src/file-${index % 50}.txt\ndata ${content.length}\n${content}\n`);
    }
  }
  return parts.join('');
}

function run(
  program: string,
  args: string[],
  cwd: string,
  env: NodeJS.ProcessEnv,
  input: string | Uint8Array,
): Promise<Buffer> {
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, stdio: ['pipe', 'pipe', 'pipe'], windowsHide: true });
    const out: Buffer[] = [];
    const errors: Buffer[] = [];
    child.stdout.on('data', (chunk: Buffer) => out.push(chunk));
    child.stderr.on('data', (chunk: Buffer) => errors.push(chunk));
    child.stdin.on('error', () => {});
    child.stdin.end(input);
    child.on('error', reject);
    child.on('close', (code) => {
      if (code === 0) resolve(Buffer.concat(out));
      else reject(new Error(`${program} ${args.join(' ')} ended with ${code}: ${Buffer.concat(errors).toString()}`));
    });
  });
}
