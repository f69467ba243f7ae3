/** What single commits say, by whatever names them. */

import type { Signature } from '../input.ts';
import { parseCommitObject } from './commit-object.ts';
import { type MessageFacts, readMessage } from './message.ts';
import { openObjectReader } from './object-reader.ts';
import type { GitRepository } from './repository.ts';

export interface NamedMessage extends MessageFacts {
  author: Signature;
}

/**
 * The messages of commits named by full or short ids, in one process; names that are no commit's are
 * left out, and so are those that cannot be one id.
 */
export async function messagesByName(
  repository: GitRepository,
  names: readonly string[],
  signal?: AbortSignal,
): Promise<Map<string, NamedMessage>> {
  const asked = [...new Set(names)].filter((name) => /^[0-9a-f]{4,64}$/i.test(name));
  const found = new Map<string, NamedMessage>();
  if (asked.length === 0) return found;
  const reader = openObjectReader(repository, signal);
  try {
    reader.ask(asked);
    for (const name of asked) {
      const object = await reader.next();
      if (object?.type !== 'commit') continue;
      const { author, message } = parseCommitObject(object.bytes);
      found.set(name, { author, ...readMessage(message) });
    }
    return found;
  } finally {
    await reader.close();
  }
}
