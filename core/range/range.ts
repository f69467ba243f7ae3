/** Which commits a run judges, and which policy judges them. */
import type { Push } from '../input.ts';

/** Full ids throughout. */
export interface Range {
  phase: 'change' | 'push';
  /** Where it begins, as `change.base` has it; absent when all of the head's history is in it. */
  base?: string;
  /** Where it ends; absent when there is nothing to judge: a deleted ref, or one that names no commit. */
  head?: string;
  /** What is reachable from these commits is not judged; `base` is among them unless `compare` says otherwise. */
  exclude: string[];
  /** The change's files: against the point where the head left the base, or against the base itself. */
  compare: 'merge-base' | 'base';
  /** Policy, data, configuration, CODEOWNERS and .mailmap are read here; absent: nowhere, and the built-in pack judges. */
  policy?: string;
  /** For people. */
  baseName: string;
  headName: string;
  push?: Push;
  /** It is judged as a merge queue is about to merge it. */
  mergeQueue?: true;
  /** Who said so, in words: `--base`, `GitHub, event pull_request`. */
  source: string;
  /** What a reader should know beside the verdict. */
  notes: string[];
}

/** What is asked for, by options or by CI's environment. */
export type RangeRequest = ChangeRequest | PushRequest;

/** The commits of a head that a base has not. */
export interface ChangeRequest {
  kind: 'change';
  /** A revision; with `target`, what to use where the remote cannot be asked. */
  base?: string;
  /** The remote's branch (without `refs/heads/`) that the change is to be merged into: its tip is the base. */
  target?: string;
  /** A revision. */
  head: string;
  /** In a merge queue: the commit (revision) that the group is built upon, which need not have landed yet. */
  queuedUpon?: string;
  source: string;
}

/** What a push did to a ref. */
export interface PushRequest {
  kind: 'push';
  /** What the ref was: an id, all zeros for a new ref; absent when nobody tells. */
  before?: string;
  /** What it is: an id, all zeros for a deleted ref. */
  after: string;
  /** In full, such as `refs/heads/main`. */
  ref: string;
  /** The repository's default branch, without `refs/heads/`, where that is known. */
  defaultBranch?: string;
  source: string;
}

/** The id that git gives to what does not exist. */
export function isNullId(id: string): boolean {
  return /^0+$/.test(id);
}

/** How far a range may be looked for beyond what is here. */
export interface Reach {
  /** Ask the remote for the target branch's tip, for missing commits, and for what a shallow clone left out. */
  fetch: boolean;
  /** The remote's name. */
  remote: string;
}
