/** `countersign stamp`: adds a disclosure to a message file, to commits, or in notes beside them. */
import { Command, Option } from 'commander';
import type { Profile } from '../core/config.ts';
import type { GitRepository } from '../core/git/repository.ts';
import type { Restamped } from '../core/stamping/commits.ts';
import { timestampOf } from '../core/timestamp.ts';
import { UsageError } from './exit.ts';
import { collect, collectField } from './options.ts';
import { prepareStamper, type Stamper, type ValueOptions } from './stamp-values.ts';
import { block, count, stderr } from './terminal.ts';

interface StampOptions extends ValueOptions {
  note?: boolean;
  sign?: boolean;
  resetCommitter?: boolean;
  allowDirty?: boolean;
  forcePushed?: boolean;
  dryRun?: boolean;
  repo: string;
}

const profiles: Profile[] = ['countersign', 'kernel', 'generated-by', 'co-authored-by'];

export function stampCommand(): Command {
  return new Command('stamp')
    .description("add the disclosure's trailers to a commit message file, or to commits that are not pushed yet")
    .argument(
      '[targets...]',
      'a message file, HEAD (the default), or older commits: a range A..B, or several revisions; a file goes first where both exist',
    )
    .option('--model <model>', 'the model that was used (may be repeated)', collect)
    .option('--context <text>', 'what the model was asked and did', collect)
    .option('--approver <person>', 'who countersigns: NAME <EMAIL> (may be repeated)', collect)
    .option('--timestamp <time>', 'when the model was used, as RFC 3339; now when the disclosure has none yet')
    .option('--agent <name>', 'the agent that used the model, where the profile names it')
    .option('--tool <name>', 'an analysis tool beside the model, in the profile kernel (may be repeated)', collect)
    .option('--field <name=value>', 'another field of the disclosure (may be repeated)', collectField)
    .addOption(new Option('--profile <profile>', 'the form to write, in place of the configured one').choices(profiles))
    .addOption(new Option('--translate <profile>', 'say what is disclosed already in this form').choices(profiles))
    .addOption(new Option('--from <profile>', 'translate only what is in this form').choices(profiles))
    .option('--note', 'write a note beside the commits (refs/notes/countersign) and leave them as they are')
    .option('--sign', 'in a range: sign the commits again that were signed')
    .option('--reset-committer', 'in a range: make you the committer, now, instead of keeping committer and date')
    .option('--allow-dirty', 'in a range: although tracked files have changes that are not committed')
    .option('--force-pushed', 'in a range: although commits are on a remote or have a tag')
    .option('--dry-run', 'in a range: only say what would be done')
    .option('-C, --repo <dir>', 'the repository', '.')
    .addHelpText(
      'after',
      `
What disclosed the same before is replaced; all else in the message stays as it is.
Keys and form come from .countersign/config.yaml in the work tree.

  countersign stamp --model claude-opus-4-6 --context "Wrote the parser's tests" --approver "Ann <ann@example.com>"
  countersign stamp --approver "Ann <ann@example.com>" .git/COMMIT_EDITMSG
  countersign stamp --model claude-opus-4-6 --context "Wrote the tests" main..
  countersign stamp --note --model claude-opus-4-6 --context "Wrote the tests" 1a2b3c4
  countersign stamp --translate kernel main..`,
    )
    .action(stampTargets);
}

async function stampTargets(given: string[], options: StampOptions): Promise<void> {
  const { openRepository } = await import('../core/git/repository.ts');
  const { isRange } = await import('../core/git/rewrite-plan.ts');
  if (options.from && !options.translate) throw new UsageError('--from goes with --translate.');
  const repository = await openRepository(options.repo);
  const stamper = await prepareStamper(repository, options);
  const targets = given.length > 0 ? given : ['HEAD'];
  const [target = 'HEAD'] = targets;
  const file = targets.length === 1 && !options.note ? await messageFile(target) : undefined;
  const many = targets.length > 1 || isRange(target);
  if (!many && (options.sign || options.resetCommitter)) {
    throw new UsageError(`--sign and --reset-committer are for ranges. For this one commit: HEAD^!`);
  }
  if (file !== undefined) say(await stampFile(repository, file, stamper));
  else if (options.note) say(await stampNotes(repository, targets, stamper, options));
  else if (many || options.dryRun) await stampRange(repository, targets, stamper, options);
  else say(await stampHead(repository, target, stamper));
  const lost = [...new Set(stamper.lost)];
  if (lost.length > 0) say(`The new form has no place for:\n  ${lost.join('\n  ')}`);
}

function say(text: string): void {
  stderr.write(`${block(text, '')}\n`);
}

function warn(text: string): void {
  stderr.write(`${stderr.style('yellow', 'note')}: ${block(text, '      ')}\n`);
}

/** The target as a file, when there is such a file. */
async function messageFile(target: string): Promise<string | undefined> {
  const { stat } = await import('node:fs/promises');
  const found = await stat(target).catch(() => undefined);
  if (found?.isDirectory()) throw new UsageError(`${target} is a folder, not a message file.`);
  return found ? target : undefined;
}

/** Why nothing was written. */
function unchanged(what: string, { untranslated }: Stamper): string {
  return untranslated > 0 ? `${what} has nothing to translate.` : `${what} has this disclosure already.`;
}

