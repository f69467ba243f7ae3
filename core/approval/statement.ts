/**
 * What an approver signs: an in-toto Statement about a commit.
 * https://github.com/in-toto/attestation/blob/main/spec/v1/statement.md, and digest_set.md for
 * `gitCommit` and `gitTree`. The predicate is ours; docs/approval.md describes it.
 */
import { createHash } from 'node:crypto';
import type { Patch } from '../git/patch-id.ts';
import type { Disclosure, Repository } from '../input.ts';
import { isRecord } from '../plain-data.ts';

/** DSSE's payload type for in-toto statements. */
export const statementPayloadType = 'application/vnd.in-toto+json';
const statementType = 'https://in-toto.io/Statement/v1';
export const approvalPredicateType = 'https://countersign.dev/approval/v1';

/** An approval, as plain facts. */
export interface ApprovalStatement {
  /** Full ids of the commit and of its tree. */
  commit: string;
  tree: string;
  approver: { name: string; email: string };
  /** RFC 3339, UTC: when the approver says that they signed. */
  approvedAt: string;
  reason?: string;
  /** SHA-256 of the disclosure, see {@link disclosureDigest}. */
  disclosure: string;
  policy: {
    /** As {@link Verdict.revision}. */
    revision: string;
    /** The id of the tree that `.countersign` was; absent when no commit's policy judged. */
    tree?: string;
    /** The decision that the approver saw. */
    decision: string;
    result: 'allow' | 'deny';
    /** The rules that denied, when the approver signed nevertheless. */
    denied?: string[];
  };
  /** Absent for a merge and for a commit that changes nothing. */
  patch?: Patch;
  /** Where the approver's clone came from; absent when it has no remote. */
  repository?: Repository;
}

/** The statement as in-toto writes it, in bytes: these are what is signed. */
export function encodeStatement(statement: ApprovalStatement): Buffer {
  const { commit, tree, disclosure, patch, ...facts } = statement;
  const document = {
    _type: statementType,
    subject: [
      { name: 'commit', digest: { gitCommit: commit } },
      { name: 'tree', digest: { gitTree: tree } },
    ],
    predicateType: approvalPredicateType,
    predicate: {
      ...facts,
      disclosure: { digest: { sha256: disclosure } },
      ...(patch && { patch: { id: patch.id, digest: { sha256: patch.sha256 } } }),
    },
  };
  return Buffer.from(JSON.stringify(document));
}

/** Reads a signed payload; undefined when it is no approval that this version understands in full. */
export function decodeStatement(payload: Buffer): ApprovalStatement | undefined {
  const document = parse(payload);
  if (!isRecord(document) || document._type !== statementType) return undefined;
  if (document.predicateType !== approvalPredicateType) return undefined;
  const { predicate } = document;
  if (!isRecord(predicate)) return undefined;
  const [commit, tree] = [subject(document.subject, 'gitCommit'), subject(document.subject, 'gitTree')];
  const { approver, approvedAt, reason, policy, repository, patch } = predicate;
  const disclosure = sha256Of(predicate.disclosure);
  if (commit === undefined || tree === undefined || disclosure === undefined) return undefined;
  if (!isRecord(approver) || typeof approver.name !== 'string' || typeof approver.email !== 'string') return undefined;
  if (typeof approvedAt !== 'string' || !/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/.test(approvedAt)) return undefined;
  if (Number.isNaN(Date.parse(approvedAt)) || (reason !== undefined && typeof reason !== 'string')) return undefined;
  if (!isPolicy(policy) || (repository !== undefined && !isRepository(repository))) return undefined;
  const readPatch = patch === undefined ? undefined : patchOf(patch);
  if (patch !== undefined && !readPatch) return undefined;
  return {
    commit,
    tree,
    approver: { name: approver.name, email: approver.email },
    approvedAt,
    ...(reason !== undefined && { reason }),
    disclosure,
    policy,
    ...(readPatch && { patch: readPatch }),
    ...(repository !== undefined && { repository }),
  };
}

/**
 * SHA-256, in hexadecimal, of a disclosure in its canonical JSON (RFC 8785: members sorted by their
 * names' UTF-16 units, no white space); of `{}` for a commit that declares nothing.
 */
export function disclosureDigest(disclosure: Disclosure | undefined): string {
  const sorted = Object.entries(disclosure ?? {}).sort(([a], [b]) => (a < b ? -1 : 1));
  return createHash('sha256')
    .update(JSON.stringify(Object.fromEntries(sorted)))
    .digest('hex');
}

function parse(payload: Buffer): unknown {
  try {
    return JSON.parse(new TextDecoder('utf-8', { fatal: true }).decode(payload));
  } catch (error) {
    if (error instanceof SyntaxError || error instanceof TypeError) return undefined;
    throw error;
  }
}

/** The one subject with a digest of this kind. */
function subject(subjects: unknown, algorithm: string): string | undefined {
  const found = (Array.isArray(subjects) ? subjects : []).flatMap((one: unknown) => {
    const digest = isRecord(one) && isRecord(one.digest) ? one.digest[algorithm] : undefined;
    return typeof digest === 'string' && /^([0-9a-f]{40}|[0-9a-f]{64})$/.test(digest) ? [digest] : [];
  });
  return found.length === 1 ? found[0] : undefined;
}

function sha256Of(value: unknown): string | undefined {
  const digest = isRecord(value) && isRecord(value.digest) ? value.digest.sha256 : undefined;
  return typeof digest === 'string' && /^[0-9a-f]{64}$/.test(digest) ? digest : undefined;
}

function patchOf(value: unknown): Patch | undefined {
  const sha256 = sha256Of(value);
  return isRecord(value) && typeof value.id === 'string' && sha256 !== undefined ? { id: value.id, sha256 } : undefined;
}

function isPolicy(value: unknown): value is ApprovalStatement['policy'] {
  return (
    isRecord(value) &&
    typeof value.revision === 'string' &&
    typeof value.decision === 'string' &&
    (value.tree === undefined || typeof value.tree === 'string') &&
    (value.result === 'allow' || value.result === 'deny') &&
    (value.denied === undefined ||
      (Array.isArray(value.denied) && value.denied.every((rule) => typeof rule === 'string')))
  );
}

function isRepository(value: unknown): value is Repository {
  const optional = (part: unknown) => part === undefined || typeof part === 'string';
  return isRecord(value) && typeof value.name === 'string' && optional(value.host) && optional(value.owner);
}
