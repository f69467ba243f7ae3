/**
 * `countersign hook run NAME FILE …`: what the installed hooks call. It goes past the command line's
 * parser, and loads what it needs when it needs it: each commit waits for it.
 */
import { existsSync, readFileSync } from 'node:fs';
import path from 'node:path';
import type { CommitDecision } from '../../core/decision/decide-commit.ts';
import type { Home } from '../../core/disclosure/home.ts';
import type { GitRepository } from '../../core/git/repository.ts';
import type { MessageSource } from '../../core/hook/commit-kind.ts';
import type { HookRun } from '../../core/hook/hook-run.ts';
import type { HookState } from '../../core/hook/hook-state.ts';
import type { Judgement } from '../../core/hook/judge.ts';
import type { Engine } from '../../engine/engine.ts';
import { exitCodes } from '../exit.ts';
import { block, stderr } from '../terminal.ts';

type HookName = 'prepare-commit-msg' | 'commit-msg';

/** Says the exit code; any but 0 makes git give the commit up. */
export async function runHook(args: readonly string[]): Promise<number> {
  const options = new Set(args.filter((word) => word.startsWith('--')));
  // Hook managers leave a placeholder for an argument that git did not give.
  const words = args.filter((word) => !word.startsWith('--') && word !== '' && !/^\{\d\}$/.test(word));
  const [name, file, source, revision] = words;
  if (name === 'ready') return (await import('./ready.ts')).beReady(file ?? '.');
  if (name === 'post-rewrite')
    return (await import('./rewritten.ts')).carryRewritten(file ?? process.env.PRE_COMMIT_REWRITE_COMMAND ?? '');
  if ((name !== 'prepare-commit-msg' && name !== 'commit-msg') || file === undefined) {
    stderr.write('usage: countersign hook run prepare-commit-msg FILE [SOURCE [REVISION]]\n');
    stderr.write('       countersign hook run commit-msg FILE\n');
    stderr.write('       countersign hook run post-rewrite COMMAND < REWRITTEN\n');
    return exitCodes.usage;
  }
  const config = ['config.yaml', 'config.yml']
    .map((base) => path.join('.countersign', base))
    .find((place) => existsSync(place));
  if (config === undefined) return exitCodes.ok;
  try {
    const run = await startRun(file, options, name === 'commit-msg');
    if (run === undefined) return exitCodes.ok;
    if (name === 'commit-msg') return await commitMsg(run);
    return await prepareCommitMsg(run, {
      source: (source ?? process.env.PRE_COMMIT_COMMIT_MSG_SOURCE ?? '') as MessageSource,
      revision: revision ?? process.env.PRE_COMMIT_COMMIT_OBJECT_NAME,
    });
  } catch (error) {
    return fault(error, name, config);
  }
}

/** @param commits whether the commit is judged next, so that git can be asked for it at once */
async function startRun(file: string, options: ReadonlySet<string>, commits: boolean): Promise<HookRun | undefined> {
  // Git works while the rest is loaded: each of these waits would be felt.
  const state = commits ? await stateOf(file) : undefined;
  const opening = openAndAsk(commits, file, state);
  opening.catch(() => undefined);
  const [{ readWorkTreePolicies }, { readMessageFile }] = await Promise.all([
    import('../../core/decision/decide-commit.ts'),
    import('../../core/hook/prepare.ts'),
    commits ? import('../../core/hook/judge.ts') : undefined,
    commits ? import('../../core/decision/decide-fast.ts') : undefined,
  ]);
  const [repository, text] = await Promise.all([opening, readMessageFile(file)]);
  const policies = await readWorkTreePolicies(repository);
  const { kept } = policies;
  // Reading it anew takes longer than all else that a commit has to wait for.
  const home = kept ?? (await readUsableHome(repository.root));
  const wholeHome = () => readUsableHome(repository.root);
  if (text === undefined) {
    throw new Error(`The message in ${file} is not UTF-8, and its bytes would be lost.`);
  }
  return {
    repository,
    policies,
    home,
    wholeHome,
    file,
    text,
    state: state?.git?.repository.gitDir === repository.gitDir ? state : undefined,
    environment: process.env,
    now: new Date(),
    ask: async (question) => {
      const { askPerson } = await import('./ask.ts');
      return askPerson(question, { repository, home, wholeHome, plain: options.has('--plain') });
    },
    say: (said) => stderr.write(`countersign: ${block(said, '  ')}\n`),
  };
}

