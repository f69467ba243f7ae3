/** Reads decision logs line by line, however long they are. */
import { createReadStream } from 'node:fs';
import { type DecisionRecord, isRecord } from './record.ts';

/** One line of a log; lines count from 1. */
export type LogLine = { file: string; line: number } & (
  | { record: DecisionRecord /** As it is written. */; text: string }
  | { problem: string }
);

/** The records of several logs, one after the other. Rejects when a file cannot be read. */
export async function* readLogs(files: readonly string[]): AsyncGenerator<LogLine> {
  for (const file of files) yield* readLog(file);
}

/** The records of one log. */
export async function* readLog(file: string): AsyncGenerator<LogLine> {
  let line = 0;
  for await (const { text, ended } of linesOf(file)) {
    line++;
    if (!ended && text.trim() === '') continue;
    yield { file, line, ...lineOf(text, ended) };
  }
}

function lineOf(text: string, ended: boolean): { record: DecisionRecord; text: string } | { problem: string } {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    return { problem: ended ? 'this is no JSON' : 'the record breaks off: its writing was interrupted' };
  }
  return isRecord(value) ? { record: value, text } : { problem: 'this is no decision record' };
}

/** Only a line feed ends a line: JSON may have other line separators in its texts. */
async function* linesOf(file: string): AsyncGenerator<{ text: string; ended: boolean }> {
  let pieces: Buffer[] = [];
  for await (const chunk of createReadStream(file, { highWaterMark: 1 << 18 }) as AsyncIterable<Buffer>) {
    let start = 0;
    for (let at = chunk.indexOf(0x0a); at >= 0; at = chunk.indexOf(0x0a, start)) {
      pieces.push(chunk.subarray(start, at));
      yield { text: Buffer.concat(pieces).toString('utf8'), ended: true };
      pieces = [];
      start = at + 1;
    }
    if (start < chunk.length) pieces.push(chunk.subarray(start));
  }
  if (pieces.length > 0) yield { text: Buffer.concat(pieces).toString('utf8'), ended: false };
}
