/** Where an exception stands: whether it holds, and what it owes. */
import type { Exception } from '../input.ts';
import { timestampOf } from '../timestamp.ts';
import type { Terms } from './terms.ts';

export interface Standing {
  /** `pending`: it has not begun; `closed` goes before `expired`. */
  state: 'pending' | 'active' | 'expired' | 'closed';
  /** `denied`: overdue for so long that changes are denied; `done` when there is one, or it is closed. */
  followUp: 'done' | 'due' | 'overdue' | 'denied';
  /** RFC 3339, UTC: when the follow-up is due, and from when changes are denied. */
  due: string;
  denied: string;
}

/** An exception's standing at a time. */
export function standingOf(exception: Exception, terms: Terms, now: Date): Standing {
  const opened = Date.parse(exception.opened);
  const due = opened + terms.due * hour;
  const denied = due + terms.grace * hour;
  return {
    state: stateOf(exception, now),
    followUp: followUpOf(exception, due, denied, now),
    due: timestampOf(due),
    denied: timestampOf(denied),
  };
}

const hour = 3_600_000;

function stateOf({ opened, expires, closed }: Exception, now: Date): Standing['state'] {
  if (closed !== undefined) return 'closed';
  if (Date.parse(expires) <= now.getTime()) return 'expired';
  return Date.parse(opened) > now.getTime() ? 'pending' : 'active';
}

/** Policies count in whole seconds. */
function followUpOf({ closed, follow_ups }: Exception, due: number, denied: number, now: Date): Standing['followUp'] {
  if (closed !== undefined || (follow_ups?.length ?? 0) > 0) return 'done';
  const second = Math.floor(now.getTime() / 1000) * 1000;
  if (second > denied) return 'denied';
  return second > due ? 'overdue' : 'due';
}
