/**
 * The record of a decision, in the fields of OPA's decision log, so that what reads those reads ours.
 */
import { open } from 'node:fs/promises';
import type { Input } from '../input.ts';
import type { Verdict } from '../verdict.ts';

/** One line of a decision log. Times are RFC 3339; metrics are nanoseconds by OPA's names. */
export interface DecisionRecord {
  labels: { app: 'countersign'; version: string };
  decision_id: string;
  /** The bundle that decided and the revision it had. */
  bundles: Record<string, { revision: string }>;
  /** `countersign/gate` for a change, `countersign/commit` for a commit being made. */
  path: string;
  input: Input;
  result: Verdict;
  timestamp: string;
  metrics: Record<string, number>;
}

/** Puts a record together; `input` is the whole input, whatever batches it was judged in. */
export function decisionRecord(
  input: Input,
  verdict: Verdict,
  metrics: Record<string, number>,
  version: string,
): DecisionRecord {
  return {
    labels: { app: 'countersign', version },
    decision_id: verdict.decision_id,
    bundles: { countersign: { revision: verdict.revision } },
    path: input.phase === 'commit' ? 'countersign/commit' : 'countersign/gate',
    input,
    result: verdict,
    timestamp: input.now,
    metrics,
  };
}

/**
 * Appends a record to a log, one JSON text a line. It is one write to a file opened for appending,
 * so that records of gates that run at the same time do not mix. Rejects when it cannot be written.
 */
export async function appendRecord(file: string, record: DecisionRecord): Promise<void> {
  const line = Buffer.from(`${JSON.stringify(record)}\n`);
  const handle = await open(file, 'a', 0o600);
  try {
    const { bytesWritten } = await handle.write(line);
    if (bytesWritten !== line.length) throw new Error(`${file}: only a part of the decision record was written`);
    await handle.sync();
  } finally {
    await handle.close();
  }
}
