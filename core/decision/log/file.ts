/**
 * A decision log as a file: JSON Lines, appended to by any number of processes, one record after the other.
 *
 * Beside it lies FILE.head, which says where the chain stands, so that records which are cut off show, and the chain
 * goes on when the file is moved away (rotated).
 */
import { appendFile, type FileHandle, open, readFile, realpath, rename, stat, writeFile } from 'node:fs/promises';
import { basename, dirname, extname, join } from 'node:path';
import { jsonLine } from '../../report/json.ts';
import { type Head, linked, linkOf } from './chain.ts';
import { locked } from './lock.ts';
import { type DecisionRecord, isRecord } from './record.ts';

export interface LogOptions {
  /** From this size on, the file is moved away before the next record is written. */
  maxBytes?: number;
}

/** The file that says where a log's chain stands. */
export function headFile(log: string): string {
  return `${log}.head`;
}

/**
 * Appends a record, with its link to the one before, and resolves to where the chain stands then. Rejects when it
 * cannot be written; the file is then as it was.
 *
 * @param before for what is no file (a pipe, a device) and cannot be read: where its chain stands
 */
export async function appendRecord(
  file: string,
  record: DecisionRecord,
  options: LogOptions = {},
  before?: Head,
): Promise<Head> {
  const path = await placeOf(file);
  const found = await stat(path).catch(absent);
  if (found?.isDirectory()) throw new Error(`The decision log ${file} is a folder.`);
  if (found && !found.isFile()) {
    const next = linked(record, before);
    await appendFile(path, jsonLine(next));
    return headOf(next);
  }
  return locked(path, async () => {
    const handle = await openLog(path);
    try {
      return await appendTo(handle, path, record, options);
    } finally {
      await handle.close();
    }
  });
}

/** The file itself, where a link leads to it. */
async function placeOf(file: string): Promise<string> {
  const real = await realpath(file).catch(absent);
  if (real !== undefined) return real;
  const folder = await realpath(dirname(file)).catch(absent);
  if (folder === undefined) throw new Error(`The decision log ${file} cannot be written: its folder is missing.`);
  return join(folder, basename(file));
}

async function openLog(path: string): Promise<FileHandle> {
  return open(path, 'r+').catch((error: NodeJS.ErrnoException) => {
    if (error.code === 'ENOENT') return open(path, 'wx+', 0o600);
    throw error;
  });
}

async function appendTo(
  handle: FileHandle,
  path: string,
  record: DecisionRecord,
  { maxBytes }: LogOptions,
): Promise<Head> {
  const [end, known] = await Promise.all([readEnd(handle, path), readHead(path)]);
  const head = latest(end.record, known);
  if (end.torn) {
    await appendFile(`${path}.torn`, end.torn, { mode: 0o600 });
    await handle.truncate(end.size);
  }
  const next = linked(record, head, end.torn?.length);
  if (maxBytes !== undefined && end.size >= maxBytes && end.record) {
    await rename(path, rotatedName(path, head));
    const fresh = await open(path, 'wx', 0o600);
    try {
      await writeLine(fresh, path, 0, jsonLine(next));
    } finally {
      await fresh.close();
    }
  } else {
    await writeLine(handle, path, end.size, (end.open ? '\n' : '') + jsonLine(next));
  }
  const reached = headOf(next);
  await keepHead(path, reached);
  return reached;
}

async function writeLine(handle: FileHandle, path: string, size: number, line: string): Promise<void> {
  const bytes = Buffer.from(line);
  try {
    for (let at = 0; at < bytes.length; ) {
      const { bytesWritten } = await handle.write(bytes, at, bytes.length - at, size + at);
      if (bytesWritten === 0) throw new Error(`${path}: only a part of the decision record was written`);
      at += bytesWritten;
    }
    await handle.sync();
  } catch (error) {
    await handle.truncate(size).catch(() => undefined);
    throw error;
  }
}

