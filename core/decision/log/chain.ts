/**
 * The chain from record to record: each names the digest of the one before and has its own, so that one which is
 * altered, taken out, or put elsewhere shows. What it cannot show by itself is that the last ones are gone, or that
 * somebody wrote the whole log anew: who wants to know that keeps a digest elsewhere.
 *
 * A digest is over the whole record as it was written, after masking; only the digest itself is not in it.
 */
import { randomUUID } from 'node:crypto';
import { digestOf } from './canonical.ts';
import type { DecisionRecord } from './record.ts';

/** A record's place in its chain. */
export interface Link {
  /** Of the chain: it begins when a log is begun, and goes on when the file is rotated. */
  id: string;
  /** From 1. */
  sequence: number;
  /** The digest of the record before; null for the first. */
  previous: string | null;
  /** Of this record: `sha256:…` over its canonical JSON without this member. */
  digest: string;
  /** Bytes of a record whose writing was interrupted, which were taken out of the file before this one was written. */
  mended?: number;
}

/** Where a chain stands. */
export type Head = Pick<Link, 'id' | 'sequence' | 'digest'>;

/** The record with its link to the one before; a new chain when there is none. */
export function linked(record: DecisionRecord, head: Head | undefined, mended?: number): DecisionRecord {
  const link = {
    id: head?.id ?? randomUUID(),
    sequence: (head?.sequence ?? 0) + 1,
    previous: head?.digest ?? null,
    ...(mended !== undefined && { mended }),
  };
  const open = withLink(record, link);
  return withLink(record, { ...link, digest: digestOf(open) });
}

/** The digest that a record should have. */
export function recordDigest(record: DecisionRecord): string {
  const { digest: _, ...link } = linkOf(record) ?? {};
  return digestOf(withLink(record, link));
}

/** A record's link; undefined when it has none, or one that is not of this shape. */
export function linkOf(record: DecisionRecord): Link | undefined {
  const link: Partial<Link> | undefined = record.custom?.countersign?.chain;
  if (typeof link !== 'object' || link === null) return undefined;
  const { id, sequence, previous, digest } = link;
  const fits =
    typeof id === 'string' &&
    Number.isSafeInteger(sequence) &&
    (previous === null || typeof previous === 'string') &&
    typeof digest === 'string';
  return fits ? (link as Link) : undefined;
}

function withLink(record: DecisionRecord, chain: Partial<Link>): DecisionRecord {
  const { custom } = record;
  return { ...record, custom: { ...custom, countersign: { ...custom?.countersign, chain: chain as Link } } };
}
