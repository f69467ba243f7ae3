/**
 * What is known of a commit's AI use before anyone is asked: values for the disclosure's fields,
 * each with where it is from and how sure that is, and evidence that names no value.
 */
import type { Evidence } from '../input.ts';

/** Where a value comes from; each has a reader of its own in core/prefill. */
export type KnownSource =
  /** `countersign declare`, an agent's own statement. */
  | 'declaration'
  /** A trailer or co-author line of the message. */
  | 'message'
  /** A note of git-ai (refs/notes/ai). */
  | 'git-ai'
  /** An Agent Trace file. */
  | 'agent-trace'
  /** A session log of an agent. */
  | 'session-log'
  /** A variable that an agent sets for the processes it starts. */
  | 'environment'
  /** The last disclosure on this branch: only ever offered, never taken for this commit's. */
  | 'previous'
  /** Git's or the repository's own facts, such as the present time. */
  | 'git';

export interface KnownValue {
  /** The disclosure's field, such as `model`. */
  field: string;
  value: string;
  source: KnownSource;
  /** `recorded`: what took part in the work wrote it down for this work; `inferred`: it follows from that, or may. */
  certainty: 'recorded' | 'inferred';
  /** For people: where exactly, such as `note of git-ai on 3f2c1ab` or a file's path below the home folder. */
  detail: string;
}

export interface Known {
  /** Best first within a field; a field may have several models. */
  values: KnownValue[];
  /** What shows AI use, values or not. Empty: nothing suggests that AI took part. */
  evidence: Evidence[];
}