/** The end of a log. */
interface End {
  record?: DecisionRecord;
  /** Bytes of whole records. */
  size: number;
  /** The last record's line has no end, though it is whole. */
  open?: boolean;
  /** What follows the whole records: one whose writing was interrupted. */
  torn?: Buffer;
}

async function readEnd(handle: FileHandle, path: string): Promise<End> {
  const { size } = await handle.stat();
  if (size === 0) return { size };
  const last = await lastLine(handle, size);
  const record = parsed(last.text);
  if (last.ended) {
    if (!record) throw new Error(`${path} is no decision log: its last line is no record.`);
    return { record, size };
  }
  if (record) return { record, size, open: true };
  const start = size - last.text.length;
  if (start === 0) throw new Error(`${path} is no decision log: its only line is no record.`);
  const before = parsed((await lastLine(handle, start)).text);
  if (!before) throw new Error(`${path} is no decision log: its last line but one is no record.`);
  return { record: before, size: start, torn: last.text };
}

/** The last line of a file's first `size` bytes, without its end. */
async function lastLine(handle: FileHandle, size: number): Promise<{ text: Buffer; ended: boolean }> {
  const pieces: Buffer[] = [];
  let ended = false;
  for (let end = size; end > 0; ) {
    const start = Math.max(0, end - 65_536);
    let piece = Buffer.alloc(end - start);
    await handle.read(piece, 0, piece.length, start);
    if (end === size && piece.at(-1) === 0x0a) {
      ended = true;
      piece = piece.subarray(0, -1);
    }
    const at = piece.lastIndexOf(0x0a);
    pieces.unshift(piece.subarray(at + 1));
    if (at >= 0) break;
    end = start;
  }
  return { text: Buffer.concat(pieces), ended };
}

function parsed(line: Buffer): DecisionRecord | undefined {
  try {
    const value: unknown = JSON.parse(line.toString('utf8'));
    return isRecord(value) ? value : undefined;
  } catch {
    return undefined;
  }
}

/**
 * Where the chain goes on: after the last record, or where FILE.head says that it was: it stays behind when a writer is
 * killed, and the file does when somebody moves it away or cuts records off, which must show.
 */
function latest(last: DecisionRecord | undefined, known: Head | undefined): Head | undefined {
  const link = last && linkOf(last);
  if (!known) return link;
  return link && link.id === known.id && link.sequence > known.sequence ? link : known;
}

/** What FILE.head says; undefined when there is none. Rejects when it cannot be read. */
export async function readHead(log: string): Promise<Head | undefined> {
  const text = await readFile(headFile(log), 'utf8').catch(absent);
  if (text === undefined) return undefined;
  const wrong = new Error(`${headFile(log)} does not say where a chain stands. To begin a new one, delete it.`);
  let head: Partial<Head> | null;
  try {
    head = JSON.parse(text);
  } catch {
    throw wrong;
  }
  const { id, sequence, digest } = head ?? {};
  if (typeof id !== 'string' || typeof sequence !== 'number' || typeof digest !== 'string') throw wrong;
  return { id, sequence, digest };
}

async function keepHead(path: string, head: Head): Promise<void> {
  const draft = `${headFile(path)}.tmp`;
  await writeFile(draft, `${JSON.stringify(head)}\n`, { mode: 0o600 });
  await rename(draft, headFile(path));
}

function rotatedName(path: string, head: Head | undefined): string {
  const ending = extname(path);
  const number = String(head?.sequence ?? 0).padStart(9, '0');
  return join(dirname(path), `${basename(path, ending)}.${number}${ending}`);
}

function headOf(record: DecisionRecord): Head {
  const { id = '', sequence = 0, digest = '' } = linkOf(record) ?? {};
  return { id, sequence, digest };
}

function absent(error: NodeJS.ErrnoException): undefined {
  if (error.code === 'ENOENT') return undefined;
  throw error;
}
