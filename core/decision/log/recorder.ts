/** Records a run as it goes: one record for each batch of commits, and one for what went wrong. */
import { randomUUID } from 'node:crypto';
import type { Input } from '../../input.ts';
import { type Decider, type Decision, DecisionError, type JudgedBatch } from '../decide.ts';
import type { Head } from './chain.ts';
import { appendRecord, type LogOptions } from './file.ts';
import { type Batch, bundleName, type DecisionRecord, pathOf, type RecordDetails } from './record.ts';

export interface RecordingOptions extends LogOptions {
  /** The program's version. */
  version: string;
  /** RFC 3339. */
  now: string;
  phase: Input['phase'];
  /** Absent until the policies are known. */
  revision?: string;
  requestedBy?: string;
  details?: Omit<RecordDetails, 'chain' | 'batch'>;
  /** Takes out what must not be kept. Nothing is written of a record that it rejects. */
  mask?: (record: DecisionRecord) => Promise<DecisionRecord>;
}

export interface Recording {
  /** The run's, and its verdict's. */
  decisionId: string;
  /** For {@link DecideOptions.record}. */
  record: (batch: JudgedBatch) => Promise<void>;
  /** Writes what is left; resolves to where the log's chain stands. */
  finish: (decision: Decision) => Promise<Head>;
  /** Records that there is no decision, unless that was done. */
  fail: (error: unknown) => Promise<void>;
}

/** Begins the records of one run in a log. What cannot be written rejects with {@link DecisionError}. */
export function startRecording(file: string, options: RecordingOptions): Recording {
  const decisionId = randomUUID();
  /** Judged, and not written until it is known whether it is the last one. */
  let pending: JudgedBatch | undefined;
  let written = 0;
  let failed = false;
  let head: Head | undefined;

  const write = async (record: DecisionRecord, batch?: Batch, decider?: Decider): Promise<Head> => {
    try {
      const asked = options.mask ? await options.mask(record) : record;
      const { custom, details } = { custom: asked.custom, details: options.details };
      const countersign = { ...details, ...(decider && { decider }), ...(batch && { batch }) };
      const said = Object.keys(countersign).length > 0 ? { ...asked, custom: { ...custom, countersign } } : asked;
      head = await appendRecord(file, said, options, head);
    } catch (error) {
      const why = error instanceof Error ? error.message : String(error);
      throw new DecisionError(`The decision could not be recorded, and so it is none: ${why}`, [], error);
    }
    written++;
    return head;
  };
  const flush = async (end?: Decision, failing = false): Promise<void> => {
    if (!pending || !('decision' in pending.outcome)) return;
    const { input, outcome } = pending;
    pending = undefined;
    const alone = written === 0 && !failing && end !== undefined;
    const id = alone ? decisionId : randomUUID();
    const { verdict, metrics } = alone ? end : outcome.decision;
    const ending = end && { parts: written + 1, result: end.verdict.result };
    const record: DecisionRecord = {
      ...common(options, id, alone ? undefined : decisionId),
      input,
      result: { ...verdict, decision_id: id },
      ...(outcome.ndBuiltinCache && { nd_builtin_cache: outcome.ndBuiltinCache }),
      metrics,
    };
    await write(record, alone ? undefined : { part: written + 1, ...ending }, outcome.decision.decider);
  };
  const fail = async (error: unknown, input?: Input): Promise<void> => {
    if (failed) return;
    failed = true;
    await flush(undefined, true);
    const message = error instanceof Error ? error.message : String(error);
    const alone = written === 0;
    const record: DecisionRecord = {
      ...common(options, alone ? decisionId : randomUUID(), alone ? undefined : decisionId),
      error: { code: 'could_not_decide', message },
    };
    const batch = alone ? undefined : { part: written + 1, parts: written + 1 };
    await write({ ...record, ...(input && { input }) }, batch).catch(async (refused: unknown) => {
      if (!input) throw refused;
      // What cannot be masked, such as with an engine that has died, is not kept.
      await write({ ...record, erased: ['/input'] }, batch);
    });
  };
  return {
    decisionId,
    record: async (batch) => {
      if ('error' in batch.outcome) return fail(batch.outcome.error, batch.input);
      await flush();
      pending = batch;
    },
    finish: async (decision) => {
      await flush(decision);
      if (!head) throw new DecisionError('The decision could not be recorded: nothing was judged.');
      return head;
    },
    fail: (error) => fail(error),
  };
}

function common(options: RecordingOptions, id: string, run: string | undefined): DecisionRecord {
  const { version, revision, phase, requestedBy, now } = options;
  return {
    labels: { app: 'countersign', version },
    decision_id: id,
    ...(run !== undefined && { batch_decision_id: run }),
    ...(revision !== undefined && { bundles: { [bundleName]: { revision } } }),
    path: pathOf(phase),
    ...(requestedBy !== undefined && { requested_by: requestedBy }),
    timestamp: now,
  };
}
