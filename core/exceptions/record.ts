/** What is recorded in an exception's file after it was opened. All else in the file stays as it is. */
import { isDeepStrictEqual } from 'node:util';
import { type Document, isSeq, parseDocument, stringify } from 'yaml';
import { secretProblem } from '../disclosure/secrets.ts';
import { readException } from '../exceptions.ts';
import type { Exception, ExceptionNote } from '../input.ts';
import { ExceptionError } from './open.ts';

/**
 * The file's text with one more follow-up, or closed. Rejects with {@link ExceptionError} when the
 * exception is closed already, or the note holds a secret or nothing.
 */
export async function recorded(
  { exception, path, text }: { exception: Exception; path: string; text: string },
  what: 'follow-up' | 'close',
  note: ExceptionNote,
): Promise<string> {
  if (exception.closed) {
    throw new ExceptionError(`${exception.id} was closed on ${exception.closed.at}: ${exception.closed.note}`);
  }
  if (note.note.trim() === '') throw new ExceptionError('A note says what was done: --note must not be empty.');
  const secret = await secretProblem(note.note);
  if (secret !== undefined) throw new ExceptionError(secret);
  const said = { at: note.at, ...(note.by !== undefined && { by: note.by }), note: note.note.trim() };
  const changed = path.toLowerCase().endsWith('.json') ? inJson(text, what, said) : inYaml(text, what, said);
  const { problems } = readException(path, changed);
  if (problems.length > 0) throw new ExceptionError(`${path} cannot be changed: ${problems[0]?.message}`);
  return changed;
}

function inJson(text: string, what: 'follow-up' | 'close', note: ExceptionNote): string {
  const value = JSON.parse(text) as Record<string, unknown>;
  if (what === 'close') value.closed = note;
  else value.follow_ups = [...((value.follow_ups as unknown[] | undefined) ?? []), note];
  return `${JSON.stringify(value, null, 2)}\n`;
}

/** The text is added to, so that all of it stays; only where that cannot be done is it written anew. */
function inYaml(text: string, what: 'follow-up' | 'close', note: ExceptionNote): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const document: Document = parseDocument(text, { version: '1.2', schema: 'core' });
  const list = document.get('follow_ups');
  if (what === 'close') document.set('closed', document.createNode(note));
  else if (isSeq(list)) list.add(document.createNode(note));
  else document.set('follow_ups', document.createNode([note]));
  const anew = document.toString({ lineWidth: 0, flowCollectionPadding: false });
  const added = what === 'follow-up' && isSeq(list) ? withItem(text, note) : withKey(text, what, note);
  const same = added !== undefined && isDeepStrictEqual(parsed(added), parsed(anew));
  return (same ? added : anew).replace(/\r?\n/g, newline);
}

/** One more key at the end of the file. */
function withKey(text: string, what: 'follow-up' | 'close', note: ExceptionNote): string {
  const added = what === 'close' ? { closed: note } : { follow_ups: [note] };
  return `${text.trimEnd()}\n${stringify(added, { lineWidth: 0 })}`;
}

/** One more item after the list's last; undefined where the list is not written item by item. */
function withItem(text: string, note: ExceptionNote): string | undefined {
  const list = parseDocument(text).get('follow_ups');
  if (!isSeq(list) || list.flow || !list.range) return undefined;
  const end = list.range[1];
  const first = text.slice(list.range[0], end);
  const lineStart = text.lastIndexOf('\n', list.range[0] - 1) + 1;
  const indent = ' '.repeat(list.range[0] - lineStart);
  if (!first.startsWith('-')) return undefined;
  const item = stringify([note], { lineWidth: 0 })
    .trimEnd()
    .replace(/^(?=.)/gm, indent);
  return `${text.slice(0, end).trimEnd()}\n${item}\n${text.slice(end)}`;
}

function parsed(text: string): unknown {
  return parseDocument(text, { version: '1.2', schema: 'core' }).toJS();
}
