/** Reads the range that is asked for. */
import type { GitRepository } from '../git/repository.ts';
import { changeRange } from './change.ts';
import { pushRange } from './push.ts';
import type { Range, RangeRequest, Reach } from './range.ts';

/**
 * The range, and the repository as it is then: it may have more history than before.
 *
 * Rejects with `DecisionError` when it cannot be known, and with `GitError` for a revision that is not there.
 */
export function readRange(
  repository: GitRepository,
  request: RangeRequest,
  reach: Reach,
): Promise<{ range: Range; repository: GitRepository }> {
  return request.kind === 'change' ? changeRange(repository, request, reach) : pushRange(repository, request, reach);
}
