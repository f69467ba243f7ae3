/** The countersignatures that a repository's notes hold, decoded but not yet checked. */
import { recordsOf } from '../notes/records.ts';
import { type OpenEnvelope, openEnvelope } from './envelope.ts';
import { type ApprovalStatement, decodeStatement, statementPayloadType } from './statement.ts';

/** One record of a note. */
export interface Entry {
  /** The commit that the note is about, which is not always the one that was approved. */
  notedOn: string;
  /** The record's text: two notes may hold the same one, when git has carried it along. */
  text: string;
  envelope?: OpenEnvelope;
  statement?: ApprovalStatement;
  /** What keeps it from being a countersignature, in words. */
  fault?: string;
}

/** All of them; `notes` are the texts of refs/notes/countersign by commit. */
export function readEntries(notes: ReadonlyMap<string, string>): Entry[] {
  return [...notes].flatMap(([commit, text]) =>
    recordsOf(text, 'countersignature').map(({ envelope }) => toEntry(commit, envelope)),
  );
}

/** Decodes an envelope as it stands in a record. */
export function toEntry(notedOn: string, value: unknown): Entry {
  const envelope = openEnvelope(value);
  const text = JSON.stringify(value);
  if (!envelope) return { notedOn, text, fault: 'It is no signed envelope.' };
  if (envelope.payloadType !== statementPayloadType) {
    return { notedOn, text, fault: `What was signed is of another type: ${envelope.payloadType}.` };
  }
  const statement = decodeStatement(envelope.payload);
  if (!statement) return { notedOn, text, envelope, fault: 'What was signed is no approval that can be understood.' };
  return { notedOn, text, envelope, statement };
}
