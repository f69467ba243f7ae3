/** A client of GitHub's REST API: github.com, GitHub Enterprise Cloud with data residency, and Enterprise Server. */
import { retry } from '@octokit/plugin-retry';
import { throttling } from '@octokit/plugin-throttling';
import { Octokit } from '@octokit/rest';
import { type ClientOptions, defaultWaitMs } from './client-options.ts';
import { type Fetch, forgeFetch } from './http.ts';

const Client = Octokit.plugin(retry, throttling);

/**
 * An Octokit with `paginate`. Reads are tried again when the host fails, a write only when a rate limit
 * kept it from being made: of others nobody knows whether they were. All waiting fits into `waitMs`.
 * Its errors are for `forgeErrorOf`.
 */
export function githubClient(options: ClientOptions): Octokit {
  const { apiUrl, token, waitMs = defaultWaitMs } = options;
  const until = Date.now() + waitMs;
  const worthwhile = (seconds: number, _request: unknown, _client: unknown, retryCount: number): boolean =>
    retryCount < 3 && Date.now() + seconds * 1000 < until;
  const client = new Client({
    baseUrl: apiUrl,
    ...(token !== undefined && { auth: token }),
    userAgent: 'countersign',
    request: { fetch: forgeFetch({ ...options, baseUrl: apiUrl }) satisfies Fetch },
    // It waits 1, 4 and 9 times this long.
    retry: { retries: 3, retryAfterBaseValue: Math.min(1000, waitMs / 30) },
    throttle: { onRateLimit: worthwhile, onSecondaryRateLimit: worthwhile },
    // Octokit would print to the console; what matters comes back as an error.
    log: { debug: silent, info: silent, warn: silent, error: silent },
  });
  client.hook.before('request', (request) => {
    if (request.method !== 'GET') request.request = { ...request.request, retries: 0 };
  });
  return client;
}

function silent(): void {}
