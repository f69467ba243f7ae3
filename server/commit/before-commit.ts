/** What is known of a commit before it is made, and what agents declare for it. */
import { type Home, readWorkTreeHome } from '../../core/disclosure/home.ts';
import type { Known } from '../../core/disclosure/known.ts';
import { agentVariables, namingVariables } from '../../core/prefill/agent-variables.ts';
import { declare } from '../../core/prefill/declarations.ts';
import { givenOf } from '../../core/prefill/declare-input.ts';
import { gatherKnown as gather } from '../../core/prefill/gather.ts';
import type { DeclareUseParams, DeclareUseResult, DisclosureFormParams } from '../protocol.ts';
import { repositoryAt } from './repository-at.ts';

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

/** Rejects with a `DeclarationError` or `StampError` that says what will not do. */
export async function declareUse({ repository: uri, input }: DeclareUseParams, now: Date): Promise<DeclareUseResult> {
  const repository = await repositoryAt(uri);
  const home = await readWorkTreeHome(repository.root);
  if (!home) throw new Error('This repository is not under Countersign: it has no .countersign/config.yaml.');
  const { values } = await declare(repository, home, givenOf(input), { now, environment: ownEnvironment() });
  return { values };
}

/** Without what an agent set that happens to have started the editor: it is a person who commits here. */
function ownEnvironment(): NodeJS.ProcessEnv {
  const agents = new Set([...agentVariables.map(({ variable }) => variable), ...namingVariables]);
  return Object.fromEntries(Object.entries(process.env).filter(([name]) => !agents.has(name)));
}
