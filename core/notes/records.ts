/**
 * What refs/notes/countersign holds of a commit: records, one JSON text a line. Lines of another
 * type, of a later version, or that are no JSON at all are somebody's, too: they are kept as they are.
 */
import type { Disclosure } from '../input.ts';
import { isRecord } from '../plain-data.ts';

/** What a commit's message should have declared, said afterwards. */
export interface DisclosureRecord {
  type: 'disclosure';
  version: 1;
  disclosure: Disclosure;
  /** Who says so; as git has it, and no proof: whoever may write the ref can write any name. */
  by: { name: string; email: string };
  /** When it was written, RFC 3339. */
  at: string;
}

/** An approver's signed statement; `core/approval` knows the envelope. */
export interface CountersignatureRecord {
  type: 'countersignature';
  version: 1;
  envelope: Record<string, unknown>;
}

export type NoteRecord = DisclosureRecord | CountersignatureRecord;

/** A line of a note: a record that is known, or any other text, which is left alone. */
export interface NoteLine {
  text: string;
  record?: NoteRecord;
}

/** Reads a note's lines; none of them can make this fail. */
export function parseNote(text: string): NoteLine[] {
  return text
    .split('\n')
    .map((line) => line.replace(/\r+$/, ''))
    .filter((line) => line.trim() !== '')
    .map((line) => {
      const record = recordOf(line);
      return record ? { text: line, record } : { text: line };
    });
}

/** The records of one type in a note, in order. */
export function recordsOf<T extends NoteRecord['type']>(text: string, type: T): Extract<NoteRecord, { type: T }>[] {
  return parseNote(text).flatMap(({ record }) =>
    record?.type === type ? [record as Extract<NoteRecord, { type: T }>] : [],
  );
}

/** The note with one more record at its end; the same record is not written twice. */
export function withRecord(text: string | undefined, record: NoteRecord): string {
  const line = JSON.stringify(record);
  const lines = parseNote(text ?? '').map((present) => present.text);
  return `${(lines.includes(line) ? lines : [...lines, line]).join('\n')}\n`;
}

/** The note without the records that `which` picks; empty when nothing is left. */
export function withoutRecords(text: string, which: (record: NoteRecord) => boolean): string {
  const lines = parseNote(text).filter(({ record }) => record === undefined || !which(record));
  return lines.map((line) => `${line.text}\n`).join('');
}

/** All lines of several notes, each once, in order: what becomes of notes when their commits become one. */
export function mergeNotes(texts: readonly string[]): string {
  const lines = new Set(texts.flatMap((text) => parseNote(text).map((line) => line.text)));
  return [...lines].map((line) => `${line}\n`).join('');
}

function recordOf(line: string): NoteRecord | undefined {
  let value: unknown;
  try {
    value = JSON.parse(line);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!isRecord(value) || value.version !== 1) return undefined;
  if (value.type === 'disclosure')
    return isDisclosureRecord(value) ? (value as unknown as DisclosureRecord) : undefined;
  if (value.type === 'countersignature' && isRecord(value.envelope)) return value as unknown as CountersignatureRecord;
  return undefined;
}

function isDisclosureRecord({ disclosure, by, at }: Record<string, unknown>): boolean {
  return (
    isRecord(disclosure) &&
    Object.entries(disclosure).every(
      ([field, values]) =>
        /^[a-z][a-z0-9_]*$/.test(field) && Array.isArray(values) && values.every((value) => typeof value === 'string'),
    ) &&
    isRecord(by) &&
    typeof by.name === 'string' &&
    typeof by.email === 'string' &&
    typeof at === 'string'
  );
}
