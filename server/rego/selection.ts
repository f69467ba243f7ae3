/** What grows around the cursor: a name, its reference, the expression, the body, the rule, the module. */
import type { Position, SelectionRange } from 'vscode-languageserver';
import type { Document } from '../snapshot.ts';
import { offsetAt, rangeOf } from './places.ts';
import type { Span, Tree } from './syntax/tree.ts';
import { pathAt } from './syntax/walk.ts';

export function selectionRanges(document: Document, tree: Tree, positions: readonly Position[]): SelectionRange[] {
  return positions.map((position) => {
    const offset = offsetAt(document, position);
    const spans: Span[] = [{ start: 0, end: document.text.length }, ...pathAt(tree, offset)];
    const word = wordAt(document.text, offset);
    if (word) spans.push(word);
    let selection: SelectionRange | undefined;
    let outer: Span | undefined;
    for (const span of spans) {
      // Each holds the next, and is larger.
      if (outer && (span.start < outer.start || span.end > outer.end)) continue;
      if (outer && span.start === outer.start && span.end === outer.end) continue;
      if (offset < span.start || offset > span.end) continue;
      selection = { range: rangeOf(document, span), ...(selection && { parent: selection }) };
      outer = span;
    }
    return selection ?? { range: { start: position, end: position } };
  });
}

function wordAt(text: string, offset: number): Span | undefined {
  let start = offset;
  let end = offset;
  while (start > 0 && /\w/.test(text[start - 1] ?? '')) start -= 1;
  while (end < text.length && /\w/.test(text[end] ?? '')) end += 1;
  return start < end ? { start, end } : undefined;
}
