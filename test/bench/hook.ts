/**
 * What a commit waits for: the commit-msg hook as a whole process, cold each time, beside commitlint on the same
 * message; by the default pack as `countersign init` writes it.
 */
import { spawnSync } from 'node:child_process';
import { copyFileSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchContext, Subject, Work } from './bench.ts';
import { installCommitlint, optional } from './commitlint.ts';
import { timeCommand } from './measure.ts';

const runs = 40;

type HookName = 'prepare-commit-msg' | 'commit-msg';

interface Asked {
  of?: HookName;
  /** Done before each run, and not measured. */
  prepare?: () => void;
}

/** What git tells its hooks, beside where the index is. */
const fromGit = {
  GIT_AUTHOR_NAME: 'Ann Example',
  GIT_AUTHOR_EMAIL: 'ann@example.com',
  GIT_INDEX_FILE: join('.git', 'index'),
  GIT_EDITOR: ':',
};

export async function run({ root, log }: BenchContext): Promise<Work[]> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const cli = join(root, 'dist', 'cli.js');
  const governed = makeRepository(join(folder, 'governed'), cli);
  const other = makeRepository(join(folder, 'other'));
  const commitlint = optional('commitlint', log, () => installCommitlint(root, log));
  const config = join(root, 'dist/peers/commitlint/commitlint.config.json');

  const hook = (
    name: string,
    repository: string,
    file: string,
    { of = 'commit-msg', prepare }: Asked = {},
  ): Subject => ({
    name,
    async measure() {
      prepare?.();
      const message = join('.git', 'COMMIT_EDITMSG');
      copyFileSync(join(repository, file), join(repository, message));
      // Both builds are the same here while the engine is not asked.
      const began = { GIT_AUTHOR_DATE: `@${Math.floor(Date.now() / 1000)} +0000` };
      const environment = { ...fromGit, ...began, COUNTERSIGN_ENGINE: name };
      const run = (hooked: HookName) => [cli, 'hook', 'run', hooked, message];
      Object.assign(process.env, environment);
      try {
        // As git calls them: one, then the other, which is measured.
        if (of === 'commit-msg') {
          spawnSync(process.execPath, run('prepare-commit-msg'), { cwd: repository, stdio: 'ignore' });
        }
        return await timeCommand(process.execPath, run(of), repository);
      } finally {
        for (const variable of Object.keys(environment)) delete process.env[variable];
      }
    },
  });
  const peer = (repository: string, file: string): Subject[] =>
    commitlint === undefined
      ? []
      : [
          {
            name: 'commitlint',
            peer: true,
            measure: () => timeCommand(process.execPath, [commitlint, '--config', config, '--edit', file], repository),
          },
        ];
  const both = (repository: string, file: string, prepare?: () => void): Subject[] => [
    hook('native', repository, file, { prepare }),
    hook('wasm', repository, file, { prepare }),
    ...peer(repository, file),
  ];
  // What is kept is of other files then.
  let change = 0;
  const changePolicy = () => {
    writeFileSync(join(governed, '.countersign', 'policies', 'note.txt'), `${++change}\n`);
  };
  const whole = 'whole process, cold';
  return [
    { name: 'plain commit', note: `${whole}; nothing of AI in it`, subjects: both(governed, 'plain'), runs },
    {
      name: 'declared commit',
      note: `${whole}; with a disclosure that passes`,
      subjects: both(governed, 'declared'),
      runs,
    },
    {
      name: 'denied commit',
      note: `${whole}; an agent as co-author and no disclosure`,
      subjects: both(governed, 'denied'),
      runs,
    },
    {
      name: 'prepare-commit-msg',
      note: `${whole}; nothing of AI to be found, so nobody is asked`,
      subjects: [hook('native', governed, 'plain', { of: 'prepare-commit-msg' })],
      runs,
    },
    {
      name: 'first commit by a changed policy',
      note: `${whole}; the engine starts, decides, and makes the fast path's policy`,
      subjects: both(governed, 'plain', changePolicy),
    },
    { name: 'repository without .countersign', note: whole, subjects: both(other, 'plain'), runs },
    {
      name: 'node itself',
      note: 'node -e 0: what no command in JavaScript can be below',
      subjects: [{ name: 'node', measure: () => timeCommand(process.execPath, ['-e', '0'], folder) }],
      runs,
    },
  ];
}

/** A repository with something staged, and with message files. */
function makeRepository(folder: string, cli?: string): string {
  const ran = (program: string, args: string[]): void => {
    const { status, stderr } = spawnSync(program, args, { cwd: folder, encoding: 'utf8' });
    if (status !== 0) throw new Error(`${program} ${args.join(' ')}: ${stderr}`);
  };
  mkdirSync(folder);
  ran('git', ['init', '--quiet']);
  ran('git', ['config', 'user.name', 'Ann Example']);
  ran('git', ['config', 'user.email', 'ann@example.com']);
  if (cli !== undefined) ran(process.execPath, [cli, 'init', '--yes']);
  ran('git', ['add', '.']);
  ran('git', ['commit', '--quiet', '--allow-empty', '--no-verify', '--message', 'Start']);
  const paragraph = 'It reads one character at a time, which is\nslow where files are large.\n';
  const disclosure = [
    'AI-Model: claude-opus-4-6',
    `AI-Timestamp: ${new Date().toISOString()}`,
    'AI-Context: Wrote the parser and its tests from the issue',
    'AI-Approver: Bo Example <bo@example.com>',
  ].join('\n');
  writeFileSync(join(folder, 'plain'), `feat: change the parser\n\n${paragraph}`);
  writeFileSync(join(folder, 'declared'), `feat: change the parser\n\n${paragraph}\n${disclosure}\n`);
  writeFileSync(
    join(folder, 'denied'),
    `feat: change the parser\n\n${paragraph}\nCo-authored-by: Claude <noreply@anthropic.com>\n`,
  );
  mkdirSync(join(folder, 'src'));
  writeFileSync(join(folder, 'src', 'parser.ts'), 'export {};\n');
  ran('git', ['add', 'src']);
  return folder;
}
