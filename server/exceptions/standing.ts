/** The register that a root's texts are, and what it says at a time. */

import type { Register, RegisteredException } from '../../core/exceptions/register.ts';
import { registerOf } from '../../core/exceptions/register.ts';
import { standingOf } from '../../core/exceptions/state.ts';
import type { Repository } from '../../core/input.ts';
import { attached } from '../attached.ts';
import { home } from '../file-kinds.ts';
import type { Root } from '../snapshot.ts';

const kept = attached<Root, { repository: string; register: Register | undefined }>();

/** A root's register; undefined for roots without a configuration. Texts are read once, whatever the time. */
export function registerOfRoot(root: Root, repository: Repository, now: Date): Register | undefined {
  const key = JSON.stringify(repository);
  let entry = kept.get(root);
  if (entry?.repository !== key) {
    const texts = [...root.files].flatMap(([path, { text }]): [string, string][] => {
      const inHome = pathInHome(path);
      return inHome === undefined ? [] : [[inHome, text]];
    });
    entry = { repository: key, register: registerOf(texts, repository, now) };
    kept.set(root, entry);
  }
  const { register } = entry;
  return register && { ...register, exceptions: register.exceptions.map((one) => at(one, now)) };
}

function at(one: RegisteredException, now: Date): RegisteredException {
  return { ...one, ...standingOf(one.exception, one.terms, now) };
}

/** A path in the `.countersign` folder, of one that leads through it; undefined for others. */
export function pathInHome(path: string): string | undefined {
  const start = `/${path}`.lastIndexOf(`/${home}/`);
  return start < 0 ? undefined : path.slice(start + home.length + 1);
}

/** The next moment at which an exception's standing changes, in milliseconds since the epoch; undefined when none will. */
export function nextMoment(exceptions: readonly RegisteredException[], now: Date): number | undefined {
  const moments = exceptions.flatMap(({ exception, state, followUp, due, denied }) => {
    if (state === 'closed') return [];
    const owed = followUp === 'done' ? [] : [due, denied];
    // A follow-up is overdue in the second after.
    return [...[exception.opened, exception.expires].map(Date.parse), ...owed.map((time) => Date.parse(time) + 1000)];
  });
  const coming = moments.filter((moment) => moment > now.getTime());
  return coming.length > 0 ? Math.min(...coming) : undefined;
}
