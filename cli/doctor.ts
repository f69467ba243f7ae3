/** `countersign doctor`: what commits that are made already lack, and what mends it. */
import { Command } from 'commander';
import type { Diagnosis, Examination } from '../core/doctor/examine.ts';
import type { GitRepository } from '../core/git/repository.ts';
import { exitCodes } from './exit.ts';
import { entries } from './gate-report.ts';
import { type Format, formatOption } from './options.ts';
import { block, count, printable, stderr, stdout } from './terminal.ts';

interface DoctorOptions {
  fix?: boolean;
  format: Format;
  repo: string;
  verbose?: boolean;
}

/** How many commits are looked at where there is no upstream. */
const lastCommits = 10;

export function doctorCommand(): Command {
  return new Command('doctor')
    .description('say of commits that are made already what shows AI use, what they lack, and what mends it')
    .argument(
      '[targets...]',
      `ranges A..B and revisions; default: what the upstream has not, else the last ${lastCommits} commits`,
    )
    .option('--fix', 'move disclosures that git does not read to where it does; nothing is made up')
    .addOption(formatOption())
    .option('-C, --repo <dir>', 'the repository', '.')
    .option('-v, --verbose', 'list the commits that lack nothing, too')
    .addHelpText(
      'after',
      `
The policies of the work tree judge, as a gate would whose base they are.

Exit codes: 0 allowed, 1 denied, 2 usage or configuration error, 3 could not decide.`,
    )
    .action(doctor);
}

async function doctor(given: string[], options: DoctorOptions): Promise<void> {
  const [{ startEngine }, { openRepository }, { examineCommits }] = await Promise.all([
    import('../engine/start.ts'),
    import('../core/git/repository.ts'),
    import('../core/doctor/examine.ts'),
  ]);
  const starting = startEngine({});
  starting.catch(() => undefined);
  const repository = await openRepository(options.repo);
  const now = new Date();
  const targets = given.length > 0 ? given : [await defaultTarget(repository)];
  const examine = () => examineCommits(repository, targets, { engine: () => starting, now });
  let examination = await examine();
  if (options.fix && (await repair(repository, examination, now))) {
    // The ids are others now; a range still says what is meant.
    if (given.every((target) => target.includes('..')) || given.length === 0) examination = await examine();
  }
  for (const text of examination.notes) note(text);
  if (options.format === 'json') stdout.write(`${JSON.stringify(asJson(examination), null, 2)}\n`);
  else stdout.write(report(examination, targets, options));
  await (await starting).dispose();
  if (examination.result !== 'allow') process.exitCode = exitCodes.denied;
}

/** What the upstream has not; the last commits where there is none, or where it has all. */
async function defaultTarget(repository: GitRepository): Promise<string> {
  const { resolveRevision } = await import('../core/git/repository.ts');
  const exists = (name: string) =>
    resolveRevision(repository, name).then(
      (id) => id,
      () => undefined,
    );
  const [head, upstream] = [await resolveRevision(repository, 'HEAD'), await exists('@{upstream}')];
  if (upstream !== undefined && upstream !== head) return '@{upstream}..HEAD';
  for (let back = lastCommits; back > 0; back--) {
    if ((await exists(`HEAD~${back}`)) !== undefined) return `HEAD~${back}..HEAD`;
  }
  return 'HEAD';
}

/** Says whether something changed. */
async function repair(repository: GitRepository, { commits }: Examination, now: Date): Promise<boolean> {
  const [{ repairCommits }, { workTreePolicies }] = await Promise.all([
    import('../core/doctor/repair.ts'),
    import('../core/decision/decide-commit.ts'),
  ]);
  const { done, left } = await repairCommits(repository, commits, await workTreePolicies(repository.root), now);
  for (const text of done) stderr.write(`${block(text, '')}\n`);
  for (const text of left) note(text);
  if (done.length === 0 && left.length === 0) stderr.write('There is nothing that can be mended without asking.\n');
  return done.length > 0;
}

function note(text: string): void {
  stderr.write(`${stderr.style('yellow', 'note')}: ${block(text, '      ')}\n`);
}

function asJson({ places: _, ...examination }: Examination) {
  const bare = (violations: Diagnosis['deny']) => violations.map(({ commit: _commit, ...rest }) => rest);
  const commits = examination.commits.map((one) => ({ ...one, deny: bare(one.deny), warn: bare(one.warn) }));
  return { ...examination, commits };
}

function report(examination: Examination, targets: readonly string[], { verbose }: DoctorOptions): string {
  const { style } = stdout;
  const { commits, policies, change, places } = examination;
  const title = `${style('bold', 'countersign doctor')} ${printable(targets.join(' '))}: ${count(commits.length, 'commit')}, judged by ${printable(policies)}\n`;
  const parts = [title];
  for (const diagnosis of commits) {
    const { deny, warn, shows, disclosure } = diagnosis;
    const telling = deny.length > 0 || warn.length > 0 || (shows.length > 0 && !disclosure);
    if (telling || verbose) parts.push(`${commitPart(diagnosis, examination)}`);
  }
  if (change.deny.length + change.warn.length > 0) {
    parts.push(`${style('bold', 'all of it')}\n${entries(change.deny, change.warn, { places }, style)}`);
  }
  const denied = commits.filter(({ deny }) => deny.length > 0).length;
  const ai = commits.filter((one) => one.ai).length;
  const shown = `${count(ai, 'commit')} with AI use`;
  const word = examination.result === 'deny' ? style(['red', 'bold'], 'Denied') : style(['green', 'bold'], 'Allowed');
  parts.push(`${word}: ${count(denied, 'commit')} would be denied. ${shown}.\n`);
  return parts.join('\n');
}

function commitPart(diagnosis: Diagnosis, { places }: Examination): string {
  const { style } = stdout;
  const { sha, subject, ai, deny, warn, disclosure, source, shows, place, remedy, misplaced } = diagnosis;
  const mark = deny.length > 0 ? style('red', '✗') : warn.length > 0 ? style('yellow', '!') : style('green', '✓');
  const where = { head: 'last commit, not pushed', unpushed: 'not pushed', pushed: 'pushed' }[place];
  const line = `${mark} ${style('yellow', sha.slice(0, 10))} ${style('bold', printable(subject))}${ai ? style('cyan', ' [AI]') : ''} ${style('dim', `(${where})`)}\n`;
  const facts: string[] = [];
  if (disclosure) {
    const fields = Object.entries(disclosure).map(([field, values]) => `${field} ${values.join(', ')}`);
    facts.push(`declares${source === 'note' ? ' in a note' : ''}: ${fields.join('; ')}`);
  }
  if (!disclosure && shows.length > 0) {
    facts.push(`shows AI use: ${shows.map(({ source: from, detail }) => `${detail} (${from})`).join('; ')}`);
  }
  const lost = Object.keys(misplaced);
  if (lost.length > 0) facts.push(`says ${lost.join(', ')} where git reads no trailers; --fix moves it`);
  const said = facts.map((fact) => `    ${block(fact, '    ')}\n`).join('');
  // The remedy knows more than the policy's own fix: what is pushed, and what is known.
  const bare = (violations: Diagnosis['deny']) =>
    violations.map(({ fix, ...rest }) => (remedy ? rest : { ...rest, fix }));
  const mend = remedy?.command ? `    ${style('green', 'fix')}  ${block(remedy.command, '         ')}\n` : '';
  const caution = remedy?.caution ? `         ${block(remedy.caution, '         ')}\n` : '';
  return line + said + entries(bare(deny), bare(warn), { places }, style) + mend + caution;
}
