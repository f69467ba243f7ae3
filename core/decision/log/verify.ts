/** Whether decision logs are whole: no record altered, missing, in another place, or twice. */
import { type Head, linkOf, recordDigest } from './chain.ts';
import { readHead } from './file.ts';
import { type LogLine, readLogs } from './read.ts';
import type { DecisionRecord } from './record.ts';

export interface VerifyOptions {
  /** Digests that somebody kept: records with them must be there. */
  expect?: readonly string[];
  /** The digest of the record before the first one that is given: the earlier ones are kept elsewhere. */
  from?: string;
}

/** Something that is wrong, at a line from 1. */
export interface Finding {
  file: string;
  line: number;
  message: string;
}

export interface Verified {
  findings: Finding[];
  /** What a reader should know, and is not wrong. */
  notes: Finding[];
  records: number;
  /** Where each chain ends. */
  heads: Head[];
}

interface Run {
  at: { file: string; line: number };
  part: number;
  ended: boolean;
}

/** Reads the files in the order given, which for a rotated log is that of their making. */
export async function verifyLogs(files: readonly string[], options: VerifyOptions = {}): Promise<Verified> {
  const known = await Promise.all(files.map(async (file) => ({ file, head: await readHead(file) })));
  const result: Verified = { findings: [], notes: [], records: 0, heads: [] };
  const chains = new Map<string, Head>();
  const runs = new Map<string, Run>();
  const wanted = new Set(options.expect);
  const last = new Map(files.map((file) => [file, 0]));
  for await (const one of readLogs(files)) {
    const { file, line } = one;
    last.set(file, line);
    const say = (message: string) => result.findings.push({ file, line, message });
    if ('problem' in one) {
      say(one.problem);
      continue;
    }
    result.records++;
    const link = linkOf(one.record);
    if (!link) {
      say('the record is in no chain: an older version wrote it, or somebody else');
      continue;
    }
    const before = chains.get(link.id);
    if (recordDigest(one.record) !== link.digest) say(`record ${link.sequence} is not as it was written`);
    const problem = before ? continuation(before, link) : beginning(link, options.from);
    if (problem !== undefined) say(problem);
    if (!before || link.sequence > before.sequence) {
      chains.set(link.id, { id: link.id, sequence: link.sequence, digest: link.digest });
    }
    for (const { head, file: log } of known) {
      if (head?.id === link.id && head.sequence === link.sequence && head.digest !== link.digest) {
        say(`record ${link.sequence} is not the one that ${log}.head tells of`);
      }
    }
    wanted.delete(link.digest);
    if (link.mended !== undefined) {
      const message = `before record ${link.sequence}, ${link.mended} bytes of a record whose writing was interrupted were put into ${file}.torn`;
      result.notes.push({ file, line, message });
    }
    follow(runs, one, say);
  }
  for (const { file, head } of known) {
    const reached = head && (chains.get(head.id)?.sequence ?? (options.from === head.digest ? head.sequence : 0));
    if (!head || reached === undefined || reached >= head.sequence) continue;
    const message = `${missing(reached + 1, head.sequence)} at the end: ${file}.head tells of ${head.sequence} records`;
    result.findings.push({ file, line: last.get(file) ?? 0, message });
  }
  const end = files.at(-1) ?? '';
  for (const digest of wanted) {
    const message = `no record has the digest ${digest}: the log was cut short, or written anew`;
    result.findings.push({ file: end, line: last.get(end) ?? 0, message });
  }
  for (const { at, ended } of runs.values()) {
    if (!ended) result.notes.push({ ...at, message: 'the run that this record is of was interrupted' });
  }
  result.heads = [...chains.values()];
  return result;
}

function beginning({ sequence, previous }: { sequence: number; previous: string | null }, from: string | undefined) {
  if (previous === null ? sequence === 1 : previous === from) return undefined;
  if (previous === null || sequence === 1) return `record ${sequence} cannot be the first of its chain`;
  const hint = from === undefined ? `; if they are kept elsewhere: --from ${previous}` : '';
  return `${missing(1, sequence - 1)} before this one${hint}`;
}

function continuation(before: Head, { sequence, previous }: { sequence: number; previous: string | null }) {
  const expected = before.sequence + 1;
  if (sequence > expected) return `${missing(expected, sequence - 1)} before this one`;
  if (sequence < expected)
    return `record ${sequence} follows record ${before.sequence}: it is twice or in a wrong place`;
  return previous === before.digest
    ? undefined
    : `record ${before.sequence} before it is not the one it was written after`;
}

function missing(first: number, last: number): string {
  return first === last ? `record ${first} is missing` : `records ${first} to ${last} are missing`;
}

/** The batches of a run are numbered, and the last one says how many there are. */
function follow(
  runs: Map<string, Run>,
  { file, line, record }: { file: string; line: number; record: DecisionRecord },
  say: (message: string) => void,
): void {
  const batch = record.custom?.countersign?.batch;
  if (record.batch_decision_id === undefined || !batch) return;
  const before = runs.get(record.batch_decision_id);
  const ended = batch.parts !== undefined;
  if (batch.part !== (before?.part ?? 0) + 1 || before?.ended || (ended && batch.parts !== batch.part)) {
    say(`batch ${batch.part} of the decision ${record.batch_decision_id} does not follow the one before`);
  }
  runs.set(record.batch_decision_id, { at: { file, line }, part: batch.part, ended });
}

/** Narrows a line to one with a record. */
export function hasRecord(one: LogLine): one is LogLine & { record: DecisionRecord } {
  return 'record' in one;
}
