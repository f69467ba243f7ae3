/** Where an exception stands, as its hover says it. */
import type { RegisteredException } from '../../core/exceptions/register.ts';
import type { Root } from '../snapshot.ts';
import type { Knowledge } from './knowledge.ts';
import { pathInHome, registerOfRoot } from './standing.ts';
import { fromNow } from './words.ts';

/** A line of Markdown; undefined for a file that is no exception as it is. */
export function standingLine(root: Root, path: string, knowledge: Knowledge, now: Date): string | undefined {
  const inHome = pathInHome(path);
  const found = registerOfRoot(root, knowledge.repository, now)?.exceptions.find((one) =>
    one.path.endsWith(`/${inHome}`),
  );
  return found && `**${stateWords(found, now)}.** ${owedWords(found, now)}`;
}

function stateWords({ exception, state }: RegisteredException, now: Date): string {
  const { opened, expires, closed } = exception;
  switch (state) {
    case 'pending':
      return `Holds from \`${opened}\` (${fromNow(opened, now)})`;
    case 'active':
      return `Active until \`${expires}\` (${fromNow(expires, now)})`;
    case 'expired':
      return `Expired \`${expires}\` (${fromNow(expires, now)})`;
    case 'closed':
      return `Closed \`${closed?.at}\` (${fromNow(closed?.at ?? '', now)})`;
  }
}

function owedWords({ followUp, due, denied }: RegisteredException, now: Date): string {
  switch (followUp) {
    case 'done':
      return 'No follow-up is owed.';
    case 'due':
      return `A follow-up is due by \`${due}\` (${fromNow(due, now)}).`;
    case 'overdue':
      return `The follow-up is overdue since \`${due}\` (${fromNow(due, now)}); changes are denied from \`${denied}\` (${fromNow(denied, now)}).`;
    case 'denied':
      return `The follow-up is overdue since \`${due}\` (${fromNow(due, now)}), and changes are denied since \`${denied}\`.`;
  }
}
