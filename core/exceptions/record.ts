/** What is recorded in an exception's file after it was opened. All else in the file stays as it is. */
import { type Document, isSeq, parseDocument } from 'yaml';
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

/** Comments, order and quotes of what is there are kept. */
function inYaml(text: string, what: 'follow-up' | 'close', note: ExceptionNote): string {
  const newline = text.includes('\r\n') ? '\r\n' : '\n';
  const document: Document = parseDocument(text, { version: '1.2', schema: 'core' });
  if (what === 'close') document.set('closed', document.createNode(note));
  else {
    const list = document.get('follow_ups');
    if (isSeq(list)) list.add(document.createNode(note));
    else document.set('follow_ups', document.createNode([note]));
  }
  const changed = document.toString({ lineWidth: 0 });
  return newline === '\n' ? changed : changed.replace(/\r?\n/g, newline);
}
