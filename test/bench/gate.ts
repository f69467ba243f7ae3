/**
 * The gate over 1,000 commits and 10,000 files, as a whole process, beside what comes closest: conftest, which judges
 * prepared documents by the same policies (it reads no git), and commitlint, which reads the same
 * range and judges its messages by its own rules.
 */
import { execFileSync, spawnSync } from 'node:child_process';
import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  writeFileSync,
} from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { BenchContext, Subject, Work } from './bench.ts';
import { installCommitlint, optional } from './commitlint.ts';
import { timeCommand } from './measure.ts';

const commits = 1000;
const files = 10_000;

export async function run({ root, log }: BenchContext): Promise<Work[]> {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-bench-'));
  process.once('exit', () => rmSync(folder, { recursive: true, force: true }));
  const repository = join(folder, 'repository');
  makeRepository(repository, { commits, files, filesEach: files / commits });
  const cli = join(root, 'dist', 'cli.js');
  const args = [
    cli,
    'gate',
    '--base',
    'base',
    '--head',
    'main',
    '--policy',
    join(root, 'policies'),
    '--format',
    'json',
  ];
  const prepared = prepareInputs(folder, repository, args);
  const gate = (build: 'native' | 'wasm'): Subject => ({
    name: build,
    async measure() {
      process.env.COUNTERSIGN_ENGINE = build;
      try {
        return await timeCommand(process.execPath, args, repository);
      } finally {
        delete process.env.COUNTERSIGN_ENGINE;
      }
    },
  });
  const conftest = optional('conftest', log, () => buildConftest(root, log));
  const judge = (program: string, inputs: string[]): Subject => {
    const policy = ['--policy', prepared.modules, '--data', prepared.data, '--all-namespaces', '--output', 'json'];
    const measure = () => timeCommand(program, ['test', '--parser', 'json', ...policy, ...inputs], folder);
    return { name: 'conftest', peer: true, measure };
  };
  const commitlint = optional('commitlint', log, () => installCommitlint(root, log));
  const lint = (program: string): Subject => ({
    name: 'commitlint',
    peer: true,
    measure: () =>
      timeCommand(
        process.execPath,
        [
          program,
          '--config',
          join(root, 'dist/peers/commitlint/commitlint.config.json'),
          '--from',
          'base',
          '--to',
          'main',
        ],
        repository,
      ),
  });
  const whole = [gate('native'), gate('wasm')];
  const what = `${commits} commits that change ${files} files, policies from a folder, start to exit`;
  return [
    {
      name: 'gate beside conftest',
      note: `${what}; conftest judges the same as one prepared document`,
      subjects: [...whole, ...(conftest ? [judge(conftest, [prepared.one])] : [])],
    },
    {
      name: 'gate beside conftest, document by document',
      note: `${what}; conftest judges one prepared document for each commit`,
      subjects: [...whole, ...(conftest ? [judge(conftest, [prepared.many])] : [])],
    },
    {
      name: 'gate beside commitlint',
      note: `${what}; commitlint judges the same range by its own rules for messages`,
      subjects: [...whole, ...(commitlint ? [lint(commitlint)] : [])],
    },
  ];
}

const words = ['parser', 'cache', 'request', 'index', 'session', 'queue', 'login', 'export', 'layout', 'docs'];

export interface RepositorySize {
  commits: number;
  /** In the tree. */
  files: number;
  /** How many of them each commit changes. */
  filesEach: number;
}

