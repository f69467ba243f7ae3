/** `countersign verify`: are commits countersigned, by whom, and does it still hold? Offline. */
import { Command } from 'commander';
import type { GitRepository } from '../core/git/repository.ts';
import type { Commit, Countersignature } from '../core/input.ts';
import { exitCodes, UsageError } from './exit.ts';
import { type Format, formatOption } from './options.ts';
import { block, count, type Output, printable, stderr, stdout } from './terminal.ts';

interface VerifyOptions {
  allowedSigners?: string;
  base?: string;
  acceptRebased?: boolean;
  repo: string;
  format: Format;
}

export function verifyCommand(): Command {
  return new Command('verify')
    .description("check commits' countersignatures against the policy's allowed signers, offline")
    .argument('[rev]', 'a commit, or a range A..B', 'HEAD')
    .option('--allowed-signers <file>', "in place of the policy's list (ssh-keygen's ALLOWED SIGNERS format)")
    .option('--base <rev>', "whose policy counts; default: the remote's default branch, else the parent")
    .option('--accept-rebased', 'a countersignature of a commit with the same patch and disclosure will do')
    .option('-C, --repo <dir>', 'the repository', '.')
    .addOption(formatOption())
    .addHelpText(
      'after',
      `
Exit codes: 0 every commit has a countersignature that holds, 1 one has none, 2 usage error, 3 could not check.`,
    )
    .action(verify);
}

/** What is said of one commit. */
interface Verified {
  commit: string;
  subject: string;
  /** The best of its countersignatures' states; `none` without any. */
  status: Countersignature['status'] | 'none';
  /** One of them holds: by somebody who did not make the commit. */
  holds: boolean;
  countersignatures: Countersignature[];
}

async function verify(revision: string, options: VerifyOptions): Promise<void> {
  const [{ openRepository }, { choosePolicy }, { readTrust }, { readEntries }, { checkCountersignatures }, noted] =
    await Promise.all([
      import('../core/git/repository.ts'),
      import('../core/approval/subject.ts'),
      import('../core/approval/trust.ts'),
      import('../core/approval/entries.ts'),
      import('../core/approval/countersignatures.ts'),
      import('../core/notes/facts.ts'),
    ]);
  const repository = await openRepository(options.repo);
  const range = await readRange(repository, revision);
  // Of a change the base's policy counts, as in the gate.
  const policyBase = options.base ?? (range.only ? undefined : range.base);
  const { policies, base, notes: remarks } = await choosePolicy(repository, range.head, policyBase);
  const errors = policies.problems.filter(({ severity }) => severity === 'error');
  if (errors.length > 0) throw new UsageError(`The policies of ${policies.label} cannot be used.`, errors);
  if (options.allowedSigners === undefined) for (const text of remarks) note(text);
  const trust = await readTrust(repository, policies, { revision: base, allowedSigners: options.allowedSigners }).catch(
    (error: NodeJS.ErrnoException) => {
      if (error.code !== 'ENOENT') throw error;
      throw new UsageError(`There is no file ${options.allowedSigners}.`);
    },
  );
  const notes = await noted.readNotesFacts(repository, []);
  if (notes.missing) {
    const ref = 'refs/notes/countersign';
    note(`There are no countersignatures here (${ref}). If they are on a remote: git fetch origin ${ref}:${ref}`);
  }
  const entries = readEntries(notes.countersign);
  const results: Verified[] = [];
  const now = new Date();
  for await (const batch of commitsOf(repository, range, policies.config)) {
    const commits = batch.map((commit) => noted.withNotes(commit, notes, policies.config));
    const checked = await checkCountersignatures(repository, commits, entries, trust, { now });
    for (const commit of commits) results.push(verified(commit, checked.get(commit.sha) ?? [], options));
  }
  if (options.format === 'json') stdout.write(`${JSON.stringify({ commits: results }, null, 2)}\n`);
  else stdout.write(report(results, stdout.style));
  if (!results.every(({ holds }) => holds)) process.exitCode = exitCodes.denied;
}

interface Range {
  /** Full ids; of a single commit, `base` is its first parent, and `only` is set. */
  base?: string;
  head: string;
  only: boolean;
}

