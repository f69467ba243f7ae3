/** What a module's METADATA comments say: https://www.openpolicyagent.org/docs/policy-language#metadata */
import { isRecord } from '../plain-data.ts';
import { readDocument } from '../yaml-document.ts';

/** The annotations in the comments that end right above a line; undefined when there are none. */
export function metadataAbove(lines: readonly string[], line: number): Record<string, unknown> | undefined {
  let first = line;
  while (first > 0 && lines[first - 1]?.startsWith('#')) first--;
  const comments = lines.slice(first, line).map((comment) => comment.replace(/^# ?/, ''));
  const start = comments.findIndex((comment) => comment.trim() === 'METADATA');
  if (start < 0) return undefined;
  const { value } = readDocument('metadata', comments.slice(start + 1).join('\n'));
  return isRecord(value) ? value : undefined;
}

/** The annotations of a module's package. */
export function packageMetadata(text: string): Record<string, unknown> | undefined {
  const lines = text.split(/\r?\n/);
  return metadataAbove(
    lines,
    lines.findIndex((line) => line.startsWith('package ')),
  );
}