/** `base`, and so many commits more on `main`: three in ten with a disclosure, one in ten with an agent's mark. */
export function makeRepository(folder: string, { commits, files, filesEach }: RepositorySize): void {
  const git = (args: string[], input = ''): void => {
    const ran = spawnSync('git', ['-C', folder, ...args], { input });
    if (ran.status !== 0) throw new Error(`git ${args[0]}: ${ran.stderr}`);
  };
  mkdirSync(folder);
  git(['init', '--quiet', '-b', 'main']);
  const word = (at: number): string => words[at % words.length] as string;
  const start = Math.floor(Date.now() / 1000) - 600 * (commits + 1);
  let stream = '';
  for (let at = 0; at <= commits; at++) {
    const seconds = start + 600 * at;
    const text = Array.from({ length: 3 }, (_, line) => words.map((_, n) => word(at * 7 + line * 3 + n)).join(' '));
    let message = `feat: change the ${word(at)} of the ${word(at * 3 + 1)}\n\n${text.join('\n')}\n`;
    if (at % 10 < 3) {
      const time = new Date((seconds - 60) * 1000).toISOString();
      message += `\nAI-Model: claude-opus-4-6\nAI-Timestamp: ${time}\nAI-Context: Wrote the ${word(at)} and its tests from the issue\nAI-Approver: Dee Reviewer <dee@example.com>\n`;
    } else if (at % 10 === 4) message += '\nCo-authored-by: Claude <noreply@anthropic.com>\n';
    stream += `commit refs/heads/main\ncommitter Ada <ada@example.com> ${seconds} +0000\n`;
    stream += `data ${Buffer.byteLength(message)}\n${message}\n`;
    const content = `${at}\n`;
    const first = at === 0 ? 0 : (at - 1) * filesEach;
    for (let count = 0; count < (at === 0 ? files : filesEach); count++) {
      const file = (first + count) % files;
      stream += `M 100644 inline src/${word(file)}/${file % 40}/file-${file}.ts\ndata ${content.length}\n${content}\n`;
    }
    if (at === 0) stream += 'reset refs/heads/base\nfrom refs/heads/main\n\n';
  }
  git(['fast-import', '--quiet'], stream);
}

/** What the gate judged, as files that conftest can judge: whole, and commit by commit. */
function prepareInputs(folder: string, repository: string, gate: string[]) {
  const record = join(folder, 'record.json');
  const ran = spawnSync(process.execPath, [...gate, '--decision-log', record], { cwd: repository, encoding: 'utf8' });
  if (ran.status !== 1) throw new Error(`the gate exited with ${ran.status}: ${ran.stderr}`);
  const { input } = JSON.parse(readFileSync(record, 'utf8')) as { input: { commits: unknown[] } };
  const prepared = {
    one: join(folder, 'input.json'),
    many: join(folder, 'inputs'),
    modules: join(folder, 'modules'),
    data: join(folder, 'data'),
  };
  for (const path of [prepared.many, prepared.modules, prepared.data]) mkdirSync(path);
  writeFileSync(prepared.one, JSON.stringify(input));
  input.commits.forEach((commit, at) => {
    writeFileSync(join(prepared.many, `${at}.json`), JSON.stringify({ ...input, commits: [commit] }));
  });
  const policies = gate[gate.indexOf('--policy') + 1] as string;
  for (const path of readdirSync(policies, { recursive: true }).map(String)) {
    const target = path.startsWith('data') ? prepared.data : prepared.modules;
    const wanted = path.startsWith('data') ? path.endsWith('.yaml') : /(?<!_test)\.rego$/.test(path);
    const name = path
      .split(/[\\/]/)
      .join('-')
      .replace(/^data-/, '');
    if (wanted) writeFileSync(join(target, name), readFileSync(join(policies, path)));
  }
  return prepared;
}

/** Built from the Go module that peers/conftest/go.mod names. */
export function buildConftest(root: string, log: (line: string) => void): string {
  const source = join(root, 'test/bench/peers/conftest');
  const program = join(root, 'dist/peers', process.platform === 'win32' ? 'conftest.exe' : 'conftest');
  if (!existsSync(program) || statSync(program).mtimeMs < statSync(join(source, 'go.mod')).mtimeMs) {
    log('building conftest: a few minutes, once');
    mkdirSync(join(root, 'dist/peers'), { recursive: true });
    const env = { ...process.env, CGO_ENABLED: '0' };
    const build = ['build', '-mod=readonly', '-trimpath', '-buildvcs=false', '-ldflags=-s -w', '-o', program];
    execFileSync('go', [...build, 'github.com/open-policy-agent/conftest'], { cwd: source, env, stdio: 'inherit' });
  }
  const version = /github\.com\/open-policy-agent\/conftest (v\S+)/.exec(readFileSync(join(source, 'go.mod'), 'utf8'));
  log(`conftest ${version?.[1]}`);
  return program;
}
