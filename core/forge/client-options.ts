/** What clients of code hosts are made with, and what their errors mean. */
import { ForgeError } from './forge-error.ts';

export interface ClientOptions {
  /** `https://api.github.com`, `https://gitlab.example.com/api/v4`. */
  apiUrl: string;
  /** Nobody in particular asks without one. */
  token?: string;
  /** `job`: a CI_JOB_TOKEN of GitLab, which wants it in a header of its own and lets it do little. */
  tokenKind?: 'access' | 'job';
  /** Proxies are taken from here. */
  environment: NodeJS.ProcessEnv;
  /** How long retries and rate limits may be waited for, in milliseconds, counted from now; default a minute. */
  waitMs?: number;
  /** For one request, in milliseconds. */
  requestTimeoutMs?: number;
  /** Ends all requests. */
  signal?: AbortSignal;
}

export const defaultWaitMs = 60_000;

/** The members that errors of the clients have. */
interface Failure {
  message: string;
  status?: number;
  headers: Record<string, unknown>;
}

/**
 * Says what an error of a client means: what the token may not see is `refused`, all else has `failed`.
 * The message tells what was asked, and no token.
 *
 * @param asked in words: `the reviews`
 */
export function forgeErrorOf(
  error: unknown,
  asked: string,
  { apiUrl, token, tokenKind }: Pick<ClientOptions, 'apiUrl' | 'token' | 'tokenKind'>,
): ForgeError {
  if (error instanceof ForgeError) return error;
  const { host } = new URL(apiUrl);
  const { message, status, headers } = failureOf(error);
  const said = token ? message.replaceAll(token, '[token]') : message;
  const because = `${host} did not give ${asked}: ${status === undefined ? '' : `${status}, `}${clipped(said)}`;
  const limited = status === 429 || headers['x-ratelimit-remaining'] === '0' || /rate limit/i.test(message);
  if (status === 429 || (status === 403 && limited)) {
    const why = token ? because : `${because} (without a token, few questions are answered)`;
    return new ForgeError(token ? 'failed' : 'refused', why, { status });
  }
  // A job's token is no token to most of GitLab's API.
  if (status === 401 && token && tokenKind !== 'job') {
    return new ForgeError('failed', `${because} (the token has expired, or is for another host)`, { status });
  }
  const refused = status !== undefined && [401, 403, 404, 410, 451].includes(status);
  const hint = token === undefined ? ' (no token was given)' : tokenKind === 'job' ? jobHint : '';
  return new ForgeError(refused ? 'refused' : 'failed', refused ? because + hint : because, { status });
}

const jobHint = ' (CI_JOB_TOKEN may see little: give a token with read_api as GITLAB_TOKEN)';

function failureOf(error: unknown): Failure {
  if (!(error instanceof Error)) return { message: String(error), headers: {} };
  const { status, response } = error as { status?: unknown; response?: { status?: number; headers?: object } };
  // Octokit gives what never reached the host the status 500, and no response.
  const answered = response !== undefined && typeof status === 'number' ? { status } : {};
  return { message: error.message, ...answered, headers: { ...response?.headers } };
}

/** A host may send a page of HTML as its message. */
function clipped(text: string): string {
  const line = text.replace(/\s+/g, ' ').trim();
  return line.length > 300 ? `${line.slice(0, 300)}…` : line;
}
