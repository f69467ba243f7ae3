/** The options that say where the facts of a change are from, and what they ask for. */
import path from 'node:path';
import { type Command, Option } from 'commander';
import type { ForgeFacts } from '../core/forge/facts.ts';
import type { ForgeChange } from '../core/forge/source.ts';
import type { GitRepository } from '../core/git/repository.ts';
import type { OwnedPath, Repository } from '../core/input.ts';
import type { PolicySet } from '../core/policies/policy-set.ts';
import { UsageError } from './exit.ts';
import { block, stderr } from './terminal.ts';

export interface FactsOptions {
  facts: string;
  change?: number;
  factsWait: number;
}

/** Adds the options to a command. */
export function withFactsOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--facts <source>',
        "where to ask for the change's reviews, labels and the like: github, gitlab, a file, none, or auto: as CI's environment tells",
      ).default('auto'),
    )
    .option('--change <number>', 'which pull or merge request it is; default: as CI tells, or by its head', readNumber)
    .option('--facts-wait <seconds>', 'how long the code host may take in all, retries included', readWait, 60);
}

function readNumber(value: string): number {
  const number = Number(value.replace(/^[#!]/, ''));
  if (Number.isSafeInteger(number) && number > 0) return number;
  throw new UsageError(`--change is the number of a pull or merge request, not ${JSON.stringify(value)}.`);
}

function readWait(value: string): number {
  const seconds = Number(value);
  if (Number.isFinite(seconds) && seconds > 0 && seconds <= 3600) return seconds;
  throw new UsageError(`--facts-wait is a number of seconds up to 3600, not ${JSON.stringify(value)}.`);
}

export interface AskedFacts {
  options: FactsOptions;
  environment: NodeJS.ProcessEnv;
  /** As git knows the repository, and the commit that is judged (full id). */
  repository: Repository;
  git: GitRepository;
  head: string | undefined;
  phase: 'change' | 'push';
  policies: PolicySet;
  owners: readonly OwnedPath[] | undefined;
}

/**
 * What the code host, or a file, tells of the change; undefined when nobody is to be asked.
 *
 * Rejects with {@link UsageError} for a file or an option that cannot be used, and with `DecisionError` when
 * the code host failed: what was to be known is not.
 */
export async function readGateFacts(asked: AskedFacts): Promise<ForgeFacts | undefined> {
  const { options, environment, git, head, policies, owners } = asked;
  const source = await sourceOf(asked);
  if (source === undefined) return undefined;
  const [{ readForgeFacts }, { tokenFor }, { teamsToAsk }, { policyData }] = await Promise.all([
    import('../core/forge/facts.ts'),
    import('../core/forge/source.ts'),
    import('../core/forge/in-input.ts'),
    import('../core/policies/policy-set.ts'),
  ]);
  if (source.forge === 'file') await refuseTracked(git, source.file);
  const token = source.forge === 'file' ? undefined : tokenFor(source, environment);
  const told = readForgeFacts(source, {
    environment,
    teams: source.forge === 'file' ? [] : teamsToAsk(policyData(policies), owners),
    waitMs: options.factsWait * 1000,
    payload: await eventPayload(environment),
    ...(head !== undefined && { head }),
    ...(token && { token: token.token, tokenKind: token.kind }),
  });
  return told.catch((error: unknown) => explained(error, options));
}

/** Tells people what could not be known. */
export function noteUnknown({ unknown }: ForgeFacts): void {
  for (const { fact, why } of unknown) {
    stderr.write(`${stderr.style('yellow', 'note')}: ${block(`${fact} is not known: ${why}`, '      ')}\n`);
  }
}

/** Who is asked. Without a word on it, only the code host that CI runs for, and only of changes. */
async function sourceOf({ options, environment, repository, phase }: AskedFacts) {
  const { facts, change: number } = options;
  if (facts === 'none') return undefined;
  const { changeOfEnvironment, changeOnForge } = await import('../core/forge/source.ts');
  const payload = await eventPayload(environment);
  const given = number === undefined ? {} : { number };
  if (facts === 'github' || facts === 'gitlab') {
    const change = changeOnForge(facts, { environment, payload, repository, ...given });
    if (change !== undefined) return change;
    throw new UsageError(
      `Which repository is it at ${facts}? Neither the environment nor the remote origin's URL tells.`,
    );
  }
  if (facts !== 'auto') return { forge: 'file' as const, file: facts };
  if (phase === 'push') return undefined;
  const told = changeOfEnvironment(environment, payload);
  if (number === undefined || told?.number === number) return told;
  const forge = told?.forge ?? forgeOfHost(repository, environment);
  const change = forge && changeOnForge(forge, { environment, payload, repository, ...given });
  if (change === undefined) throw new UsageError('Whose number is --change? Add --facts github or --facts gitlab.');
  return change;
}

function forgeOfHost({ host }: Repository, { GITLAB_URL }: NodeJS.ProcessEnv): ForgeChange['forge'] | undefined {
  if (host === 'github.com' || host?.endsWith('.ghe.com')) return 'github';
  const own = GITLAB_URL !== undefined && URL.canParse(GITLAB_URL) && new URL(GITLAB_URL).hostname === host;
  return host === 'gitlab.com' || own ? 'gitlab' : undefined;
}

/** What GitHub Actions tells of the event; whoever reads the range says what is wrong with it. */
async function eventPayload({ GITHUB_ACTIONS, GITHUB_EVENT_PATH: file }: NodeJS.ProcessEnv): Promise<unknown> {
  if (GITHUB_ACTIONS !== 'true' || !file) return undefined;
  const { readFile } = await import('node:fs/promises');
  try {
    return JSON.parse(await readFile(file, 'utf8')) as unknown;
  } catch {
    const { DecisionError } = await import('../core/decision/decide.ts');
    throw new DecisionError(`The event in ${file} (GITHUB_EVENT_PATH) cannot be read.`);
  }
}

/** Facts that the change itself brings along are no facts. */
async function refuseTracked(repository: GitRepository, file: string): Promise<void> {
  const [{ git }, { realpath }] = await Promise.all([import('../core/git/run.ts'), import('node:fs/promises')]);
  const full = await realpath(file).catch(() => path.resolve(file));
  const inside = path.relative(repository.root, full);
  if (repository.bare || inside === '' || inside.startsWith('..') || path.isAbsolute(inside)) return;
  const listed = await git(repository, ['ls-files', '-z', '--', inside.split(path.sep).join('/')]);
  if (listed !== '') {
    throw new UsageError(
      `${file} is one of the repository's own files, which the change could have written: keep the facts outside of it.`,
    );
  }
}

async function explained(error: unknown, { facts }: FactsOptions): Promise<never> {
  const [{ ForgeError }, { DecisionError }] = await Promise.all([
    import('../core/forge/forge-error.ts'),
    import('../core/decision/decide.ts'),
  ]);
  if (error instanceof ForgeError) {
    const without = facts === 'auto' ? ' To judge by git alone, add --facts none.' : '';
    throw new DecisionError(`What the code host knows of the change could not be read. ${error.message}${without}`);
  }
  // Its module is loaded only where there is a file.
  if (error instanceof Error && error.name === 'FactsFileError' && 'problems' in error) {
    throw new UsageError(error.message, error.problems as UsageError['problems']);
  }
  throw error;
}
