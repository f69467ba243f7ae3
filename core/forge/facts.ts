/** Reads what a code host tells of a change, wherever that is told. */
import { setTimeout as delay } from 'node:timers/promises';
import { defaultWaitMs } from './client-options.ts';
import { ForgeError } from './forge-error.ts';
import type { FactsOptions, ForgeFacts } from './gathering.ts';
import type { ForgeChange } from './source.ts';

export type { ForgeFacts } from './gathering.ts';

/** A change on a code host, or a file that tells of one. */
export type FactsSource = ForgeChange | { forge: 'file'; file: string };

export type ReadFactsOptions = Omit<FactsOptions, 'apiUrl'>;

/**
 * Reads the facts. What the token may not see is in `unknown`.
 *
 * Rejects with a `ForgeError` when the code host fails, or does not tell all within `waitMs`; with a
 * `FactsFileError` when a file is not as its schema says.
 */
export async function readForgeFacts(source: FactsSource, options: ReadFactsOptions): Promise<ForgeFacts> {
  if (source.forge === 'file') {
    const { readFactsFile } = await import('./facts-file.ts');
    return readFactsFile(source.file);
  }
  const { waitMs = defaultWaitMs, signal, requestTimeoutMs = 15_000 } = options;
  const { host } = new URL(source.apiUrl);
  const over = new AbortController();
  const ended = AbortSignal.any([over.signal, ...(signal ? [signal] : [])]);
  const bounded = {
    ...options,
    apiUrl: source.apiUrl,
    waitMs,
    signal: ended,
    requestTimeoutMs: Math.min(requestTimeoutMs, waitMs),
  };
  const reading =
    source.forge === 'github'
      ? import('./github.ts').then(({ readGithubFacts }) => readGithubFacts(source, bounded))
      : import('./gitlab.ts').then(({ readGitlabFacts }) => readGitlabFacts(source, bounded));
  // Whoever waits for a rate limit does not hear a signal.
  const late = delay(waitMs, undefined, { signal: ended, ref: false }).then(() => {
    throw new ForgeError('failed', `${host} did not tell all that is asked for within ${waitMs / 1000} s.`);
  });
  try {
    return await Promise.race([reading, late]);
  } finally {
    // What is left of the other one ends, and nobody waits for how.
    over.abort();
    reading.catch(() => undefined);
    late.catch(() => undefined);
  }
}
