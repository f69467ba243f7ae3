/** Where things are, as OPA says it. */
import type { Span } from './tree.ts';

/** Rows and columns count from 1, columns in code points; there is no text where it would be empty. */
export interface Location {
  readonly file: string;
  readonly row: number;
  readonly col: number;
  readonly text?: string;
}

export type Locate = (span: Span) => Location;

/** The places of a text. */
export function locator(text: string, file: string): Locate {
  const lines = [0];
  for (let at = text.indexOf('\n'); at >= 0; at = text.indexOf('\n', at + 1)) lines.push(at + 1);
  const isPlain = !/[\ud800-\udbff]/.test(text);
  return ({ start, end }) => {
    let low = 0;
    let high = lines.length;
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (lines[middle]! <= start) low = middle;
      else high = middle;
    }
    // OPA has read the line break before it looks where it is; only a part of a template string begins with one.
    if (text.charCodeAt(start) === 10) return { file, row: low + 2, col: 0, text: text.slice(start, end) };
    const line = lines[low]!;
    const col = (isPlain ? start - line : [...text.slice(line, start)].length) + 1;
    return end > start ? { file, row: low + 1, col, text: text.slice(start, end) } : { file, row: low + 1, col };
  };
}

/** The same place with another text. */
export function withText({ file, row, col }: Location, text: string): Location {
  return text === '' ? { file, row, col } : { file, row, col, text };
}
