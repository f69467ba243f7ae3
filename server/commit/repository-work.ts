/** What the requests about commits do in a repository on disk. */
import { URI } from 'vscode-uri';
import type { Home } from '../../core/disclosure/home.ts';
import type { Known } from '../../core/disclosure/known.ts';
import { type GitRepository, openRepository } from '../../core/git/repository.ts';
import { agentVariables, namingVariables } from '../../core/prefill/agent-variables.ts';
import { gatherKnown as gather } from '../../core/prefill/gather.ts';
import type { DisclosureFormParams } from '../protocol.ts';

/** Opens the repository of a request; the editor's own environment names none. */
export function repositoryAt(uri: string): Promise<GitRepository> {
  return openRepository(URI.parse(uri).fsPath, { inherit: false });
}

/** What is known of the AI use of the commit that is about to be made from the editor. */
export async function gatherKnown(
  { repository: uri, message, all, sessionLogs }: DisclosureFormParams,
  home: Home,
  now: Date,
  signal: AbortSignal,
): Promise<Known> {
  const repository = await repositoryAt(uri);
  const options = { environment: ownEnvironment(), message, all, now, signal };
  // Switched off here, git's configuration may still switch them on.
  return gather(repository, home, sessionLogs ? { ...options, sessionLogs } : options);
}

/** Without what an agent set that happens to have started the editor: it is a person who commits here. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const agents = new Set([...agentVariables.map(({ variable }) => variable), ...namingVariables]);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !agents.has(name)));
}
