/** One prompt at a time in a window, and what its own commits have already been told. */
import type { PromptAnswer } from '../../server/protocol.ts';

export interface Turns {
  /** Runs `ask` once all that began before it have ended. */
  take<T>(ask: () => Promise<T>): Promise<T>;
  /** While `commit` runs, a hook that asks for this repository gets `answer`: the person has just given it. */
  committing<T>(repository: string, answer: PromptAnswer, commit: () => Promise<T>): Promise<T>;
  /** What was answered for the commit that this window is making there. */
  answered(repository: string): PromptAnswer | undefined;
}

export function createTurns(): Turns {
  let last: Promise<unknown> = Promise.resolve();
  const answers = new Map<string, PromptAnswer>();
  return {
    take(ask) {
      const mine = last.then(ask);
      last = mine.catch(() => {});
      return mine;
    },
    async committing(repository, answer, commit) {
      answers.set(repository, answer);
      try {
        return await commit();
      } finally {
        answers.delete(repository);
      }
    },
    answered: (repository) => answers.get(repository),
  };
}
