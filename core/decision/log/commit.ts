/** Records what the hook decided on a commit, where the configuration asks for it. */
import type { Engine } from '../../../engine/engine.ts';
import packageJson from '../../../package.json' with { type: 'json' };
import type { GitRepository } from '../../git/repository.ts';
import { DecisionError, prepare, release } from '../decide.ts';
import type { CommitDecision, WorkTreePolicies } from '../decide-commit.ts';
import { maskBy, mayMask } from './mask-policy.ts';
import { configuredLog } from './place.ts';
import { startRecording } from './recorder.ts';

/** Nothing happens without `decisions.log`. Rejects with {@link DecisionError} when it cannot be recorded. */
export async function recordCommit(
  repository: GitRepository,
  { verdict, notes, input, ndBuiltinCache }: CommitDecision,
  { read }: WorkTreePolicies,
  engine: () => Promise<Engine>,
): Promise<void> {
  const policies = await (await read()).load();
  const { log, maxBytes } = policies.config.decisions;
  if (log === undefined) return;
  const file = await configuredLog(repository.root, log).catch((error: Error) => {
    throw new DecisionError(`The decision could not be recorded: ${error.message}`, [], error);
  });
  // Whatever decided, only the engine knows the mask policy.
  const prepared = mayMask(policies) ? await prepare(await engine(), policies) : undefined;
  try {
    const recording = startRecording(file, {
      version: packageJson.version,
      now: input.now,
      phase: 'commit',
      revision: verdict.revision,
      maxBytes,
      mask: prepared && maskBy(prepared, maskTimeoutMs),
    });
    const decision = { verdict, notes, output: '', metrics: {} };
    await recording.record({ input, outcome: { decision, ...(ndBuiltinCache && { ndBuiltinCache }) } });
    await recording.finish(decision);
  } finally {
    if (prepared) await release(prepared);
  }
}

const maskTimeoutMs = 10_000;
