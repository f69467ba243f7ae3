/** Mends what can be mended without asking: what people wrote already, and git does not read. */

import { ignoredLines } from '../disclosure/ignored.ts';
import { stamp } from '../disclosure/stamp.ts';
import type { GitRepository } from '../git/repository.ts';
import { GitError } from '../git/run.ts';
import type { Disclosure } from '../input.ts';
import type { PolicySet } from '../policies/policy-set.ts';
import { restampCommits } from '../stamping/commits.ts';
import { noteDisclosures } from '../stamping/note.ts';
import type { Diagnosis } from './examine.ts';

export interface Repair {
  /** What was done, in words. */
  done: string[];
  /** What was not, and why. */
  left: string[];
}

/**
 * Moves the lines of a disclosure that stand where git does not read them to where it does, in the commits
 * that are denied: in the message of those that are on no remote (with an undo ref), in a note of the others
 * where the policy accepts notes. Nothing is said that the message does not say; no value is made up.
 */
export async function repairCommits(
  repository: GitRepository,
  diagnoses: readonly Diagnosis[],
  { config }: Pick<PolicySet, 'config'>,
  now: Date,
): Promise<Repair> {
  const repair: Repair = { done: [], left: [] };
  const sick = diagnoses.filter(({ deny, misplaced }) => deny.length > 0 && Object.keys(misplaced).length > 0);
  if (sick.length === 0 || config.disclosure.profile === 'forbid') return repair;
  const unpushed = sick.filter(({ place }) => place !== 'pushed').map(({ sha }) => sha);
  if (unpushed.length > 0) {
    try {
      const move = ({ message }: { message: string }) => withLinesMoved(message, config);
      const { plan, stamped, result, warnings } = await restampCommits(repository, unpushed, move, { now });
      const branch = plan.ref.replace(/^refs\/heads\//, '');
      repair.done.push(
        `Moved disclosures into the last paragraph of ${stamped.length} of the commits of ${branch}. Undo it with: ${plan.onHead ? `git reset --soft ${result?.undo}` : `git branch --force ${branch} ${result?.undo}`}`,
      );
      repair.left.push(...warnings);
    } catch (error) {
      if (!(error instanceof GitError)) throw error;
      repair.left.push(error.message);
    }
  }
  const pushed = sick.filter(({ place }) => place === 'pushed');
  if (pushed.length > 0 && config.notes.accept) {
    const disclosures = new Map<string, Disclosure>(
      pushed.map(({ sha, disclosure, misplaced }) => [sha, { ...misplaced, ...disclosure }]),
    );
    const noted = await noteDisclosures(repository, disclosures, now);
    repair.done.push(`Noted what the messages of ${noted.length} pushed commits say where git does not read it.`);
  }
  return repair;
}

/** The message with its misplaced lines of a disclosure in the last paragraph. */
export function withLinesMoved(message: string, config: PolicySet['config']): string {
  const lines = ignoredLines(message, config, { commentPrefix: '\0' }).filter(({ value }) => value !== '');
  const values: Disclosure = {};
  for (const { field, value } of lines) values[field] = [...(values[field] ?? []), value];
  const without = lines.reduceRight((text, { span }) => {
    // The title stays a title, even when it looks like a trailer.
    if (text.slice(0, span.start).trim() === '') return text;
    const end = text.indexOf('\n', span.end);
    const before = text.slice(0, span.start);
    const after = end < 0 ? '' : text.slice(end + 1);
    // A paragraph that is gone leaves one blank line, not two.
    return before + (/\n\r?\n$/.test(before) ? after.replace(/^\r?\n/, '') : after);
  }, message);
  return stamp(without, values, config);
}
