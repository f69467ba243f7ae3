/** What is found out of a change, and how it is known or why not. */
import type { Change, FactSource, Repository, UnknownFact } from '../input.ts';
import { type ClientOptions, forgeErrorOf } from './client-options.ts';

/** What a code host, or whoever stands in for it, tells of a change. */
export interface ForgeFacts {
  /** All but what git knows better: the commits and the files. */
  change: Omit<Partial<Change>, 'base' | 'head' | 'files'>;
  /** The commit that the host takes for the change's last one (full id); reviews are of this one, or stale. */
  head?: string;
  /** The judged commit is what the host made of the change when it merged it. */
  landed?: true;
  facts: FactSource[];
  unknown: UnknownFact[];
  repository?: Partial<Repository>;
}

/** What a pull request or merge request says of itself. */
export type ToldChange = Pick<
  Change,
  | 'id'
  | 'url'
  | 'title'
  | 'body'
  | 'author'
  | 'author_kind'
  | 'base_branch'
  | 'head_branch'
  | 'draft'
  | 'state'
  | 'from_fork'
  | 'labels'
>;

export interface FactsOptions extends ClientOptions {
  /** The teams whose members are asked for: `org/team`, `group/subgroup`. */
  teams: readonly string[];
  /** The commit that is judged: finds the change where its number is not known, by its head or by what its merge made. */
  head?: string;
  /** What GITHUB_EVENT_PATH says, for what the API does not tell. */
  payload?: unknown;
}

/** Facts being gathered from one source. */
export interface Gathering extends Pick<ForgeFacts, 'facts' | 'unknown'> {
  source: string;
  options: FactsOptions;
}

export function gathering(source: string, options: FactsOptions): Gathering {
  return { source, options, facts: [], unknown: [] };
}

/** Notes where a fact is from. */
export function known({ source, facts }: Gathering, fact: string, from = source): void {
  if (!facts.some((one) => one.fact === fact)) facts.push({ fact, source: from, at: new Date().toISOString() });
}

/** Notes why a fact is absent, each reason once. */
export function notKnown({ unknown }: Gathering, fact: string, why: string): void {
  if (!unknown.some((one) => one.fact === fact && one.why === why)) unknown.push({ fact, why });
}

/**
 * Asks the host. What the token may not see resolves to undefined and is noted as unknown; a host that
 * failed rejects with a `ForgeError`.
 *
 * @param asked in words: `the reviews`
 */
export async function ask<T>(
  gathered: Gathering,
  fact: string,
  asked: string,
  read: () => Promise<T>,
): Promise<T | undefined> {
  try {
    const value = await read();
    known(gathered, fact);
    return value;
  } catch (error) {
    const failure = forgeErrorOf(error, asked, gathered.options);
    if (failure.kind !== 'refused') throw failure;
    notKnown(gathered, fact, failure.message);
    return undefined;
  }
}

/** The sources of what is there: a part that was found helps nobody where the whole is not known. */
export function sourcesOf({ facts }: Gathering, change: ForgeFacts['change']): FactSource[] {
  return facts.filter(({ fact }) => fact.split('.')[1]! in change);
}
