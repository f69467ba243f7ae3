/** An exception as people read it in a terminal. */
import type { RegisteredException } from '../core/exceptions/register.ts';
import { block, count, printable } from '../core/printable.ts';
import type { Output } from './terminal.ts';

const marks = { pending: 'cyan', active: 'green', expired: 'dim', closed: 'dim' } as const;

/** What an exception excuses, until when, what it owes, and where it comes from; ending in a line break. */
export function exceptionEntry(
  { exception, path, state, followUp, due, denied, history }: RegisteredException,
  style: Output['style'],
): string {
  const { id, rules, commits, paths, reason, approved_by, opened, expires, ticket, closed } = exception;
  const until = {
    pending: `from ${opened}`,
    active: `until ${expires}`,
    expired: `on ${expires}`,
    closed: `on ${closed?.at}`,
  };
  const owes = {
    done: '',
    due: `, follow-up due ${due}`,
    overdue: `, ${style('yellow', `follow-up overdue since ${due}`)}: changes are denied from ${denied}`,
    denied: `, ${style('red', `follow-up overdue since ${due}`)}: changes are denied`,
  };
  const scope = [
    ...(paths ? [`in ${paths.join(', ')}`] : []),
    ...(commits ? [`of ${commits.map((commit) => commit.slice(0, 10)).join(', ')}`] : []),
  ];
  const last = closed ?? exception.follow_ups?.at(-1);
  const first = history[0];
  const lines = [
    `${style('bold', printable(id))}  ${style(marks[state], state)} ${printable(until[state])}${owes[followUp]}`,
    `${rules.join(', ')} ${scope.length > 0 ? scope.join(' ') : 'of every commit'}`,
    `${reason}`,
    `approved by ${approved_by}${ticket === undefined ? '' : `, ${ticket}`}`,
    ...(last ? [`${last.at}${last.by === undefined ? '' : ` ${last.by}`}: ${last.note}`] : []),
    first
      ? `${path}: ${first.change} by ${first.author} in ${first.commit.slice(0, 10)}${history.length > 1 ? `, changed ${count(history.length - 1, 'time')} since` : ''}`
      : `${path}: not committed yet`,
  ];
  return `${lines.map((line, at) => (at === 0 ? line : `    ${block(line, '    ')}`)).join('\n')}\n`;
}
