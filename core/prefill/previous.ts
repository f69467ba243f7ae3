/**
 * The last disclosure of the same author on this branch: offered, for the next piece of work is often
 * done the same way; never taken for this commit's. What was done and when is that commit's alone.
 */
import type { Known, KnownValue } from '../disclosure/known.ts';
import { declaredBy } from '../disclosure/profiles.ts';
import { setting } from '../git/settings.ts';
import { parseTrailers } from '../trailers/parse.ts';
import type { Situation } from './situation.ts';

/** Fields that say something of one commit only. */
const ofOneCommit = new Set(['context', 'timestamp']);

export async function readPrevious({ repository, home, environment, before, replaces }: Situation): Promise<Known> {
  const [commits, author, replaced] = await Promise.all([
    before(),
    environment.GIT_AUTHOR_EMAIL || setting(repository, 'user.email'),
    replaces(),
  ]);
  const values: KnownValue[] = [];
  if (!author) return { values, evidence: [] };
  for (const { id, email, message } of commits) {
    if (email !== author.toLowerCase() || replaced.includes(id)) continue;
    const disclosure = declaredBy(parseTrailers(message).trailers, home.config);
    if (!disclosure) continue;
    for (const [field, all] of Object.entries(disclosure)) {
      if (ofOneCommit.has(field)) continue;
      for (const value of all) {
        const detail = `the last disclosure on this branch (${id.slice(0, 10)})`;
        values.push({ field, value, source: 'previous', certainty: 'inferred', detail });
      }
    }
    break;
  }
  return { values, evidence: [] };
}
