/**
 * `npm run demo`: makes a small repository in a temporary folder, puts it under Countersign, tests
 * its policies and judges a change in it, and sees that the verdict is the expected one.
 * `npm run demo -- PATH` judges the last commits of the repository at PATH and writes nothing.
 */
import { spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { styleText } from 'node:util';
import { parseDocument } from 'yaml';

const cli = join(import.meta.dirname, '..', 'dist', 'cli.js');
/** How many of a repository's last commits are judged. */
const lastCommits = 50;

function heading(text: string): void {
  console.log(`\n${styleText('bold', `── ${text} `.padEnd(78, '─'))}`);
}

function say(text: string): void {
  console.log(text);
}

/** Runs the command as a user would, its output shown, and says its exit code. */
function countersign(folder: string, ...args: string[]): number {
  console.log(styleText('dim', `$ countersign ${args.map(quoted).join(' ')}`));
  const ran = spawnSync(process.execPath, [cli, ...args], { cwd: folder, stdio: 'inherit' });
  return ran.status ?? 3;
}

/** The same, unseen: what was shown once need not be shown again. */
function quietly(folder: string, ...args: string[]): number {
  return spawnSync(process.execPath, [cli, ...args], { cwd: folder }).status ?? 3;
}

function quoted(word: string): string {
  return /^[\w@%+=:,./-]+$/.test(word) ? word : JSON.stringify(word);
}

/** Only for PATH: the change is its last commits, the policy its own or the built-in one. */
function judge(folder: string): number {
  const git = (...args: string[]): string | undefined => {
    const ran = spawnSync('git', ['-C', folder, ...args], { encoding: 'utf8' });
    return ran.status === 0 ? ran.stdout.trim() : undefined;
  };
  const total = Number(git('rev-list', '--first-parent', '--count', 'HEAD') ?? Number.NaN);
  if (Number.isNaN(total)) {
    console.error(`${folder} is no repository with commits.`);
    return 2;
  }
  const back = Math.min(lastCommits, total - 1);
  const base = git('rev-parse', `HEAD~${back}`) ?? 'HEAD';
  heading(`What the policy says of the last ${back} steps of ${folder}`);
  const code = countersign(folder, 'gate', '--base', base);
  heading(code === 0 ? 'Allowed' : code === 1 ? 'Denied' : 'No decision');
  return code <= 1 ? 0 : code;
}

interface DemoCommit {
  subject: string;
  body?: string;
  author: string;
  file: string;
  /** What `countersign stamp` adds. */
  stamp?: { model: string; context: string; approver?: string; timestamp?: string };
  /** The rules that must deny it; none for a commit that passes. */
  expected: string[];
}

const ada = 'Ada Author <ada@example.com>';
const bo = 'Bo Builder <bo@example.com>';
const dee = 'Dee Reviewer <dee@example.com>';
const days = (ago: number): string => `${new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 19)}Z`;

const change: DemoCommit[] = [
  { subject: 'Parse quoted fields', author: ada, file: 'src/parse.ts', expected: [] },
  {
    subject: 'Speed up the parser by reading in blocks',
    author: ada,
    file: 'src/blocks.ts',
    stamp: {
      model: 'claude-opus-4-6',
      context: 'Rewrote the reading loop after a profile; measured and reviewed by hand',
      approver: dee,
    },
    expected: [],
  },
  {
    subject: 'Add the export of tables',
    author: bo,
    file: 'src/export.ts',
    stamp: { model: 'gpt-5.5', context: 'Wrote the exporter and its tests from the format description' },
    expected: ['required-field'],
  },
  {
    subject: 'Cache parsed headers',
    author: ada,
    file: 'src/cache.ts',
    stamp: { model: 'garage-llm-7b', context: 'Suggested the cache and wrote its first version', approver: dee },
    expected: ['approved-model'],
  },
  {
    subject: 'Import from spreadsheets (#12)',
    body: '* read the sheets\n\nCo-authored-by: Claude <noreply@anthropic.com>\n\n* skip empty rows\n\nReviewed in the weekly round.\n',
    author: bo,
    file: 'src/import.ts',
    expected: ['undisclosed-ai'],
  },
  {
    subject: 'Report errors with their line',
    author: dee,
    file: 'src/errors.ts',
    stamp: { model: 'claude-opus-4-6', context: 'Wrote the messages and the line counting', approver: dee },
    expected: ['approver-independent'],
  },
  {
    subject: 'Sort rows by several columns',
    author: ada,
    file: 'src/sort.ts',
    stamp: { model: 'example-coder-2', context: 'Wrote the comparison and its tests', approver: dee },
    expected: ['model-expired'],
  },
  {
    subject: 'Round numbers as banks do',
    author: bo,
    file: 'src/round.ts',
    stamp: { model: 'claude-opus-4-6', context: 'todo', approver: ada },
    expected: ['context-placeholder'],
  },
  {
    subject: 'Update the bundled tables',
    body: 'Co-authored-by: Copilot <198982749+Copilot@users.noreply.github.com>\n',
    author: bo,
    file: 'vendor/tables.json',
    expected: [],
  },
  { subject: 'Explain the file format', author: dee, file: 'docs/format.md', expected: [] },
];

/** The whole story; 0 when it went as it should. */
function demonstrate(): number {
  const folder = mkdtempSync(join(tmpdir(), 'countersign-demo-'));
  try {
    return tell(folder);
  } finally {
    rmSync(folder, { recursive: true, force: true, maxRetries: 5 });
  }
}

function tell(folder: string): number {
  let clock = Date.now() - 20 * 3_600_000;
  const git = (args: string[], person = ada): string => {
    const [, name = '', email = ''] = /^(.*) <(.*)>$/.exec(person) ?? [];
    const date = new Date(clock).toISOString();
    const env = {
      ...process.env,
      GIT_CONFIG_GLOBAL: join(folder, 'no-such-file'),
      GIT_CONFIG_NOSYSTEM: '1',
      ...{ GIT_AUTHOR_NAME: name, GIT_AUTHOR_EMAIL: email, GIT_AUTHOR_DATE: date },
      ...{ GIT_COMMITTER_NAME: name, GIT_COMMITTER_EMAIL: email, GIT_COMMITTER_DATE: date },
    };
    const ran = spawnSync('git', args, { cwd: folder, env, encoding: 'utf8' });
    if (ran.status !== 0) throw new Error(`git ${args.join(' ')}: ${ran.stderr}`);
    return ran.stdout.trim();
  };
  const write = (path: string, text: string): void => {
    mkdirSync(dirname(join(folder, path)), { recursive: true });
    writeFileSync(join(folder, path), text);
  };

  heading('A repository, put under Countersign');
  git(['init', '--quiet', '-b', 'main']);
  write('README.md', '# Tables\n\nReads and writes tables.\n');
  if (countersign(folder, 'init', '--yes') !== 0) return failed('init did not work');
  ownData(folder);
  write(
    '.countersign/exceptions/vendored-tables.yaml',
    `rules: [undisclosed-ai]\npaths: ["vendor/**"]\nreason: The tables are made by their publisher; we only copy them.\napproved_by: ${dee}\nopened: ${days(1)}\nexpires: ${days(-30)}\n`,
  );
  git(['add', '--all']);
  git(['commit', '--quiet', '-m', 'Put the repository under Countersign']);
  say('\nThe team lists its approvers, a model whose approval has ended, and one exception for vendored files.');

  heading("The policies' own tests");
  if (countersign(folder, 'test') !== 0) return failed("the policies' tests do not pass");

  heading(`A change of ${change.length} commits`);
  git(['checkout', '--quiet', '-b', 'feature']);
  let stamped = false;
  for (const commit of change) {
    clock += 3_600_000;
    write(commit.file, `${commit.subject}\n`);
    git(['add', '--all']);
    const message = join(folder, '.git', 'DEMO_MESSAGE');
    writeFileSync(message, `${commit.subject}\n${commit.body ? `\n${commit.body}` : ''}`);
    if (commit.stamp) {
      const { model, context, approver } = commit.stamp;
      const time = new Date(clock - 600_000).toISOString();
      const who = approver ? ['--approver', approver] : [];
      const args = ['stamp', '--model', model, '--context', context, ...who, '--timestamp', time, '.git/DEMO_MESSAGE'];
      const ran = stamped ? quietly(folder, ...args) : countersign(folder, ...args);
      if (ran !== 0) return failed('stamp did not work');
      stamped = true;
    }
    git(['commit', '--quiet', '-F', message], commit.author);
    say(`  ${git(['log', '-1', '--format=%h %an: %s'])}`);
  }

  heading('The gate, judging by the policy of main');
  const code = countersign(folder, 'gate', '--base', 'main');
  heading('Was this the expected verdict?');
  const wrong = compare(folder, code);
  if (wrong !== undefined) return failed(wrong);

  heading('On record: the same decision again, in a log that nobody alters unseen');
  const unproved = recorded(folder);
  if (unproved !== undefined) return failed(unproved);

  heading('The next commit, made by an agent, with the hooks installed');
  const other = agentCommits(folder, write);
  if (other !== undefined) return failed(other);
  say(
    `\n${styleText(['bold', 'green'], 'As it should be.')} The repository was temporary and is gone. Yours: npm run demo -- PATH`,
  );
  return 0;
}

/** What an auditor asks of the log: that it is whole, and that its results are the policies'. Says what went otherwise. */
function recorded(folder: string): string | undefined {
  const log = join('.git', 'decisions.jsonl');
  if (quietly(folder, 'gate', '--base', 'main', '--decision-log', log) !== 1) return 'the gate came to another verdict';
  if (countersign(folder, 'decision', 'show', log) !== 0) return 'the log cannot be shown';
  if (countersign(folder, 'decision', 'verify', log) !== 0) return 'the log is not whole';
  if (countersign(folder, 'decision', 'replay', log) !== 0) return 'the decision cannot be made again';
  const text = readFileSync(join(folder, log), 'utf8');
  writeFileSync(join(folder, log), text.replace('"result":"deny"', '"result":"allow"'));
  say('\nSomeone writes "allow" where it says "deny":');
  return countersign(folder, 'decision', 'verify', log) === 1 ? undefined : 'the change in the log was not seen';
}

/**
 * What an agent meets that commits from a terminal: refused until the work is declared, and then the
 * declaration is in the commit. Says what went otherwise.
 */
function agentCommits(folder: string, write: (path: string, text: string) => void): string | undefined {
  if (countersign(folder, 'hook', 'install') !== 0) return 'hook install did not work';
  write('src/units.ts', 'export const units = [];\n');
  const identity = { GIT_AUTHOR_NAME: 'Ada Author', GIT_AUTHOR_EMAIL: 'ada@example.com' };
  const committer = { GIT_COMMITTER_NAME: 'Ada Author', GIT_COMMITTER_EMAIL: 'ada@example.com' };
  // What Claude Code sets for the commands that it runs; no one is there to be asked.
  const agent = { CLAUDECODE: '1', COUNTERSIGN_ASK: 'never' };
  const machine = { GIT_CONFIG_GLOBAL: join(folder, 'no-such-file'), GIT_CONFIG_NOSYSTEM: '1' };
  const env = { ...process.env, ...machine, ...identity, ...committer, ...agent };
  const commit = (...more: string[]): number => {
    const args = ['commit', '--quiet', '-m', 'Know the units of columns', ...more];
    say(styleText('dim', `$ git ${args.map(quoted).join(' ')}`));
    return spawnSync('git', args, { cwd: folder, env, stdio: ['ignore', 'inherit', 'inherit'] }).status ?? 3;
  };
  spawnSync('git', ['add', '--all'], { cwd: folder, env });
  if (commit() === 0) return 'a commit by an agent that says nothing of it went through';
  say('\nRefused. The agent declares its work, and a person stands for it:');
  const declared = ['--model', 'claude-opus-4-6', '--context', 'Listed the units from the format description'];
  if (countersign(folder, 'declare', ...declared) !== 0) return 'declare did not work';
  if (commit('--trailer', `AI-Approver: ${dee}`) !== 0) return 'the declared commit was refused';
  const message = spawnSync('git', ['log', '-1', '--format=%B'], { cwd: folder, env, encoding: 'utf8' }).stdout;
  say(`\n${message.trim().replace(/^/gm, '  ')}\n`);
  if (!message.includes('AI-Model: claude-opus-4-6')) return 'the declaration is not in the commit';
  return countersign(folder, 'gate', '--base', 'HEAD~1') === 0 ? undefined : 'the gate denies what the hook allowed';
}

/** What a team would fill in: who may approve, and one more model. */
function ownData(folder: string): void {
  const edit = (name: string, change: (document: ReturnType<typeof parseDocument>) => void): void => {
    const file = join(folder, '.countersign', 'data', name);
    const document = parseDocument(readFileSync(file, 'utf8'));
    change(document);
    writeFileSync(file, document.toString());
  };
  const people = [ada, bo, dee].map((person) => {
    const [, name, email] = /^(.*) <(.*)>$/.exec(person) ?? [];
    return { name, email };
  });
  edit('approvers.yaml', (document) => document.setIn(['approvers', 'people'], document.createNode(people)));
  edit('approved-models.yaml', (document) => {
    const model = { name: 'Example Coder', match: ['example-coder-*'], expires: days(60).slice(0, 10) };
    document.addIn(['approved_models', 'models'], document.createNode(model));
  });
}

/** The same decision as JSON, commit by commit against what was planned. Says what came out otherwise. */
function compare(folder: string, code: number): string | undefined {
  const ran = spawnSync(process.execPath, [cli, 'gate', '--base', 'main', '--format', 'json'], {
    cwd: folder,
    encoding: 'utf8',
  });
  if (code !== 1 || ran.status !== 1) return `the gate exited with ${code}, not with 1\n${ran.stderr}`;
  const verdict = JSON.parse(ran.stdout) as { commits: { subject: string; deny: { rule: string }[] }[] };
  let wrong = 0;
  for (const [at, { subject, expected }] of change.entries()) {
    const judged = verdict.commits[at];
    const rules = [...new Set(judged?.deny.map(({ rule }) => rule))].sort();
    const right = judged?.subject === subject && rules.join() === [...expected].sort().join();
    if (!right) wrong++;
    const mark = right ? styleText('green', '✓') : styleText('red', '✗');
    const found = rules.length > 0 ? `denied by ${rules.join(', ')}` : 'passes';
    say(`${mark} ${subject}: ${found}${right ? '' : `, expected ${expected.join(', ') || 'to pass'}`}`);
  }
  const right = wrong === 0 && verdict.commits.length === change.length;
  return right ? undefined : `${wrong} of ${change.length} came out wrong`;
}

function failed(why: string): number {
  console.error(`\n${styleText(['bold', 'red'], 'The demonstration failed:')} ${why}`);
  return 1;
}

const [path] = process.argv.slice(2);
process.exit(path === undefined ? demonstrate() : judge(path));
