/** Commits with what they disclose. */

import type { Commit } from '../input.ts';
import { type DisclosureConfig, declaredBy } from './profiles.ts';

/** The commit with the disclosure that its trailers make. */
export function withDisclosure(commit: Commit, config: DisclosureConfig): Commit {
  const disclosure = declaredBy(commit.trailers, config);
  return disclosure === undefined ? commit : { ...commit, disclosure };
}
