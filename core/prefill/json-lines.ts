/** Files of JSON lines that other programs write and that may be large, cut off, or not what they should be. */
import { type FileHandle, open, stat } from 'node:fs/promises';

/** A file's end, from the first whole line on; undefined when there is no such file. */
export async function readTail(file: string, bytes: number): Promise<string | undefined> {
  const handle = await openFile(file);
  if (!handle) return undefined;
  try {
    const { size } = await handle.stat();
    const length = Math.min(size, bytes);
    const buffer = Buffer.alloc(length);
    const { bytesRead } = await handle.read(buffer, 0, length, size - length);
    const text = buffer.subarray(0, bytesRead).toString('utf8');
    return length < size ? text.slice(text.indexOf('\n') + 1) : text;
  } finally {
    await handle.close();
  }
}

/** A file's start; undefined when there is no such file. */
async function readStart(file: string, bytes: number): Promise<{ text: string; whole: boolean } | undefined> {
  const handle = await openFile(file);
  if (!handle) return undefined;
  try {
    const buffer = Buffer.alloc(bytes);
    const { bytesRead } = await handle.read(buffer, 0, bytes, 0);
    return { text: buffer.subarray(0, bytesRead).toString('utf8'), whole: bytesRead < bytes };
  } finally {
    await handle.close();
  }
}

/** A file's start, to the last whole line; undefined when there is no such file. */
export async function readHeadOf(file: string, bytes: number): Promise<string | undefined> {
  const start = await readStart(file, bytes);
  return start?.whole ? start.text : start?.text.slice(0, start.text.lastIndexOf('\n') + 1);
}

/** The first text called `name` in a file's start, wherever in a line it stands: the line may be cut off. */
export async function firstText(file: string, name: string, bytes: number): Promise<string | undefined> {
  const start = await readStart(file, bytes);
  const found = new RegExp(`"${name}"\\s*:\\s*("(?:[^"\\\\]|\\\\.)*")`).exec(start?.text ?? '')?.[1];
  if (found === undefined) return undefined;
  const [value] = jsonLines(found, () => undefined);
  return typeof value === 'string' ? value : undefined;
}

/** Undefined when it is not there, may not be read, or is no file: opening a pipe would wait for ever. */
async function openFile(file: string): Promise<FileHandle | undefined> {
  const absent = (error: NodeJS.ErrnoException): undefined => {
    if (!['ENOENT', 'ENOTDIR', 'EACCES', 'EPERM', 'ELOOP'].includes(error.code ?? '')) throw error;
  };
  const facts = await stat(file).catch(absent);
  return facts?.isFile() ? open(file, 'r').catch(absent) : undefined;
}

/** A line longer than this is somebody's whole file and is not looked at. */
const maxLine = 1_000_000;

/**
 * The values of the lines that can be read, in order. Of others `skipped` is told, and why, not what
 * they hold: a program may be writing the last one just now.
 */
export function* jsonLines(text: string, skipped: (why: string) => void): Generator<unknown> {
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue;
    if (line.length > maxLine) {
      skipped(`longer than ${maxLine} characters`);
      continue;
    }
    let value: unknown;
    try {
      value = JSON.parse(line);
    } catch (error) {
      if (!(error instanceof SyntaxError)) throw error;
      skipped('no JSON');
      continue;
    }
    yield value;
  }
}

/**
 * A log's lines, of a long one its first and its last; undefined when there is no such file.
 *
 * @param head how many bytes of the start are read where the last `tail` bytes are not all
 */
export async function readEnds(
  { file, size }: { file: string; size: number },
  head: number,
  tail: number,
): Promise<string | undefined> {
  const end = await readTail(file, tail);
  if (end === undefined) return undefined;
  return `${size > tail ? ((await readHeadOf(file, head)) ?? '') : ''}\n${end}`;
}
