/** What the policy says of the commit that is about to be made: what the hook and the gate would say. */
import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { URI } from 'vscode-uri';
import { DecisionError, decide } from '../../core/decision/decide.ts';
import { repositoryFacts } from '../../core/decision/repository-facts.ts';
import { withDisclosure } from '../../core/disclosure/read.ts';
import { openRepository } from '../../core/git/repository.ts';
import { readStaged } from '../../core/git/staged.ts';
import { loadFolder, loadPack } from '../../core/policies/load.ts';
import type { Verdict } from '../../core/verdict.ts';
import { placeOf } from '../../core/yaml-document.ts';
import type { Engine } from '../../engine/engine.ts';
import { home } from '../file-kinds.ts';
import type { DecideCommitParams } from '../protocol.ts';

/** The policies are those of the work tree; the built-in pack where there are none. */
export async function decideCommit(
  { repository: uri, message, all }: DecideCommitParams,
  engine: Engine,
  now: Date,
  signal: AbortSignal,
): Promise<Verdict> {
  const repository = await openRepository(URI.parse(uri).fsPath, { inherit: false });
  const folder = join(repository.root, home);
  const policies = (await isFolder(folder)) ? await loadFolder(folder, { called: home }) : await loadPack();
  const commit = withDisclosure(await readStaged(repository, { message, all }), policies.config);
  const input = {
    schema: 'countersign.input/v1',
    phase: 'commit',
    now: now.toISOString(),
    repository: await repositoryFacts(repository),
    exceptions: policies.exceptions,
  } as const;
  signal.throwIfAborted();
  try {
    return (await decide(engine, policies, { ...input, commits: [commit] }, { signal })).verdict;
  } catch (error) {
    if (error instanceof DecisionError) throw new Error(explain(error), { cause: error });
    throw error;
  }
}

/** Why there is no decision, with the places to look at. */
function explain({ message, problems }: DecisionError): string {
  const lines = problems.slice(0, 3).map((problem) => `${placeOf(problem)}: ${problem.message}`);
  if (problems.length > lines.length) lines.push(`and ${problems.length - lines.length} more`);
  return [message, ...lines].join('\n');
}

async function isFolder(path: string): Promise<boolean> {
  return stat(path).then(
    (found) => found.isDirectory(),
    () => false,
  );
}
