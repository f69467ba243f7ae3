/** `countersign approve`: an approver's signed statement about a commit, kept in a note beside it. */
import { existsSync } from 'node:fs';
import { resolve } from 'node:path';
import { Command } from 'commander';
import type { ApprovalProblem } from '../core/approval/approval-problems.ts';
import type { Approval, Signed } from '../core/approval/approve.ts';
import type { Violation } from '../core/verdict.ts';
import type { Engine } from '../engine/engine.ts';
import { exitCodes, UsageError } from './exit.ts';
import { type Format, formatOption } from './options.ts';
import { block, count, type Output, printable, stderr, stdout } from './terminal.ts';

interface ApproveOptions {
  reason?: string;
  key?: string;
  base?: string;
  despite?: boolean;
  patch?: boolean;
  yes?: boolean;
  repo: string;
  format: Format;
}

export function approveCommand(): Command {
  return new Command('approve')
    .description("sign, as an approver, what a commit changes and declares, with the policy's verdict in view")
    .argument('[rev]', 'the commit to approve', 'HEAD')
    .option('--reason <text>', 'why you approve; it is signed, too')
    .option('--key <key>', "what to sign with, in place of git's user.signingKey")
    .option('--base <rev>', "whose policy judges; default: the remote's default branch, else the commit's parent")
    .option('-p, --patch', 'show the whole diff, too')
    .option('--despite', 'approve what the policy denies; takes a --reason')
    .option('-y, --yes', 'sign without asking')
    .option('-C, --repo <dir>', 'the repository', '.')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Signed through git's own configuration (gpg.format, user.signingKey), kept in refs/notes/countersign:

  git push origin refs/notes/countersign

Exit codes: 0 approved, 1 refused, 2 usage or configuration error, 3 could not decide.`,
    )
    .action(approve);
}

async function approve(revision: string, options: ApproveOptions): Promise<void> {
  const [{ openRepository }, { prepareApproval, signApproval, ApprovalError }, { readDiff }, { startEngine }] =
    await Promise.all([
      import('../core/git/repository.ts'),
      import('../core/approval/approve.ts'),
      import('../core/approval/subject.ts'),
      import('../engine/start.ts'),
    ]);
  const repository = await openRepository(options.repo);
  const now = new Date();
  let starting: Promise<Engine> | undefined;
  const engine = () => {
    starting ??= startEngine();
    return starting;
  };
  const { reason, base, despite } = options;
  // A file is meant from here, wherever in the repository that is.
  const key = options.key !== undefined && existsSync(options.key) ? resolve(options.key) : options.key;
  const approval = await prepareApproval(repository, revision, { engine, now, reason, key, base });
  await (await starting)?.dispose();
  if (options.format === 'text') {
    if (options.patch) stdout.write(`${printable(await readDiff(repository, approval.commit))}\n`);
    stdout.write(view(approval, stdout.style));
  }
  for (const text of approval.notes) note(text);
  const blocking = approval.problems.find((problem) => !(despite && problem.despite));
  if (blocking) {
    refuse(blocking);
    return;
  }
  if (approval.problems.length > 0 && !reason?.trim()) {
    throw new UsageError('Say why you approve it nevertheless: --despite --reason "…"');
  }
  if (!options.yes && !(await agreed(approval))) {
    stderr.write('Nothing was signed.\n');
    process.exitCode = exitCodes.denied;
    return;
  }
  try {
    const onMessage = (text: string) => stderr.write(printable(text));
    const signed = await signApproval(repository, approval, { now: new Date(), despite, onMessage });
    report(signed, options.format);
  } catch (error) {
    if (!(error instanceof ApprovalError)) throw error;
    refuse({ kind: 'not-approver', message: error.message, fix: error.fix });
  }
}

function refuse({ kind, message, fix }: Pick<ApprovalProblem, 'kind' | 'message' | 'fix'>): void {
  const done = kind === 'already';
  const title = done ? stderr.style('yellow', 'note') : stderr.style(['red', 'bold'], 'refused');
  stderr.write(`${title}: ${block(message, '  ')}\n`);
  if (fix) stderr.write(`  ${block(fix, '  ')}\n`);
  if (!done) process.exitCode = kind === 'no-signing-key' ? exitCodes.usage : exitCodes.denied;
}

/** All that is signed, and what it is about. */
function view(approval: Approval, style: Output['style']): string {
  const { commit, approver, signer, policy, verdict, stat } = approval;
  const person = ({ name, email }: { name: string; email: string }) => printable(`${name} <${email}>`);
  const lines = [
    `${style('yellow', `commit ${commit.sha}`)}${commit.merge ? ' (a merge)' : ''}`,
    `Author:    ${person(commit.author)}, ${commit.author.time}`,
    ...(commit.committer.email === commit.author.email ? [] : [`Committer: ${person(commit.committer)}`]),
    '',
    `    ${style('bold', printable(commit.subject))}`,
    ...(commit.body.trim() === '' ? [] : ['', `    ${block(commit.body, '    ')}`]),
    '',
    ...statLines(stat, style),
    '',
    style('bold', 'What it declares'),
    ...declared(commit.disclosure),
    '',
    `${style('bold', 'The policy')} (${printable(policy.label)})`,
    ...verdictLines(approval, style),
    '',
    `${style('bold', 'Signing as')} ${person(approver)}${signer ? `, by ${signer.format} with ${printable(signer.key)}` : ''}`,
    ...approval.existing.map((one) => `Signed before: ${signedBefore(one)}`),
  ];
  const last = verdict.result === 'deny' ? [style('red', 'The policy denies this commit.')] : [];
  return `${[...lines, ...last, ''].join('\n')}\n`;
}

function signedBefore({ approver, status, signed_at }: Approval['existing'][number]): string {
  const who = approver ? `${approver.name} <${approver.email}>` : 'somebody';
  return printable(`${who}${signed_at ? `, ${signed_at}` : ''} (${status})`);
}

function statLines(stat: Approval['stat'], style: Output['style']): string[] {
  const shown = stat.slice(0, 40).map(({ path, added, deleted }) => {
    const numbers = added === undefined ? 'binary' : `${style('green', `+${added}`)} ${style('red', `-${deleted}`)}`;
    return ` ${printable(path)}  ${numbers}`;
  });
  const rest = stat.length > shown.length ? [` … and ${count(stat.length - shown.length, 'more file')}`] : [];
  return [...shown, ...rest, ` ${count(stat.length, 'file')} changed`];
}

function declared(disclosure: Record<string, string[]> = {}): string[] {
  const lines = Object.entries(disclosure).flatMap(([field, values]) =>
    values.map((value) => `  ${printable(field)}: ${printable(value)}`),
  );
  return lines.length > 0 ? lines : ['  nothing'];
}

function verdictLines({ verdict }: Approval, style: Output['style']): string[] {
  const all = (level: 'deny' | 'warn'): Violation[] =>
    [verdict.change, ...verdict.commits].flatMap((part) => part[level]);
  const lines = (['deny', 'warn'] as const).flatMap((level) =>
    all(level).map(
      ({ rule, msg }) =>
        `  ${style(level === 'deny' ? 'red' : 'yellow', level)} ${block(msg, '       ')} ${style('dim', `(${printable(rule)})`)}`,
    ),
  );
  return lines.length > 0 ? lines : [`  ${style('green', 'allows it')}, with nothing to say against it`];
}

/** Asks. Rejects with {@link UsageError} where nobody could answer. */
async function agreed({ commit }: Approval): Promise<boolean> {
  if (!process.stdin.isTTY || !process.stdout.isTTY) {
    throw new UsageError('There is no terminal to ask in. To sign without a question: countersign approve --yes');
  }
  const { createInterface } = await import('node:readline/promises');
  const prompt = createInterface({ input: process.stdin, output: process.stdout });
  try {
    const answer = await prompt.question(`Sign that you approve ${commit.sha.slice(0, 10)}? [y/N] `);
    return /^\s*y(es)?\s*$/i.test(answer);
  } finally {
    prompt.close();
  }
}

function report({ commit, ref, countersignature, notes }: Signed, format: Format): void {
  for (const text of notes) note(text);
  if (format === 'json') {
    stdout.write(`${JSON.stringify({ commit, ref, countersignature }, null, 2)}\n`);
    return;
  }
  const { approver, key } = countersignature;
  const who = approver ? ` by ${approver.name} <${approver.email}>` : '';
  stdout.write(
    `${stdout.style('green', 'Approved')} ${commit.slice(0, 10)}${printable(who)}${key ? `, key ${key}` : ''}.\n`,
  );
  stderr.write(`To share it: git push origin ${ref}\n`);
}

function note(text: string): void {
  stderr.write(`${stderr.style('yellow', 'note')}: ${block(text, '      ')}\n`);
}
