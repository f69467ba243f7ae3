/**
 * The record of a decision: an event of OPA's decision log, so that what reads those reads ours
 * (https://www.openpolicyagent.org/docs/management-decision-logs; EventV1 in OPA's v1/plugins/logs/plugin.go).
 */
import type { NdBuiltinCache } from '../../../engine/protocol.ts';
import type { Input } from '../../input.ts';
import type { Verdict } from '../../verdict.ts';
import type { Decider } from '../decide.ts';
import type { Link } from './chain.ts';

/**
 * One line of a decision log. Times are RFC 3339; metrics are nanoseconds by OPA's names.
 *
 * A large range is judged in batches, and each has its record: `batch_decision_id` is then the id of the whole
 * run's verdict, and `custom.countersign.batch` says which of the batches it is.
 */
export interface DecisionRecord {
  labels: Record<string, string>;
  decision_id: string;
  batch_decision_id?: string;
  /** What decided and the revision it had; absent when nothing could be loaded. */
  bundles?: Record<string, { revision: string }>;
  /** `countersign/gate` for a change or a push, `countersign/commit` for a commit being made. */
  path: string;
  /** Absent when it was erased, or when the run failed before there was one. */
  input?: Input;
  /** Absent when it was erased, and when there is an `error`. */
  result?: Verdict;
  /** What built-ins without a fixed answer gave. */
  nd_builtin_cache?: NdBuiltinCache;
  /** Paths that the mask policy took out, and those that it set. */
  erased?: string[];
  masked?: string[];
  /** Why there is no decision. */
  error?: { code: string; message: string };
  /** Who started the run, as the CI says. */
  requested_by?: string;
  timestamp: string;
  metrics?: Record<string, number>;
  custom?: { countersign?: RecordDetails; [other: string]: unknown };
}

/** What OPA's format has no field for. */
export interface RecordDetails {
  /** Absent in records of versions that had no chain. */
  chain?: Link;
  batch?: Batch;
  /** How Rego was read, when that was said on the command line. */
  rego?: string;
  /** The CI's page of the run. */
  run?: string;
  /** The remote OPA that decided, when one did. */
  decider?: Decider;
}

/** Which of a run's batches a record is of. */
export interface Batch {
  /** From 1. */
  part: number;
  /** Of the last one: how many there are, and what they say together. */
  parts?: number;
  result?: Verdict['result'];
}

/** The name of the policies among a record's bundles. */
export const bundleName = 'countersign';

/** The policies' revision that a record names. */
export function revisionOf(record: DecisionRecord): string | undefined {
  return record.bundles?.[bundleName]?.revision;
}

/** A record's path for an input. */
export function pathOf(phase: Input['phase']): string {
  return phase === 'commit' ? 'countersign/commit' : 'countersign/gate';
}

/** Whether a parsed line is a record at all: any decision log's, not only ours. */
export function isRecord(value: unknown): value is DecisionRecord {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return false;
  const { decision_id: id, timestamp, labels } = value as Record<string, unknown>;
  return typeof id === 'string' && typeof timestamp === 'string' && typeof labels === 'object';
}
