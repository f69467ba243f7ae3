/**
 * The input that policies judge, version 1: the same for hook, editor and CI.
 * Unknown facts are absent, never guessed. `docs/input.md` and the published JSON Schema say the same.
 */
import type { Profile } from './config.ts';

export interface Input {
  schema: 'countersign.input/v1';
  /** `commit`: one commit being made; `change`: a range under review; `push`: what arrived. */
  phase: 'commit' | 'change' | 'push';
  /** RFC 3339: the time of the decision. */
  now: string;
  repository: Repository;
  /** The form of disclosure that the configuration asks for: `countersign` when absent; `forbid` for none at all. */
  disclosure_profile?: Profile;
  change?: Change;
  commits: Commit[];
  exceptions: Exception[];
}

export interface Repository {
  host?: string;
  owner?: string;
  name: string;
  default_branch?: string;
}

export interface Change {
  id?: string;
  url?: string;
  title?: string;
  author?: string;
  /** Full commit ids. */
  base: string;
  head: string;
  labels?: string[];
  files: ChangedFile[];
  approvals?: Approval[];
}

export interface ChangedFile {
  /** Relative to the repository, `/` separated. */
  path: string;
  /** As `git diff --name-status` says it, without the score; `old_path` for R and C. */
  status: 'A' | 'M' | 'D' | 'R' | 'C' | 'T' | 'U' | 'X';
  old_path?: string;
}

export interface Approval {
  login: string;
  kind: 'user' | 'bot';
  state: 'approved' | 'changes_requested' | 'commented' | 'dismissed';
  commit: string;
  submitted_at: string;
  permission?: string;
  teams?: string[];
}

/** A person as a commit names them. */
export interface Signature {
  name: string;
  email: string;
  /** RFC 3339 with the offset the commit has. */
  time: string;
}

export interface Trailer {
  /** As written; compare without regard to case. */
  key: string;
  /** Unfolded. */
  value: string;
}

/**
 * What a commit declares, by field name (`model`, `timestamp`, `context`, `approver` and what the
 * configuration adds), each with every value given in order: a trailer key may occur several times.
 */
export type Disclosure = Record<string, string[]>;

/** What suggests AI use from outside the message (notes, logs); the message's own traces are policy. */
export interface Evidence {
  source: string;
  detail: string;
  model?: string;
}

/** An approver whom a commit's disclosure names, resolved through the repository's `.mailmap`. */
export interface DeclaredApprover {
  /** As the disclosure has it. */
  value: string;
  /** Their name and address by `.mailmap`. */
  name?: string;
  email?: string;
  /** What they are to the commit, under whatever name: empty for somebody else. */
  roles: ('author' | 'committer' | 'co-author')[];
}

/** An approver's signed statement about a commit (refs/notes/countersign), as it was checked. */
export interface Countersignature {
  /**
   * `valid`: of this very commit and what it declares; `rebased`: of another commit with the same patch
   * and disclosure; `stale`: of something else; `untrusted`: signed by a key that is not allowed to;
   * `broken`: no signature of what it claims.
   */
  status: 'valid' | 'rebased' | 'stale' | 'untrusted' | 'broken';
  /** In words, unless it is valid. */
  detail: string;
  /**
   * Absent, as all that follows, when it is broken. `principal`: as the allowed signers or the key name
   * them; `canonical`: the address that `.mailmap` has for that one, when it is another.
   */
  approver?: { name: string; email: string; principal?: string; canonical?: string };
  /** The key's fingerprint. */
  key?: string;
  format?: 'ssh' | 'openpgp' | 'x509';
  /** RFC 3339; the signer's own word. */
  signed_at?: string;
  /** Full id. */
  approved_commit?: string;
  /** The revision of the policy whose verdict the approver saw, and whether it is today's. */
  policy_revision?: string;
  policy?: 'same' | 'other' | 'unknown';
  verdict?: 'allow' | 'deny';
  reason?: string;
  /** What the approver is to the commit, under whatever name: empty for somebody else. */
  roles?: ('author' | 'committer' | 'co-author')[];
}

export interface Commit {
  /** Empty for a commit that is still being made: present, so that a policy which names it holds there, too. */
  sha: string;
  parents: string[];
  /** The committer times of the parents that could be read, in the order of `parents`. */
  parent_times: string[];
  author: Signature;
  committer: Signature;
  subject: string;
  /** Everything after the subject, the trailers included, as `git log --format=%b` shows it. */
  body: string;
  /** As `git log --format=%(trailers)` and `git interpret-trailers --parse --no-divider` see them. */
  trailers: Trailer[];
  /** Absent when the commit declares nothing. */
  disclosure?: Disclosure;
  /** `note`: the message declares nothing, and the disclosure is from refs/notes/countersign. Absent: from the message. */
  disclosure_source?: 'note';
  /** Absent when none was looked for. */
  evidence?: Evidence[];
  /** Absent where there is no `.mailmap`, and when the disclosure names nobody. */
  approvers?: DeclaredApprover[];
  /** Absent when none was looked for: there is no refs/notes/countersign here, or the commit is being made. */
  countersignatures?: Countersignature[];
  files: ChangedFile[];
  merge: boolean;
  revert: boolean;
  /** `fixup!`, `squash!` or `amend!`. */
  fixup: boolean;
}

/** One file of `.countersign/exceptions/`: a recorded, expiring permission. */
export interface Exception {
  /** The file's name without its ending. */
  id: string;
  /** The rules it excuses. */
  rules: string[];
  /** The commits it excuses (full ids or prefixes of at least 7); all when absent. */
  commits?: string[];
  /** The paths it excuses (globs); all when absent. */
  paths?: string[];
  reason: string;
  approved_by: string;
  /** RFC 3339. */
  opened: string;
  /** RFC 3339; no longer honoured from then on. */
  expires: string;
  ticket?: string;
  /** What was done about it since, in order. */
  follow_ups?: ExceptionNote[];
  /** It is over before its time, or was settled. */
  closed?: ExceptionNote;
}

/** What someone recorded of an exception. */
export interface ExceptionNote {
  /** RFC 3339. */
  at: string;
  /** `Name <address>`. */
  by?: string;
  note: string;
}
