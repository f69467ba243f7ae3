/** Reading the facts of a change from a server of the tests' own, whichever forge it speaks as. */
import { after } from 'node:test';
import { type FactsSource, type ReadFactsOptions, readForgeFacts } from '../../../core/forge/facts.ts';
import type { Fault, ForgeServer } from '../../support/forge-servers/server.ts';

/** The commits of the changes that are read. */
export const [base, old, head] = ['a', 'b', 'c'].map((letter) => letter.repeat(40)) as [string, string, string];

const servers: ForgeServer[] = [];
after(() => Promise.all(servers.map((server) => server.close())));

/** What a test asks for beside the world; what is absent is change 7, a token that is good, and no faults. */
export type Reading<ServerOptions, Change> = Partial<ReadFactsOptions> & {
  server?: ServerOptions;
  change?: Change;
  faults?: Fault[];
};

/**
 * A function that reads change 7 (or what `change` says) of a world, from a server that ends with the tests.
 *
 * @param sourceOf where a change is read from, of the server at this URL
 */
export function readerOf<World, ServerOptions, Server extends ForgeServer, Change extends { number?: number }>(
  start: (of: World, options?: ServerOptions) => Promise<Server>,
  sourceOf: (url: string, change: Change) => FactsSource,
) {
  return async (of: World, more: Reading<ServerOptions, Change> = {}) => {
    const { server: asked, change = { number: 7 } as Change, faults = [], ...options } = more;
    const server = await start(of, asked);
    servers.push(server);
    server.faults.push(...faults);
    const given = { environment: {}, token: 'good', teams: [], waitMs: 5000, ...options };
    return { ...(await readForgeFacts(sourceOf(server.url, change), given)), server };
  };
}
