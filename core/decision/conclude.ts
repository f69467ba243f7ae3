/** A verdict from what batches of commits gave: each violation with its commit, the rest with the change. */
import { randomUUID } from 'node:crypto';
import type { CommitVerdict, HonouredException, Verdict, Violation } from '../verdict.ts';
import type { Decision, Judges } from './decide.ts';
import { mergeHonoured } from './honoured.ts';

/** How the verdict calls a commit that is still being made: by the id that git gives to what does not exist yet. */
const nullId = '0'.repeat(40);

/** What the batches gave so far. */
export interface Tally {
  commits: (Pick<CommitVerdict, 'sha' | 'subject' | 'countersignatures' | 'disclosure_source'> & {
    declares: boolean;
  })[];
  deny: Violation[];
  warn: Violation[];
  /** Absent until a policy has said which commits show AI use. */
  ai?: Set<string>;
  honoured: HonouredException[];
  notes: Map<string, number>;
  output: string[];
  metrics: Record<string, number>;
}

export function newTally(): Tally {
  return { commits: [], deny: [], warn: [], honoured: [], notes: new Map(), output: [], metrics: {} };
}

/** Adds what a batch gave. */
export function addUp(tally: Tally, batch: Tally): void {
  for (const name of ['commits', 'deny', 'warn', 'honoured', 'output'] as const) {
    for (const one of batch[name]) (tally[name] as (typeof one)[]).push(one);
  }
  if (batch.ai) {
    tally.ai ??= new Set();
    for (const sha of batch.ai) tally.ai.add(sha);
  }
  for (const [note, times] of batch.notes) tally.notes.set(note, (tally.notes.get(note) ?? 0) + times);
  for (const [name, value] of Object.entries(batch.metrics)) tally.metrics[name] = (tally.metrics[name] ?? 0) + value;
}

/** Puts violations to their commits, and those about no known commit to the change. */
export function conclude({ revision, decider }: Judges, tally: Tally, id: string = randomUUID()): Decision {
  const commits: CommitVerdict[] = [];
  const bySha = new Map<string, CommitVerdict>();
  for (const { sha, subject, declares, disclosure_source, countersignatures } of tally.commits) {
    const ai = tally.ai ? tally.ai.has(sha) : declares;
    const verdict = {
      sha,
      subject,
      ai,
      ...(disclosure_source && { disclosure_source }),
      deny: [],
      warn: [],
      ...(countersignatures && { countersignatures }),
    };
    commits.push(verdict);
    bySha.set(sha, verdict);
  }
  const change = { deny: [] as Violation[], warn: [] as Violation[] };
  const notes = [...tally.notes].map(([note, times]) => (times > 1 ? `${note} (${times} times)` : note));
  for (const level of ['deny', 'warn'] as const) {
    for (const violation of sortedOnce(tally[level].map(withId))) {
      const verdict = violation.commit === undefined ? undefined : bySha.get(violation.commit);
      if (violation.commit !== undefined && !verdict) {
        notes.push(`${violation.rule} names the commit ${violation.commit}, which is none of those judged.`);
      }
      (verdict ?? change)[level].push(violation);
    }
  }
  const honoured = mergeHonoured(tally.honoured).map((one) => ({ ...one, excused: one.excused.map(withId) }));
  const denied = change.deny.length > 0 || commits.some(({ deny }) => deny.length > 0);
  const verdict: Verdict = {
    result: denied ? 'deny' : 'allow',
    revision,
    decision_id: id,
    change,
    commits,
    ...(honoured.length > 0 && { exceptions: honoured }),
  };
  return {
    verdict,
    notes,
    output: tally.output.join(''),
    metrics: tally.metrics,
    ...(decider && { decider: decider() }),
  };
}

/** Policies know a commit that is still being made by the empty string. */
export function idOf(commit: string): string {
  return commit === '' ? nullId : commit;
}

function withId(violation: Violation): Violation {
  return violation.commit === '' ? { ...violation, commit: nullId } : violation;
}

/** Violations in a stable order, each once. */
function sortedOnce(violations: readonly Violation[]): Violation[] {
  const byKey = new Map<string, Violation>();
  for (const violation of violations) {
    const { rule, field = '', msg, commit = '', path = '', fix = '' } = violation;
    byKey.set([rule, field, msg, commit, path, fix].join('\0'), violation);
  }
  return [...byKey].sort(([a], [b]) => (a < b ? -1 : 1)).map(([, violation]) => violation);
}
