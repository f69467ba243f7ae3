/** As whom a token speaks, so that what others wrote is left alone. */
import type { Octokit } from '@octokit/rest';
import { unreadable } from './forge-error.ts';
import type { GitlabClient } from './gitlab-client.ts';
import type { Token } from './source.ts';

/** How a code host is written to. */
export interface Access {
  token: Token;
  /** Proxies are taken from here. */
  environment: NodeJS.ProcessEnv;
  /** How long retries and rate limits may be waited for, in milliseconds. */
  waitMs?: number;
  signal?: AbortSignal;
}

/**
 * The id of the account. GitHub's REST API tells it to tokens of people alone; its GraphQL API also to
 * those of apps, and so to the one of a workflow.
 */
export async function githubAccount(client: Octokit, host: string): Promise<number> {
  const answer = await client.graphql<{ viewer?: { databaseId?: unknown } } | null>('{ viewer { databaseId } }');
  return idOf(answer?.viewer?.databaseId, host);
}

/** The same of GitLab, where a project's or group's access token is a user of its own. */
export async function gitlabAccount(client: GitlabClient, host: string): Promise<number> {
  return idOf((await client.Users.showCurrentUser())?.id, host);
}

function idOf(id: unknown, host: string): number {
  if (typeof id !== 'number' || !Number.isSafeInteger(id)) throw unreadable(host, 'whose token this is');
  return id;
}

/** An answer that has to be a list. */
export function listOf<T>(answer: T[], host: string, what: string): T[] {
  if (!Array.isArray(answer)) throw unreadable(host, what);
  return answer;
}
