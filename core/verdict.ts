/** What a decision says: the shape of `countersign gate --format json`. */
import type { Countersignature } from './input.ts';

/** One entry of a policy's `deny` or `warn`. */
export interface Violation {
  /** `<package's last part>` or what the policy calls it; `policy` for plain strings. */
  rule: string;
  msg: string;
  /** The commit it is about; a change's violation has none. */
  commit?: string;
  /** The disclosure's field. */
  field?: string;
  path?: string;
  /** The command or edit that mends it. */
  fix?: string;
}

export interface CommitVerdict {
  sha: string;
  subject: string;
  /** It declares AI use or shows evidence of it. */
  ai: boolean;
  /** It declares its AI use in a note (refs/notes/countersign); absent: in its message, or not at all. */
  disclosure_source?: 'note';
  deny: Violation[];
  warn: Violation[];
  /** Who countersigned it, and what that is worth; absent when nobody did. */
  countersignatures?: Countersignature[];
}

export interface Verdict {
  result: 'allow' | 'deny';
  /**
   * The git commit of the policy that decided; `sha256:…` of its files when they are in no commit;
   * `pack@VERSION+sha256:…` for the built-in pack; `REVISION@sha256:…` for a bundle; `BUNDLE@REVISION URL` where an OPA server decided.
   */
  revision: string;
  decision_id: string;
  /** The violations that are about no one commit. */
  change: { deny: Violation[]; warn: Violation[] };
  commits: CommitVerdict[];
  /** The exceptions without which there would be more violations; absent when there are none. */
  exceptions?: HonouredException[];
}

/** A recorded exception that made a difference to a decision. */
export interface HonouredException {
  /** The file's name without its ending. */
  id: string;
  /** The rules whose violations it excused. */
  rules: string[];
  /** RFC 3339. */
  expires: string;
  /** The violations that it, or another exception together with it, excused. */
  excused: Violation[];
}
