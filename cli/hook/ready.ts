/**
 * `countersign hook run ready FOLDER`: goes the way of a commit without one, so that Node keeps what it compiles
 * for the hooks before the first commit waits for them. Nothing is written in the repository.
 */
import { exitCodes } from '../exit.ts';

export async function beReady(folder: string): Promise<number> {
  const [{ openRepository }, { decideCommit, readWorkTreePolicies }] = await Promise.all([
    import('../../core/git/repository.ts'),
    import('../../core/decision/decide-commit.ts'),
    import('../../core/hook/prepare.ts'),
    import('../../core/hook/judge.ts'),
    import('../../core/prefill/gather.ts'),
    import('../../core/prompt-link/ask-window.ts'),
    import('./ask.ts'),
  ]);
  const repository = await openRepository(folder);
  const policies = await readWorkTreePolicies(repository);
  if (!policies.kept) return exitCodes.ok;
  const engine = () => Promise.reject(new Error('the engine is not started for this'));
  // Whatever is decided, nobody asked.
  await decideCommit(repository, { message: 'Ready\n', amend: false }, { engine, now: new Date() }, policies).catch(
    () => undefined,
  );
  return exitCodes.ok;
}
