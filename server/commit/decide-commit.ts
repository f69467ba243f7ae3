/** What the policy says of the commit that is about to be made: what the hook and the gate would say. */
import { DecisionError } from '../../core/decision/decide.ts';
import { decideCommit as decide } from '../../core/decision/decide-commit.ts';
import type { Verdict } from '../../core/verdict.ts';
import { placeOf } from '../../core/yaml-document.ts';
import type { Engine } from '../../engine/engine.ts';
import type { DecideCommitParams } from '../protocol.ts';
import { repositoryAt } from './repository-at.ts';

export async function decideCommit(
  { repository: uri, message, all, evidence }: DecideCommitParams,
  engine: () => Promise<Engine>,
  now: Date,
  signal: AbortSignal,
): Promise<Verdict> {
  const repository = await repositoryAt(uri);
  try {
    return (await decide(repository, { message, all }, { engine, now, signal, ...(evidence && { evidence }) })).verdict;
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
