/** Texts with marks: `<|>` is the cursor, `[|…|]` a range. */
import { TextDocument } from 'vscode-languageserver-textdocument';
import type { Position, Range } from '../../engine/protocol.ts';

export interface Marked {
  /** Without the marks. */
  text: string;
  cursors: Position[];
  ranges: Range[];
}

export function marked(source: string): Marked {
  const cursors: number[] = [];
  const ranges: [number, number][] = [];
  const begun: number[] = [];
  let text = '';
  for (let at = 0; at < source.length; ) {
    if (source.startsWith('<|>', at)) {
      cursors.push(text.length);
      at += 3;
    } else if (source.startsWith('[|', at)) {
      begun.push(text.length);
      at += 2;
    } else if (source.startsWith('|]', at)) {
      const start = begun.pop();
      if (start === undefined) throw new Error('a range ends that did not begin');
      ranges.push([start, text.length]);
      at += 2;
    } else text += source[at++];
  }
  const document = TextDocument.create('', '', 0, text);
  const position = (offset: number) => document.positionAt(offset);
  return {
    text,
    cursors: cursors.map(position),
    ranges: ranges.map(([start, end]) => ({ start: position(start), end: position(end) })),
  };
}