async function readRange(repository: GitRepository, text: string): Promise<Range> {
  const { resolveRevision } = await import('../core/git/repository.ts');
  if (text.includes('...')) throw new UsageError(`Write the range with two dots: ${text.replace('...', '..')}`);
  const [from, to] = text.split('..');
  if (to === undefined) {
    const head = await resolveRevision(repository, text);
    const base = await resolveRevision(repository, `${head}^`).catch(() => undefined);
    return { ...(base !== undefined && { base }), head, only: true };
  }
  const [base, head] = await Promise.all([
    resolveRevision(repository, from || 'HEAD'),
    resolveRevision(repository, to || 'HEAD'),
  ]);
  return { base, head, only: false };
}

async function* commitsOf(
  repository: GitRepository,
  { base, head, only }: Range,
  config: Parameters<typeof import('../core/disclosure/read.ts')['withDisclosure']>[1],
): AsyncGenerator<Commit[]> {
  const [{ readCommits }, { withDisclosure }] = await Promise.all([
    import('../core/git/commits.ts'),
    import('../core/disclosure/read.ts'),
  ]);
  for await (const batch of readCommits(repository, { ...(base !== undefined && { base }), head })) {
    yield batch.filter(({ sha }) => !only || sha === head).map((commit) => withDisclosure(commit, config));
  }
}

const order = ['valid', 'rebased', 'stale', 'untrusted', 'broken'] as const;

function verified(commit: Commit, found: Countersignature[], { acceptRebased }: VerifyOptions): Verified {
  const countersignatures = found.toSorted((a, b) => order.indexOf(a.status) - order.indexOf(b.status));
  const counts = ({ status, roles }: Countersignature) =>
    (status === 'valid' || (status === 'rebased' && acceptRebased === true)) && roles?.length === 0;
  const status = countersignatures[0]?.status ?? 'none';
  return { commit: commit.sha, subject: commit.subject, status, holds: found.some(counts), countersignatures };
}

function report(results: readonly Verified[], style: Output['style']): string {
  const parts = results.map(({ commit, subject, holds, countersignatures }) => {
    const mark = holds ? style('green', '✓') : style('red', '✗');
    const lines = countersignatures.map((one) => `    ${line(one, style)}\n`);
    const none = countersignatures.length === 0 ? `    ${style('red', 'none')} nobody countersigned it\n` : '';
    return `${mark} ${style('yellow', commit.slice(0, 10))} ${printable(subject)}\n${lines.join('')}${none}`;
  });
  const held = results.filter(({ holds }) => holds).length;
  return `${parts.join('')}${held} of ${count(results.length, 'commit')} ${held === 1 ? 'is' : 'are'} countersigned.\n`;
}

function line(one: Countersignature, style: Output['style']): string {
  const { status, detail, approver, key, signed_at, verdict, policy, reason, roles = [] } = one;
  const colour = status === 'valid' ? 'green' : status === 'rebased' ? 'yellow' : 'red';
  const who = approver ? `${approver.name} <${approver.email}>` : '';
  const principal = approver?.principal !== undefined && approver.principal !== approver.email;
  const facts = [
    principal ? `as ${approver.principal}` : '',
    signed_at ?? '',
    key === undefined ? '' : `key ${key}`,
    policy === 'other' ? 'by an earlier policy' : policy === 'unknown' ? 'by a policy that is not known here' : '',
    verdict === 'deny' ? 'though the policy denied it' : '',
    reason === undefined ? '' : `reason: ${reason}`,
  ].filter((fact) => fact !== '');
  const own = roles.length > 0 ? ` Does not count: they are ${roles.map((role) => `its ${role}`).join(' and ')}.` : '';
  const words = [who, ...facts].filter((part) => part !== '').join(', ');
  return `${style(colour, status)} ${block(`${words}${detail ? `${words ? '. ' : ''}${detail}` : ''}${own}`, '      ')}`;
}

function note(text: string): void {
  stderr.write(`${stderr.style('yellow', 'note')}: ${block(text, '      ')}\n`);
}