/** What prepare-commit-msg left of this commit, in the folder of the message file: git's, unless the user says otherwise. */
async function stateOf(file: string): Promise<HookState | undefined> {
  const { commitMark, readState } = await import('../../core/hook/hook-state.ts');
  return readState({ gitDir: path.dirname(path.resolve(file)) }, commitMark(path.basename(file), process.env));
}

async function openAndAsk(commits: boolean, file: string, state: HookState | undefined): Promise<GitRepository> {
  const { reopen } = await import('../../core/hook/git-answers.ts');
  const known = state?.git && reopen(state.git, path.dirname(path.resolve(file)), state.amend);
  if (known) return known;
  const { openRepository } = await import('../../core/git/repository.ts');
  const repository = await openRepository(process.cwd());
  const [{ beginStaged }, { setting }] = await Promise.all([
    import('../../core/git/staged.ts'),
    import('../../core/git/settings.ts'),
  ]);
  setting(repository, 'commit.cleanup').catch(() => undefined);
  if (commits) beginStaged(repository);
  return repository;
}

async function readUsableHome(root: string): Promise<Home> {
  const [{ readWorkTreeHome }, { workTreeConfig }] = await Promise.all([
    import('../../core/disclosure/home.ts'),
    import('../../core/policies/work-tree-config.ts'),
  ]);
  const [home, { problems }] = await Promise.all([readWorkTreeHome(root), workTreeConfig(root)]);
  if (problems.length === 0 && home !== undefined) return home;
  const { UsageError } = await import('../exit.ts');
  throw new UsageError('The configuration cannot be used.', problems);
}

async function prepareCommitMsg(run: HookRun, given: { source: MessageSource; revision?: string }): Promise<number> {
  const { prepareMessage } = await import('../../core/hook/prepare.ts');
  if ((await prepareMessage(run, given)) === 'go on') return exitCodes.ok;
  const { cancelled } = await import('./report.ts');
  stderr.write(cancelled(run));
  return exitCodes.denied;
}

async function commitMsg(run: HookRun): Promise<number> {
  const { judgeMessage } = await import('../../core/hook/judge.ts');
  let started: Promise<Engine> | undefined;
  const engine = () => {
    started ??= import('../../engine/start.ts').then(({ startEngine }) => startEngine());
    return started;
  };
  let judgement: Judgement;
  try {
    judgement = await judgeMessage(run, engine);
  } finally {
    await started?.then((running) => running.dispose()).catch(() => undefined);
  }
  // Most commits have nothing to be said of them.
  if (judgement.result === 'allowed' && (!judgement.decision || isSilent(judgement.decision))) return exitCodes.ok;
  const report = await import('./report.ts');
  switch (judgement.result) {
    case 'allowed':
      if (judgement.decision) stderr.write(await report.warnings(run, judgement.decision, stderr.style));
      return exitCodes.ok;
    case 'cancelled':
      stderr.write(report.cancelled(run));
      return exitCodes.denied;
    case 'secret':
      stderr.write(report.secrets(run, judgement.problems, stderr.style));
      return exitCodes.denied;
    case 'denied':
      stderr.write(await report.denied(run, judgement, stderr.style));
      return exitCodes.denied;
  }
}

function isSilent({ notes, verdict }: CommitDecision): boolean {
  return notes.length === 0 && [verdict.change, ...verdict.commits].every(({ warn }) => warn.length === 0);
}

/**
 * What goes wrong with the hook itself is said with the way on, and stops the commit only where the
 * configuration says so: the gate in CI judges it again.
 */
async function fault(error: unknown, name: HookName, config: string): Promise<number> {
  const { reportFailure } = await import('../failure.ts');
  reportFailure(error);
  if (name === 'commit-msg' && deniesOnError(config)) {
    stderr.write(
      `countersign: the commit was not judged, and ${config} says hook.onError: deny.\n` +
        '  To commit all the same: git commit --no-verify\n',
    );
    return exitCodes.undecided;
  }
  const what = name === 'commit-msg' ? 'the commit was not judged' : 'the message was not prepared';
  stderr.write(
    `countersign: ${what}; git goes on. The gate will judge the commit. To do without the hooks: countersign hook uninstall\n`,
  );
  return exitCodes.ok;
}

/** Also of a configuration that cannot be read as such: the installed script looks for the same. */
function deniesOnError(config: string): boolean {
  return /^[^#\n]*\bonError["']?[ \t]*:[ \t]*["']?deny\b/m.test(readFileSync(config, 'utf8'));
}