async function stampFile(repository: GitRepository, file: string, stamper: Stamper): Promise<string> {
  const [{ readFile }, { commentPrefix }, { replaceFile }] = await Promise.all([
    import('node:fs/promises'),
    import('../core/git/staged.ts'),
    import('../core/replace-file.ts'),
  ]);
  const bytes = await readFile(file);
  const message = bytes.toString('utf8');
  if (!Buffer.from(message, 'utf8').equals(bytes)) throw new UsageError(`${file} is not UTF-8; nothing was changed.`);
  const prefix = await commentPrefix(repository, message);
  const stamped = stamper.message(message, { commentPrefix: prefix, time: timestampOf(Date.now()) });
  if (stamped === message) return unchanged(file, stamper);
  await replaceFile(file, stamped);
  return `Stamped the file ${file}.`;
}

async function stampHead(repository: GitRepository, revision: string, stamper: Stamper): Promise<string> {
  const { restampHead } = await import('../core/stamping/commits.ts');
  const { before, sha, signatureLost, pushed, warnings } = await restampHead(repository, revision, ({ message }) =>
    stamper.message(message, { time: timestampOf(Date.now()) }),
  );
  for (const text of warnings) warn(text);
  if (pushed) {
    warn(
      `${before.slice(0, 10)} is on a remote, or has a tag: others may have it, and your branch has left it. To keep it and write a note instead: git reset --soft ${before.slice(0, 10)} && countersign stamp --note`,
    );
  }
  if (sha === before) return unchanged(before.slice(0, 10), stamper);
  const lost = signatureLost ? ' Its signature is gone: sign it again with: git commit --amend --no-edit -S' : '';
  return `Stamped ${before.slice(0, 10)}, which is now ${sha.slice(0, 10)}.${lost}`;
}

async function stampRange(
  repository: GitRepository,
  targets: string[],
  stamper: Stamper,
  options: StampOptions,
): Promise<void> {
  const { restampCommits } = await import('../core/stamping/commits.ts');
  const { commitsOf, isRange } = await import('../core/git/rewrite-plan.ts');
  const single = targets.filter((target) => !isRange(target));
  const named = new Set((await Promise.all(single.map((target) => commitsOf(repository, target)))).flat());
  const restamped = await restampCommits(
    repository,
    targets,
    // What a merge of a range brought came with commits of its own.
    ({ sha, message, merge, authored }) =>
      merge && !named.has(sha) ? message : stamper.message(message, { time: authored }),
    {
      now: new Date(),
      committer: options.resetCommitter ? 'now' : 'keep',
      sign: options.sign,
      pushed: options.forcePushed,
      dirty: options.allowDirty,
      dryRun: options.dryRun,
    },
  );
  reportRange(restamped, stamper);
}

function reportRange({ plan, stamped, result, warnings }: Restamped, stamper: Stamper): void {
  const branch = plan.ref.replace(/^refs\/heads\//, '');
  const others = plan.rewritten.length - stamped.length;
  const commits = `${count(stamped.length, 'commit')} of ${branch}`;
  if (stamped.length === 0) {
    say(unchanged(count(plan.targets.length, 'commit'), stamper));
  } else if (!result) {
    say(`Would stamp ${commits}${others > 0 ? `, and ${count(others, 'other')} would get new ids` : ''}.`);
  } else {
    const renamed = others > 0 ? `; ${count(result.renamed.size, 'commit')} have new ids` : '';
    say(`Stamped ${commits}${renamed}: ${plan.tip.slice(0, 10)} is now ${result.tip.slice(0, 10)}.`);
    const reset = plan.onHead ? `git reset --soft ${result.undo}` : `git branch --force ${branch} ${result.undo}`;
    say(`Undo it with: ${reset}`);
    if (result.signaturesLost > 0) {
      warn(`${count(result.signaturesLost, 'signature')} of these commits are gone; --sign makes them anew.`);
    }
    for (const text of warnings) warn(text);
    if (plan.left.length > 0) {
      warn(`The old commits are still in: ${plan.left.join(', ')}. Rebase them onto the new ones, or leave them.`);
    }
  }
}

async function stampNotes(
  repository: GitRepository,
  targets: string[],
  stamper: Stamper,
  options: StampOptions,
): Promise<string> {
  if (options.translate) throw new UsageError('A note is in no form that could be translated.');
  const [{ noteDisclosures }, { readCommitsToStamp }, { commitsOf }, { cleanValues }, { notedDisclosure }, notes] =
    await Promise.all([
      import('../core/stamping/note.ts'),
      import('../core/stamping/commits.ts'),
      import('../core/git/rewrite-plan.ts'),
      import('../core/disclosure/stamp.ts'),
      import('../core/notes/facts.ts'),
      import('../core/git/notes.ts'),
    ]);
  const commits = (await Promise.all(targets.map((target) => commitsOf(repository, target)))).flat();
  const present = await notes.readNotes(repository, notes.countersignNotes, commits);
  const disclosures = new Map(
    (await readCommitsToStamp(repository, [...new Set(commits)])).map(({ sha, authored }) => {
      const values = stamper.values(notedDisclosure(present.get(sha) ?? ''), authored);
      return [sha, cleanValues(values, stamper.config)];
    }),
  );
  const written = await noteDisclosures(repository, disclosures, new Date());
  if (!stamper.config.notes.accept) {
    warn('The policy here takes no disclosure from notes: see notes.accept in .countersign/config.yaml.');
  }
  if (written.length === 0) return unchanged(count(commits.length, 'note'), stamper);
  return `Noted ${count(written.length, 'commit')} in ${notes.countersignNotes}. Push it with: git push origin ${notes.countersignNotes}`;
}
