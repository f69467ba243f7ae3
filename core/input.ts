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
  /** Phase `push` alone: what arrived. */
  push?: Push;
  commits: Commit[];
  /** Of a change that is judged in batches, in the last one alone: what the others had. */
  earlier?: Earlier;
  exceptions: Exception[];
  /** Where the facts that git does not know are from, and when they were read. */
  facts?: FactSource[];
  /** What was asked for and could not be known. */
  unknown?: UnknownFact[];
}

export interface Repository {
  host?: string;
  owner?: string;
  name: string;
  default_branch?: string;
}

/** The change under review: a pull request, a merge request, or a range that nobody hosts. */
export interface Change {
  /** The number that the code host gives it. */
  id?: string;
  url?: string;
  title?: string;
  /** The description, as its author wrote it. */
  body?: string;
  /** The login of whoever opened it. */
  author?: string;
  author_kind?: 'user' | 'bot';
  /** Full commit ids. */
  base: string;
  head: string;
  /** Names without `refs/heads/`. */
  base_branch?: string;
  head_branch?: string;
  draft?: boolean;
  state?: 'open' | 'closed' | 'merged';
  /** The head lies in another repository than the base. */
  from_fork?: boolean;
  /** It is judged as a merge queue (GitHub) or merge train (GitLab) is about to merge it. */
  merge_queue?: boolean;
  labels?: string[];
  files: ChangedFile[];
  /** The latest review of each person; absent when nobody could tell. */
  approvals?: Approval[];
  /** The owners of the changed files, by the CODEOWNERS of the base; files without owners are left out. */
  code_owners?: OwnedPath[];
  /** How many approvals the code host demands. */
  required_approvals?: number;
  /** The checks of the head commit. */
  checks?: Check[];
  /** How the code host lets it be merged. */
  merge_methods?: ('merge' | 'squash' | 'rebase')[];
  /** The message that a squash merge would make, as far as the code host tells; absent where none is allowed. */
  squash_message?: string;
  /** The same, read as the message of a commit. */
  squash?: SquashMessage;
  /** What the change does to the policies themselves. */
  policy_change?: PolicyChange;
}

export interface ChangedFile {
  /** Relative to the repository, `/` separated. */
  path: string;
  /** As `git diff --name-status` says it, without the score; `old_path` for R and C. */
  status: 'A' | 'M' | 'D' | 'R' | 'C' | 'T' | 'U' | 'X';
  old_path?: string;
}

/** A person's latest review of the change. */
export interface Approval {
  login: string;
  kind: 'user' | 'bot';
  state: 'approved' | 'changes_requested' | 'commented' | 'dismissed';
  /** The full id of the commit that was reviewed; absent when the code host does not tell. */
  commit?: string;
  /** RFC 3339. */
  submitted_at?: string;
  /** What the person may do in the repository: `read`, `triage`, `write`, `maintain`, `admin`, or `none`. */
  permission?: string;
  /** Those of the teams asked about that the person is in: `org/team`, `group/subgroup`. */
  teams?: string[];
  /** The commits of the change that the code host takes for this person's own (full ids); absent when it does not tell. */
  commits?: string[];
  /** As commits name this person, where that is known. */
  name?: string;
  email?: string;
  /**
   * Commits were pushed since: it is not a review of `change.head` or, in a merge queue, of the head that
   * was queued. Absent when that is not known.
   */
  stale?: boolean;
  /** It is the review of whoever opened the change. */
  author?: boolean;
}

/** A changed path and who answers for it: `@login`, `@org/team`, or an address. */
export interface OwnedPath {
  path: string;
  owners: string[];
}

export interface Check {
  name: string;
  /** The change cannot be merged without it; absent when that is not known. */
  required?: boolean;
  status: 'queued' | 'in_progress' | 'completed';
  /** `success`, `failure`, `neutral`, `cancelled`, `skipped`, `timed_out`, `action_required`, …: once it is completed. */
  conclusion?: string;
}

export interface SquashMessage {
  subject: string;
  body: string;
  trailers: Trailer[];
  /** Absent when it declares nothing. */
  disclosure?: Disclosure;
  evidence?: Evidence[];
}

export interface PolicyChange {
  /** The changed files below `.countersign/`. */
  files: string[];
  /** How the tests of the changed policies went. */
  tests?: { passed: number; failed: number; errors: string[] };
}

/** What a push did to a ref. */
export interface Push {
  /** `refs/heads/main` */
  ref: string;
  /** Full ids; absent where there was nothing before. */
  before?: string;
  after: string;
  kind: 'branch' | 'tag';
  created?: boolean;
  deleted?: boolean;
  /** What was there before is no ancestor of what is there now. */
  forced?: boolean;
  /** The number of the change whose merge this is. */
  merged_change?: string;
}

/** Where a fact is from. */
export interface FactSource {
  /** A path into the input: `change.approvals`. */
  fact: string;
  /** `github api.github.com`, `gitlab gitlab.example.com`, `file FILE`, `event pull_request`, `git`. */
  source: string;
  /** RFC 3339: when it was read there. */
  at: string;
}

/** A fact that is absent because it could not be known. */
export interface UnknownFact {
  /** A path into the input. */
  fact: string;
  /** In words: a right that the token lacks, a fork's run without secrets. */
  why: string;
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

/** The commits of a long change that were judged before those at hand, summed up. */
export interface Earlier {
  /** How many there are. */
  commits: number;
  makers: EarlierMakers[];
  /** What they touch beside `change.files`: what was undone since. */
  paths: string[];
  /** As their disclosures name them, each once. */
  approvers: DeclaredApprover[];
}

/** The commits of one kind that the same people made. */
export interface EarlierMakers {
  author: Omit<Signature, 'time'>;
  committer: Omit<Signature, 'time'>;
  /** As `Co-authored-by` and `Co-developed-by` have them. */
  co_authors: string[];
  /** They declare or show AI use, as the policies found. */
  ai: boolean;
  /** They declare something. */
  disclosed: boolean;
  revert: boolean;
  /** How many. */
  commits: number;
  /** Those of them that `change.approvals[].commits` names (full ids). */
  reviewers_own: string[];
  /** Those of the change's paths that they touch; absent where that would be too much to tell: it may be any. */
  paths?: string[];
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
